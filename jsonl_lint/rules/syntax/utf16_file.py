"""JL005."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch


class Utf16File(FileRule):
    """The file is UTF-16 or UTF-32 text, not UTF-8.

    Windows tools and PowerShell redirection write it. JSONL is UTF-8; no trainer reads anything else. The records are
    not checked until the file is transcoded.

    Fix: safe. The same characters in UTF-8.
    """

    code = "JL005"
    name = "utf16-file"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Transcode it: `iconv -f UTF-16 -t UTF-8`."
    before_lines = True
    files = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file with the mark of UTF-16 or UTF-32, or with zero bytes between ASCII characters."""
        if file.encoding.startswith(("utf-16", "utf-32")):
            yield FileSketch(f"the file is {file.encoding.upper()} text; JSONL is UTF-8")
