"""JL706."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import EditText, Piece, Record, Repair, Sketch, TextRule, few, repair
from jsonl_lint.wording import excerpt

_LEADS = "ÂÃÎÏÐÑâð"
"""How the bytes look in Windows-1252 with which UTF-8 begins accented letters, Greek, Cyrillic, punctuation and emoji.
Kana are known by `‚` and `ƒ`. Other scripts begin with letters that are too frequent to be looked for."""

_INNER = "¢¤¥¦¨¬¯±µ¶¸¹¼¾‡ˆ‰‹˜ŒŸ"
"""Rare characters as which the second bytes of characters of three bytes look: nearly every word of such has one of
them. Two of these characters must follow each other, as in `ä½œå“`."""

_VIETNAMESE = "Æ"
"""How `ư` and `ơ` begin, which look like `Æ°` and `Æ¡`."""

_SEMITIC_LEADS = "×ØÙ"
"""How those of Hebrew and Arabic look. They count where two letters follow each other: `3×½` is no Hebrew."""

_WINDOWS = {bytes([code]).decode("cp1252", "ignore") or chr(code): code for code in range(0x80, 0xA0)}
"""How the bytes 0x80 to 0x9F look there; the five that it does not define read as control characters."""

_TRAIL = "[" + "".join(map(re.escape, _WINDOWS)) + "\x80-\xbf]"
_OF_THREE = f"[à-ï]{_TRAIL}{{2}}"
_GARBLED = re.compile(f"[ÂÃÄÅÆÎÏÐÑÒØÙÚ×]{_TRAIL}|{_OF_THREE}|ð{_TRAIL}{{3}}")

_OF_TWO, _OF_VIETNAMESE = f"[{_LEADS}ã]{_TRAIL}", f"{_VIETNAMESE}[°¡]"
_SHOWN = re.compile(f"{_OF_TWO}|(?:[{_SEMITIC_LEADS}]{_TRAIL}){{2}}|(?:{_OF_THREE}){{2}}|{_OF_VIETNAMESE}")
"""What shows that a text is garbled, if it also has one of the rule's `patterns`."""


class Mojibake(TextRule):
    """A text was written as UTF-8 and read as Windows-1252 or Latin-1.

    `Ã©` stands for `é`, for example. The model learns the garbled characters. Only text that is valid UTF-8 once it is
    encoded back is reported.

    Fix: unsafe. The garbled characters are replaced by those that they stand for.
    """

    code = "JL706"
    name = "mojibake"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Export the record again and read it as UTF-8, or repair the text, for example with ftfy."
    marks = f"{_LEADS}{_SEMITIC_LEADS}‚ƒ{_INNER}{_VIETNAMESE}"
    patterns = (_OF_TWO, f"[{_SEMITIC_LEADS}]{_TRAIL}", f"[à-ï][{_INNER}]", _OF_VIETNAMESE)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each text: the first garbled character, what it stands for, and how many more."""
        for text in record.texts:
            shows = any(re.search(pattern, text.value) for pattern in self.patterns) and _SHOWN.search(text.value)
            found = garbled(text.value) if shows else iter(())
            first = next(found, None)
            if first:
                start, end, meant = first
                before = text.value[start:end]
                others = sum(1 for _ in found)
                more = f", and {others:,} more" if others else ""
                shown = f"{excerpt(before)} stands for {excerpt(meant)}"
                message = f"the text was decoded wrongly: {shown}{more}"
                yield self.sketch(text.pointer, message, within=(start, end))

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Replace every garbled character of the text that reads as UTF-8."""
        pieces = few(garbled(record.at(sketch.pointer)))
        return repair("Write the characters that were meant", EditText(sketch.pointer, pieces)) if pieces else None


def garbled(text: str) -> Iterator[Piece]:
    """Yield what is garbled, and the characters that it stands for."""
    last = 0
    for match in _GARBLED.finditer(text):
        meant = _read(match, after_garbled=match.start() == last > 0)
        if meant:
            last = match.end()
            yield Piece(*match.span(), meant)


def _read(match: re.Match[str], *, after_garbled: bool) -> str:
    """Return the character that the garbled ones stand for; `""` if none, or none that text is made of.

    A capital letter before `©` or `°` may be meant: two characters of which the first may end a word in capitals are
    garbled only if a small letter follows, as in `SÃ£o`, or what is garbled, too.
    """
    try:
        meant = bytes(_WINDOWS.get(ch, ord(ch)) for ch in match.group()).decode("utf-8")
    except (ValueError, UnicodeDecodeError):
        return ""
    before = match.string[max(0, match.start() - 1) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    alone = not (after_garbled or after.islower() or _GARBLED.match(match.string, match.end()))
    if before.isupper() and len(match.group()) == 2 and alone:
        return ""
    return meant if meant.isprintable() or meant == "\xa0" else ""
