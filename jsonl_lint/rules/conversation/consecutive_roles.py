"""JL214."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
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
    line.
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
                fix = self.fix if _plain(before) and _plain(message) else None
                yield self.sketch(message.pointer, f"a second {message.meaning} message in a row", fix=fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Append the second message's text to the first one's, and delete the second message."""
        index = int(sketch.pointer[-1])
        key = record.messages[0].content_key if record.messages else "content"
        join = Join((*sketch.pointer[:-1], index - 1, key), (*sketch.pointer, key), "\n\n")
        return repair("Join the two messages", join, Delete(sketch.pointer))


def _plain(message: Message) -> bool:
    """Whether the message has a role and a text, and nothing else that would be lost, and is no call of a tool."""
    said = len(message.value) == 2 and isinstance(message.content, str)
    return said and message.role is not None and not is_call_role(message.role)
