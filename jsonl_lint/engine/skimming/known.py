"""Make findings of which a record's structure tells everything but their places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orjson import loads

from jsonl_lint.engine.judging.findings import MOST_WALKS, spelled_number
from jsonl_lint.engine.rawfinding import RawFinding, unmade_fix
from jsonl_lint.model import Fix, Pointer, Severity, format_pointer, value_at
from jsonl_lint.native.places import PlaceFinder
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import Sketch
from jsonl_lint.wording import excerpt

_VALUE = "{value}"


class KnownFinding(NamedTuple):
    """What the findings of one sketch have in common; `code` and what follows are as in `Finding`."""

    at: Pointer
    at_key: bool
    code: str
    pointer: str
    rule: str
    severity: Severity
    message: str
    help: str
    fix: Fix | tuple[()]


def known_findings(plan: Plan, sketches: Iterable[Sketch]) -> tuple[KnownFinding, ...]:
    """Return what is known of the findings of these sketches; nothing if one shows more of its line than its place."""
    selected = [sketch for sketch in sketches if sketch.rule in plan.rules]
    told = "duplicate-key" in plan.rules and len(selected) <= MOST_WALKS
    if not told or plan.show_context or plan.settings.record_hashes:
        return ()
    known = [_known(plan, sketch) for sketch in selected]
    return () if None in known else tuple(filter(None, known))


def _known(plan: Plan, sketch: Sketch) -> KnownFinding | None:
    applicability = plan.applicability(sketch.rule, sketch.fix)
    if "{" in sketch.message.replace(_VALUE, "") or sketch.start >= 0 or applicability in plan.edited:
        return None
    return KnownFinding(
        sketch.pointer,
        sketch.at_key,
        plan.rules_by_name[sketch.rule].code,
        format_pointer(sketch.pointer),
        sketch.rule,
        plan.severities[sketch.rule],
        sketch.message,
        sketch.help,
        unmade_fix(sketch.help, applicability),
    )


def findings_in(
    lines: Iterable[bytes], known: tuple[KnownFinding, ...], places: PlaceFinder, first: int, offset: int
) -> list[RawFinding] | None:
    """Return the findings of lines, the first of which is number `first` at `offset`; None if a place is not found."""
    found: list[RawFinding] = []
    shows_values = any([_VALUE in each.message for each in known])
    for number, line in enumerate(lines, first):
        record = loads(line) if shows_values else None
        of_line: list[RawFinding] = []
        for at, at_key, code, pointer, rule, severity, message, advice, fix in known:
            place = places.place(line, at, key=at_key)
            if place is None:
                return None
            start, end, byte = place
            words = message
            if _VALUE in message:
                value = value_at(record, at)
                is_number = type(value) in (int, float) and not at_key
                words = message.replace(_VALUE, spelled_number(line, place) if is_number else excerpt(value))
            where = number, start + 1, end + 1, code, pointer, number, offset + byte
            of_line.append(RawFinding(*where, rule, severity, words, advice, None, "", fix))
        of_line.sort()
        found += of_line
        offset += len(line)
    return found
