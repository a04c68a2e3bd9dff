"""The facts that rules about whole files and datasets get."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from jsonl_lint.records.record import Record


class FileFacts(NamedTuple):
    """What is known about a file. Before its first line is read, only the first seven fields are.

    Sizes are in bytes; `last_line` is the number of the last line; the first line with each kind of line ending is 0 if
    there is none. `columns` are those of a Parquet file, with Arrow's names for their types. `fault` says why a file
    that is one array cannot be split.
    """

    path: str
    size: int | None
    encoding: str
    layout: str
    limits: Mapping[str, Any]
    lfs: bool = False
    format: str | None = None
    bytes: int = 0
    records: int = 0
    last_line: int = 1
    last_line_offset: int = 0
    first_lf: int = 0
    first_crlf: int = 0
    first_lf_offset: int = 0
    first_crlf_offset: int = 0
    columns: Mapping[str, str] | None = None
    fault: str = ""

    @property
    def readable(self) -> bool:
        """Whether its records can be read."""
        return self.layout in ("lines", "array") and not self.lfs and self.encoding in ("utf-8", "utf-8-sig")

    @property
    def of_lines(self) -> bool:
        """Whether its records can be read and are its lines, as they are not in a file that is one array."""
        return self.readable and self.layout == "lines"

    @property
    def traits(self) -> set[str]:
        """Its layout and encoding; `lfs` for a Git LFS pointer, `empty` without records, `mixed` for line endings."""
        more = (("lfs", self.lfs), ("empty", not self.records), ("mixed", self.first_lf and self.first_crlf))
        return {self.layout, self.encoding, *(trait for trait, has_it in more if has_it)}


class FirstPlace(NamedTuple):
    """Where something first appears: the line from 1, and the byte at which its record begins."""

    line: int
    record_offset: int


class ReadRecord(NamedTuple):
    """A record that was read again: its line from 0, the byte at which the line begins, its bytes, and the record."""

    line: int
    offset: int
    data: bytes
    record: Record


def holds_tokens(type_name: str) -> bool:
    """Whether a column of this type, as Arrow names it, has lists of integers."""
    integers = r"(large_|fixed_size_)?list<[^<>]*: u?int(8|16|32|64)( not null)?>(\[\d+\])?"
    return re.fullmatch(integers, type_name) is not None
