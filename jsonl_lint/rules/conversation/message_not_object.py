"""JL205."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Applicability, Pointer, Severity, value_at
from jsonl_lint.records.formats import CONVERSATIONS, FORMATS
from jsonl_lint.rule import Record, RecordRule, Repair, SchemaRule, Sketch, Violation, repair
from jsonl_lint.rule.encoded import decoded, decoding


class MessageNotObject(SchemaRule, RecordRule):
    """An item of `messages` is not an object.

    A bare string has no role, so nobody can tell who speaks. A string that holds the message as JSON was encoded twice.

    Fix: safe where the string holds, as JSON, an object that says who speaks, unsafe where it holds one as Python. It
    is replaced by the object.
    """

    code = "JL205"
    name = "message-not-object"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    formats = (*CONVERSATIONS, "gemini-preference")
    help = "Write each message as an object with `role` and `content`."

    def word(self, violation: Violation) -> str:
        """Say what it is instead."""
        return _WORDS

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the keys that a message has in this format."""
        return _help(violation.pointer)

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Excuse a text in a conversation: `check` sees what it holds."""
        return violation.pointer[:-1] in _PLACES and isinstance(value_at(value, violation.pointer), str)

    def fixable(self, violation: Violation, value: Any) -> None:
        """Return None: nobody knows what it should have been."""

    def concerns(self, record: Record) -> bool:
        """Whether a text is among the messages."""
        found = record.conversation
        return isinstance(found, list) and any([isinstance(item, str) for item in found])

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each text."""
        for index, item in enumerate(record.conversation or ()):
            if isinstance(item, str):
                where = (*record.messages_at, index)
                held, fix = decoded(item, "{")
                speaks = isinstance(held, dict) and any([isinstance(held.get(key), str) for key in ("role", "from")])
                spelled = "JSON" if fix is Applicability.SAFE else "Python"
                words = f"{_WORDS}: the string holds one as {spelled}" if speaks else _WORDS
                yield self.sketch(where, words, _help(where), fix=fix if speaks else None)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Replace the text by the message that it holds."""
        return repair("Decode the string", decoding(sketch.pointer, record.at(sketch.pointer)))


_WORDS = "the message is {value}, not an object"

_PLACES = frozenset([known.messages_at for known in FORMATS])
"""Where conversations are."""

_KEYS: dict[str | int, tuple[str, str]] = {"conversations": ("from", "value"), "contents": ("role", "parts")}
"""Keys of a message where they are not chat's, by the root key."""


def _help(where: Pointer) -> str:
    speaker, said = _KEYS.get(where[0], ("role", "content"))
    return f"Write each message as an object with `{speaker}` and `{said}`."
