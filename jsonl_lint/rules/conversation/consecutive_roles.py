"""JL214."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import TRAINED, Record, Sketch, StructureRule


class ConsecutiveRoles(StructureRule):
    """Two messages of the same role follow each other.

    Together documents that user and assistant alternate but checks it no more; the chat templates of Gemma and
    others fail. Tool results in a row are allowed; system messages have a rule of their own.

    Fix: unsafe. The two texts are joined.
    """

    code = "JL214"
    name = "consecutive-roles"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Join the two messages, or restore the one between them."
    formats = (*TRAINED, "preference")

    def check(self, record: Record) -> Iterator[Sketch]:
        """User after user, assistant after assistant."""
        for before, message in record.neighbours():
            if message.meaning == before.meaning and message.meaning in ("user", "assistant"):
                yield self.sketch(message.pointer, f"a second {message.meaning} message in a row")
