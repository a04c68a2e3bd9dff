"""A record as rules see it: its messages, and what their roles mean."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, wraps
from itertools import chain, pairwise
from typing import Any, NamedTuple, TypeVar

from jsonl_lint.model import Pointer, value_or_none
from jsonl_lint.records.formats import (
    ANSWERS,
    BY_NAME,
    OTHER_TOOLS,
    PREFERENCE_OUTPUTS,
    PROMPT_AND_ANSWERS,
    PROMPTED,
    REASONING_KEYS,
    Format,
    is_spoken,
)
from jsonl_lint.records.roles import role_meaning
from jsonl_lint.records.texts import ROLE_KEYS, part_has_content, placed_texts
from jsonl_lint.target import Target

_CHAT = BY_NAME["chat"]
_View = TypeVar("_View")

_AVAILABLE_TOOLS = "available_tools"
"""Another key for `tools` that mistral-finetune accepts."""

_BESIDE_CONTENT = (*REASONING_KEYS, "refusal")
"""Keys of an assistant message whose texts may accompany or replace its content."""

_OF_TOOLS = frozenset(("tools", *OTHER_TOOLS, "tool_calls", "tool_call_id", "function_call"))
"""Keys that show that a record has tools."""

_ROLE_OF_ROOT_KEY: dict[str | int, str] = {
    **dict.fromkeys((*ANSWERS, "answer"), "assistant"),
    **dict.fromkeys(("prompt", "instruction", "question", "query"), "user"),
}
"""The role of a text that does not belong to a message, by its root key."""


class Message:
    """A message that is an object, and what its role means.

    `role` is the role as written; `meaning` is the standard role that it stands for, None if it is unknown. `pointer`
    is the message's place in the record, `content_key` the key of its content.
    """

    __slots__ = ("content_key", "index", "meaning", "pointer", "role", "value")

    def __init__(
        self, index: int, value: dict[str, Any], role: Any, meaning: str | None, pointer: Pointer, content_key: str
    ) -> None:
        self.index = index
        self.value = value
        self.role = role
        self.meaning = meaning
        self.pointer = pointer
        self.content_key = content_key

    @property
    def content(self) -> Any:
        """The content: a text or a list of parts; None if there is none."""
        return self.value.get(self.content_key)

    def has_text(self, key: str | None = None) -> bool:
        """Whether the value of `key` (default: the content) is a text with more than white space.

        Content may also be a list with such a text, or with a part other than a text.
        """
        key = key or self.content_key
        value = self.value.get(key)
        if isinstance(value, str):
            return bool(value.strip())
        if isinstance(value, list) and key == self.content_key:
            return any(part_has_content(part) for part in value)
        return False

    @property
    def has_tools(self) -> bool:
        """Whether it is a tool's message, or defines or calls tools."""
        return self.meaning == "tool" or not self.value.keys().isdisjoint(_OF_TOOLS)

    def answers(self, beside_content: tuple[str, ...] = _BESIDE_CONTENT) -> bool:
        """Whether it contains something to learn: a text, a tool call, or reasoning or a refusal under these keys."""
        calls = self.value.get("tool_calls") or self.value.get("function_call")
        return bool(calls) or self.has_text() or any(self.has_text(key) for key in beside_content)

    @property
    def trained(self) -> bool:
        """Whether it contributes to the loss: it is the assistant's, and its weight is not 0."""
        return self.meaning == "assistant" and self.value.get("weight") not in (0, False)


class Text(NamedTuple):
    """A text of a record: its place, and the standard role of the speaker, None if it is unknown."""

    pointer: Pointer
    value: str
    meaning: str | None


class Screen(NamedTuple):
    """A quick test that rules may share.

    `passes` takes a record, its format and the target. True proves that none of these rules would report the record;
    False means nothing.
    """

    passes: Callable[[Mapping[str, Any], str | None, Target], bool]


class Record:
    """A record as a rule sees it.

    `format` is the format that its keys identify, `file_format` that of its file, and `checked_as` the one whose schema
    was applied; each is None if it is unknown. `messages` are the messages of its conversation that are objects.
    `messages_at` and `tools_at` are the pointers to the conversation and to the tool definitions, `()` if there are
    none. `decode_images` says whether images are to be decoded completely.
    """

    def __init__(
        self,
        value: Mapping[str, Any],
        *,
        format: str | None,
        file_format: str | None,
        checked_as: str | None,
        method: str,
        target: Target,
        decode_images: bool = False,
    ) -> None:
        self.value = value
        self.format = format
        self.file_format = file_format
        self.checked_as = checked_as
        self.method = method
        self.target = target
        self.decode_images = decode_images
        self._shared: dict[Any, Any] = {}
        self.roles = target.roles_in(format, method)
        layout = BY_NAME.get(format or checked_as or "", _CHAT)
        self.messages_at, self.tools_at = layout.messages_at, layout.tools_at
        if _AVAILABLE_TOOLS in value and "tools" not in value and _AVAILABLE_TOOLS in target.keys.get(layout.name, ()):
            self.tools_at = (_AVAILABLE_TOOLS,)
        self.conversation = self.at(layout.messages_at) if layout.messages_at else None
        self._layout = layout

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """The messages of the conversation that are objects."""
        return self.messages_in(self.conversation, self.messages_at, self._layout)

    @cached_property
    def message_lists(self) -> tuple[tuple[Message, ...], ...]:
        """The messages of the conversation or, in the formats without one, of a prompt and of each answer."""
        if self.format not in PROMPTED:
            return (self.messages,)
        return tuple([self.messages_in(self.value.get(key), (key,)) for key in PROMPT_AND_ANSWERS])

    def messages_beside(self, pointer: Pointer) -> tuple[Message, ...]:
        """Return the list of messages that the message at this pointer belongs to."""
        return next(found for found in self.message_lists if found and found[0].pointer[:-1] == pointer[:-1])

    @property
    def last_message(self) -> Message | None:
        """The last item of the conversation, None if there is none or it is not an object."""
        found, layout = self.conversation, self._layout
        if not isinstance(found, list) or not found or not isinstance(found[-1], dict):
            return None  # and the others are not looked at, since there may be many
        index, last = len(found) - 1, found[-1]
        role, meaning = last.get(layout.speaker), role_meaning(last, self.roles, layout.speaker)
        return Message(index, last, role, meaning, (*self.messages_at, index), layout.content)

    def at(self, pointer: Pointer) -> Any:
        """Return the value at a place of the record, None if there is none."""
        return value_or_none(self.value, pointer)

    def messages_in(self, found: Any, pointer: Pointer, layout: Format = _CHAT) -> tuple[Message, ...]:
        """Return the objects in a list of messages at `pointer`; none if it is not a list."""
        if not isinstance(found, list):
            return ()
        speaker, content, roles = layout.speaker, layout.content, self.roles
        return tuple(
            [
                Message(index, item, item.get(speaker), role_meaning(item, roles, speaker), (*pointer, index), content)
                for index, item in enumerate(found)
                if isinstance(item, dict)
            ]
        )

    @property
    def output_messages(self) -> tuple[Message, ...]:
        """The messages of both answers of a preference pair."""
        return tuple([each for key in PREFERENCE_OUTPUTS for each in self.messages_in(self.value.get(key), (key,))])

    @cached_property
    def lacks(self) -> frozenset[str]:
        """What a chat does not have, of `tools` (including calls and results), `parts`, `weights` and `reasoning`.

        Of prompts and answers outside of a conversation, it is only known whether they have tools. If the target knows
        no tool calls, the keys themselves are reported, and a tool's message needs no call.
        """
        if self.format not in ("chat", *PROMPTED):
            return frozenset()
        messages = tuple(chain(*self.message_lists))
        tools = "tool_calls" in self.target.keys.get("message", ("tool_calls",)) and (
            not _OF_TOOLS.isdisjoint(self.value) or any([message.has_tools for message in messages])
        )
        if self.format != "chat":
            return frozenset() if tools else frozenset(("tools",))
        keys = {key for message in messages for key in message.value}
        parts = any([isinstance(message.content, list) for message in messages])
        found = {
            "tools": tools,
            "parts": parts,
            "weights": "weight" in keys,
            "reasoning": parts or not keys.isdisjoint(REASONING_KEYS),
        }
        return frozenset([name for name, is_there in found.items() if not is_there])

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """All texts, wherever they are, in the order of the record."""
        return tuple(self.texts_at(()))

    @cached_property
    def last_texts(self) -> tuple[Text, ...]:
        """The texts of the conversation's last message, or all texts of a record without a conversation."""
        found = self.conversation
        if not isinstance(found, list) or not found:
            return self.texts
        return tuple(self.texts_at((*self.messages_at, len(found) - 1)))

    def texts_at(self, pointer: Pointer) -> Iterator[Text]:
        """Yield the texts in the value at the pointer."""
        for place, value, message in placed_texts(self.value, pointer):
            yield Text(place, value, _ROLE_OF_ROOT_KEY.get(place[0]) if message is None else self.speaker(message))

    def speaker(self, message: Mapping[str, Any]) -> str | None:
        """Return the standard role that the message's role stands for."""
        for key in ROLE_KEYS:
            if isinstance(message.get(key), str):
                return role_meaning(message, self.roles, key)
        return role_meaning(message, self.roles)

    @property
    def weighs_messages(self) -> bool:
        """Whether the target knows weights of messages. If it does not, the key itself is reported, not its value."""
        known = self.target.keys.get("message")
        return self.format not in ("gemini", "bedrock") if known is None else "weight" in known

    def has_answer_in(self, message: Message) -> bool:
        """Whether the message contains something to learn; a refusal is nothing where the target does not know it."""
        known = self.target.keys.get("message", _BESIDE_CONTENT)
        return message.answers(_BESIDE_CONTENT if "refusal" in known else REASONING_KEYS)

    @property
    def tools(self) -> Any:
        """The value of the tool definitions, of whatever type; None if there is none.

        It is also None for a batch request without messages, since tools of other endpoints than chat look different,
        and for a prompt and answers that are texts, since no chat template sees them.
        """
        if self.format == "batch" and self.conversation is None:
            return None
        if self._layout.name in PROMPTED and not is_spoken(self.value):
            return None
        return self.at(self.tools_at) if self.tools_at else None

    @property
    def every_role_known(self) -> bool:
        """Whether every message is an object with a known role."""
        found = self.conversation
        return (
            isinstance(found, list)
            and bool(found)
            and len(self.messages) == len(found)
            and all(message.meaning is not None for message in self.messages)
        )

    def neighbours(self) -> Iterator[tuple[Message, Message]]:
        """Yield each message with the one before it, if they are adjacent in the record."""
        for messages in self.message_lists:
            for before, message in pairwise(messages):
                if message.index == before.index + 1:
                    yield before, message


def once_per_record(make: Callable[[Record], _View]) -> Callable[[Record], _View]:
    """Have a function called only once for each record, however many rules ask for what it returns."""

    @wraps(make)
    def view(record: Record) -> _View:
        known: dict[Any, _View] = record._shared
        if make not in known:
            known[make] = make(record)
        return known[make]

    return view
