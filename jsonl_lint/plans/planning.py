"""Compile settings into a plan: select the rules and compile what they need. The rest is made on first use."""

import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from jsonl_lint.config import Settings, given_settings
from jsonl_lint.errors import UserError
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.plans.commontail import CommonTails
from jsonl_lint.plans.plan import Plan, RulesByKind
from jsonl_lint.plans.profiles import ProfileVerdicts
from jsonl_lint.plans.registry import OrderedRules, Rules, all_rules
from jsonl_lint.plans.scan import Scan
from jsonl_lint.plans.selection import NEAR, find_rule, rules_of, selected
from jsonl_lint.plans.verdicts import Memory
from jsonl_lint.plans.vouched import clean_chats
from jsonl_lint.records.profile import FEW_MESSAGES
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
    StructureRule,
    SyntaxRule,
)
from jsonl_lint.target import Target, load_target
from jsonl_lint.validator import load_user_schema

if TYPE_CHECKING:
    from jsonl_lint.native.recogniser import Recogniser
    from jsonl_lint.tokens.ruler import Ruler


def plan_of(settings: Settings) -> Plan:
    """Return the compiled settings. They are cached, unless they depend on a user's file, which may change.

    Raises:
        UserError: as in `compile_plan`.
    """
    named = (settings.target, settings.tokenizer)
    own_files = settings.schema or settings.models or any(name and name.endswith(".json") for name in named)
    return compile_plan(settings) if own_files else _kept_plan(settings)


@lru_cache(maxsize=16)
def _kept_plan(settings: Settings) -> Plan:
    return compile_plan(settings)


def compile_plan(settings: Settings | None = None) -> Plan:
    """Compile the settings (default: `Settings()`).

    Raises:
        UserError: a selector, target or schema is wrong, or a package that the settings ask for is not installed.
    """
    settings = given_settings(settings)
    if settings.decode_images:
        _require("PIL", "Pillow", "images", "to decode images")
    target = _target_of(settings)
    rules, every = rules_of(settings, target), all_rules()
    if NEAR in rules:
        _require("rensa", "rensa", "near-duplicates", "to find near-duplicates")
    parse = _parser("duplicate-key" in rules)
    text_rules = rules.deferred_texts()
    scan = Scan(text_rules) if text_rules else None
    ruler = _ruler(settings, target)
    measured = any(value is not None for value in settings.of_limits)
    return Plan(
        settings=settings,
        target=target,
        rules=rules,
        rules_by_name=every,
        severities={name: target.severities.get(name) or Severity(card.severity) for name, card in every.cards.items()},
        by_kind=_by_kind(rules, every),
        compares=bool(rules.of_kind(ComparisonRule)),
        tracks_kinds=bool(rules.of_kind(KindRule)),
        right_types=_right_types(rules.of_kind(RecordRule), target),
        ruler=ruler,
        sure_bytes=ruler().sure_bytes if measured and rules.of_kind(LengthRule) else sys.maxsize,
        user_schema=load_user_schema(settings.schema) if settings.schema else None,
        profiles=ProfileVerdicts(every) if _verdicts_follow_from_profiles(every, settings, target) else None,
        parse=parse,
        common_tails=CommonTails(parse),
        memory=Memory(clean_chats(settings) if every.as_indexed else ()),
        recogniser=_recogniser(scan),
        scan=scan,
        reclassified=_reclassified(settings, target),
    )


def _by_kind(rules: Rules[Rule], every: Rules[Rule]) -> RulesByKind:
    """Return the selected rules by kind: of those that name what is wrong with a line's syntax, every one."""
    return RulesByKind(
        line=every.of_kind(LineRule),
        syntax=OrderedRules(every.of_kind(SyntaxRule)),
        structure=OrderedRules(rules.of_kind(StructureRule)),
        record=OrderedRules(rules.of_kind(RecordRule)),
        dataset=OrderedRules(rules.of_kind(DatasetRule)),
        rereading=OrderedRules(rules.of_kind(RereadingRule)),
        file=OrderedRules(rules.of_kind(FileRule)),
        length=OrderedRules(rules.of_kind(LengthRule)),
        model=OrderedRules(rules.of_kind(ModelRule)),
    )


def _verdicts_follow_from_profiles(every: Rules[Rule], settings: Settings, target: Target) -> bool:
    """Whether structures of one profile break the same rules, as they do with the package's own rules and schemas.

    No conversation that is long enough for a profile may have too few messages for the target.
    """
    return every.as_indexed and not settings.schema and (target.limits.get("min_messages") or 0) <= FEW_MESSAGES


def _target_of(settings: Settings) -> Target:
    """Return the target. The rules that a user's own one names are known.

    Raises:
        UserError: they are not, or there is no such target.
    """
    target = load_target(settings.target).with_formats_of(settings.method)
    if settings.target.endswith(".json"):
        try:
            for name in sorted({*target.severities, *target.off}):
                find_rule(name)
        except UserError as error:
            raise UserError(f"{settings.target}: `severities`: {error}") from None
    return target


def _right_types(rules: Rules[RecordRule], target: Target) -> dict[str, str]:
    """Return the only right types of some values for this target, by how the pointers to these end."""
    pairs = [pair for card in rules.cards.values() for pair in card.asks["right_types"].items()]
    traits = {f"/traits/{name}": value for name, value in target.traits.items()}
    return {end: traits.get(right, right) for end, right in pairs if right in traits or not right.startswith("/")}


def _recogniser(scan: Scan | None) -> Callable[[], "Recogniser | None"]:
    """Return the maker of recognisers, which loads the C code on first use, since small files do without it."""

    @cache
    def wanted() -> tuple[set[int], list[bytes]] | None:
        if scan is None:
            return set(), []
        return scan.beyond_marks() if scan.prefilters else None

    def make() -> "Recogniser | None":
        from jsonl_lint.native import make_recogniser

        known = wanted()
        return make_recogniser(*known, loops=scan is not None and scan.repeats) if known else None

    return make


def _parser(prove_unique_keys: bool) -> Callable[[bytes], Any]:
    """Return the fast parser. Proving that no key is duplicated makes it half as slow again."""
    if not prove_unique_keys:
        from orjson import loads

        return loads
    from functools import partial

    from jiter import from_json

    return partial(from_json, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys")


def _require(module: str, package: str, extra: str, what: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise UserError(f"{what}, {package} is needed: pip install 'jsonl-lint[{extra}]'")


def _ruler(settings: Settings, target: Target) -> Callable[[], "Ruler"]:
    """Return the maker of the ruler, since a run without a model and without batch requests needs none."""

    @cache
    def make() -> "Ruler":
        from jsonl_lint.tokens.limits import Limits
        from jsonl_lint.tokens.ruler import Ruler

        return Ruler(Limits(target, settings.method, *settings.of_limits))

    return make


def _reclassified(settings: Settings, target: Target) -> dict[str, Applicability | None]:
    """Return the applicabilities that the target and, overriding it, the settings give to rules' fixes.

    The longest selector wins; of equally long ones, `unfixable` wins over `unsafe`, and that over `safe`.
    """
    fixes: Mapping[str, str] = target.traits.get("fixes", {})
    found: dict[str, Applicability | None] = {rule: Applicability(value) for rule, value in fixes.items()}
    weights: dict[str, int] = {}
    for selectors, applicability in (
        (settings.extend_safe_fixes, Applicability.SAFE),
        (settings.extend_unsafe_fixes, Applicability.UNSAFE),
        (settings.unfixable, None),
    ):
        for name, weight in selected(selectors).items():
            if weight >= weights.get(name, 0):
                weights[name] = weight
                found[name] = applicability
    return found
