"""JL009."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch


class CrLineEndings(FileRule):
    """Lines end in a bare carriage return, as in classic Mac OS.

    Python's text mode reads such a file silently; readers of bytes see a single broken line. The records are not
    checked until the line endings are fixed.

    Fix: safe. Each carriage return becomes a line feed.
    """

    code = "JL009"
    name = "cr-line-endings"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Replace each carriage return by a line feed: `tr '\\r' '\\n'`."
    before_lines = True
    files = ("cr",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file with several carriage returns and no line feed at all."""
        if file.layout == "cr":
            yield FileSketch("the file has no line feed; bare carriage returns end its lines")
