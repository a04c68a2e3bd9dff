"""JL221."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import TRAINED, Message, Record, Sketch, StructureRule


class NothingToLearn(StructureRule):
    """No assistant message of the record is trained on.

    Each has weight 0, or is empty. The record is paid for and changes nothing. Weights only count for targets that know
    them, and so does a `refusal`; at Fireworks a `trainable` of true or false wins over the weight. With `--method rl`
    this rule is silent.
    """

    code = "JL221"
    name = "nothing-to-learn"
    severity = Severity.ERROR
    help = "Give at least one answer a text and no weight of 0, or delete the record."
    formats = TRAINED

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the conversation if it has answers, but those that are trained on are empty, or there are none."""
        answers = [message for message in record.messages if message.meaning == "assistant"]
        if record.method == "rl" or not record.every_role_known or not answers:
            return
        types = _TYPES.get(record.format or "", (str, list, type(None)))
        if any(not _judgeable(message, types) for message in answers):
            return
        trained = [message for message in answers if _trained(message, record)]
        if not trained:
            untrained = any(message.value.get("trainable") is False for message in answers)
            why = "is not `trainable`, or has weight 0" if untrained else "has weight 0"
            yield self.sketch(record.messages_at, f"every assistant message {why}: nothing is learned")
        elif not any(map(record.has_answer_in, trained)):
            yield self.sketch(record.messages_at, "every assistant message that is trained on is empty")


def _trained(message: Message, record: Record) -> bool:
    """Whether the target counts an answer in the loss."""
    if not record.weighs_messages:
        return True
    chosen = message.value.get("trainable")
    known = isinstance(chosen, bool) and "trainable" in record.target.keys.get("message", ())
    return bool(chosen) if known else message.trained


def _judgeable(message: Message, types: tuple[type, ...]) -> bool:
    """Whether the content is there and of a right type. If not, another rule reports it."""
    if message.content_key not in message.value:
        return bool(message.value.get("tool_calls"))
    return isinstance(message.content, types)


_TYPES: dict[str, tuple[type, ...]] = {"gemini": (list,), "bedrock": (list,), "sharegpt": (str,)}
"""What the content of an answer may be, where it is not a text, a list of parts or null."""
