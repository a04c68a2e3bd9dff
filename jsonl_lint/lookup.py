"""The line that an error names, in the dataset itself, with the linter's own findings on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from jsonl_lint.api import check_record
from jsonl_lint.config import Settings
from jsonl_lint.engine import detect_format
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.explain import Explanation, load_line
from jsonl_lint.files.inputs import STDIN, display_path, open_file, reading_failed
from jsonl_lint.files.source import LineReader, read_head
from jsonl_lint.model import Finding, excerpt, unguarded
from jsonl_lint.plans.planning import compile_plan

MAX_FINDINGS = 20
"""Findings shown of one line."""


class Found(NamedTuple):
    """A line of a dataset: `exists`, what stands at the pointer (clipped, None: nothing), and its findings.

    Each finding is `column`, `code`, `rule`, `pointer` and `message`; those at the pointer or below it come first.
    """

    path: str
    line: int
    exists: bool
    value: str | None
    findings: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**self._asdict(), "findings": list(self.findings)}


def look_up(explanation: Explanation, path: str, settings: Settings | None = None) -> Found | None:
    """What the file holds at the place that the explanation names; None if it names no line.

    Reads the file up to this line only.

    Raises:
        UnreadableInputError: the file cannot be read.
        UserError: a setting is wrong.
    """
    if path == STDIN:
        raise UnreadableInputError(path, "a file to look into must have a name")
    settings = settings or Settings()
    plan = compile_plan(settings)
    shown = display_path(path)
    handle, _ = open_file(path)
    if explanation.line is None:
        handle.close()
        return None
    with handle:
        try:
            head = read_head(handle, shown)
            file_format, _ = detect_format(head, plan)
            line = _line_of(LineReader(handle, head, settings.max_line_bytes), explanation.line)
        except OSError as error:
            raise reading_failed(shown, error) from None
    if line is None:
        return Found(shown, explanation.line, False, None, ())
    pointer = explanation.pointer
    findings = check_record(line, replace(settings, format=file_format or "auto"))
    findings.sort(key=lambda finding: not _is_at(finding, pointer))
    entries = tuple(_entry(finding) for finding in findings[:MAX_FINDINGS])
    return Found(shown, explanation.line, True, _value_at(line, pointer), entries)


def _line_of(reader: LineReader, wanted: int) -> bytes | None:
    number = 1
    for piece in reader.pieces():
        if number == wanted:
            return piece if piece.endswith(b"\n") else reader.complete(piece)[0]
        number += piece.endswith(b"\n")
    return None


def _is_at(finding: Finding, pointer: str | None) -> bool:
    return bool(pointer) and (finding.pointer == pointer or finding.pointer.startswith(f"{pointer}/"))


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "column": finding.column,
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "pointer": finding.pointer,
        "message": finding.message,
    }


def _value_at(line: bytes, pointer: str | None) -> str | None:
    """A clipped picture of the value that the pointer names; None if there is none."""
    try:
        value = load_line(line)
    except ValueError:
        return None
    for step in (pointer or "").split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return unguarded(excerpt(value)) if pointer else None
