"""Explain several errors at once: a batch error file of any size, or a body with a list of errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

from jsonl_lint.explain.evidence import MAX_TEXT, Evidence, parsed, read_evidence
from jsonl_lint.explain.explanation import Explanation, explanation_of
from jsonl_lint.explain.patterns import Pattern
from jsonl_lint.explain.results import Outcome, load_line, outcome_of, pattern_of
from jsonl_lint.files.head import Head
from jsonl_lint.files.source import LineReader

MAX_KINDS = 50
"""Kinds of errors that are told apart in one input."""

MAX_ERRORS = 1_000
"""Errors that are looked at in one body."""


class Kind(NamedTuple):
    """Errors of one kind: the explanation of the first, and how many there are."""

    explanation: Explanation
    times: int


def explain_stream(handle: BinaryIO, status: int | str | None = None) -> list[Kind]:
    """The kinds of errors in a text or a file of any size, the most frequent first.

    Empty for a file of results that holds no error.
    """
    head = handle.read(4 * MAX_TEXT)
    if status is None:
        lines = (line for line, _ in LineReader(handle, Head(head)).lines() if line.strip())
        first = next(lines, b"")
        if _outcome_of(first) is not None:
            return _kinds(_failures(chain([first], lines)))
    return _explain_text(head, status)


def _explain_text(data: bytes, status: int | str | None) -> list[Kind]:
    """The kinds of errors in one text or body; at least one."""
    text = data.decode("utf-8", "replace")
    if status is None:
        several = _several_in(parsed(text[:MAX_TEXT]))
        if len(several) > 1:
            return _kinds(read_evidence(None, item) for item in several)
    return _kinds([read_evidence(status, text)])


def _outcome_of(line: bytes) -> Outcome | None:
    """The outcome that a line tells; None if it is no result."""
    try:
        return outcome_of(load_line(line))
    except ValueError:
        return None


def _failures(lines: Iterable[bytes]) -> Iterator[Evidence]:
    """The evidence of each failed request. A line that is no result says nothing here."""
    for outcome in map(_outcome_of, lines):
        if outcome is not None and outcome.evidence is not None:
            yield outcome.evidence


def _kinds(found: Iterable[Evidence]) -> list[Kind]:
    first: dict[tuple[str, int | None], tuple[Evidence, Pattern]] = {}
    counts: dict[tuple[str, int | None], int] = {}
    for evidence in found:
        pattern = pattern_of(evidence)
        key = (pattern.name, evidence.status)
        if key in first or len(first) < MAX_KINDS:
            first.setdefault(key, (evidence, pattern))
            counts[key] = counts.get(key, 0) + 1
    kinds = [Kind(explanation_of(*first[key]), count) for key, count in counts.items()]
    return sorted(kinds, key=lambda kind: -kind.times)


def _several_in(value: Any) -> list[Any]:
    """The items of `errors`, or of `errors.data` as in a batch object, or of a bare array."""
    if isinstance(value, Mapping):
        value = value.get("errors")
        if isinstance(value, Mapping):
            value = value.get("data")
    items = value[:MAX_ERRORS] if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
