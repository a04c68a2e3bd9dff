"""JL513."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.records.roles import role_meaning
from jsonl_lint.rule import Record, RecordRule, Sketch
from jsonl_lint.rule.excuses import is_refused


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
        """Yield what keeps each answer that is an object from being a message. `empty-output` has `{}`."""
        for key in _KEYS:
            answer = record.value.get(key)
            if isinstance(answer, dict) and answer and not isinstance(answer.get("messages"), list):
                for pointer, words in _problems(answer, key, record):
                    yield self.sketch((key, *pointer), words)


_KEYS = ("chosen", "rejected")


def _problems(answer: dict[str, Any], key: str, record: Record) -> Iterator[tuple[Pointer, str]]:
    speaker, content = ("from", "value") if answer.keys() & {"from", "value"} else ("role", "content")
    calls = speaker == "role" and bool(answer.get("tool_calls"))  # beside which no content is needed
    missing = [f"`{name}`" for name in (speaker, content) if name not in answer and not (name == content and calls)]
    if missing:
        yield (), f"`{key}` is an object without {' and '.join(missing)}"
        return
    meaning = role_meaning(answer, record.roles, speaker)
    if meaning != "assistant":
        known = f"`{key}` is the {meaning}'s, not the assistant's"
        yield (speaker,), known if meaning else f"the role of `{key}` is {{value}}, not the assistant's"
    may_be_null = calls or (content == "content" and is_refused(answer))
    if not isinstance(answer.get(content), (str, list)) and not (may_be_null and answer.get(content) is None):
        yield (content,), f"`{content}` is {{value}}, not a text or a list of parts"
