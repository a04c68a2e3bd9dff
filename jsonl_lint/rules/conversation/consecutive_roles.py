"""JL214."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Pointer, Severity, value_at
from jsonl_lint.rule import (
    PROMPTED,
    TRAINED,
    Delete,
    Join,
    Message,
    Record,
    Repair,
    Sketch,
    StructureRule,
    is_call_role,
    repair,
)


class ConsecutiveRoles(StructureRule):
    """Two messages of the same role follow each other.

    Together documents that user and assistant alternate but no longer checks it; the chat templates of Gemma and others
    fail. Tool results in a row are allowed, except at Databricks; system messages have a rule of their own.

    Fix: unsafe. If both messages have only a role and a text, the second text is appended to the first after a blank
    line. Of a message with parts, the text may be the last one of the first message and the only one of the second.
    None are joined if the target wants as many messages as there are.
    """

    code = "JL214"
    name = "consecutive-roles"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Join the two messages, or restore the one between them."
    formats = (*TRAINED, *PROMPTED, "preference", "gemini-preference")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield a user's message after a user's, and an assistant's after an assistant's."""
        alternating = record.target.traits.get("alternating_roles", ("user", "assistant"))
        least = record.target.limits.get("min_messages")
        enough = not least or len(record.messages) > least
        for before, message in record.neighbours():
            if message.meaning == before.meaning and message.meaning in alternating:
                fix = self.fix if enough and are_joinable(before, message) else None
                yield self.sketch(message.pointer, f"a second {message.meaning} message in a row", fix=fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Append the second message's text to the first one's, and delete the second message."""
        index = int(sketch.pointer[-1])
        key = record.messages_beside(sketch.pointer)[0].content_key
        before, after = ((*sketch.pointer[:-1], each, key) for each in (index - 1, index))
        join = Join(_last_text(record, before), _last_text(record, after), "\n\n")
        return repair("Join the two messages", join, Delete(sketch.pointer))


def are_joinable(before: Message, message: Message) -> bool:
    """Whether two messages of the same role, one after the other, can become one of which nothing is lost."""
    return _ends_with_text(before) and _is_text(message)


def _is_text(message: Message) -> bool:
    """Whether the message has a role and one text, and nothing else that would be lost, and is no call of a tool."""
    return _ends_with_text(message) and (isinstance(message.content, str) or len(message.content) == 1)


def _ends_with_text(message: Message) -> bool:
    """Whether the message has a role, and a text or parts of which the last one is a text and none a call."""
    content = message.content
    if len(message.value) != 2 or message.role is None or is_call_role(message.role):
        return False
    if not isinstance(content, list):
        return isinstance(content, str)
    plain = all(isinstance(part, dict) and part.keys() <= _PARTS for part in content)
    return plain and bool(content) and isinstance(content[-1].get("text"), str)


_PARTS = {"type", "text", "image", "image_url", "inlineData", "fileData"}
"""The keys of parts that are no calls and no results."""


def _last_text(record: Record, content: Pointer) -> Pointer:
    """Return where the last text of this content is."""
    parts = value_at(record.value, content)
    return (*content, len(parts) - 1, "text") if isinstance(parts, list) else content
