"""Open the compiled `skim.c`, and declare what its functions take."""

from __future__ import annotations

from ctypes import POINTER, PyDLL, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path


def opened(path: Path, source: int) -> PyDLL | None:
    """Return the library, ready to be called; None if it was compiled for another machine or from another source.

    The interpreter's lock is held during calls, since a call takes less time than handing over the lock.
    """
    try:
        library = PyDLL(str(path))
        library.jsonl_lint_source.restype = c_uint32
        library.jsonl_lint_source.argtypes = ()
        if library.jsonl_lint_source() != source:
            return None
        library.jsonl_lint_structures_size.restype = c_size_t
        library.jsonl_lint_structures_size.argtypes = ()
        library.jsonl_lint_learn.restype = c_int
        library.jsonl_lint_learn.argtypes = c_char_p, c_char_p, *[c_uint32] * 4
        library.jsonl_lint_mark.restype = None
        library.jsonl_lint_mark.argtypes = c_void_p, c_size_t, c_char_p, c_char_p, c_uint64, POINTER(c_uint32)
        library.jsonl_lint_marked.restype = c_size_t
        library.jsonl_lint_marked.argtypes = (
            *(c_void_p, c_size_t, c_char_p, c_uint64),
            *(POINTER(c_uint64), POINTER(c_uint32), c_void_p),
        )
        library.jsonl_lint_add_digests.restype = None
        library.jsonl_lint_add_digests.argtypes = c_char_p, c_uint64, c_char_p, c_size_t, c_char_p
        library.jsonl_lint_cuts.restype = c_size_t
        library.jsonl_lint_cuts.argtypes = (
            *(c_void_p, c_char_p, c_size_t),
            *(POINTER(c_size_t), c_void_p, c_size_t),
        )
        library.jsonl_lint_place.restype = c_int
        library.jsonl_lint_place.argtypes = c_char_p, c_size_t, c_char_p, c_size_t, c_int, c_void_p
        library.jsonl_lint_around.restype = c_uint32
        library.jsonl_lint_around.argtypes = c_char_p, c_size_t, c_size_t, c_void_p
        library.jsonl_lint_skim.restype = None
        library.jsonl_lint_skim.argtypes = (
            *(c_char_p, c_size_t, c_size_t, c_int, c_char_p, c_size_t),
            *(c_void_p, c_char_p, c_void_p),
        )
    except (OSError, AttributeError):
        return None
    return library
