"""How the lines of a file end, and how those have to end that are written: once it is known that they differ, alike."""

from __future__ import annotations

from collections.abc import Sequence

from jsonl_lint.engine import PartialReport
from jsonl_lint.fixer.patch import Change
from jsonl_lint.fixer.permission import Permission

ENDS = "mixed-line-endings"


class LineEnds:
    """The line endings of one file, as far as it has been judged."""

    def __init__(self, permission: Permission) -> None:
        self.unifies = permission.permits_in_file(ENDS)
        self.required: bytes | None = None
        """How every line has to end; None while they do not differ, or may do so."""
        self.crlf = False
        """Whether the first line ends with CRLF, so that new ones do, too."""

    def note(self, report: PartialReport) -> None:
        """Note what the report says of the lines so far."""
        lf, crlf = report.first_lf, report.first_crlf
        self.crlf = crlf is not None and (lf is None or crlf < lf)
        if self.unifies and lf is not None and crlf is not None:
            self.required = b"\r\n" if self.crlf else b"\n"

    def is_wrong(self, line: bytes) -> bool:
        """Whether the line has to end in another way."""
        if self.required is None or not line.endswith(b"\n"):
            return False
        return line.endswith(b"\r\n") is not (self.required == b"\r\n")

    def of_part(self, line: bytes) -> bytes:
        """Return how a new line ends that is split off from this one."""
        if self.required is not None:
            return self.required
        return b"\r\n" if (line.endswith(b"\r\n") if line.endswith(b"\n") else self.crlf) else b"\n"

    def changes(self, lines: Sequence[bytes]) -> list[Change]:
        """Return the changes that give each line the right ending."""
        if self.required is None:
            return []
        changes: list[Change] = []
        start = 0
        for line in lines:
            end = start + len(line)
            if self.is_wrong(line):
                bare = line[:-1].rstrip(b"\r")  # without all of them: what is left must not look like CRLF again
                changes.append(Change(start + len(bare), end, self.required, (ENDS,)))
            start = end
        return changes

    def last_change(self, lines: Sequence[bytes]) -> list[Change]:
        """Return the change that gives the last line the right ending, if it takes one."""
        size = sum(map(len, lines))
        return [change for change in self.changes(lines) if change.end == size]
