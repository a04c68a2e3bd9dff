"""JL003."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch


class FileTooLarge(FileRule):
    """The file is larger than the target takes.

    Where the sources of a target differ, or do not say how much a megabyte is, this is a warning over the smaller
    limit and an error over the larger one. Together's SDK refuses files over 50.1 GiB (53,794,465,382 bytes), while
    its documentation says 100 GB. A batch file may have 100 MB.
    """

    code = "JL003"
    name = "file-too-large"
    severity = Severity.ERROR
    help = "Split the file, or drop keys that the training does not use."
    before_lines = True

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file whose size on disk is over the limit. That of standard input is unknown."""
        size = file.size or 0
        hard, soft = file.limits.get("max_file_bytes"), file.limits.get("warn_file_bytes")
        if hard and size > hard:
            yield FileSketch(f"the file has {size:,} bytes; the target takes at most {hard:,}")
        elif soft and size > soft:
            message = f"the file has {size:,} bytes; the target may take no more than {soft:,}"
            yield FileSketch(message, severity=Severity.WARNING)
