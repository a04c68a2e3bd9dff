"""JL213."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import TRAINED, Delete, Message, Record, Repair, Sketch, StructureRule, repair
from jsonl_lint.rule.beside import answer_beside


class LastMessageNotAssistant(StructureRule):
    """A conversation goes on after the last answer.

    The messages after it are read but never trained on, and several trainers refuse the record. A tool's result at
    the end is usual and passes, unless the target says that it wants an answer after it.

    Fix: unsafe. The user's and system messages at the end are cut off. A tool's result stays, and so does everything if
    the only message that may be the answer has an unknown role, if the answer stands beside the messages, as in
    `response`, or if the target would refuse what is left.
    """

    code = "JL213"
    name = "last-message-not-assistant"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    leaves = ("cut-off-answer", "degenerate-repetition", "markup-residue")  # of what the last answer says
    help = "End each conversation with the assistant's answer."
    formats = TRAINED
    about_conversation = True

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the last message after the answers if it is the user's, the system's or, at times, a tool's."""
        last = record.last_message
        speakers = {message.meaning for message in record.messages}
        if record.method == "rl" or last is None or not speakers & {"assistant", None}:
            return
        if last.meaning in ("user", "system"):
            answered = answer_beside(record.value) is not None
            curable = "assistant" in speakers and not answered and _may_end(record, *_before_tail(record))
            words = f"the last message is the {last.meaning}'s, not the assistant's"
            yield self.sketch(last.pointer, words, fix=self.usual_fix() if curable else None)
        elif last.meaning == "tool" and record.target.traits.get("tool_result_last") is False:
            yield self.sketch(last.pointer, "the last message is a tool's result; the target wants an answer", fix=None)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Delete everything after the last message that is neither the user's nor the system's."""
        end, _ = _before_tail(record)
        doomed = [Delete((*record.messages_at, index)) for index in range(end, len(record.conversation or ()))]
        return repair("Cut off what follows the last answer", *doomed)


def _before_tail(record: Record) -> tuple[int, Message | None]:
    """Return the index at which the last messages of user and system begin, and the message before them."""
    end = len(record.conversation or ())
    for message in reversed(record.messages):
        if message.index != end - 1:
            return end, None
        if message.meaning not in ("user", "system"):
            return end, message
        end = message.index
    return end, None


def _may_end(record: Record, count: int, last: Message | None) -> bool:
    """Whether the target takes a conversation of so many messages that ends with this one."""
    traits = record.target.traits
    if count < (record.target.limits.get("min_messages") or 0):
        return False
    if last is not None and last.meaning == "tool":
        return traits.get("tool_result_last") is not False
    return last is None or traits.get("last_answer") != "text" or not last.value.get("tool_calls") or last.has_text()
