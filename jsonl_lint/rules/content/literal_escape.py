"""JL713."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.records.texts import are_together, texts_of
from jsonl_lint.rule import EditText, Piece, Record, Repair, Sketch, TextRule, few, repair

_FORMULA = (
    r"(?!(?:abla|atural|e|e[gq]|earrow|ew(?:command|environment|line|page|theorem)|exists|geq|i|icefrac|leq|less|mid|parallel"
    r"|o(?:break|cite|de|indent|limits|number|rm|rmalsize|t|tin)|prec|sim|subset(?:eq)?|succ|supset(?:eq)?|u|ull|um|warrow)\b)"
)
"""Not how a command of LaTeX goes on that begins with n."""

_IN_TEXT = rf"(?<=[a-z0-9])\\n{_FORMULA}(?=[a-z])"
_LITERAL = rf"\\n(?:\\n|[-*#•1-9A-Z\"']| (?![a-z])|(?:(?<=[.!?:;,]\\n)|(?<=\\r\\n))[a-z])|{_IN_TEXT}"
_MEANT = rf"\\r\\n|\\n(?![a-z])|(?<=[.!?:;,])\\n|{_IN_TEXT}"
_SPELLED = b"\\\\n"
"""As JSON spells them."""

_CODE = re.compile(r"[`{}$]|HTTP/|\\(?!n|r\\n)|\b[A-Za-z]:\\|[\"'(]\S*\\n|\\n[\"')]")


def _times(text: str) -> int:
    """Return how often the two characters stand where a line break was meant; 0 for code, which holds them, too."""
    if "\\n" not in text or "\n" in text or _CODE.search(text):
        return 0
    return sum(1 for _ in re.finditer(_LITERAL, text))


def _break_before(line: bytes, first: int, end: int) -> int:
    """Return the place of the last line break in these bytes of a line; -1 if its backslash is none of an escape."""
    at = line.rfind(b"\\n", first, end)
    return -1 if line[at - 1 : at] == b"\\" else at


def _breaks_after(line: bytes, start: int) -> bool:
    """Whether a line break stands after this place in a line, in the same string."""
    at = line.find(b"\\n", start)
    return at >= 0 and line[at - 1 : at] != b"\\" and are_together(line, start, at)


class LiteralEscape(TextRule):
    """A text holds a backslash and an n, two characters, where a line break was meant.

    It was escaped twice on its way into the file. The model learns to write `\\\\n`. Texts that have real line breaks
    as well, or that look like code, regular expressions or formulas, are passed over.

    Fix: unsafe. Each becomes a line break, except where it may begin a command of LaTeX like `\\\\nabla`. A text of
    nothing else stays: it would be empty. `placeholder-content` may report what is left.
    """

    code = "JL713"
    name = "literal-escape"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    leaves = ("placeholder-content",)
    help = "Serialise the record once; replace the two characters by a line break."
    marks = "\\"
    patterns = (r"\\n[^a-z]", r"(?:[!?:;,\.a-z0-9]|\\r)\\n[a-z]")
    clears_lines = True

    def clears(self, line: bytes, ends: Sequence[int]) -> bool:
        """Whether each string with the two characters has a line break or, as code has, a brace near to them."""
        last, in_code = 0, False
        for end in ends:
            start = end - len(_SPELLED) - 1
            if not line.startswith(_SPELLED, start):
                return False
            if not (in_code and are_together(line, last, start)):
                brace = line.rfind(b"{", last, start)
                near = max(brace, _break_before(line, last, start))
                is_inside = are_together(line, near, start)
                in_code = is_inside and near == brace
                if not (is_inside or _breaks_after(line, end - 1)):
                    return False
            last = start
        return True

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each text."""
        if not any(map(_times, texts_of(record.value))):  # which is quicker than to find the places, too
            return
        for text in record.texts:
            if found := _times(text.value):
                times = "" if found == 1 else f", {found:,} times"
                message = f"the text holds `\\n` where a line break was meant{times}"
                first = re.search(_LITERAL, text.value)
                sketch = self.sketch(text.pointer, message, within=first.span() if first else None)
                yield sketch if re.sub(_MEANT, "", text.value).strip() else sketch._replace(fix=None)

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Replace every such pair of characters in the text."""
        pieces = few(Piece(*match.span(), "\n") for match in re.finditer(_MEANT, record.at(sketch.pointer)))
        return repair("Write line breaks", EditText(sketch.pointer, pieces)) if pieces else None
