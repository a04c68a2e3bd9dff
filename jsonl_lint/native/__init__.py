"""The part in C, `skim.c`, which is compiled when the package is built, if there is a C compiler.

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
"""Not called `.so`: that would be taken for a module."""


@cache
def load() -> PyDLL | None:
    """The library; None where it was not compiled, or from another source than what stands here."""
    if not LIBRARY.exists():
        return None
    from jsonl_lint.native.recogniser import opened

    return opened(LIBRARY, source_checksum())


def source_checksum() -> int:
    """The checksum of the source, which `tools/build_native.py` compiles in."""
    from zlib import crc32

    return crc32(b"".join(path.read_bytes() for path in sorted(LIBRARY.parent.glob("*.[ch]"))))


def make_recogniser(hidden: Iterable[int], endings: Iterable[bytes], *, loops: bool) -> Recogniser | None:
    """A new recogniser, which has learned nothing; None where the library was not compiled.

    `hidden` are the UTF-16 code units that no escape may hide, `endings` how no text may end, as JSON; and with `loops`
    no text may end with the same again and again.
    """
    library = load()
    if library is None:
        return None
    from jsonl_lint.native.recogniser import Recogniser

    return Recogniser(library, hidden, endings, loops=loops)
