"""A file as it can be read once more when it has ended, and the files that its records are compared with."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from jsonl_lint.recordkeys import RecordKeys


class Lines(Protocol):
    """Opens a file's lines once more."""

    def __call__(
        self, chosen: Iterable[int] | None = None, landmarks: Sequence[int] = ()
    ) -> Iterable[tuple[bytes, int]]:
        """Each with its end, or b"" for one over the limit, and the byte where it begins.

        All of them, or those with these numbers, from 0 and ascending. `landmarks`, those of `PartialReport`, save
        reading what is not chosen.
        """


class OtherFile(NamedTuple):
    """A file that must not hold the same records: how it is shown, and the keys of its lines."""

    path: str
    format: str | None
    keys: RecordKeys
    lines: Lines


class RereadableFile(NamedTuple):
    """The file whose records are compared, which is read again, and the others that it is compared with."""

    format: str | None
    lines: Lines
    others: Sequence[OtherFile] = ()
