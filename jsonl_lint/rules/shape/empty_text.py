"""JL110."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.records.texts import part_has_content
from jsonl_lint.rule import Message, Record, Sketch, StructureRule

_TEXTS = {
    "text": ("text",),
    "instruction": ("prompt", "completion"),
    "alpaca": ("instruction", "output"),
    "prompt": ("prompt",),
    "prompt-response": ("prompt", "response"),
    "kto": ("prompt", "completion"),
    "chosen-rejected": ("prompt",),
}
_WITH_LISTS = ("instruction", "prompt", "kto", "chosen-rejected")
"""Formats in which such a text may be a list of parts or messages."""


class EmptyText(StructureRule):
    """A main text of the record is empty or only white space.

    Main texts are `text`, and a prompt, instruction, completion, response or output; a list of parts or messages is
    empty if it holds nothing, or only empty texts without a tool call or reasoning beside them. Such a record teaches
    nothing but to stop; no provider refuses it.
    """

    code = "JL110"
    name = "empty-text"
    severity = Severity.WARNING
    help = "Fill the text in, or delete the record."
    formats = tuple(_TEXTS)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each main text of the record's format that is blank, or a list without text."""
        for key in _TEXTS[record.format or ""]:
            value = record.value.get(key)
            if isinstance(value, str) and not value.strip():
                state = "only white space" if value else "empty"
                yield self.sketch((key,), f"`{key}` is {state}")
            elif (
                isinstance(value, list)
                and record.format in _WITH_LISTS
                and not any([_says_something(item) for item in value])
            ):
                yield self.sketch((key,), f"`{key}` is {'a list without text' if value else 'an empty list'}")


def _says_something(item: Any) -> bool:
    """Whether a part or a message is anything but a blank text."""
    if isinstance(item, dict) and "role" in item and isinstance(item.get("content"), (str, list)):
        return Message(0, item, item["role"], None, (), "content").answers()
    return part_has_content(item)
