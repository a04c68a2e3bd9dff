"""Parse the lines of a batch's files one by one, with their places."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, BinaryIO, NamedTuple

from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.explain import load_line
from jsonl_lint.files.head import read_head
from jsonl_lint.files.inputs import display_path, reading
from jsonl_lint.files.source import LineReader, Progress
from jsonl_lint.wording import clip, plural, printable

DIGEST_BYTES = 16
"""Of an id's digest. Two of 10^9 ids share one with a probability of 10^-21."""


class Line(NamedTuple):
    """A line that is not blank: number from 1, byte offset, bytes with their line end, and the parsed value."""

    number: int
    offset: int
    data: bytes
    record: Any


def lines_of(handle: BinaryIO, path: str, on_progress: Progress | None = None) -> Iterator[Line]:
    """Yield the lines of a file that is open.

    Raises:
        UserError: a line is not JSON, or too long to be read.
        UnreadableInputError: the file is not lines of UTF-8.
    """
    shown = display_path(path)
    with reading(shown):
        head = read_head(handle, shown)
        if head.other_kind:
            raise UnreadableInputError(shown, f"not lines of UTF-8, but {head.other_kind}; {head.remedy}")
        reader = LineReader(handle, head)
        offset = head.bom_bytes
        for number, (data, size) in enumerate(reader.lines(), start=1):
            if on_progress is not None:
                on_progress(size)
            if size and not data:
                raise UserError(f"{shown}:{number}: the line is longer than {plural(reader.limit, 'byte')}")
            if data.strip():
                yield Line(number, offset, data, _parsed(data, shown, number))
            offset += size


def _parsed(data: bytes, shown: str, number: int) -> Any:
    try:
        return load_line(data)
    except ValueError:
        hint = "cut off?" if not data.endswith(b"\n") else "`jsonl-lint check` says more"
        raise UserError(f"{shown}:{number}: the line is not JSON ({hint})") from None


def digest(custom_id: str) -> bytes:
    """Return the digest that is kept of an id."""
    return blake2b(custom_id.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def shown_id(custom_id: str) -> str:
    """Return the id as messages show it."""
    return f'"{printable(clip(custom_id, 40))}"'
