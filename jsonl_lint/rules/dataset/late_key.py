"""JL806."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import FirstPlace, KindRule

WINDOW_BYTES = 10 << 20
"""The JSON loader of Hugging Face `datasets` reads a file in pieces of so many bytes, and then to the line's end."""


class LateKey(KindRule):
    """A key first appears after the part of a file that trainers take columns from.

    The JSON loader of Hugging Face `datasets`, on which most open trainers stand, takes the columns and their types
    from the first 10 MiB. A key that appears later stops it ("column names don't match"), and so does a value under a
    key that was null in all records before. Looked at are the keys of the record, of its messages and of their parts,
    not those inside other values. Batch requests are read one by one, so nothing is said of them. Reported once for
    each key, where it appears.
    """

    code = "JL806"
    name = "late-key"
    severity = Severity.WARNING
    help = "Give the key to a record at the beginning of the file, or to all records; or shuffle the records."

    def check(
        self, kinds: Mapping[tuple[str, str], FirstPlace], limits: Mapping[str, Any]
    ) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield each late key, but not the keys of a value that is itself under a late key."""
        window = limits.get("loader_window_bytes") or WINDOW_BYTES
        early: dict[str, set[str]] = {}
        for (shape, kind), place in kinds.items():
            if place.record_offset < window:
                early.setdefault(shape, set()).add(kind)
        if not early:  # the loader reads on until it has a record
            return
        said: set[str] = set()
        for (shape, kind), place in kinds.items():
            if place.record_offset >= window and shape not in said and _parent_is_known(shape, early):
                if shape not in early:
                    said.add(shape)
                    yield (shape, kind), f"the key first appears after {window:,} bytes of the file"
                elif early[shape] == {"null"} and kind != "null":
                    said.add(shape)
                    yield (shape, kind), f"the key was null in the first {window:,} bytes of the file"


def _parent_is_known(shape: str, early: Mapping[str, set[str]]) -> bool:
    """Whether the object with this key is the record itself, or under a key that is not late."""
    parent = shape.rpartition("/")[0].removesuffix("/*")
    return not parent or parent in early
