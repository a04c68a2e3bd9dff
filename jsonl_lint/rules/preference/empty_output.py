"""JL507."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.records.answers import ANSWER_KEYS, last_message
from jsonl_lint.records.texts import part_has_content
from jsonl_lint.rule import Record, RecordRule, Sketch


class EmptyOutput(RecordRule):
    """An output of a preference record is empty.

    A message without text, tool call or reasoning teaches the model to say nothing, or never to. An image or another
    part counts as content.
    """

    code = "JL507"
    name = "empty-output"
    severity = Severity.WARNING
    help = "Fill the answer in, or delete the record."
    formats = ("preference", "chosen-rejected", "gemini-preference")

    def concerns(self, record: Record) -> bool:
        """Whether an output is blank; in Gemini's, and in an object, no structure shows it."""
        if record.format == "gemini-preference":
            return True
        objects = [isinstance(record.value.get(key), dict) for key in ANSWER_KEYS[record.format or ""]]
        return (record.format == "chosen-rejected" and any(objects)) or any(True for _ in self.check(record))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield answers that are there, and blank: messages and, of `chosen` and `rejected`, texts too."""
        if record.format == "gemini-preference":
            yield from self._completions(record)
            return
        pairs = record.format == "chosen-rejected"
        for key in ANSWER_KEYS[record.format or ""]:
            value = record.value.get(key)
            if pairs and ((isinstance(value, str) and not value.strip()) or value in ([], {})):
                yield self.sketch((key,), f"`{key}` is empty")
            if pairs and isinstance(value, dict):
                yield from self._object(record, key, value)
            for message in last_message(record, key) if pairs else record.messages_in(value, (key,)):
                has_content = message.meaning != "tool" and isinstance(message.content, (str, list))
                if has_content and not record.has_answer_in(message):
                    yield self.sketch((*message.pointer, "content"), f"`{key}` is empty")

    def _object(self, record: Record, key: str, value: dict[str, Any]) -> Iterator[Sketch]:
        """Yield an answer that is one message, or a ShareGPT turn, without anything to learn."""
        (message,) = record.messages_in([value], ())
        said = next((name for name in ("content", "value") if name in value), "")
        is_blank = bool(said) and isinstance(value[said], str) and not value[said].strip()
        if is_blank and not record.has_answer_in(message):
            yield self.sketch((key, said), f"`{key}` is empty")

    def _completions(self, record: Record) -> Iterator[Sketch]:
        """Yield Gemini's empty answers. One without parts is `invalid-completion`'s."""
        found = record.value.get("completions")
        for index, item in enumerate(found if isinstance(found, list) else ()):
            answer = item.get("completion") if isinstance(item, dict) else None
            parts = answer.get("parts") if isinstance(answer, dict) else None
            if isinstance(parts, list) and parts and not any(part_has_content(part) for part in parts):
                yield self.sketch(("completions", index, "completion", "parts"), "the completion is empty")
