"""JL226."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.records.texts import texts_of
from jsonl_lint.rule import TRAINED, Record, RecordRule, Screen, Sketch
from jsonl_lint.target import Target
from jsonl_lint.wording import guarded


def _none_is_there(value: Mapping[str, Any], _format: str | None, target: Target) -> bool:
    """Whether no text at all contains a reserved string."""
    reserved = target.traits.get("reserved_strings", ())
    lowered = "\n".join(texts_of(value)).lower() if reserved else ""
    return not any([word.lower() in lowered for word in reserved])


class ReservedString(RecordRule):
    """A text holds a string that the target keeps for itself.

    Amazon's Nova models mark speakers and media with words like `User:` and `<image>`: a record that holds one fails
    the job. Case does not matter. The target's data file has the list.
    """

    code = "JL226"
    name = "reserved-string"
    severity = Severity.ERROR
    help = "Rephrase the text, for example `User -` for `User:`."
    formats = (*TRAINED, "text")
    screen = Screen(_none_is_there)

    def concerns(self, record: Record) -> bool:
        """Whether the target reserves strings."""
        return bool(record.target.traits.get("reserved_strings"))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each string in each text."""
        reserved = [(word, word.lower()) for word in record.target.traits["reserved_strings"]]
        for pointer, text in _texts(record):
            lowered = text.lower()
            for word, lower in reserved:
                if lower in lowered:
                    yield self.sketch(pointer, f"the text holds `{guarded(word)}`, which the target reserves")


def _texts(record: Record) -> Iterator[tuple[Pointer, str]]:
    """Yield every text of the record that a model reads, with its place."""
    text = record.value.get("text")
    if isinstance(text, str):
        yield ("text",), text
    yield from _in(record.value.get("system"), ("system",))
    for message in record.messages:
        yield from _in(message.content, (*message.pointer, message.content_key))


def _in(content: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Yield a text, or the texts of a list of parts."""
    if isinstance(content, str):
        yield pointer, content
    for index, part in enumerate(content if isinstance(content, list) else []):
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            yield (*pointer, index, "text"), part["text"]
