"""JL807."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import FirstPlace, KindRule

_ARTICLES = {"string": "a string", "boolean": "a boolean", "number": "a number", "array": "an array"}

_BESIDE_ANY = ("null", "any")
"""The kinds of null and of contents beside an image."""


class InconsistentTypes(KindRule):
    """The same key holds values of one type in some records, and of another in others.

    The JSON loader of Hugging Face `datasets` gives a column one type. Older versions stop at the first record that
    has another; newer ones decode every string of the column that happens to be JSON, so that `"42"` becomes a number
    and an answer in JSON an object, without a word. Null may stand beside any type, and so may the contents of a record
    with an image, where lists of parts have to stand. Looked at are the keys of the record, of its messages and of
    their parts, and the arguments of calls, not what is inside other values. Batch requests are read one by one, so
    nothing is said of them. Reported once for each further type, where it appears.
    """

    code = "JL807"
    name = "inconsistent-types"
    severity = Severity.WARNING
    help = "Write the value in one way in all records."

    def check(
        self, kinds: Mapping[tuple[str, str], FirstPlace], limits: Mapping[str, Any]
    ) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield each kind whose type differs from that of the first such value in the file."""
        first: dict[str, tuple[str, int]] = {}
        for (shape, kind), place in kinds.items():
            if kind in _BESIDE_ANY:
                continue
            usual, line = first.setdefault(shape, (kind, place.line))
            if kind != usual:
                where = f"in line {line}" if line != place.line else "elsewhere in this record"
                yield (shape, kind), f"{_named(kind)} here, {_named(usual)} {where}"


def _named(kind: str) -> str:
    return _ARTICLES.get(kind, "an object")
