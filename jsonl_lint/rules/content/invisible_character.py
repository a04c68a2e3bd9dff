"""JL707."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, TextRule

_NAMES = {
    0x00AD: "soft hyphen",
    0x061C: "Arabic letter mark",
    0x180E: "Mongolian vowel separator",
    0x200B: "zero width space",
    0x200E: "left-to-right mark",
    0x200F: "right-to-left mark",
    0x202A: "left-to-right embedding",
    0x202B: "right-to-left embedding",
    0x202C: "pop directional formatting",
    0x202D: "left-to-right override",
    0x202E: "right-to-left override",
    0x2060: "word joiner",
    0x2061: "function application",
    0x2062: "invisible times",
    0x2063: "invisible separator",
    0x2064: "invisible plus",
    0x2066: "left-to-right isolate",
    0x2067: "right-to-left isolate",
    0x2068: "first strong isolate",
    0x2069: "pop directional isolate",
    0x3164: "Hangul filler",
    0xFEFF: "byte order mark",
}
_TAGS = "\U000e0001\U000e0020-\U000e007f"
_FLAG = f"\U0001f3f4[{_TAGS}]+"
"""The flags of England, Scotland and Wales are spelled with tag characters."""

_NEEDED = (
    (re.compile("[\u0590-\u08ff]"), "\u061c\u200e\u200f"),
    (re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"), "\u200b"),
)
"""Scripts, and what they are written with: those from right to left, and those that put no spaces between words."""

_INVISIBLE = re.compile("[" + "".join(map(chr, _NAMES)) + _TAGS + "]")
_INVISIBLE_OR_FLAG = re.compile(f"{_FLAG}|{_INVISIBLE.pattern}")


class InvisibleCharacter(TextRule):
    """A text holds a character that nobody sees.

    Zero width spaces, direction marks and tag characters come with text copied from web pages, split words into other
    tokens, and can hide instructions. Exceptions are joiners that scripts and emoji need, direction marks beside Hebrew
    or Arabic letters, zero width spaces beside Thai, Lao, Burmese or Khmer ones, and the line and paragraph separators
    U+2028 and U+2029, which break lines.
    """

    code = "JL707"
    name = "invisible-character"
    severity = Severity.INFO
    help = "Delete the character, unless the language of the text needs it."
    marks = "".join(map(chr, [*_NAMES, 0xE0001, *range(0xE0020, 0xE0080)]))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each text: the first character, and how many more."""
        for text in record.texts:
            if _INVISIBLE.search(text.value) is None:
                continue
            needed = "".join(characters for script, characters in _NEEDED if script.search(text.value))
            seen = _INVISIBLE_OR_FLAG.finditer(text.value)
            found = (match for match in seen if len(match[0]) == 1 and match[0] not in needed)
            first = next(found, None)
            if first:
                code, others = ord(first[0]), sum(1 for _ in found)
                more = f" and {others:,} more" if others else ""
                name = _NAMES.get(code, "tag character")
                message = f"the text holds the invisible character U+{code:04X} ({name}){more}"
                yield self.sketch(text.pointer, message, within=first.span())
