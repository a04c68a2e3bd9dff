"""The part in C (`skim.c`), which is compiled when the package is built: by `tools/build_native.py`.

Without it, everything works the same but slower. It is a plain shared library that does not use Python's C API, so one
file works with every version of Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import PyDLL

    from jsonl_lint.native.recogniser import Recogniser

LIBRARY = Path(__file__).with_name("skim.library")
"""Its name does not end in `.so`, or Python would take it for a module."""


@cache
def load() -> PyDLL | None:
    """Return the library, None if it was not compiled, or from a different source than the one here."""
    if not LIBRARY.exists():
        return None
    from jsonl_lint.native.library import opened

    return opened(LIBRARY, source_checksum())


def source_checksum() -> int:
    """Return the checksum of the C source, which `tools/build_native.py` compiles into the library."""
    from zlib import crc32

    return crc32(b"".join(path.read_bytes() for path in sorted(LIBRARY.parent.glob("*.[ch]"))))


def make_recogniser(hidden: Iterable[int], endings: Iterable[bytes], *, loops: bool) -> Recogniser | None:
    """Return a new recogniser, which has learned nothing; None if there is no library.

    The rest says for which records text rules ask: those that hide one of the UTF-16 code units `hidden` in an escape,
    or have it as a raw control character; those with a text that has one of these `endings` (spelled as in JSON); and,
    with `loops`, those with a text that ends in a repetition.
    """
    library = load()
    if library is None:
        return None
    from jsonl_lint.native.recogniser import Recogniser

    return Recogniser(library, hidden, endings, loops=loops)
