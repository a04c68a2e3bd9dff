"""JL210."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.records.texts import part_has_content
from jsonl_lint.records.untyped import GEMINI_SYSTEM
from jsonl_lint.rule import TRAINED, Record, Sketch, StructureRule
from jsonl_lint.target import BATCH_FORMATS


class EmptyContent(StructureRule):
    """A message's content is empty or only white space.

    An empty answer teaches the model to say nothing; an empty question teaches it to answer nothing. An assistant
    message with tool calls or reasoning may have empty content. The system texts of Bedrock and Gemini are judged as
    well. Of a batch request only the user's messages are looked at.
    """

    code = "JL210"
    name = "empty-content"
    severity = Severity.WARNING
    help = "Fill the text in, or delete the message."
    formats = (*TRAINED, "preference", "gemini-preference", *BATCH_FORMATS)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield an empty string, white space or an empty list. Another rule reports what the format does not take."""
        types = _TYPES.get(record.format or "", (str, list))
        if record.target.traits.get("part_types") == []:
            types = (str,)
        for message in record.messages:
            content = message.content
            if not isinstance(content, types) or message.has_text():
                continue
            if message.meaning == "assistant" and record.has_answer_in(message):
                continue
            if message.meaning != "user" and record.format in BATCH_FORMATS:
                continue
            state = (
                "empty" if not content else "only white space" if isinstance(content, str) else "a list without text"
            )
            key = message.content_key
            yield self.sketch((*message.pointer, key), f"`{key}` is {state}")
        for pointer, state in (*_of_bedrock_system(record), *_of_gemini_system(record)):
            yield self.sketch(pointer, f"`{pointer[-1]}` is {state}")


def _of_bedrock_system(record: Record) -> Iterator[tuple[Pointer, str]]:
    """Yield each text that is blank."""
    found = record.value.get("system") if record.format == "bedrock" else None
    for index, block in enumerate(found if isinstance(found, list) else ()):
        text = block.get("text") if isinstance(block, dict) else None
        if isinstance(text, str) and not text.strip():
            yield ("system", index, "text"), "only white space" if text else "empty"


def _of_gemini_system(record: Record) -> Iterator[tuple[Pointer, str]]:
    """Yield the parts if all of their texts are blank."""
    for key in GEMINI_SYSTEM if record.format in ("gemini", "gemini-preference") else ():
        parts = record.at((key, "parts"))
        if isinstance(parts, list) and parts and not any(part_has_content(part) for part in parts):
            yield (key, "parts"), "a list without text"


_TYPES: dict[str, tuple[type, ...]] = {
    "gemini": (list,),
    "gemini-preference": (list,),
    "bedrock": (list,),
    "sharegpt": (str,),
}
"""What the content of a message may be, where that is not either."""
