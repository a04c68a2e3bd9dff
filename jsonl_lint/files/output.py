"""Write result files completely or not at all, and never over an input."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

from jsonl_lint.errors import DISK_FULL, UserError, no_temporary_file
from jsonl_lint.files.compressed import compression_named
from jsonl_lint.files.inputs import STDIN, identity, is_standard_output, same_file, source_identity
from jsonl_lint.files.replacement import Replacement

_HELD_BYTES = 8 << 20
"""Up to this size, data for standard output is held in memory; more is held on disk."""


_FAILURE = "cannot write"


@contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """Open a file for writing bytes, which gets its name at the end, or never if something fails before.

    `-` is standard output, which gets everything at the end. Devices and pipes are written to directly. If the name has
    the suffix of a compressed file, the data is compressed.

    Raises:
        UserError: the file cannot be written.
    """
    if is_standard_output(path):
        try:
            with SpooledTemporaryFile(max_size=_HELD_BYTES) as held:
                yield held
                held.seek(0)
                with Replacement(path, failure=_FAILURE) as file:
                    shutil.copyfileobj(held, file)
        except OSError as error:
            if error.errno not in DISK_FULL:
                raise
            raise UserError(no_temporary_file(error)) from None
        return
    with Replacement(path, compression_named(path), _FAILURE) as file:
        yield file


def is_read(output: str) -> bool:
    """Whether the output is the file that standard input comes from."""
    return identity(output) in {source_identity(STDIN)} - {None}


def keep_apart(outputs: Iterable[str], inputs: Iterable[str]) -> None:
    """Make sure that no output overwrites an input or another output. Devices and streams other than `-` may be shared.

    Raises:
        UserError: one does.
    """
    seen: list[str] = []
    inputs = list(inputs)
    for output in outputs:
        if any(
            (is_standard_output(output) and is_standard_output(other)) or same_file(output, other) for other in seen
        ):
            raise UserError(f"{output}: two outputs have this name")
        if any(same_file(output, path) or (path == STDIN and is_read(output)) for path in inputs):
            raise UserError(f"{output}: the output would overwrite an input")
        seen.append(output)
