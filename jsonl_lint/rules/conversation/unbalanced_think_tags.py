"""JL224."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.records.texts import content_texts, ends_string
from jsonl_lint.rule import ANSWERS, PROMPTED, Record, Sketch, TextRule

_OPENING, _CLOSING = b"<think>", b"</think>"
_TAG = re.compile(r"</?think>")
_OPEN_AT_THE_END = re.compile(r"<think>\s*\Z")


class UnbalancedThinkTags(TextRule):
    """An answer opens `<think>` without closing it, or closes it without opening.

    Reasoning templates split the answer at these tags: with one missing, the whole answer becomes reasoning or the
    reasoning becomes the answer. Tags in backticks do not count: the text is about them. A prompt that is a text may
    end with `<think>`, as some templates do; then its completion need not open it again.
    """

    code = "JL224"
    name = "unbalanced-think-tags"
    severity = Severity.WARNING
    help = "Write `<think>…</think>` in pairs."
    formats = ("chat", "preference", "sharegpt", "alpaca", *PROMPTED)
    marks = "<"
    patterns = ("</?think>",)
    clears_lines = True

    def clears(self, line: bytes, ends: Sequence[int]) -> bool:
        """Whether each opening tag has its closing one in the same string, and none is in backticks."""
        opened = 0
        for end in ends:
            start = end - len(_OPENING if opened == 0 else _CLOSING)
            if not line.startswith(_CLOSING if opened else _OPENING, start):
                return False
            if line.startswith(b"`", start - 1) or line.startswith(b"`", end):
                return False
            if opened and line.find(b'"', opened, start) >= 0 and ends_string(line[opened:start]):
                return False
            opened = 0 if opened else end
        return not opened

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield answers whose tags do not pair up in all their texts together. Tags may not nest."""
        if (
            record.format == "chat"
            and isinstance(record.conversation, list)
            and all(map(_is_fine, record.conversation))
        ):
            return
        outputs = record.output_messages if record.format == "preference" else ()
        for message in chain(*record.message_lists, outputs):
            if message.meaning == "assistant" and (tag := _unpaired("\n".join(content_texts(message.content)))):
                yield self._sketch((*message.pointer, message.content_key), message.content, tag)
        if record.conversation is None:
            for key in ANSWERS:
                answer = record.value.get(key)
                if isinstance(answer, str) and all([_unpaired(opened + answer) for opened in _openings(record)]):
                    yield self._sketch((key,), answer, _unpaired(answer))

    def _sketch(self, where: Pointer, content: Any, tag: re.Match[str] | None) -> Sketch:
        within = tag.span() if tag and isinstance(content, str) else None
        return self.sketch(where, "`<think>` and `</think>` do not pair up", within=within)


def _openings(record: Record) -> tuple[str, ...]:
    """Return what may come before an answer: nothing, or the tag with which its prompt ends."""
    prompt = record.value.get("prompt")
    return ("", "<think>") if isinstance(prompt, str) and _OPEN_AT_THE_END.search(prompt) else ("",)


def _is_fine(message: Any) -> bool:
    """Whether a message, whoever's it is, says one text in which tags pair up, as nearly all do."""
    content = message.get("content") if isinstance(message, dict) else None
    return isinstance(content, str) and ("think>" not in content or not _unpaired(content))


def _unpaired(text: str) -> re.Match[str] | None:
    """Return the first tag that stands where the other is expected, or that is left open; None if all pair up."""
    opened = None
    for tag in _TAG.finditer(text):
        if not _is_quoted(text, tag):
            if (opened is None) == (tag[0] == "</think>"):
                return tag
            opened = tag if opened is None else None
    return opened


def _is_quoted(text: str, tag: re.Match[str]) -> bool:
    return text[tag.start() - 1 : tag.start()] == "`" or text[tag.end() : tag.end() + 1] == "`"
