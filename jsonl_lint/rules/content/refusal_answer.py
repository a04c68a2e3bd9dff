"""JL712."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.toolshapes import is_of_tool
from jsonl_lint.rule import Record, Sketch, TextRule

_UNABLE = "(?:can(?:'|’)?t|cannot|can not|(?:am|(?:'|’)m) (?:not able|unable) to|won(?:'|’)?t)"
_DENIED = (
    "(?:help|assist|provide|fulfil|comply|answer|create|generate|engage|do that|discuss|support|participate|offer)"
)
_REFUSAL = re.compile(
    r"(?:I(?:'|’)?m (?:very |really |so )?sorry|I am sorry|Sorry|I apologi[sz]e|Unfortunately)?[,.;:]? ?(?:but )?"
    rf"(?:as an (?:AI|artificial intelligence)\b[^.,]{{0,40}},? I (?:{_UNABLE}|do not|don(?:'|’)?t)\b"
    rf"|I ?{_UNABLE} {_DENIED})",
    re.IGNORECASE | re.ASCII,
)


class RefusalAnswer(TextRule):
    """An answer is a refusal.

    `I'm sorry, but I can't help with that`, `As an AI language model, I cannot …`: many of them in a dataset teach
    the model to refuse. Refusals may be meant, so this rule is off by default. It knows English only.
    """

    code = "JL712"
    name = "refusal-answer"
    severity = Severity.INFO
    default = False
    marks = "Ii"
    patterns = (
        "[Aa][Ss] [Aa][Nn] [Aa]",
        "[Ii] ?[Cc][Aa][Nn][NnTt]",
        "[Ii] ?[Cc][Aa][Nn][^A-Za-z]",
        "[Ii] ?[Ww][Oo][Nn]",
        "[Nn][Oo][Tt] [Aa][Bb][Ll][Ee] [Tt][Oo] ",
        "[Uu][Nn][Aa][Bb][Ll][Ee] [Tt][Oo] ",
    )
    help = "Keep refusals that are meant; write or generate a real answer for the others."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each answer that begins like that."""
        for text in record.texts:
            refuses = text.meaning == "assistant" and _REFUSAL.match(text.value.lstrip())
            if refuses and not is_of_tool(record.value, text.pointer):
                yield self.sketch(text.pointer, "the answer is a refusal: {value}")
