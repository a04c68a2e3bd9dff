"""Turn bytes into lines: detect the kind of file, and read its lines in pieces of bounded size.

A line ends at byte 0x0A and nowhere else. Neither text mode nor `splitlines` is used, because both see other line ends.
"""

import codecs
import io
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO, NamedTuple

from jsonl_lint.errors import UnreadableInputError, reason_of
from jsonl_lint.files.compressed import COMPRESSIONS
from jsonl_lint.files.pieces import as_stream, pieces_of

PIECE_BYTES = 1 << 20
"""Longer lines are rare; their length is measured before they are read into memory."""

MOST_BRACKETS_AND_COMMAS = 4_000_000
"""A long line with more of these is not parsed: its values would take gigabytes, and it would fit no model."""

FIRST_BATCH_BYTES, BATCH_BYTES = 1 << 15, 1 << 18
"""Lines are read and checked in batches of this many bytes. The first batches are small, because what is learned from
their records speeds up the next ones; later batches are as large as the processor's cache allows."""

HEAD_BYTES = 1 << 18
LONGEST_HEAD = 1 << 22
"""What is read ahead to detect a file's encoding, layout and format; more than `HEAD_BYTES` only for a long line."""

DEFAULT_MAX_LINE_BYTES = 64 << 20

Progress = Callable[[int], None]
"""Called with the number of bytes that have been read since the last call."""

_MAGIC = {
    **{magic: f"{compression.name}-compressed" for compression in COMPRESSIONS for magic in compression.magic},
    b"PK\x03\x04": "a zip archive",
    b"PAR1": "Parquet",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x7fELF": "a program",
}
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32-le",
    b"\x00\x00\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}
_LFS = b"version https://git-lfs.github.com/spec/"
LFS_POINTER = "a Git LFS pointer, not the data; fetch it with `git lfs pull`"


class Block(NamedTuple):
    """Complete lines of one file: `data` starts at byte `offset` (decompressed), in line `first_line` (from 1).

    `file_format` is the format of most of the file's first records, and `format_line` the first line that has it.
    `synchronised` says that the block certainly begins where a record begins. `line_end` is the ending of the file's
    first line; if a fix splits a last line without an ending, the new lines get this one.
    """

    path: str
    first_line: int
    offset: int
    data: bytes
    file_format: str | None = None
    format_line: int = 0
    synchronised: bool = True
    line_end: str = "\n"


class Head(NamedTuple):
    """What the first bytes of a file say about it.

    `encoding` is `utf-8`, `utf-8-sig` (with BOM), `utf-16-le` …; `layout` is `lines`, `array` (one JSON array over
    the file) or `cr` (bare carriage returns end the lines); `lfs` marks a Git LFS pointer.
    """

    data: bytes
    encoding: str = "utf-8"
    layout: str = "lines"
    lfs: bool = False

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes are UTF-8, with a byte order mark or without one."""
        return self.encoding in ("utf-8", "utf-8-sig")

    @property
    def other_kind(self) -> str:
        """What the file is if it is not lines of UTF-8, in words; "" if it is."""
        if self.lfs:
            return "a Git LFS pointer"
        if not self.is_utf8:
            return self.encoding.upper()
        return {"lines": "", "array": "one JSON array", "cr": "lines that end with carriage returns"}[self.layout]

    @property
    def bom_bytes(self) -> int:
        """The length of the byte order mark before lines of UTF-8; 0 without one."""
        return len(codecs.BOM_UTF8) if self.encoding == "utf-8-sig" else 0


def read_head(handle: BinaryIO, path: str) -> Head:
    """Read ahead and detect the kind of file. `Head.data` has the bytes, which `LineReader` will read again.

    Raises:
        UnreadableInputError: the file is binary, or reading fails.
    """
    try:
        data = handle.read(HEAD_BYTES)
        while b"\n" not in data and len(data) < LONGEST_HEAD and (more := handle.read(HEAD_BYTES)):
            data += more
    except OSError as error:
        raise UnreadableInputError(path, reason_of(error)) from None
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableInputError(path, f"not JSONL: the file is {name}")
    if data.startswith(_LFS):
        return Head(data, lfs=True)
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), None)
    encoding = encoding or _encoding_without_bom(data)
    if encoding.startswith(("utf-16", "utf-32")):
        return Head(data, encoding)
    text = data[3:] if encoding == "utf-8-sig" else data
    other = _other_kind(text, path)
    if other:
        raise UnreadableInputError(path, f"not JSONL: the file is {other}")
    return Head(data, encoding, _layout(text, whole=len(data) % HEAD_BYTES != 0 or not data))


def _encoding_without_bom(data: bytes) -> str:
    """Detect UTF-16 and UTF-32 without a byte order mark: in JSON, at least brackets, quotes and digits are ASCII."""
    sample = data[: 1 << 12]
    pairs = len(sample) // 2
    if pairs < 2 or b"\x00" not in sample:
        return "utf-8"
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if sample[0] == 0 and sample[1] == 0:
        return "utf-32-be" if pairs > 2 and sample[2] == 0 and sample[3] != 0 else "utf-8"
    if sample[1] == 0 and sample[2:4] == b"\x00\x00":
        return "utf-32-le"
    if odd > pairs * 0.3 and sample[1] == 0 and even <= pairs * 0.1:
        return "utf-16-le"
    if even > pairs * 0.3 and sample[0] == 0 and odd <= pairs * 0.1:
        return "utf-16-be"
    return "utf-8"


def _other_kind(data: bytes, path: str) -> str:
    """Return what a file is that is not even meant to be JSON; "" for one that may be."""
    sample = data[: 1 << 13]
    begins = sample.lstrip()[:16].lower()
    if not begins or begins.startswith((b"{", b"[", b'"{')):
        return ""
    if path.lower().endswith((".csv", ".tsv")):
        return "a table; write each row as a JSON object"
    if begins.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return "HTML or XML, as servers send instead of a file"
    return "binary" if b"\x00" in sample and begins[:1] != b'"' else ""


def _layout(data: bytes, *, whole: bool) -> str:
    if b"\n" not in data and data.count(b"\r") > 1 and (whole or b"}\r{" in data):
        return "cr"
    text = data.lstrip()
    if not text.startswith(b"["):
        return "lines"
    first, _, rest = text.partition(b"\n")
    inside = first[1:].strip()
    if not inside:
        return "array" if _goes_on_as_array(rest, whole=whole) else "lines"
    complete = inside.endswith(b"]")
    more = bool(rest.strip()) or not whole
    if complete and (more or not inside.startswith(b"{")):
        return "lines"
    messages_alone = inside[1:].lstrip().startswith((b'"role"', b'"content"', b'"from"', b'"value"', b'"parts"'))
    return "lines" if messages_alone else "array"


def _goes_on_as_array(rest: bytes, *, whole: bool) -> bool:
    """Whether a first line with only a bracket is followed by the items of an array.

    If records on lines of their own follow, without commas, it is not an array; nor if a single record follows.
    """
    lines = [line.strip() for line in rest.split(b"\n", 8) if line.strip()]
    if not lines or lines[0][:1] not in (b"{", b"[", b'"', b"]"):
        return False
    record_first = lines[0].endswith(b"}") and len(lines[0]) > 1
    records = record_first and (lines[1].startswith(b"{") if len(lines) > 1 else whole)
    return not records


def brackets_and_commas(line: bytes) -> int:
    """Count the opening brackets and commas of a line, also in strings: it cannot have more values than that."""
    return sum(map(line.count, (b"{", b"[", b",")))


class LineReader:
    """Reads the lines of a file or stream, in order, in pieces of bounded size.

    `pieces` and `batch` return complete lines with their endings, except that a line longer than `piece_bytes` may be
    incomplete; `complete` then reads the rest, as `lines` does for every line. So a line over the limit is measured,
    but never held in memory. `watch` is called with each line that `batch` returns.
    """

    def __init__(
        self,
        handle: BinaryIO,
        head: Head,
        max_line_bytes: int = DEFAULT_MAX_LINE_BYTES,
        watch: Callable[[bytes], None] | None = None,
    ) -> None:
        self.rewindable = _seekable(handle)
        if self.rewindable:
            handle.seek(head.bom_bytes)
            self.handle = handle
        else:
            self.handle = as_stream(chain([head.data[head.bom_bytes :]], pieces_of(handle)))
        self.end: int | None = None
        self.limit = max_line_bytes
        self.watch = watch
        self.piece_bytes = min(PIECE_BYTES, max_line_bytes + len(b"\r\n"))
        self.batch_bytes = FIRST_BATCH_BYTES

    def pieces(self) -> Iterator[bytes]:
        """Iterate over lines, or pieces of lines longer than `piece_bytes`."""
        return iter(partial(self.handle.readline, self.piece_bytes), b"")

    def lines(self) -> Iterator[tuple[bytes, int]]:
        """Yield complete lines, each with its length in bytes; b"" for one over the limit."""
        for piece in self.pieces():
            cut = len(piece) >= self.piece_bytes and not piece.endswith(b"\n")
            yield self.complete(piece) if cut else (piece, len(piece))

    def batch(self) -> bytes:
        """Return the next lines, about `BATCH_BYTES` of them; b"" at the end. Only the last may be incomplete."""
        wanted = min(self.batch_bytes, BATCH_BYTES)
        self.batch_bytes = 2 * wanted
        if self.end is not None:
            wanted = min(wanted, self.end - self.handle.tell())
        data = self.handle.read(wanted) if wanted > 0 else b""
        if data and not data.endswith(b"\n"):
            data += self.handle.readline(self.piece_bytes)
        if self.watch is not None:
            for line in io.BytesIO(data):
                self.watch(line)
        return data

    def complete(self, piece: bytes) -> tuple[bytes, int]:
        """Return the complete line that begins with `piece`, and its length in bytes; b"" for one over the limit."""
        size = len(piece)
        if self.rewindable:
            start = self.handle.tell()
            size += self._pass_over()
            if size > self.limit + 2:
                return b"", size
            self.handle.seek(start)
            return piece + self.handle.readline(), size
        return self._gather(piece)

    def _gather(self, piece: bytes) -> tuple[bytes, int]:
        """Complete a line of a stream, holding it on disk until it is clear that it is not over the limit."""
        from tempfile import SpooledTemporaryFile

        size = len(piece)
        with SpooledTemporaryFile(max_size=8 * PIECE_BYTES) as held:
            held.write(piece)
            while size <= self.limit + 2:
                part = self.handle.readline(PIECE_BYTES)
                held.write(part)
                size += len(part)
                if not part or part.endswith(b"\n"):
                    held.seek(0)
                    return held.read(), size
        return b"", size + self._pass_over()

    def _pass_over(self) -> int:
        size = 0
        while part := self.handle.readline(PIECE_BYTES):
            size += len(part)
            if part.endswith(b"\n"):
                break
        return size


def range_of_lines(handle: BinaryIO, start: int, end: int, first: int, max_line_bytes: int) -> LineReader:
    """Return a reader of the lines that start in bytes `start:end`; the file's first line starts at `first`."""
    reader = LineReader(handle, Head(b""), max_line_bytes)
    handle.seek(start)
    if start > first:
        handle.seek(start - 1)
        while part := handle.readline(min(PIECE_BYTES, end - handle.tell())):  # the line may go on beyond many ranges
            if part.endswith(b"\n"):
                break
    reader.end = end
    return reader


def _seekable(handle: BinaryIO) -> bool:
    try:
        return handle.seekable() and handle.fileno() != 0
    except (OSError, ValueError):
        return False
    except AttributeError:  # a SpooledTemporaryFile before Python 3.11
        return True
