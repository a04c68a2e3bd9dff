"""JL224."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, TextRule
from jsonl_lint.texts import content_texts

_TAG = re.compile(r"</?think>")


class UnbalancedThinkTags(TextRule):
    """An answer opens `<think>` without closing it, or closes it without opening.

    Reasoning templates split the answer at these tags: with one missing, the whole answer becomes reasoning or the
    reasoning becomes the answer. Tags in backticks do not count: the text is about them.
    """

    code = "JL224"
    name = "unbalanced-think-tags"
    severity = Severity.WARNING
    help = "Write `<think>…</think>` in pairs."
    formats = ("chat", "preference", "sharegpt")
    marks = "<"
    patterns = ("</?think>",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield assistant messages whose tags do not pair up in all their texts together. Tags may not nest."""
        if (
            record.format == "chat"
            and isinstance(record.conversation, list)
            and all(map(_is_fine, record.conversation))
        ):
            return
        messages = [*record.messages]
        if record.format == "preference":
            messages += record.output_messages
        for message in messages:
            if message.meaning == "assistant" and not _balanced("".join(content_texts(message.content))):
                where = (*message.pointer, message.content_key)
                yield self.sketch(where, "`<think>` and `</think>` do not pair up")


def _is_fine(message: Any) -> bool:
    """Whether a message, whoever's it is, says one text in which tags pair up, as nearly all do."""
    content = message.get("content") if isinstance(message, dict) else None
    return isinstance(content, str) and ("think>" not in content or _balanced(content))


def _balanced(text: str) -> bool:
    tags = [match[0] for match in _TAG.finditer(text) if not _is_quoted(text, match)]
    return tags == ["<think>", "</think>"] * (len(tags) // 2)


def _is_quoted(text: str, tag: re.Match[str]) -> bool:
    return text[tag.start() - 1 : tag.start()] == "`" or text[tag.end() : tag.end() + 1] == "`"
