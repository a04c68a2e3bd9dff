"""JL006."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.jsonspan import encode, surrogates
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, repair


class InvalidUtf8(LineRule):
    """A line holds bytes that are not UTF-8.

    Usually Latin-1 or Windows-1252 text pasted between UTF-8 records. Loaders stop at the first such byte, and
    Together's client names a position in its own read buffer, which is of no use.

    Fix: unsafe. The bytes are decoded with the guessed encoding, which is named.
    """

    code = "JL006"
    name = "invalid-utf8"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Write the file as UTF-8; re-decode the line from its true encoding."

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Windows-1252 where it knows every such byte of the line, else Latin-1, which knows them all."""
        runs = [(start, end, encode(text[start:end])) for start, end in _runs(surrogates(text))]
        encoding, title = "cp1252", "Windows-1252"
        if any(byte in _UNKNOWN_TO_CP1252 for _, _, raw in runs for byte in raw):
            encoding, title = "latin-1", "Latin-1"
        verbs = [Substitute(start, end, raw.decode(encoding)) for start, end, raw in runs]
        return repair(f"Read the bytes as {title}", *verbs)


def _runs(places: list[int]) -> Iterator[tuple[int, int]]:
    """The beginnings and ends of places that follow one another."""
    start = 0
    for index, place in enumerate(places, start=1):
        if index == len(places) or places[index] != place + 1:
            yield places[start], place + 1
            start = index


_UNKNOWN_TO_CP1252 = b"\x81\x8d\x8f\x90\x9d"
