"""JL006."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule


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
