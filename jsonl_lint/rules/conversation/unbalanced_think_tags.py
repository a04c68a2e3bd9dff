"""JL224."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, TextRule

_TAG = re.compile(r"</?think>")


class UnbalancedThinkTags(TextRule):
    """An answer opens `<think>` without closing it, or closes it without opening.

    Reasoning templates split the answer at these tags: with one missing, the whole answer becomes reasoning or the
    reasoning becomes the answer.
    """

    code = "JL224"
    name = "unbalanced-think-tags"
    severity = Severity.WARNING
    help = "Write `<think>…</think>` in pairs."
    formats = ("chat",)
    marks = "<"
    patterns = ("</?think>",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Assistant messages; tags may not nest."""
        for message in record.messages:
            content = message.value.get("content")
            if message.meaning == "assistant" and isinstance(content, str) and not _balanced(content):
                yield self.sketch((*message.pointer, "content"), "`<think>` and `</think>` do not pair up")


def _balanced(text: str) -> bool:
    tags = _TAG.findall(text)
    return tags == ["<think>", "</think>"] * (len(tags) // 2)
