"""Which messages of a record may call tools or hold results, and which of them follow each other."""

from typing import Any

from jsonl_lint.records.formats import PREFERENCE_OUTPUTS, PROMPT_AND_ANSWERS, PROMPTED
from jsonl_lint.records.record import Message, Record, once_per_record

Conversation = tuple[Message | None, ...]
"""Messages that follow each other. None stands for one that is not an object, and for those before an answer to a text.
"""


@once_per_record
def messages(record: Record) -> tuple[Message, ...]:
    """Return the messages of the conversation, or of a prompt, and of all answers beside them."""
    return tuple([message for found, _ in _lists(record) for message in found])


@once_per_record
def conversations(record: Record) -> tuple[Conversation, ...]:
    """Return the conversation or, where answers stand beside it, one for each of them, which all begin with it.

    An answer that repeats the beginning of the prompt is a conversation by itself.
    """
    (asked, items), *answers = _lists(record)
    before = _in_order(asked, items)
    if record.format in PROMPTED and not isinstance(items, list):
        before = (None,)
    ends = [_in_order(found, value) for found, value in answers if isinstance(value, list) and value]
    continued = [(*before, *end) for end in ends if not _begin_alike(before, end)]
    return (*(continued or [before]), *[end for end in ends if _begin_alike(before, end)])


def _lists(record: Record) -> list[tuple[tuple[Message, ...], Any]]:
    """Return the messages of the conversation or prompt, and those of each answer, each with the list that has them."""
    if record.format in PROMPTED:
        return list(zip(record.message_lists, map(record.value.get, PROMPT_AND_ANSWERS), strict=True))
    answers = PREFERENCE_OUTPUTS if record.format == "preference" else ()
    outputs = [(_output(record, key), record.value.get(key)) for key in answers]
    return [(record.messages, record.conversation), *outputs]


def _output(record: Record, key: str) -> tuple[Message, ...]:
    """Return the messages of one answer of a preference pair, without those of tools if the target takes none there."""
    found = record.messages_in(record.value.get(key), (key,))
    if "tool" in record.target.traits.get("output_roles", ()):
        return found
    return tuple([message for message in found if message.meaning != "tool"])


def _in_order(found: tuple[Message, ...], items: Any) -> Conversation:
    """Return the messages, with None for each item of the list that is not an object."""
    if not isinstance(items, list) or len(found) == len(items):
        return found
    by_index = {message.index: message for message in found}
    return tuple([by_index.get(index) for index in range(len(items))])


def _begin_alike(one: Conversation, other: Conversation) -> bool:
    """Whether both begin with the same message."""
    first, second = (one or (None,))[0], (other or (None,))[0]
    return first is not None and second is not None and first.value == second.value
