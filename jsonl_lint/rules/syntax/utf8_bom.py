"""JL004."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch, Repair, Sketch, Substitute, repair
from jsonl_lint.target import BATCH_FORMATS


class Utf8Bom(FileRule):
    """The file begins with a byte order mark.

    The three bytes EF BB BF are invisible in editors, and JSON parsers do not know them. Together's client refuses line
    1 as bad JSON without naming the cause. In a batch file it is an error for every target: even Azure, which accepts
    it in training data, cannot read the model's name in such a file.

    Fix: safe. The mark is deleted; nothing else changes.
    """

    code = "JL004"
    name = "utf8-bom"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Save the file as UTF-8 without BOM."
    before_lines = True
    files = ("utf-8-sig",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file that begins with the three bytes of the mark."""
        if file.encoding == "utf-8-sig":
            refused = Severity.ERROR if file.format in BATCH_FORMATS else None
            yield FileSketch("the file begins with a UTF-8 byte order mark", end_column=2, severity=refused)

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Delete a mark inside the file, where two files were joined."""
        return repair("Delete the byte order mark", Substitute(sketch.start, sketch.end, ""))
