"""A baseline: accepted findings, so that only new ones count.

A finding is identified by its rule, its JSON Pointer and a hash of its record's bytes, so it is still recognised when
lines move. Findings are counted, so if an equal record is added, its finding is new.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.inputs import path_inside, short_path
from jsonl_lint.files.whole import load_json

VERSION = 1


class Entry(NamedTuple):
    """What a baseline stores about a finding. `record` is the hash, "" for a finding about the file as a whole."""

    rule: str
    pointer: str
    record: str


class Baseline(NamedTuple):
    """Accepted findings by file; file names are relative to `folder`."""

    folder: str
    files: dict[str, Counter[Entry]]

    def name_of(self, path: str) -> str:
        """Return the name by which this baseline knows a file."""
        return baseline_name(path, self.folder)


def baseline_name(path: str, folder: str) -> str:
    """Return the file's path from the baseline's folder, with forward slashes; `-` is standard input."""
    if path == "-" or "://" in path:
        return path
    path = os.path.abspath(path)
    try:
        name = path_inside(path, folder) or os.path.relpath(path, folder)
    except ValueError:  # another drive
        name = path
    return name.replace(os.sep, "/")


class _Known(Protocol):
    """A finding, as any layer has it."""

    @property
    def rule(self) -> str: ...
    @property
    def pointer(self) -> str: ...
    @property
    def record_hash(self) -> str: ...


def entry_of(finding: _Known) -> Entry:
    """Return what a baseline keeps of a finding; its `record_hash` must have been asked for."""
    return Entry(finding.rule, finding.pointer, finding.record_hash)


def interned(rule: str, pointer: str, record: str) -> Entry:
    """Return an entry that shares the strings of its rule and pointer, of which there are few, with other entries."""
    return Entry(sys.intern(rule), sys.intern(pointer), record)


def read_baseline(path: str) -> Baseline:
    """Return the baseline in a file.

    Raises:
        UserError: it cannot be read, or is not a baseline.
    """
    shown = short_path(path)
    try:
        data = load_json(path, _with_entry)
        if data["version"] != VERSION:
            raise UserError(f"{shown}: a baseline of version {data['version']!r}; this tool reads version {VERSION}")
        files = {name: _entries(found) for name, found in data["files"].items()}
    except FileNotFoundError:
        raise UserError(f"{shown}: there is no such baseline; `jsonl-lint baseline write` makes one") from None
    except OSError as error:
        raise UserError(f"{shown}: cannot read the baseline: {reason_of(error)}") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise UserError(f"{shown}: not a baseline; `jsonl-lint baseline write` makes one") from None
    return Baseline(os.path.dirname(os.path.abspath(path)), files)


def _with_entry(item: dict[str, Any]) -> Any:
    """Turn an object that holds an entry into that entry and its count as soon as it is read; there may be millions."""
    rule, pointer, record, count = (item.get(name) for name in ("rule", "pointer", "record", "count"))
    if not (isinstance(rule, str) and isinstance(pointer, str) and isinstance(record, str)):
        return item
    return (interned(rule, pointer, record), count) if type(count) is int and count > 0 else item


def _entries(found: list[Any]) -> Counter[Entry]:
    if not isinstance(found, list):
        raise TypeError("not a list of entries")
    counted: Counter[Entry] = Counter()
    for item in found:
        if not isinstance(item, tuple):  # which no JSON is: it is what the reader made of an entry
            raise ValueError("not an entry")
        entry, count = item
        counted[entry] += count
    return counted


def baseline_text(files: Mapping[str, Mapping[Entry, int]]) -> Iterator[str]:
    """Yield a baseline as JSON, sorted, with one entry on each line, so that a change of it is easy to review."""
    names = sorted(name for name, entries in files.items() if entries)
    yield f'{{"version": {VERSION}, "files": {{'
    for number, name in enumerate(names):
        yield f"{',' if number else ''}\n  {json.dumps(name)}: ["
        for index, entry in enumerate(sorted(files[name])):
            count = files[name][entry]
            yield ("," if index else "") + "\n    " + json.dumps({**entry._asdict(), "count": count})
        yield "\n  ]"
    yield ("\n" if names else "") + "}}\n"
