"""Files that are there only when they are whole: written beside their place, then moved to it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.inputs import STDIN
from jsonl_lint.files.packing import Packed, compression_named

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
    if path.endswith(os.sep) and not os.path.isdir(path):
        raise UserError(f"{path}: no such folder")
    target = os.path.realpath(path)
    special = os.path.exists(target) and not os.path.isfile(target)
    partial = target if special else f"{target}.{os.getpid()}.partial"
    try:
        stream = open(partial, "wb")  # noqa: SIM115  closed below
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot write: {reason_of(error)}") from None
    try:
        with stream:
            compression = compression_named(path)
            packed = Packed(stream, path, compression) if compression else None
            yield cast("IO[bytes]", packed or stream)
            if packed:
                packed.finish()
            if not special:
                _settle(stream, target)
        if not special:
            os.replace(partial, target)
    except BaseException as error:
        if not special and os.path.exists(partial):
            os.unlink(partial)
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise UserError(f"{path}: cannot write: {reason_of(error)}") from None
        raise


def _settle(stream: BinaryIO, target: str) -> None:
    """Everything is on disk before the name changes hands, and a file that is replaced keeps its permissions."""
    stream.flush()
    os.fsync(stream.fileno())
    if os.path.isfile(target):
        shutil.copymode(target, stream.name)


def keep_apart(outputs: Iterable[str], inputs: Iterable[str]) -> None:
    """Make sure that no output takes the place of an input or of another output.

    Raises:
        UserError: one does.
    """
    seen: list[str] = []
    inputs = [path for path in inputs if path != STDIN]
    for output in outputs:
        if any(_same(output, other) for other in seen):
            raise UserError(f"{output}: two outputs have this name")
        if output != STDOUT and any(_same(output, path) for path in inputs):
            raise UserError(f"{output}: the output would overwrite an input")
        seen.append(output)


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.abspath(one) == os.path.abspath(other)
    except ValueError:  # a NUL byte: opening it will say so
        return False
