"""JL008."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch


class MixedLineEndings(FileRule):
    """Some lines end in LF, others in CRLF.

    Usually files from two systems were joined. JSON ignores the carriage return, but tools that compare, split or count
    bytes do not.

    Fix: safe. Every line ends as the first one does.
    """

    code = "JL008"
    name = "mixed-line-endings"
    severity = Severity.WARNING
    fix = Applicability.SAFE
    help = "Use one kind of line ending, preferably LF."
    files = ("mixed",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield the first line that ends in another way than the first line of all."""
        if not (file.first_lf and file.first_crlf):
            return
        lf_first = file.first_lf < file.first_crlf
        names = ("CRLF", "LF") if lf_first else ("LF", "CRLF")
        line = max(file.first_lf, file.first_crlf)
        offset = file.first_crlf_offset if lf_first else file.first_lf_offset
        message = f"this line ends in {names[0]}; line {min(file.first_lf, file.first_crlf)} ends in {names[1]}"
        yield FileSketch(message, line=line, byte_offset=offset)
