"""JL605."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.model import Severity
from jsonl_lint.records.formats import PREFERENCE_OUTPUTS, REASONING_KEYS
from jsonl_lint.rule import ModelRule, Record, Sketch
from jsonl_lint.wording import excerpt

if TYPE_CHECKING:
    from jsonl_lint.tokens.uses import ModelUse


class ModelLacksCapability(ModelRule):
    """A record needs what the model cannot do, such as tools or images.

    Tools, images, reasoning and preference pairs are checked. A missing capability is reported only if the provider
    documents that the model lacks it. The registry is about fine-tuning, so batch requests are not checked.
    """

    code = "JL605"
    name = "model-lacks-capability"
    severity = Severity.ERROR
    help = "Choose another model, or leave this kind of record out."
    about_conversation = True

    def of_record(self, use: ModelUse, record: Record) -> Iterator[Sketch]:
        """Yield each capability that the record needs, where it needs it."""
        if use.service != "fine-tuning":
            return
        for capability, pointer, what in _needs(record):
            if use.capabilities.get(capability) is False:
                yield self.sketch(pointer, f"{excerpt(use.name, 80)} does not support {what}")


def _needs(record: Record) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    if record.format == "preference":
        there = next((key for key in PREFERENCE_OUTPUTS if key in record.value), "input")
        yield "dpo", (there,), "preference pairs (DPO)"
    if record.tools:
        yield "tools", record.tools_at, "tools"
    for message in record.messages:
        if message.value.get("tool_calls") and not record.tools:
            yield "tools", (*message.pointer, "tool_calls"), "tools"
            break
    for message in record.messages:
        content = message.content if isinstance(message.content, list) else []
        found = [
            index for index, part in enumerate(content) if isinstance(part, dict) and "image" in str(part.get("type"))
        ]
        if found:
            yield "vision", (*message.pointer, message.content_key, found[0]), "images"
            break
    for message in record.messages:
        keys = [key for key in REASONING_KEYS if message.has_text(key)]
        if keys:
            yield "reasoning", (*message.pointer, keys[0]), "reasoning"
            break
