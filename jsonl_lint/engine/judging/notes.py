"""Add a record to the logs of its file: the kinds of its values (`kindlog`), and its keys (`keylog`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from jsonl_lint import jsonspan
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.findings import place_at
from jsonl_lint.engine.kindlog import ANY, FirstSeen, Kind, KindLog, argument_kinds, placed_kinds
from jsonl_lint.model import Pointer, format_pointer
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.record import Record
from jsonl_lint.rule import DatasetRule

if TYPE_CHECKING:
    from jsonl_lint.native.places import PlaceFinder

LONGEST_KEY = 1_000
"""Of a value under a longer key, the pointer to what holds it is noted, so that long keys do not fill the memory."""


def knows_kinds(kinds: KindLog, record: dict[str, Any], verdict: Verdict) -> bool:
    """Whether all kinds in the record have been noted before."""
    known = id(verdict) in kinds.known
    return known and not (verdict.calls and kinds.new(argument_kinds(record)))


def has_new_kinds(kinds: KindLog, record: dict[str, Any], verdict: Verdict) -> bool:
    """Whether some kind in a clean record has not been noted. If none is new, that is remembered of its verdict."""
    if knows_kinds(kinds, record, verdict):
        return False
    if kinds.new([kind for kind, _ in placed_kinds(record)]):
        return True
    kinds.remember({id(verdict): verdict})
    return False


def _is_wrong(kind: Kind, record_format: str | None, plan: Plan) -> bool:
    """Whether a rule about records reports such a value wherever it is."""
    shape, type_name = f"{record_format}{kind[0]}", kind[1]
    return any(
        [shape.endswith(end) and type_name not in (right, "null", ANY) for end, right in plan.right_types.items()]
    )


def note_kinds(
    plan: Plan,
    into: JudgedLines,
    line: bytes,
    record: dict[str, Any],
    verdict: Verdict,
    file_format: str | None,
    *,
    failed: bool,
) -> None:
    """Note the kinds of the record's values, and where the new ones are.

    Left out are values that are wrong in themselves, and records of another format than their file: they must not be
    compared with the others.
    """
    kinds = into.kinds
    if knows_kinds(kinds, record, verdict):
        return
    kinds.remember({id(verdict): verdict})
    if file_format and verdict.format != file_format:
        return
    blamed = {sketch.pointer for sketch in verdict.sketches if not sketch.at_key}
    fresh: dict[Kind, Pointer] = {}
    for kind, pointer in placed_kinds(record) if kinds.has_room else ():
        known = kind in kinds.first or kind in fresh
        if not (known or pointer in blamed or _is_wrong(kind, verdict.format, plan)):
            fresh[kind] = pointer
    if not fresh:
        return
    text = jsonspan.decode(line.rstrip(b"\r\n"))
    nodes = jsonspan.Nodes(jsonspan.whole(text, record))
    places = [place_at(text, pointer, nodes) for pointer in fresh.values()]
    offsets = _byte_offsets(text, [start for start, _ in places])
    for (kind, pointer), (start, end) in zip(fresh.items(), places, strict=True):
        offset = into.bytes + offsets[start]
        named = pointer if len(str(pointer[-1])) <= LONGEST_KEY else pointer[:-1]
        where = FirstSeen(into.lines, into.bytes, offset, start + 1, end + 1, failed, format_pointer(named))
        kinds.note(kind, where)


def note_keys(
    into: JudgedLines,
    line: bytes,
    rules: Iterable[DatasetRule],
    view: Record,
    places: PlaceFinder | None,
    *,
    failed: bool,
    unique: bool,
) -> None:
    """Note the keys by which the record is compared with others.

    `unique`: no object in it has a key twice. Then `places` finds them, if the C code is in use.
    """
    from jsonl_lint.engine.keylog import Occurrence

    for rule in rules:
        pointer, key = rule.key(view)
        log = into.keys.get(rule.name)
        if not key or (log is not None and log.knows(key)):
            continue
        place = places.place(line, pointer, key=False) if places is not None and unique else None
        if place is None:
            text = jsonspan.decode(line.rstrip(b"\r\n"))
            start, end = place_at(text, pointer, None, unique=unique)
            place = start, end, len(jsonspan.encode(text[:start]))
        start, end, offset = place
        where = into.lines, into.bytes + offset, start + 1, end + 1
        into.note(rule, key, Occurrence(*where, failed, format_pointer(pointer)))


def has_new_keys(plan: Plan, into: JudgedLines, line: bytes, verdict: Verdict, file_format: str | None) -> bool:
    """Whether a record has a key that its structure shows, and that has not been noted."""
    shown = [rule for rule in verdict.keys if rule not in verdict.text_keys]
    if not shown:
        return False
    from orjson import loads  # slow to import, and small files do without

    view = plan.view_as(loads(line), verdict.format, file_format)
    logs = [(into.keys.get(rule.name), rule.key(view)[1]) for rule in shown]
    return any([key != "" and (log is None or not log.knows(key)) for log, key in logs])


def _byte_offsets(text: str, starts: Iterable[int]) -> dict[int, int]:
    """Return the byte offset of each of these code points, in one pass."""
    offsets: dict[int, int] = {}
    last = offset = 0
    for start in sorted(set(starts)):
        offset += len(jsonspan.encode(text[last:start]))
        offsets[start], last = offset, start
    return offsets
