"""Read a file that is held in memory as a whole, such as a schema or a baseline."""

import errno
import json
import os
from collections.abc import Callable
from typing import Any

from jsonl_lint.errors import reason_of

LARGEST = 256 << 20
"""In bytes. A larger file is a mistake, or a device that never ends."""


def read_whole(path: str) -> bytes:
    """Return the bytes of a file.

    Raises:
        OSError: it cannot be read, or is larger than `LARGEST`.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115
    except ValueError as error:  # a NUL byte: callers take a `ValueError` for one of the content
        raise OSError(errno.EINVAL, reason_of(error), path) from None
    with file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
    return data


def load_json(path: str, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Return the value of a JSON file. `object_hook` is what `json.loads` takes: it replaces each object.

    Raises:
        OSError: as `read_whole`.
        ValueError, RecursionError: it is not JSON, or nested too deep.
    """
    return json.loads(read_whole(path), object_hook=object_hook)
