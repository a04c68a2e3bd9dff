"""JL002."""

from __future__ import annotations

import os
from collections.abc import Iterator

from jsonl_lint.files.compressed import SUFFIXES
from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch
from jsonl_lint.wording import enumerated

UNPACK = "Decompress the file before it is uploaded."


class WrongExtension(FileRule):
    """The file's name does not end the way the target demands.

    Together takes `.jsonl` and `.parquet`, in exactly this spelling: `.JSONL`, `.json` and `.jsonl.txt` are refused
    before the upload begins, and `.csv` unless it is for an evaluation. So is a compressed file, which is checked here
    all the same.
    """

    code = "JL002"
    name = "wrong-extension"
    severity = Severity.ERROR
    help = "Rename the file so that it ends in `.jsonl`."
    before_lines = True

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file whose suffix differs in any byte. Standard input has none, nor has `<(…)`: both are no files."""
        allowed = file.limits.get("extensions")
        name = os.path.basename(file.path)
        piped = file.path == "-" or file.path.startswith(("/dev/", "/proc/"))
        if allowed and not piped and not any(name.endswith(suffix) for suffix in allowed):
            suffix = os.path.splitext(name)[1]
            ends = f"ends in `{suffix}`" if suffix else "has no extension"
            message = f"the file's name {ends}, but the target takes only {enumerated(allowed)}"
            spelled = f"Rename the file so that it ends in `{suffix.lower()}`." if suffix.lower() in allowed else ""
            yield FileSketch(message, help=UNPACK if suffix.lower() in SUFFIXES else spelled)
