"""Undo fixes: the log of changes contains every byte of the original that the output lacks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.files.inputs import same_file
from jsonl_lint.files.pieces import BUFFER_BYTES, pieces_of
from jsonl_lint.fixer.sinks import LOG_VERSION, spelled_bytes
from jsonl_lint.fixer.views import VIEWS, taken_back

_HEADER, _END = b'{"version":', b'{"end":'
"""How the first and the last line of a section begin."""


class _Section(NamedTuple):
    """The changes of one file: what the log says of it, where they begin, and the digest of the original."""

    header: dict[str, Any]
    start: int
    original: str | None


def restore(log: BinaryIO, log_path: str, fixed: BinaryIO, fixed_path: str, write: Callable[[bytes], object]) -> None:
    """Write the original of a fixed file. Both inputs are read twice, so they cannot be streams.

    Raises:
        UserError: this is no log of changes, it is damaged, or its changes did not make the file.
    """
    if log.read(len(_HEADER)) != _HEADER:
        raise UserError(f"{log_path}: is no log of changes, which is the file that --changes names in a fix")
    log.seek(0)
    section = _find_section(log, log_path, _digest(fixed), fixed_path)
    views = section.header.get("views")
    if not isinstance(views, list) or not all(view in VIEWS for view in views):
        raise _damaged(log_path)
    fixed.seek(0)
    digest = hashlib.sha256()

    def original() -> Iterator[bytes]:
        for piece in _undone(_entries(log, log_path), fixed, log_path):
            digest.update(piece)
            yield piece

    pieces: Iterable[bytes] = original()
    for view in reversed(views):
        pieces = taken_back(view)(pieces)
    try:
        for piece in pieces:
            write(piece)
    except UnicodeError:  # these bytes never came out of such a view
        raise _damaged(log_path) from None
    if digest.hexdigest() != section.original:
        raise _damaged(log_path)


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for piece in pieces_of(file):
        digest.update(piece)
    return digest.hexdigest()


def _find_section(log: BinaryIO, path: str, digest: str, fixed_path: str) -> _Section:
    """Find the last section that made a file with this digest, and seek to its first change.

    Different files may have become equal by their fixes. Then the name says which of them it was.
    """
    found: dict[str, _Section] = {}
    header: dict[str, Any] = {}
    start = position = 0
    for line in log:
        position += len(line)
        if line.startswith(_HEADER):
            header, start = _entry(line) or {}, position
        elif line.startswith(_END):
            entry = _entry(line) or {}
            if entry.get("sha256_after") == digest:
                found[str(header.get("output"))] = _Section(header, start, entry.get("sha256_before"))
    if not found:
        raise UserError(f"{fixed_path}: is not a file that the changes in {path} made")
    names = [name for name in found if same_file(name, fixed_path)] or list(found)
    if len({found[name].original for name in names}) > 1:
        equal = " and ".join(names[:2])
        raise UserError(f"{fixed_path}: the changes in {path} made {equal} equal; name the file as it was named then")
    section = found[names[-1]]
    if section.header.get("version") != LOG_VERSION:
        raise UserError(f"{path}: was made by another version of jsonl-lint")
    log.seek(section.start)
    return section


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _entries(log: BinaryIO, path: str) -> Iterator[dict[str, Any]]:
    for line in log:
        entry = _entry(line)
        if entry is None:
            raise _damaged(path)
        yield entry


def _undone(entries: Iterator[dict[str, Any]], fixed: BinaryIO, log_path: str) -> Iterator[bytes]:
    """Yield the original bytes while checking the fixed ones."""
    position = 0
    for entry in entries:
        if "end" in entry:
            yield from pieces_of(fixed)
            return
        try:
            start, end = int(entry["byte_start"]), int(entry["byte_end"])
            before, after = spelled_bytes(entry, "before"), spelled_bytes(entry, "after")
        except (KeyError, ValueError, TypeError, OverflowError):
            raise _damaged(log_path) from None
        while position < start:
            piece = fixed.read(min(start - position, BUFFER_BYTES))
            if not piece:
                raise _damaged(log_path)
            position += len(piece)
            yield piece
        if position != start or end - start != len(before) or fixed.read(len(after)) != after:
            raise _damaged(log_path)
        position = end
        yield before


def _damaged(path: str) -> UserError:
    return UserError(f"{path}: the log of changes is damaged; nothing is restored")
