"""Select the text rules that have to see a record, and run them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from jsonl_lint.jsonspan import without_surrogates
from jsonl_lint.model import Pointer, value_at
from jsonl_lint.plans.cards import applies
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.prefilter import ALL
from jsonl_lint.plans.scan import Scan
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.texts import texts_of
from jsonl_lint.rule import Record, Sketch, TextRule

LAST_MESSAGE_ALONE = (None, "chat", "bedrock")
"""Formats with their conversation under `messages`: rules about how a record ends see only the last message."""


def rules_for(plan: Plan, record: dict[str, Any], format_name: str | None, marked: int) -> list[TextRule]:
    """Return the text rules that have to see a record of this format.

    `marked` is the set of rules for which its line has marks; `ALL` if no marks were looked for.
    """
    if plan.scan is None:
        return []
    if marked == ALL and plan.scan.compiled:
        marked = _marked(plan.scan, record)
    last = last_message(record) if format_name in LAST_MESSAGE_ALONE else None
    texts = texts_of(record) if marked == ALL or last is None else []
    lasts = texts if last is None else texts_of(last)
    return [rule for rule in plan.scan.concerned(texts, lasts, marked) if applies(rule.formats, format_name)]


def concerned(plan: Plan, view: Record, marked: int) -> int:
    """Return those of the rules in a set that may report a record of this structure."""
    rules = plan.scan.rules if plan.scan is not None else ()
    bits = [1 << index for index, rule in enumerate(rules) if marked >> index & 1 and _concerns(rule, view)]
    return sum(bits)


def _concerns(rule: TextRule, view: Record) -> bool:
    return applies(rule.formats, view.format) and rule.concerns(view)


def _marked(scan: Scan, record: dict[str, Any]) -> int:
    """Return the set of rules for which the record has marks; `ALL` if it cannot be written as a line of JSON."""
    from orjson import dumps

    try:
        return scan.marked_in(dumps(record), compiling=True)
    except TypeError:
        return ALL


def last_message(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return the last of its `messages`, if that is an object."""
    messages = record.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return last if isinstance(last, dict) else None


def readable(line: str) -> str:
    """Return a line with a character for each byte that is not UTF-8.

    It is U+FFFD, unless the line has some of its own: these are a defect wherever they stand, and have to stay apart.
    """
    return without_surrogates(line, "?") if _has_replacements(line) else without_surrogates(line)


def excuses(found: Collection[Sketch], line: str | bytes) -> Collection[Sketch]:
    """Return the sketches of the line's syntax that excuse text rules; bytes not read as U+FFFD excuse none."""
    if found and isinstance(line, str) and _has_replacements(line):
        return [sketch for sketch in found if sketch.rule != "invalid-utf8"]
    return found


def _has_replacements(line: str) -> bool:
    return "\ufffd" in line or ("\\u" in line and "\\ufffd" in line.lower())


def found_by(
    rules: Collection[TextRule],
    plan: Plan,
    record: dict[str, Any],
    verdict: Verdict,
    file_format: str | None,
    said: Collection[Sketch] = (),
) -> list[Sketch]:
    """Return what the rules find, except where a sketch in `said`, from a syntax rule, covers the same text."""
    places = {(sketch.rule, sketch.pointer) for sketch in said}
    if places:
        rules = [rule for rule in rules if not _is_excused(rule, plan, record, places)]
    if not rules:
        return []
    view = plan.record(record, verdict.format, file_format)
    return [
        sketch
        for rule in rules
        for sketch in rule.check(view)
        if not any([(other, sketch.pointer) in places for other in rule.excused_by])
    ]


def _is_excused(rule: TextRule, plan: Plan, record: dict[str, Any], places: Collection[tuple[str, Pointer]]) -> bool:
    """Whether these syntax rules cover all the texts that the rule would have to see."""
    pointers = [pointer for name, pointer in places if name in rule.excused_by]
    if not pointers or plan.scan is None:
        return False
    blamed = {id(value_at(record, pointer)) for pointer in pointers}
    others = [text for text in texts_of(record) if id(text) not in blamed]
    return () in pointers or not plan.scan.concerns(rule, others)
