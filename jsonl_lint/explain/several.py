"""Explain several errors at once: a batch error file of any size, or a body with a list of errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from jsonl_lint.explain.evidence import MAX_TEXT, Evidence, parsed, read_evidence
from jsonl_lint.explain.explanation import Explanation, explanation_of
from jsonl_lint.explain.results import Outcome, load_line, outcome_of, pattern_of
from jsonl_lint.files.head import Head
from jsonl_lint.files.source import LineReader

LONGEST_FIRST_LINE = 16 << 20
"""Bytes of a file's first line that are read to see whether it is a result: answers may be long."""

MAX_ERRORS = 1_000
"""Errors that are looked at in one body."""


class Kind(NamedTuple):
    """Errors of one kind: the explanation of the first, and how many there are."""

    explanation: Explanation
    times: int


def explain_stream(handle: BinaryIO, status: int | str | None = None) -> list[Kind]:
    """Return the kinds of errors in a text or a file of any size, the most frequent first.

    There are none in a file of results without an error.
    """
    head = handle.read(4 * MAX_TEXT)
    if status is None:
        begin = head if b"\n" in head.lstrip() else head + handle.readline(LONGEST_FIRST_LINE)
        if _outcome_of(begin.lstrip().partition(b"\n")[0]) is not None:
            return _kinds(_failures(LineReader(handle, Head(begin))))
    return _explain_text(head, status)


def _explain_text(data: bytes, status: int | str | None) -> list[Kind]:
    """Return the kinds of errors in one text or body; at least one."""
    text = data.decode("utf-8", "replace")
    if status is None:
        several = _several_in(parsed(text[:MAX_TEXT]))
        if len(several) > 1:
            return _kinds(read_evidence(None, item) for item in several)
    return _kinds([read_evidence(status, text)])


def _outcome_of(line: bytes) -> Outcome | None:
    """Return the outcome that a line tells, None if it is no result."""
    try:
        return outcome_of(load_line(line))
    except ValueError:
        return None


def _failures(reader: LineReader) -> Iterator[Evidence]:
    """Yield the evidence of each failed request; lines that are no result are skipped."""
    for line, _ in reader.lines():
        outcome = _outcome_of(line) if line.strip() else None
        if outcome is not None and outcome.evidence is not None:
            yield outcome.evidence


def _kinds(found: Iterable[Evidence]) -> list[Kind]:
    """Count the errors by kind. There are no more kinds than known errors, each with any status."""
    first: dict[tuple[str, int | None], Explanation] = {}
    counts: dict[tuple[str, int | None], int] = {}
    for evidence in found:
        pattern = pattern_of(evidence)
        key = (pattern.name, evidence.status)
        if key not in first:
            first[key] = explanation_of(evidence, pattern)
        counts[key] = counts.get(key, 0) + 1
    kinds = [Kind(first[key], count) for key, count in counts.items()]
    return sorted(kinds, key=lambda kind: -kind.times)


def _several_in(value: Any) -> list[Any]:
    """Return the items of `errors`, or of `errors.data` as in a batch object, or of a bare array."""
    if isinstance(value, Mapping):
        value = value.get("errors")
        if isinstance(value, Mapping):
            value = value.get("data")
    items = value[:MAX_ERRORS] if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
