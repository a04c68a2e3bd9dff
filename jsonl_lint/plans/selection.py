"""Select rules by name, code, code prefix or `ALL`."""

from __future__ import annotations

from collections.abc import Iterable

from jsonl_lint.config import Settings
from jsonl_lint.errors import UserError
from jsonl_lint.plans.cards import Card
from jsonl_lint.plans.registry import Rules, all_rules
from jsonl_lint.rule import Rule
from jsonl_lint.target import Target

NEAR = "near-duplicate-record"
"""The rule that `Settings.near_duplicates` selects."""


def names_and_codes() -> list[str]:
    """Return the names of all rules, and then their codes."""
    cards = all_rules().cards.values()
    return [*(card.name for card in cards), *(card.code for card in cards)]


def find_rule(text: str) -> Rule:
    """Return the rule with this name or code.

    Raises:
        UserError: there is none; the message names the closest.
    """
    for card in all_rules().cards.values():
        if text in (card.name, card.code):
            return all_rules()[card.name]
    raise UserError(f"no rule is named {text!r}{_suggestion(text)}")


def rules_of(settings: Settings, target: Target) -> Rules[Rule]:
    """Return the rules that run with these settings. Of several selectors that match a rule, the longest wins.

    Rules that the target has off run only if a selector other than `ALL` selects them.

    Raises:
        UserError: a selector matches no rule.
    """
    off = target.off | {"extra-key"} if target.has_grader_keys(settings.method) else target.off
    wanted = (*settings.select, *settings.extend_select, *[NEAR] * settings.near_duplicates)
    votes: dict[str, tuple[int, bool]] = {}
    for on, selectors in ((True, wanted), (False, settings.ignore)):
        for name, weight in selected(selectors).items():
            if weight >= votes.get(name, (-1, False))[0]:
                votes[name] = (weight, on)
    chosen: list[Card] = []
    for name, card in all_rules().cards.items():
        weight, on = votes.get(name, (0, card.default and not settings.select))
        if on and (weight or name not in off) and not (card.alone and weight < len(card.code)):
            chosen.append(card)
    return Rules(chosen)


def selected(selectors: Iterable[str]) -> dict[str, int]:
    """Return the names of the rules that the selectors match, with the weight of the most specific selector.

    Raises:
        UserError: a selector matches no rule.
    """
    weights: dict[str, int] = {}
    for selector in selectors:
        for name in rules_matching(selector):
            weight = 0 if selector == "ALL" else 1000 if selector == name else len(selector)
            weights[name] = max(weight, weights.get(name, 0))
    return weights


def rules_matching(selector: str) -> list[str]:
    """Return the names of the rules that a selector matches.

    Raises:
        UserError: it matches none; the message names the closest.
    """
    found = _matching(selector)
    if not found:
        raise UserError(f"{selector!r} selects no rule{_suggestion(selector)}")
    return found


def _matching(selector: str) -> list[str]:
    return [
        name
        for name, card in all_rules().cards.items()
        if selector in ("ALL", name) or (selector[:1].isupper() and card.code.startswith(selector))
    ]


def _suggestion(text: str) -> str:
    import difflib

    words = text.split()
    if len(words) > 1 and all(map(_matching, words)):  # `JL2 JL3`
        return f"; rules are separated by commas: {','.join(words)}"
    if _matching(text.upper()):  # `all`, `jl2`
        return f"; did you mean {text.upper()}?"
    close = difflib.get_close_matches(text, names_and_codes(), 1)
    return f"; did you mean {close[0]}?" if close else "; `jsonl-lint rule` lists them"
