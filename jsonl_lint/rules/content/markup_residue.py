"""JL709."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from jsonl_lint.model import Severity
from jsonl_lint.records.texts import are_together, texts_of
from jsonl_lint.rule import Record, Sketch, TextRule
from jsonl_lint.wording import excerpt

_ENTITY = re.compile(r"&(?:nbsp|amp|quot|apos|lt|gt|#39|#160|#8217|rsquo|lsquo|rdquo|ldquo|hellip|ndash|mdash);")
_TAG = re.compile(r"</?(?:br|p|div|span|font)(?: ?/?>| (?:class|style|id|align|color|size|face|dir|lang)=)")
_FENCE = b"```"
_CODE_WORDS = ("```", "html", "xml")
_CODE_SIGNS = (
    ("`", re.compile(r"`[^`\n]{0,40}[<&]")),
    ("<", re.compile(r"</?(?:html|body|head|script|form|input|ul|table|code|pre)\b")),
    ("HTML", re.compile(r"\bHTML\b")),
    ("CSS", re.compile(r"\bCSS\b")),
    ("XML", re.compile(r"\bXML\b")),
)
"""What is sought only where the text holds its beginning: ten times as fast as one pattern."""


class MarkupResidue(TextRule):
    """An answer holds HTML that was left over from a web page.

    `&nbsp;`, `&amp;`, `<br>`, `<p>` and the like: the model learns to write it. Conversations about HTML, or with code
    in them, are passed over.
    """

    code = "JL709"
    name = "markup-residue"
    severity = Severity.INFO
    help = "Decode entities and strip the tags when the text is taken from its page."
    marks = "<&"
    patterns = (_ENTITY.pattern, "</?(?:br|p|div|span|font)[ />]")

    clears_lines = True

    def clears(self, line: bytes, ends: Sequence[int]) -> bool:
        """Whether each match is in a string with a fence of code; if that is a text, the record is passed over."""
        last, fenced = 0, False
        for end in ends:
            fenced = fenced and are_together(line, last, end)
            if not (fenced or are_together(line, line.rfind(_FENCE, last, end), end) or _fence_follows(line, end)):
                return False
            last, fenced = end, True
        return True

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each text: the first piece, and how many more."""
        if any(map(_speaks_of_code, texts_of(record.value))):  # all of most texts with tags are about code
            return
        for text in record.texts:
            found = _residue(text.value) if text.meaning in ("assistant", None) else iter(())
            first = next(found, None)
            if first:
                others = sum(1 for _ in found)
                more = f" and {others:,} more" if others else ""
                message = f"the text holds HTML: {excerpt(first[0])}{more}"
                yield self.sketch(text.pointer, message, within=first.span())


def _fence_follows(line: bytes, start: int) -> bool:
    """Whether a fence of code stands after this place in a line, in the same string."""
    fence = line.find(_FENCE, start)
    return fence >= 0 and are_together(line, start, fence)


def _residue(text: str) -> Iterator[re.Match[str]]:
    """Yield what was left over: first the entities, then the tags."""
    if "&" in text:
        yield from _ENTITY.finditer(text)
    if "<" in text:
        yield from _TAG.finditer(text)


def _speaks_of_code(text: str) -> bool:
    return any([word in text for word in _CODE_WORDS]) or any(
        [sign in text and pattern.search(text) for sign, pattern in _CODE_SIGNS]
    )
