"""JL006."""

from __future__ import annotations

import re

from jsonl_lint.jsonspan import encode
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, few, repair


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
    help = "Write the file as UTF-8; decode this line from its true encoding."

    def repair_line(self, text: str, sketch: Sketch) -> Repair | None:
        """Read the bytes as Windows-1252 if it knows each of them, else as Latin-1, which knows all."""
        encoding, title = "cp1252", "Windows-1252"
        if any(byte in text for byte in _UNKNOWN_TO_CP1252):
            encoding, title = "latin-1", "Latin-1"
        found = few(Substitute(*run.span(), encode(run[0]).decode(encoding)) for run in _RUN.finditer(text))
        return repair(f"Read the bytes as {title}", *found) if found else None


_RUN = re.compile("[\udc80-\udcff]+")
"""Bytes that are not UTF-8, as `decode` gives them."""

_UNKNOWN_TO_CP1252 = "\udc81\udc8d\udc8f\udc90\udc9d"
