"""Open files that are read more than once."""

from __future__ import annotations

import shutil
import tempfile
from typing import BinaryIO, cast

from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.inputs import compression_of, display_path, open_file, reading


def open_twice(path: str) -> BinaryIO:
    """Open a file that can be read from any place again; a compressed one is decompressed to disk.

    Raises:
        UnreadableInputError: it cannot be read, or is a stream.
    """
    handle, size = open_file(path)
    if compression_of(handle) is None:
        if size is None:
            handle.close()
            raise UnreadableInputError(display_path(path), "must be a file, since it is read more than once")
        return handle
    held = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        with handle, reading(display_path(path)):
            shutil.copyfileobj(handle, held)
            held.seek(0)
    except BaseException:
        held.close()
        raise
    return cast("BinaryIO", held)
