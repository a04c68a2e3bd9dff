"""Sketches: what a rule yields, which the engine turns into findings."""

from typing import NamedTuple

from jsonl_lint.model import Applicability, Pointer, Severity


class Sketch(NamedTuple):
    """A finding without its place in the file.

    `{value}` in the message stands for an excerpt of the real value at `pointer`. `at_key` places the finding at the
    member's key instead of its value; `start` and `end` (code points) override the place that the pointer gives. `fix`
    is the applicability of the fix; `repair` is called only if it is not None. `detail` is what the parser or the rule
    noted for the message or the repair. `within` are the code points of the text at `pointer` that an excerpt shows:
    the place stays that of the whole text, which may be long.
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
    within: tuple[int, int] | None = None


class FileSketch(NamedTuple):
    """A finding about a file as a whole: a message, and the lines to which it refers."""

    message: str
    line: int = 1
    end_line: int = 0
    column: int = 1
    end_column: int = 1
    byte_offset: int = 0
    help: str = ""
    severity: Severity | None = None
    fixable: bool = True
