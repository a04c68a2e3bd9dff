"""Detect from its first bytes what kind of file it is: its encoding, and whether its lines are records."""

import codecs
from typing import BinaryIO, NamedTuple

from jsonl_lint.errors import UnreadableInputError, reason_of
from jsonl_lint.files.compressed import COMPRESSIONS, SUFFIXES

HEAD_BYTES = 1 << 18
LONGEST_HEAD, LONGEST_FIRST_RECORD = 1 << 22, 12 << 20
"""What is read ahead to detect a file's encoding, layout and format; more than `HEAD_BYTES` only for a long line.

The format of a file is that of its first records, and one with images may have the 10 MB that a batch request may have.
"""

_MAGIC = {
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"PAR1": "Parquet; only `check` reads it, from a local file named .parquet",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x7fELF": "a program",
}
BOMS = {
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-32-le": codecs.BOM_UTF32_LE,  # before UTF-16, whose mark it begins with
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
"""The byte order marks, by encoding."""

_LFS = b"version https://git-lfs.github.com/spec/"
LFS_POINTER = "a Git LFS pointer, not the data; fetch it with `git lfs pull`"


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
    def remedy(self) -> str:
        """What makes lines of UTF-8 of a file that is something else."""
        return "fetch the data with `git lfs pull`" if self.lfs else "`jsonl-lint fix` makes lines of it"

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
        longest = LONGEST_FIRST_RECORD if data.lstrip().startswith(b"{") else LONGEST_HEAD
        while b"\n" not in data and (more := handle.read(min(len(data), longest - len(data)))):
            data += more
    except OSError as error:
        raise UnreadableInputError(path, reason_of(error)) from None
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableInputError(path, f"not JSONL: the file is {name}")
    packed = next((known for known in COMPRESSIONS if data.startswith(known.magic)), None)
    if packed is not None:
        twice = path.lower().endswith(SUFFIXES)  # its name is right for the outer compression
        advice = "" if twice else f", so its name has to end in {packed.suffix}"
        raise UnreadableInputError(path, f"not JSONL: the file is {packed.name}-compressed{advice}")
    if data[257:262] == b"ustar" and b"\x00" in data[:257]:
        raise UnreadableInputError(path, "not JSONL: the file is a tar archive; unpack it first")
    if data.startswith(_LFS):
        return Head(data, lfs=True)
    encoding = next((name for name, bom in BOMS.items() if data.startswith(bom)), None)
    encoding = encoding or _encoding_without_bom(data)
    if encoding.startswith(("utf-16", "utf-32")):
        return Head(data, encoding)
    text = data[3:] if encoding == "utf-8-sig" else data
    other = _other_kind(text, path)
    if other:
        raise UnreadableInputError(path, f"not JSONL: the file is {other}")
    return Head(data, encoding, _layout(text, whole=len(data) % HEAD_BYTES != 0 or not data))


def why_no_lines(head: Head) -> str:
    """Return why the file has not one record on each line, and what makes it so; "" if it seems to have."""
    if head.other_kind:
        return f"not lines of JSON in UTF-8, but {head.other_kind}; {head.remedy}"
    spread = _lines_of_first_record(head)
    if spread > 1:
        return f"not one record on each line: the first is spread over {spread:,} lines; {head.remedy}"
    return ""


def _lines_of_first_record(head: Head) -> int:
    """Return how many lines it is spread over; 0 if there is none, or if it does not end in what has been read."""
    import json  # for a few files

    begun = head.data[head.bom_bytes :].lstrip()
    if not begun.startswith(b"{"):
        return 0
    text = begun.decode("utf-8", "replace")
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return 0
    return text.count("\n", 0, end) + 1


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
