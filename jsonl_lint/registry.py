"""All rules, found by walking `jsonl_lint.rules` and the entry-point group `jsonl_lint.rules`."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TypeVar, cast

from jsonl_lint import rules
from jsonl_lint.errors import UserError
from jsonl_lint.rule import (
    ComparisonRule,
    DatasetRule,
    FileRule,
    KindRule,
    LengthRule,
    LineRule,
    ModelRule,
    RecordRule,
    RereadingRule,
    Rule,
    SchemaRule,
    StructureRule,
    SyntaxRule,
    TextRule,
)

AnyRule = TypeVar("AnyRule", bound=Rule)

ENTRY_POINT_GROUP = "jsonl_lint.rules"
"""A package that brings rules names its modules under this group."""

_BASES = (
    *(Rule, LineRule, SyntaxRule, SchemaRule, StructureRule, RecordRule, DatasetRule, TextRule, FileRule),
    *(LengthRule, ModelRule, ComparisonRule, KindRule, RereadingRule),
)


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by name, in the order of the codes.

    Raises:
        UserError: two rules share a code or a name, or a third-party module cannot be imported.
    """
    found: dict[str, Rule] = {}
    codes: dict[str, str] = {}
    for module in (*_shipped(), *_third_party()):
        for rule in _rules_in(module):
            other = codes.setdefault(rule.code, module.__name__)
            if rule.name in found or other != module.__name__:
                raise UserError(f"the rule {rule.code} {rule.name} of {module.__name__} is also in {other}")
            found[rule.name] = rule
    return dict(sorted(found.items(), key=lambda item: item[1].code))


def _shipped() -> Iterator[ModuleType]:
    """The package is a folder: listing it costs a tenth of what `pkgutil` costs to import."""
    root = rules.__path__[0]
    for family in sorted(os.listdir(root)):
        folder = os.path.join(root, family)
        if os.path.isdir(folder) and not family.startswith("_"):
            for name in sorted(os.listdir(folder)):
                if name.endswith(".py") and not name.startswith("_"):
                    yield import_module(f"{rules.__name__}.{family}.{name.removesuffix('.py')}")


def _third_party() -> Iterator[ModuleType]:
    if not any(_mentions_rules(folder) for folder in sys.path):
        return
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            loaded = entry.load()
        except Exception as error:  # somebody else's module may raise anything
            raise UserError(f"the rules of {entry.value} cannot be imported: {error}") from None
        yield loaded


def _mentions_rules(folder: str) -> bool:
    """Whether a package installed there brings rules. Looked up by hand: `importlib.metadata` doubles the start-up."""
    wanted = f"[{ENTRY_POINT_GROUP}]".encode()
    try:
        names = [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return False
    for name in names:
        try:
            with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
                if wanted in file.read():
                    return True
        except OSError:
            continue
    return False


def _rules_in(module: ModuleType) -> Iterator[Rule]:
    for value in vars(module).values():
        is_rule = isinstance(value, type) and Rule in value.__mro__ and value not in _BASES
        if is_rule and value.__module__ == module.__name__ and "code" in vars(value):
            yield value()


def of_kind(rules: Iterable[Rule], kind: type[AnyRule]) -> list[AnyRule]:
    """The rules of one kind. For abstract classes `isinstance` is so slow that it would be felt at each start."""
    return [cast("AnyRule", rule) for rule in rules if kind in type(rule).__mro__]


def find_rule(text: str) -> Rule:
    """The rule with this name or code.

    Raises:
        UserError: there is none; the message names the closest.
    """
    for rule in all_rules().values():
        if text in (rule.name, rule.code):
            return rule
    raise UserError(f"no rule is named {text!r}{_suggestion(text)}")


def select_rules(
    select: Iterable[str], ignore: Iterable[str], extend_select: Iterable[str], off: Collection[str] = ()
) -> dict[str, Rule]:
    """The rules that the selectors leave: names, codes, code prefixes or `ALL`; the longest selector wins.

    Those in `off` run only if a selector other than `ALL` names them.

    Raises:
        UserError: a selector matches no rule.
    """
    wanted = list(select)
    chosen: dict[str, Rule] = {}
    votes: dict[str, tuple[int, bool]] = {}
    for on, selectors in ((True, [*wanted, *extend_select]), (False, list(ignore))):
        for name, weight in selected(selectors).items():
            if weight >= votes.get(name, (-1, False))[0]:
                votes[name] = (weight, on)
    for name, rule in all_rules().items():
        weight, on = votes.get(name, (0, rule.default and not wanted))
        if on and (weight or name not in off):
            chosen[name] = rule
    return chosen


def selected(selectors: Iterable[str]) -> dict[str, int]:
    """The names of the rules that the selectors match, and how exactly the closest of them does.

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
    """The names of the rules that a selector means.

    Raises:
        UserError: it means none; the message names the closest.
    """
    found = [
        name
        for name, rule in all_rules().items()
        if selector in ("ALL", name) or (selector[:1].isupper() and rule.code.startswith(selector))
    ]
    if not found:
        raise UserError(f"{selector!r} selects no rule{_suggestion(selector)}")
    return found


def _suggestion(text: str) -> str:
    import difflib

    close = difflib.get_close_matches(text, [*all_rules(), *(rule.code for rule in all_rules().values())], 1)
    return f"; did you mean {close[0]}?" if close else "; `jsonl-lint rule --all` lists them"
