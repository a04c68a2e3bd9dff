"""JL027."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch


class GitLfsPointer(FileRule):
    """The file is a Git LFS pointer, not the data.

    The repository was cloned without Git LFS, so three lines of text stand where the dataset should be. The exit
    code is 2: nothing was checked.
    """

    code = "JL027"
    name = "git-lfs-pointer"
    severity = Severity.ERROR
    help = "Fetch the data: `git lfs pull`."
    before_lines = True
    files = ("lfs",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file whose first line is that of a pointer."""
        if file.lfs:
            yield FileSketch("the file is a Git LFS pointer, not the data itself")
