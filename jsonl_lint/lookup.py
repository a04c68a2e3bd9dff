"""Look up the line that a provider's error names in the dataset, with the findings on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from jsonl_lint.api import check_record
from jsonl_lint.config import Settings
from jsonl_lint.engine import detect_format
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.explain import Explanation, load_line
from jsonl_lint.files.head import read_head
from jsonl_lint.files.inputs import STDIN, display_path, open_file, reading
from jsonl_lint.files.source import LineReader
from jsonl_lint.model import Finding
from jsonl_lint.plans.planning import plan_of
from jsonl_lint.wording import excerpt, unguarded

MAX_FINDINGS = 20
"""How many findings of the line are shown."""

_SHOWN = ("column", "code", "rule", "severity", "pointer", "message")
"""The fields of a finding that are shown."""


class Found(NamedTuple):
    """A line of a dataset: `exists`, what stands at the pointer (clipped, None: nothing), and its findings.

    Of each finding it has what `_SHOWN` names; those at the pointer or below it come first.
    """

    path: str
    line: int
    exists: bool
    value: str | None
    findings: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**self._asdict(), "findings": list(self.findings)}


def look_up(explanation: Explanation, path: str, settings: Settings) -> Found | None:
    """Return what is at the place in the file that the explanation names, None if it names no line.

    Reads the file up to this line only.

    Raises:
        UnreadableInputError: the file cannot be read.
        UserError: a setting is wrong.
    """
    if path == STDIN:
        raise UnreadableInputError(path, "a file to look into must have a name")
    plan = plan_of(settings)
    shown = display_path(path)
    with open_file(path)[0] as handle:
        if explanation.line is None:
            return None
        with reading(shown):
            head = read_head(handle, shown)
            file_format, _ = detect_format(head, plan)
            line = _line_of(LineReader(handle, head, settings.max_line_bytes), explanation.line)
    if line is None:
        return Found(shown, explanation.line, False, None, ())
    pointer = explanation.pointer
    findings = check_record(line, replace(settings, format=file_format or "auto"))
    findings.sort(key=lambda finding: not _is_at(finding, pointer))
    entries = [finding.to_dict() for finding in findings[:MAX_FINDINGS]]
    shown_entries = tuple({key: entry[key] for key in _SHOWN} for entry in entries)
    return Found(shown, explanation.line, True, _value_at(line, pointer), shown_entries)


def _line_of(reader: LineReader, wanted: int) -> bytes | None:
    for number, (line, _) in enumerate(reader.lines(), start=1):
        if number == wanted:
            return line
    return None


def _is_at(finding: Finding, pointer: str | None) -> bool:
    return bool(pointer) and (finding.pointer == pointer or finding.pointer.startswith(f"{pointer}/"))


def _value_at(line: bytes, pointer: str | None) -> str | None:
    """Return an excerpt of the value at the pointer, None if there is none."""
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
