"""JL216."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import PROMPTED, Message, Move, Record, Repair, Sketch, StructureRule, repair
from jsonl_lint.rules.conversation.consecutive_roles import are_joinable


class SystemNotFirst(StructureRule):
    """A system message comes after the conversation has begun.

    The templates of Qwen 3.5 and Gemma fail on it; that of gpt-oss silently drops it.

    Fix: unsafe. The message is moved to the front, unless it keeps two messages of the same role apart that cannot be
    joined, or the input of a preference record from ending with the assistant's.
    """

    code = "JL216"
    name = "system-not-first"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Move the system message to the front."
    formats = ("chat", "preference", "sharegpt", *PROMPTED)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each system message after one of another role."""
        for messages in record.message_lists:
            before: Message | None = None
            for index, message in enumerate(messages):
                if message.meaning != "system":
                    before = message
                elif before is not None:
                    after = next(iter(messages[index + 1 : index + 2]), None)
                    needed = _keeps_apart(before, after) if after else _ends_input(before, record)
                    fix = None if needed else self.fix
                    yield self.sketch(message.pointer, "a system message inside the conversation", fix=fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Move the message behind the system messages that are already at the front."""
        messages = record.messages_beside(sketch.pointer)
        first = next(message.index for message in messages if message.meaning != "system")
        return repair("Move the system message to the front", Move(sketch.pointer, sketch.pointer[:-1], first))


def _keeps_apart(before: Message, after: Message) -> bool:
    """Whether the two would follow each other, although they cannot, if nothing stood between them."""
    return before.meaning == after.meaning in ("user", "assistant") and not are_joinable(before, after)


def _ends_input(last: Message, record: Record) -> bool:
    """Whether a preference record could not end its input with this message, as answers follow."""
    return record.format == "preference" and last.meaning == "assistant"
