"""Check what the structure of a record does not show: run the rules about records, models, lengths and texts."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jsonl_lint import jsonspan
from jsonl_lint.engine.judging.texts import concerned, found_by, rules_for
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.verdicts import RuleGroup, Verdict
from jsonl_lint.rule import Record, RecordRule, Sketch
from jsonl_lint.target import BATCH_FORMATS, Target


class Look(NamedTuple):
    """The checks that each record of a structure needs."""

    plan: Plan
    file_format: str | None
    verdict: Verdict
    rules: tuple[RuleGroup, ...] = ()

    @property
    def needed(self) -> bool:
        """Whether there is anything to check."""
        return bool(self.rules) or self.verdict.names_model or not self.verdict.satisfies

    def view(self, record: Mapping[str, Any]) -> Record:
        """Return a record of this structure as rules see it."""
        return self.plan.view_as(record, self.verdict.format, self.file_format)

    def sketches(
        self,
        line: bytes,
        record: dict[str, Any],
        saturated: Collection[str],
        *,
        fits: bool = False,
        left: list[RecordRule] | None = None,
        undecoded: str | None = None,
    ) -> Iterator[Sketch]:
        """Yield what the rules about records, models and lengths find, beyond the sketches of the verdict.

        `left` are the rules that have to see the record, if they are known. `fits`: it is certain that the record is
        not too long. `undecoded` is the line, if some of its bytes are not UTF-8: rules that must tell these apart see
        it as the exact parser reads it.
        """
        plan, verdict = self.plan, self.verdict
        rules = rules_left(self.rules, plan.target, record, verdict) if left is None else left
        maybe_long = not fits and may_be_long(plan, line, record, verdict)
        if rules or maybe_long or verdict.names_model:
            view = self.view(record)
            exact = view if undecoded is None or not rules else self.view(jsonspan.parse(undecoded).root.value)
            for rule in rules:
                yield from rule.check(exact if rule.exact else view)
            if maybe_long or verdict.names_model:
                yield from length_sketches(plan, view, verdict, saturated, maybe_long=maybe_long)

    def text_sketches(self, record: dict[str, Any], marked: int) -> list[Sketch]:
        """Return what the text rules find in valid JSON. `marked` is the set of those for which its line has marks."""
        wanted = rules_for(self.plan, record, self.verdict.format, marked)
        return found_by(wanted, self.plan, record, self.verdict, self.file_format)

    def concerned(self, record: dict[str, Any], marked: int) -> int:
        """Return those of the text rules in a set that may report a record of this structure."""
        return concerned(self.plan, self.view(record), marked)

    def satisfied_by(self, record: dict[str, Any]) -> bool:
        """Whether the record satisfies the user's schema, if there is one."""
        schema = self.plan.user_schema
        try:
            return self.verdict.satisfies or schema is None or schema.is_valid(record)
        except (ValueError, RecursionError):  # the library does not take it
            return False


def rules_left(
    groups: Iterable[RuleGroup], target: Target, record: dict[str, Any], verdict: Verdict
) -> list[RecordRule]:
    """Return the rules that have to see the record: those without a screen, or whose screen it fails."""
    return [
        rule
        for screen, rules in groups
        if screen is None or not screen.passes(record, verdict.format, target)
        for rule in rules
    ]


def may_be_long(plan: Plan, line: bytes, record: dict[str, Any], verdict: Verdict) -> bool:
    """Whether a line may be too long for its model, judging by its bytes."""
    return len(line) > verdict.sure_bytes and not (verdict.tools and fits_by_bytes(plan, line, record, verdict))


def fits_by_bytes(plan: Plan, line: bytes, record: dict[str, Any], verdict: Verdict) -> bool:
    """Whether the bytes of a line that may hold tools, but no image, prove that it fits."""
    ruler = plan.ruler()
    return ruler.request_settles(line, record) if verdict.format in BATCH_FORMATS else ruler.settles(line)


def length_sketches(
    plan: Plan, view: Record, verdict: Verdict, saturated: Collection[str], *, maybe_long: bool
) -> list[Sketch]:
    """Return what the rules about lengths and models find in a record that may be long, or names its model."""
    sketches: list[Sketch] = []
    ruler = plan.ruler()
    if verdict.names_model:
        from jsonl_lint.plans.requests import model_sketches  # few files hold requests

        sketches += model_sketches(plan.by_kind.model, view, ruler)
    if maybe_long:
        counted = any([rule.needs_count or rule.name not in saturated for rule in plan.by_kind.length])
        overrun = ruler.overrun(view.value, verdict.format, counted=counted)
        if overrun is not None:
            sketches += [sketch for rule in plan.by_kind.length for sketch in rule.check(view, overrun)]
    return sketches
