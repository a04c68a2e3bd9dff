"""Files that results are written to: whole or not at all, and never over what is read."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

from jsonl_lint.errors import UserError
from jsonl_lint.files.compressed import compression_named
from jsonl_lint.files.inputs import STDIN, same_file
from jsonl_lint.files.replacement import Replacement

STDOUT = "-"

_HELD_BYTES = 8 << 20
"""What standard output is to get waits in memory up to this size, then on disk."""


@contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """A file to write bytes to; it takes its name at the end, and never if something fails before.

    `-` is standard output, which gets everything at the end. A device or a pipe is written to directly. What is written
    is compressed if the name says so.

    Raises:
        UserError: the file cannot be written.
    """
    if path == STDOUT:
        with SpooledTemporaryFile(max_size=_HELD_BYTES) as held:
            yield held
            held.seek(0)
            shutil.copyfileobj(held, sys.stdout.buffer)
            sys.stdout.flush()
        return
    with Replacement(path, compression_named(path), "cannot write") as file:
        yield file


def keep_apart(outputs: Iterable[str], inputs: Iterable[str]) -> None:
    """Make sure that no output takes the place of an input or of another output.

    Raises:
        UserError: one does.
    """
    seen: list[str] = []
    inputs = [path for path in inputs if path != STDIN]
    for output in outputs:
        if any(output == other or same_file(output, other) for other in seen):
            raise UserError(f"{output}: two outputs have this name")
        if any(output == path or same_file(output, path) for path in inputs):
            raise UserError(f"{output}: the output would overwrite an input")
        seen.append(output)
