"""Where the parts of a file are written: the output, the rejects, the log of changes."""

from __future__ import annotations

import base64
import hashlib
import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, NamedTuple

from jsonl_lint.fixer.patch import Change, Patch, lines_of

LOG_VERSION = 1


class Part(NamedTuple):
    """A part of the file, usually a record, that may have been changed.

    `line` counts from 1, `offset` in bytes, both in the file as its views show it. If the part is rejected, it is
    removed from the file; `record` is what goes to the rejects, without separators from other records. `continues`: it
    continues the record of the part before it.
    """

    line: int
    offset: int
    patch: Patch
    record: bytes = b""
    rejected: bool = False
    continues: bool = False

    def output(self) -> bytes:
        """Return the bytes that replace it."""
        return b"" if self.rejected else self.patch.text


class Sink:
    """Takes all parts of the file in order. This base class ignores them."""

    def begin(self, views: Sequence[str]) -> None:
        """Begin a file that is read through these views."""

    def keep(self, lines: Sequence[bytes]) -> None:
        """Take complete lines, at least one, that stay as they are."""

    def change(self, part: Part) -> None:
        """Take a part that may have changed."""

    def copy(self, line: int, offset: int, pieces: Iterable[bytes], *, rejected: bool) -> None:
        """Take a line that is too long to be held in memory, piece by piece."""
        continues = False
        for piece in pieces:
            self.change(Part(line, offset, Patch(piece), piece, rejected, continues))
            offset += len(piece)
            continues = True

    def end(self) -> None:
        """Finish: there are no more parts."""


class Output(Sink):
    """The repaired file. It counts its lines and bytes, so that they can be compared with the tally."""

    def __init__(self, handle: BinaryIO | None) -> None:
        self.handle = handle
        self.lines = 0
        self.bytes = 0
        self.begins_with_bom_alone: bool | None = None
        """Whether its first line is nothing but a byte order mark; None while there is none."""
        self.changed = False
        self.unended = False
        self.ends: set[bytes] | None = None
        """How its lines end; None where nobody asks."""

    def keep(self, lines: Sequence[bytes]) -> None:
        """Write the lines as they are."""
        self._note_ends(lines)
        self._note_first(lines[0])
        self.lines += len(lines) - self.unended
        self.bytes += sum(map(len, lines))
        self.unended = not lines[-1].endswith(b"\n")
        if self.handle is not None:
            self.handle.writelines(lines)

    def change(self, part: Part) -> None:
        """Write the changed part. If it begins in the middle of a line, it does not count as a new line."""
        data = part.output()
        self.changed = self.changed or part.rejected or bool(part.patch.changes)
        if data:
            self._note_ends(lines_of(data))
            self._note_first(data)
            if data != BOM_UTF8 or part.offset:  # the byte order mark of a file is no line
                self.lines += data.count(b"\n") + (not data.endswith(b"\n")) - self.unended
                self.unended = not data.endswith(b"\n")
            self.bytes += len(data)
            if self.handle is not None:
                self.handle.write(data)

    def _note_first(self, data: bytes) -> None:
        if self.begins_with_bom_alone is None:
            line = data.partition(b"\n")[0]
            self.begins_with_bom_alone = line.startswith(BOM_UTF8) and not line[len(BOM_UTF8) :].strip()

    def _note_ends(self, lines: Iterable[bytes]) -> None:
        if self.ends is not None:
            self.ends.update([b"\r\n" if line.endswith(b"\r\n") else line[-1:] for line in lines])


class Rejects(Sink):
    """The records that still have errors, byte for byte, each on a line of its own."""

    def __init__(self, handle: BinaryIO) -> None:
        self.handle = handle
        self.ended = True

    def change(self, part: Part) -> None:
        """Write the part if it is rejected, after a line break if the previous one does not end with one."""
        if part.rejected and part.record:
            self.handle.write(b"" if self.ended or part.continues else b"\n")
            self.handle.write(part.record)
            self.ended = part.record.endswith(b"\n")


class Changes(Sink):
    """The log: one JSON object per line. A file's section begins with its path and views and ends with digests.

    Between these are all changes in order: the line, the bytes in the source, the text before and after, and the rules
    that did it. Undoing needs nothing else. `path` and `output` are the file and its repaired version, in the log.
    """

    def __init__(self, handle: BinaryIO, path: str, output: str) -> None:
        self.handle = handle
        self.path = path
        self.output = output
        self.before = hashlib.sha256()
        self.after = hashlib.sha256()

    def begin(self, views: Sequence[str]) -> None:
        """Begin the section of the file."""
        self.write({"version": LOG_VERSION, "file": self.path, "output": self.output, "views": list(views)})

    def write(self, entry: dict[str, Any]) -> None:
        """Write one line."""
        self.handle.write(json.dumps(entry).encode() + b"\n")

    def keep(self, lines: Sequence[bytes]) -> None:
        """Add the lines to the digests only."""
        data = b"".join(lines)
        self.before.update(data)
        self.after.update(data)

    def change(self, part: Part) -> None:
        """Log each change of the part, or all of it if it is rejected."""
        original = part.patch.original
        self.before.update(original)
        self.after.update(part.output())
        if part.rejected:
            self.entry(part, part.line, Change(0, len(original), b"", ()), {"rejected": True})
            return
        line, position = part.line, 0
        for change in part.patch.changes:
            line += original.count(b"\n", position, change.start)
            position = change.start
            self.entry(part, line, change, {"rules": list(change.rules)})

    def entry(self, part: Part, line: int, change: Change, more: dict[str, Any]) -> None:
        """Log one change that begins on this line."""
        start, end, after, _ = change
        place = {"line": line, "byte_start": part.offset + start, "byte_end": part.offset + end}
        self.write({**place, **_spelled("before", part.patch.original[start:end]), **_spelled("after", after), **more})

    def end(self) -> None:
        """End the section."""
        self.write({"end": self.path, "sha256_before": self.before.hexdigest(), "sha256_after": self.after.hexdigest()})


def _spelled(name: str, data: bytes) -> dict[str, str]:
    """Return bytes as text, or as base64 if they are not UTF-8."""
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(data).decode()}


def spelled_bytes(entry: dict[str, Any], name: str) -> bytes:
    """Return the bytes that `_spelled` wrote."""
    text = entry.get(name)
    return base64.b64decode(entry[f"{name}_base64"]) if text is None else str(text).encode()


class AllSinks(Sink):
    """Passes everything to several sinks."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self.sinks = sinks

    def begin(self, views: Sequence[str]) -> None:
        """Begin the file in all sinks."""
        for sink in self.sinks:
            sink.begin(views)

    def keep(self, lines: Sequence[bytes]) -> None:
        """Pass the lines to all sinks."""
        for sink in self.sinks:
            sink.keep(lines)

    def change(self, part: Part) -> None:
        """Pass the part to all sinks."""
        for sink in self.sinks:
            sink.change(part)

    def end(self) -> None:
        """Finish all sinks."""
        for sink in self.sinks:
            sink.end()
