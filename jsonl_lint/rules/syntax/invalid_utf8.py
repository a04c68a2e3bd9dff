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

    Fix: unsafe. The bytes are read as Windows-1252, unless they look like another encoding: one of them means nothing
    there, or most follow each other as the letters of other scripts do.
    """

    code = "JL006"
    name = "invalid-utf8"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Write the file as UTF-8; decode this line from its true encoding."

    def repair_line(self, text: str, sketch: Sketch) -> Repair | None:
        """Read the bytes as Windows-1252."""
        found = few(Substitute(*run.span(), encode(run[0]).decode("cp1252")) for run in _RUN.finditer(text))
        return repair("Read the bytes as Windows-1252", *found) if found else None


_RUN = re.compile("[\udc80-\udcff]+")
"""Bytes that are not UTF-8, as `decode` gives them."""
