"""Write the changes as a unified diff, for `patch`. A large hunk is held on disk."""

from __future__ import annotations

import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import IO

from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.pieces import BUFFER_BYTES
from jsonl_lint.fixer.patch import lines_of
from jsonl_lint.fixer.sinks import Part, Sink

CONTEXT = 3
"""Lines shown around a change."""

IN_MEMORY = 1 << 22

_NO_END = b"\n\\ No newline at end of file\n"

_TO_QUOTE = re.compile(rb'[\x00-\x1f\x7f"\\]')


def _in_header(name: bytes) -> bytes:
    """Return the name of a file as `patch` and `git apply` read it, which end it at white space."""
    if _TO_QUOTE.search(name):
        return b'"' + _TO_QUOTE.sub(lambda found: b"\\%03o" % found[0][0], name) + b'"'
    return name + b"\t" if b" " in name else name


class Diff(Sink):
    """A sink that writes each hunk when it is complete."""

    def __init__(self, write: Callable[[bytes], object], name: str) -> None:
        self.write = write
        self.name = name.encode("utf-8", "surrogateescape")
        self.carriage_returns = False
        """Whether the lines of the file end with carriage returns; its view has line feeds instead."""
        self.found = False
        self.lines = [0, 0]
        """The numbers of lines of the old and the new file before the current hunk, or so far."""
        self.context: deque[Line] = deque(maxlen=CONTEXT)
        self.hunk: _Hunk | None = None
        self.begun: LineInPieces | None = None
        """A line without a change so far whose end is still to come."""

    def begin(self, views: Sequence[str]) -> None:
        """Begin the diff of a file that is read through these views.

        Raises:
            UnreadableInputError: the file is not UTF-8, so that old lines cannot be shown beside new ones.
        """
        self.carriage_returns = "cr" in views
        if set(views) - {"cr"}:
            raise UnreadableInputError(self.name.decode("utf-8", "replace"), "not UTF-8, so there is no diff; use -o")

    def keep(self, lines: Sequence[bytes]) -> None:
        """Show the lines as context if there is a change nearby."""
        if self.carriage_returns:
            self.replace(b"".join(lines), b"".join(lines))
        elif self.begun is not None:
            self.go_on(lines[0])
            self.add_context(lines[1:])
        elif self.hunk is not None and self.hunk.in_a_line:
            self.hunk.minus.add(lines[0])
            self.hunk.plus.add(lines[0])
            self.add_context(lines[1:])
        else:
            self.add_context(lines)

    def go_on(self, piece: bytes) -> None:
        """Add the next bytes of a line without a change so far."""
        self.begun = self.begun or LineInPieces(max_size=IN_MEMORY)
        self.begun.write(piece)
        if piece.endswith(b"\n"):
            line, self.begun = self.begun, None
            self.add_context([line])

    def add_context(self, lines: Sequence[Line]) -> None:
        """Add whole lines without a change."""
        position = 0
        while self.hunk is not None and position < len(lines):
            self.hunk.after.append(lines[position])
            position += 1
            if len(self.hunk.after) > 2 * CONTEXT:
                self.close()
        if position < len(lines):
            self.context.extend(lines[max(position, len(lines) - CONTEXT) :])
            self.lines = [count + len(lines) - position for count in self.lines]

    def change(self, part: Part) -> None:
        """Show old and new lines, or context if nothing changed."""
        old, new = part.patch.original, part.output()
        in_a_line = self.hunk is not None and self.hunk.in_a_line
        if old != new or in_a_line:
            self.replace(old, new)
        elif old.endswith(b"\n") or self.carriage_returns:
            self.keep(list(lines_of(old)))
        else:
            self.go_on(old)

    def replace(self, old: bytes, new: bytes) -> None:
        """Add old and new bytes, which may end in the middle of a line."""
        if self.begun is not None:
            begun, self.begun = b"".join(self.begun.pieces()), None
            old, new = begun + old, begun + new
        if self.hunk is None:
            self.hunk = _Hunk(self.lines, self.context)
            self.context.clear()
        self.hunk.use_context()
        self.hunk.minus.add(old.replace(b"\n", b"\r") if self.carriage_returns else old)
        self.hunk.plus.add(new)

    def close(self) -> None:
        """Write the hunk; its last lines of context may also belong to the next one."""
        hunk, self.hunk = self.hunk, None
        if hunk is None:
            return
        if not self.found:
            self.found = True
            name = _in_header(self.name)
            self.write(b"--- " + name + b"\n+++ " + name + b"\n")
        after = hunk.after
        hunk.after = after[:CONTEXT]
        hunk.use_context()
        self.write(hunk.header())
        for piece in hunk.pieces():
            self.write(piece)
        rest = after[CONTEXT:]
        self.context.extend(rest)
        self.lines = [start + count + len(rest) for start, count in zip(hunk.start, hunk.counts, strict=True)]

    def end(self) -> None:
        """Write the last hunk."""
        if self.begun is not None:
            self.add_context([self.begun])
        self.close()


class LineInPieces(tempfile.SpooledTemporaryFile[bytes]):
    """A line that came in pieces, on disk if it is long. It is closed when it is no longer context."""

    def __del__(self) -> None:
        self.close()

    def pieces(self) -> Iterable[bytes]:
        """Yield the whole line."""
        self.seek(0)
        while piece := self.read(BUFFER_BYTES):
            yield piece


Line = bytes | LineInPieces


class _Side:
    """The lines of one side of a change, each with its sign in front; bytes may be added in any pieces."""

    def __init__(self, sign: bytes) -> None:
        self.sign = sign
        self.lines = 0
        self.in_a_line = False
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed when read

    def add(self, data: bytes) -> None:
        """Add bytes."""
        if not data:
            return
        if not self.in_a_line:
            self.lines += 1
            self.file.write(self.sign)
        ended = data.endswith(b"\n")
        body = data[:-1] if ended else data
        self.lines += body.count(b"\n")
        self.file.write(body.replace(b"\n", b"\n" + self.sign) + b"\n" * ended)
        self.in_a_line = not ended

    def drain(self) -> Iterable[bytes]:
        """Yield everything so far, and drop it."""
        self.file.seek(0)
        while piece := self.file.read(BUFFER_BYTES):
            yield piece
        if self.in_a_line:
            yield _NO_END
            self.in_a_line = False
        self.file.seek(0)
        self.file.truncate()


class _Hunk:
    """One hunk under construction: its body so far, an open change, and the lines after it."""

    def __init__(self, start: list[int], context: Iterable[Line]) -> None:
        before = list(context)
        self.start = [count - len(before) for count in start]
        self.body = _Side(b" ")
        self.minus, self.plus = _Side(b"-"), _Side(b"+")
        self.counts = [0, 0]
        """The numbers of lines of the old and the new file in it so far."""
        self.after: list[Line] = before

    @property
    def in_a_line(self) -> bool:
        """Whether the open change ends in the middle of a line, so that the next bytes belong to it."""
        return self.minus.in_a_line or self.plus.in_a_line

    def use_context(self) -> None:
        """Add the lines after the last change to the hunk, because another change or its end follows."""
        if not self.after:
            return
        self.finish_change()
        for line in self.after:
            for piece in [line] if isinstance(line, bytes) else line.pieces():
                self.body.add(piece)
            if self.body.in_a_line:
                self.body.file.write(_NO_END)
                self.body.in_a_line = False
        self.counts = [count + len(self.after) for count in self.counts]
        self.after = []

    def finish_change(self) -> None:
        """Add the open change to the body, old lines before new ones."""
        for index, side in enumerate((self.minus, self.plus)):
            self.counts[index] += side.lines
            side.lines = 0
            for piece in side.drain():
                self.body.file.write(piece)

    def header(self) -> bytes:
        """Return the header line, which says where the hunk is in both files."""
        self.finish_change()
        ranges = [f"{start + (count > 0)},{count}" for start, count in zip(self.start, self.counts, strict=True)]
        return f"@@ -{ranges[0]} +{ranges[1]} @@\n".encode()

    def pieces(self) -> Iterable[bytes]:
        """Yield the body."""
        yield from self.body.drain()
        for side in (self.body, self.minus, self.plus):
            side.file.close()
