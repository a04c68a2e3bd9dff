"""JL704."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import EditText, Piece, Record, Repair, Sketch, TextRule, few, repair
from jsonl_lint.rules.content.mojibake import garbled

_CODES = [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]
_NAMES = {0: "NUL", 8: "backspace", 11: "vertical tab", 12: "form feed", 27: "escape", 127: "delete", 133: "next line"}


_BREAKS = "\x0b\x0c\x85"
_SEQUENCE = r"\x1b\[[0-?]*[ -/]*[@-~]"
"""What a terminal takes for a command: ECMA-48 section 5.4."""


_BROKEN_TOKEN = re.compile(r"[<\[][^<>\[\]\s\0]{0,30}\0[^<>\[\]\s]{0,30}[>\]]")
"""What could be a control token of a chat template without the character in it, which is NUL here."""


class ControlCharacter(TextRule):
    """A text holds a control character other than tab and line breaks.

    They come from terminals (colours), from PDF files (form feeds), from binary data, or from text that was decoded
    wrongly (U+0080 to U+009F, unless `mojibake` reports it). Nobody sees them; the model learns them.

    Fix: unsafe. The characters are deleted, a terminal's sequences as a whole; what ends a page or line becomes a line
    break. A text of nothing else is left as it is, and so is one with such a character inside of angle or square
    brackets: without it, `</s>` or `[INST]` could be left. `placeholder-content` may report what is left.
    """

    code = "JL704"
    name = "control-character"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    leaves = ("placeholder-content",)
    help = "Delete the character, or replace it by what it stands for."
    excused_by = ("unescaped-control-character",)
    marks = "".join(map(chr, _CODES))
    deleted = f"{_SEQUENCE}|[{re.escape(marks)}]"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each text: the first character, and how many more."""
        for text in record.texts:
            found = _places(f"[{re.escape(self.marks)}]", text.value)
            first = next(found, None)
            if first:
                code, others = ord(first[0]), sum(1 for _ in found)
                name = f" ({_NAMES[code]})" if code in _NAMES else ""
                more = f" and {others:,} more" if others else ""
                message = f"the text holds the control character U+{code:04X}{name}{more}"
                left = re.sub(self.deleted, "\0", text.value)
                is_fixable = left.replace("\0", "").strip() and not _BROKEN_TOKEN.search(left)
                yield self.sketch(text.pointer, message, fix=self.fix if is_fixable else None, within=first.span())

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Delete every such character of the text, or write the line break that it stands for."""
        found = _places(self.deleted, record.at(sketch.pointer))
        pieces = few(Piece(*match.span(), "\n" if match[0] in _BREAKS else "") for match in found)
        return repair("Delete the control characters", EditText(sketch.pointer, pieces)) if pieces else None


def _places(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """Yield where control characters stand that are no part of a garbled character."""
    pieces = garbled(text)
    piece = next(pieces, None)
    for match in re.finditer(pattern, text):
        while piece is not None and piece.end <= match.start():
            piece = next(pieces, None)
        if piece is None or match.start() < piece.start:
            yield match
