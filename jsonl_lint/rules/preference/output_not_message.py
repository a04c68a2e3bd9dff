"""JL513."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, RecordRule, Sketch


class OutputNotMessage(RecordRule):
    """A `chosen` or `rejected` answer is an object, but no message of the assistant.

    Axolotl takes an answer as one message with `role` and `content`, LLaMA-Factory also as a ShareGPT turn with `from`
    and `value`. Of any other object they read nothing: the training stops, or leaves the record out. An object with
    `messages`, a whole conversation, is what Fireworks' cookbook trains on (training/examples/orpo, seen 2026-11).
    """

    code = "JL513"
    name = "output-not-message"
    severity = Severity.ERROR
    help = 'Write the answer as a text, or as {"role": "assistant", "content": …}.'
    formats = ("chosen-rejected",)

    def concerns(self, record: Record) -> bool:
        """Whether an answer is an object."""
        return any(isinstance(record.value.get(key), dict) for key in _KEYS)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each answer that is an object and lacks a key, or is not the assistant's. `empty-output` has `{}`."""
        for key in _KEYS:
            answer = record.value.get(key)
            if not isinstance(answer, dict) or not answer or isinstance(answer.get("messages"), list):
                continue
            missing = _missing(answer)
            if missing:
                yield self.sketch(
                    (key,), f"`{key}` is an object without {' and '.join(f'`{name}`' for name in missing)}"
                )
            elif record.speaker(answer) not in (None, "assistant"):
                speaker = "from" if "from" in answer else "role"
                yield self.sketch((key, speaker), f"`{key}` is the {record.speaker(answer)}'s, not the assistant's")


_KEYS = ("chosen", "rejected")


def _missing(answer: dict[str, Any]) -> list[str]:
    """Return the keys that the message lacks. One that calls tools needs no content."""
    needed = ("from", "value") if "from" in answer or "value" in answer else ("role", "content")
    return [key for key in needed if key not in answer and not (key == "content" and answer.get("tool_calls"))]
