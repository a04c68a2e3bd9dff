"""What a rule says: a finding without what the engine adds to it."""

from typing import NamedTuple

from jsonl_lint.model import Applicability, Pointer, Severity


class Sketch(NamedTuple):
    """A finding without its place in the file.

    `{value}` in the message stands for a clipped picture of the real value at `pointer`. `subject` is a key that is
    missing or unexpected there. `at_key` marks the member's key instead of its value; `start` and `end` (code points)
    override the place that the pointer gives. `fix` says whether the rule can repair it: `repair` is asked only then.
    `detail` is what was noted for the words or the repair, by the parser or the rule.
    """

    rule: str
    pointer: Pointer
    message: str
    help: str = ""
    at_key: bool = False
    start: int = -1
    end: int = -1
    fix: Applicability | None = None
    detail: str = ""


class FileSketch(NamedTuple):
    """A finding about a file: the lines that it names, and words."""

    message: str
    line: int = 1
    end_line: int = 0
    column: int = 1
    end_column: int = 1
    byte_offset: int = 0
    help: str = ""
    severity: Severity | None = None
    fixable: bool = True
