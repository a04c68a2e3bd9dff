"""JL214."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from jsonl_lint.model import Applicability, Pointer, Severity
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
        for before, message in record.neighbours():
            if message.meaning == before.meaning and message.meaning in alternating:
                fix = self.fix if _end(before) and _whole(message) else None
                yield self.sketch(message.pointer, f"a second {message.meaning} message in a row", fix=fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Append the second message's text to the first one's, and delete the second message."""
        messages = record.messages_beside(sketch.pointer)
        index = bisect_left(messages, int(sketch.pointer[-1]), key=attrgetter("index"))
        end, whole = _end(messages[index - 1]), _whole(messages[index])
        if end is None or whole is None:
            return None
        return repair("Join the two messages", Join(end, whole, "\n\n"), Delete(sketch.pointer))


def _end(message: Message) -> Pointer | None:
    """Return where the text is that the message ends with, if it has only a role and content that is no call."""
    content = message.content
    if len(message.value) != 2 or message.role is None or is_call_role(message.role):
        return None
    if isinstance(content, str):
        return (*message.pointer, message.content_key)
    if not isinstance(content, list) or not all(isinstance(part, dict) and part.keys() <= _PARTS for part in content):
        return None
    said = bool(content) and isinstance(content[-1].get("text"), str)
    return (*message.pointer, message.content_key, len(content) - 1, "text") if said else None


def _whole(message: Message) -> Pointer | None:
    """Return where the message's text is, if it says nothing else."""
    return None if isinstance(message.content, list) and len(message.content) > 1 else _end(message)


_PARTS = {"type", "text", "image", "image_url", "inlineData", "fileData"}
"""The keys of parts that are no calls and no results."""
