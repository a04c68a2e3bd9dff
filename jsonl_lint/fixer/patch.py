"""Bytes with changes: successive edits, stored as changes to the original."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Change(NamedTuple):
    """Replaces bytes `start:end` of the original by `content`; `rules` are those whose fixes did it."""

    start: int
    end: int
    content: bytes
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Patch:
    """The original bytes of a part of a file, and its changes in order, which neither touch nor overlap."""

    original: bytes
    changes: tuple[Change, ...] = ()

    @cached_property
    def text(self) -> bytes:
        """The changed bytes."""
        if not self.changes:
            return self.original
        parts: list[bytes] = []
        position = 0
        for change in self.changes:
            parts += (self.original[position : change.start], change.content)
            position = change.end
        return b"".join([*parts, self.original[position:]])

    def changed(self, edits: Sequence[Change]) -> Patch:
        """Return the patch with further changes, in order and without overlap; their places refer to `text`."""
        if not self.changes:
            return Patch(self.original, _merged(self.original, edits))
        stretches = deque(_stretches(self))
        out: list[_Stretch] = []
        position = 0
        for edit in edits:
            out += _take(stretches, edit.start - position)
            lost = _take(stretches, edit.end - edit.start)
            rules = {*edit.rules, *(rule for stretch in lost for rule in stretch.rules)}
            out.append(_Stretch(-1, -1, edit.content, tuple(sorted(rules))))
            position = edit.end
        return Patch(self.original, _changes(self.original, [*out, *stretches]))

    def with_crlf(self) -> Patch:
        """Return the patch with CRLF for each new line break."""
        made = (change._replace(content=_BARE_FEED.sub(b"\r\n", change.content)) for change in self.changes)
        return Patch(self.original, tuple(made))


_BARE_FEED = re.compile(rb"(?<!\r)\n")


class _Stretch(NamedTuple):
    """Bytes `start:end` of the original that are kept, or new `content` if `start` is -1."""

    start: int
    end: int
    content: bytes = b""
    rules: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.content) if self.start < 0 else self.end - self.start

    def split(self, at: int) -> tuple[_Stretch, _Stretch]:
        if self.start < 0:
            return self._replace(content=self.content[:at]), self._replace(content=self.content[at:])
        middle = self.start + at
        return self._replace(end=middle), self._replace(start=middle)


def _merged(original: bytes, edits: Sequence[Change]) -> tuple[Change, ...]:
    """Return the edits of the original, those merged that touch, without those that change nothing."""
    found: list[Change] = []
    for edit in edits:
        if found and found[-1].end == edit.start:
            last = found.pop()
            rules = tuple(sorted({*last.rules, *edit.rules}))
            edit = Change(last.start, edit.end, last.content + edit.content, rules)
        found.append(edit)
    return tuple([change for change in found if original[change.start : change.end] != change.content])


def _stretches(patch: Patch) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    position = 0
    for change in patch.changes:
        if change.start > position:
            stretches.append(_Stretch(position, change.start))
        stretches.append(_Stretch(-1, -1, change.content, change.rules))
        position = change.end
    if position < len(patch.original):
        stretches.append(_Stretch(position, len(patch.original)))
    return stretches


def _take(stretches: deque[_Stretch], size: int) -> list[_Stretch]:
    """Take the stretches of the next `size` bytes from the front."""
    taken: list[_Stretch] = []
    while size > 0:
        stretch = stretches.popleft()
        size -= stretch.size
        if size < 0:
            stretch, rest = stretch.split(stretch.size + size)
            stretches.appendleft(rest)
        taken.append(stretch)
    return taken


def _changes(original: bytes, stretches: Iterable[_Stretch]) -> tuple[Change, ...]:
    """Return the changes between the kept bytes, merged at each place."""
    found: list[Change] = []
    position = 0
    content: list[bytes] = []
    rules: set[str] = set()
    for stretch in [*stretches, _Stretch(len(original), len(original))]:
        if stretch.start < 0:
            content.append(stretch.content)
            rules.update(stretch.rules)
            continue
        new = b"".join(content)
        if new != original[position : stretch.start]:
            found.append(Change(position, stretch.start, new, tuple(sorted(rules))))
        content, rules = [], set()
        position = stretch.end
    return tuple(found)


def lines_of(data: bytes) -> Iterator[bytes]:
    """Yield the lines with their line endings."""
    position = 0
    while position < len(data):
        end = data.find(b"\n", position) + 1 or len(data)
        yield data[position:end]
        position = end
