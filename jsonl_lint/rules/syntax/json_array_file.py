"""JL017."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.arrays import ONE_CONVERSATION
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch
from jsonl_lint.wording import plural


class JsonArrayFile(FileRule):
    """The file is one JSON array instead of one record on each line.

    `json.dump(records, file)` writes it. Uploaders refuse line 1. The items are checked as records where they stand, up
    to the place where an array is cut off or broken, but not if they are the messages of one conversation. They are
    compared, and their findings can be fixed, only once the array has been taken apart, which `fix` does first.

    Fix: safe. Each item of the array becomes a line. An array that is cut off or broken stays, and so does one whose
    items are the messages of one conversation.
    """

    code = "JL017"
    name = "json-array-file"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write each item on its own line: `jq -c '.[]' data.json > data.jsonl`."
    files = ("array",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file whose first bytes begin an array, fixable if all of them can be taken apart."""
        if file.layout == "array":
            lines = plural(file.last_line, "line")
            message = f"the file is one JSON array over {lines}, not JSONL"
            if file.fault:
                message = f"{message}, and {file.fault}"
            told = _AS_ONE_RECORD if file.fault == ONE_CONVERSATION else ""
            yield FileSketch(message, end_line=file.last_line, help=told, fixable=not file.fault)


_AS_ONE_RECORD = 'Write the array as one record on one line: `jq -c "{messages: .}" data.json > data.jsonl`.'
