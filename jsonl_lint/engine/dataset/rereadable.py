"""A file whose lines can be read again, and the other files with which its records are compared."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from jsonl_lint.repeats.recordkeys import RecordKeys


class Lines(Protocol):
    """Reads a file's lines again."""

    def __call__(
        self, chosen: Iterable[int] | None = None, landmarks: Sequence[int] = ()
    ) -> Iterable[tuple[bytes, int]]:
        """Return all lines, or those with these ascending numbers (from 0), each with the byte where it begins.

        Lines have their line endings; one over the limit is b"". `landmarks`, from `PartialReport`, save reading lines
        that are not chosen.
        """


class OtherFile(NamedTuple):
    """A file of `--against`: its path as reports show it, its format, and the keys of its lines.

    `note` says which of them are not compared, if any.
    """

    path: str
    format: str | None
    keys: RecordKeys
    lines: Lines
    note: str = ""


class RereadableFile(NamedTuple):
    """The file whose records are compared, and the files of `--against`."""

    format: str | None
    lines: Lines
    others: Sequence[OtherFile] = ()
