"""JL202."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.records.formats import CONVERSATIONS
from jsonl_lint.rule import Record, RecordRule, Repair, Sketch, repair
from jsonl_lint.rule.encoded import decoding, holds_objects, objects_in_python


class MessagesNotArray(RecordRule):
    """`messages` is not an array.

    Often the conversation was stored as a string, or as a single message without brackets. pandas makes an object of a
    column, unless it is told `orient="records"`.

    Fix: safe where the string holds an array of objects as JSON, unsafe where it holds one as Python, as pandas writes
    it to a CSV file. It is replaced by the array.
    """

    code = "JL202"
    name = "messages-not-array"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write `messages` as an array of objects."
    formats = (*CONVERSATIONS, "gemini-preference", "")
    right_types = dict.fromkeys(("/messages", "/conversations", "/contents", "/interactions"), "array")

    def concerns(self, record: Record) -> bool:
        """Whether the key of the conversation is there, and its value is not an array."""
        holder = record.at(record.messages_at[:-1]) if record.messages_at else None
        return isinstance(holder, Mapping) and not isinstance(holder.get(record.messages_at[-1], []), list)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the value, with advice on how it may have come about."""
        value = record.conversation
        key = record.messages_at[-1]
        fix, words = None, ""
        if holds_objects(value):
            fix, words = self.fix, ": the string holds one as JSON"
        elif objects_in_python(value):
            fix, words = Applicability.UNSAFE, ": the string holds one as Python"
        yield self.sketch(
            record.messages_at,
            f"`{key}` is {{value}}, not an array{words}",
            _advice(value, self.help.replace("messages", str(key))),
            fix=fix,
        )

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Replace the string by the array that it holds."""
        return repair("Decode the string", decoding(sketch.pointer, record.at(sketch.pointer)))


def _advice(value: Any, do: str) -> str:
    if isinstance(value, str):
        return f"{do[:-1]}; if it is a text that holds JSON, decode that with `json.loads`."
    if isinstance(value, dict):
        return f"{do[:-1]}; if pandas wrote it, use `to_json(OUT, orient='records', lines=True)`."
    return do
