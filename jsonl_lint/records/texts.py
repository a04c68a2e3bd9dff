"""The texts of a record: every string that is read or trained on, wherever it is.

Not among them are identifiers, enumerated words, URLs and images, tool definitions, and token lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonl_lint.model import Pointer

_NO_TEXTS = (
    "role from type id tool_call_id call_id name custom_id model method url image_url source inlineData fileData "
    "tools functions input_ids token_ids labels attention_mask"
)
NO_TEXTS = frozenset(_NO_TEXTS.split(" "))
"""Keys whose values contain no texts."""

ROLE_KEYS = ("role", "from")
"""The keys of a message that name its role."""

WORD_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
LONG_WORD = 20
"""The minimum number of word characters in a long word. Prose has few of these, and every secret key is one."""

LONGEST_WHOLE = 24
"""Only texts of at most this many characters are compared as a whole."""

LOOP_TEXT, LOOP_TURNS, LOOP_PERIOD, _LOOP_TAIL = 60, 8, 300, 24
"""A loop: at least the last 60 characters repeat the same 1 to 300 characters, at least eight times."""

PlacedText = tuple[Pointer, str, Mapping[str, Any] | None]
"""A text's place, the text, and the message that it belongs to, if any."""


_MAY_HOLD_TEXTS = (str, dict, list)


def texts_of(record: Mapping[str, Any]) -> list[str]:
    """Return the texts in any order. This is fast, because most records go through it; so it keeps no places."""
    found: list[str] = []
    waiting: list[Any] = [record]
    while waiting:
        item = waiting.pop()
        if type(item) is list:
            for value in item:
                if type(value) is str:
                    found.append(value)
                elif type(value) is dict or type(value) is list:
                    waiting.append(value)
        else:
            for key, value in item.items():
                if type(value) is str:
                    if key not in NO_TEXTS:
                        found.append(value)
                elif (type(value) is dict or type(value) is list) and key not in NO_TEXTS:
                    waiting.append(value)
    return found


def placed_texts(record: Mapping[str, Any], start: Pointer = ()) -> Iterator[PlacedText]:
    """Yield the same texts in the order of the record: all of them, or those in the value at `start`.

    The record itself is not a message, even if it has a role: without the key, its texts mean the same.
    """
    item: Any = record
    message: Mapping[str, Any] | None = None
    for step in start:
        if isinstance(item, Mapping) and _speaks(item) and item is not record:
            message = item
        item = item[step]
    waiting: list[tuple[Pointer, Any, Mapping[str, Any] | None]] = [(start, item, message)]
    while waiting:
        pointer, item, message = waiting.pop()
        if type(item) is str:
            yield pointer, item, message
        elif type(item) is list:
            last = len(item) - 1
            waiting += [((*pointer, last - back), value, message) for back, value in enumerate(reversed(item))]
        elif type(item) is dict or isinstance(item, Mapping):
            if _speaks(item) and item is not record:
                message = item
            later: list[tuple[Pointer, Any, Mapping[str, Any] | None]] = []
            for key, value in item.items():
                if type(value) is str and not later and key not in NO_TEXTS:
                    yield (*pointer, key), value, message
                elif type(value) in _MAY_HOLD_TEXTS and key not in NO_TEXTS:
                    later.append(((*pointer, key), value, message))
            waiting += later[::-1]


def content_texts(content: Any) -> list[str]:
    """Return the texts of a message's content: itself, or those of its parts, which may be mere strings."""
    if type(content) is str:
        return [content]
    parts = content if type(content) is list else ()
    return [text for part in parts if type(text := part.get("text") if type(part) is dict else part) is str]


def part_has_content(part: Any) -> bool:
    """Whether a content part is anything but a blank text."""
    if not isinstance(part, dict) or part.get("type", "text") != "text":
        return True
    text = part.get("text")
    return bool(text.strip()) if isinstance(text, str) else True


def ends_string(piece: bytes) -> bool:
    """Whether a string of raw JSON ends in these bytes from its inside, which begin with no half of an escape."""
    if b'\\\\"' in piece:
        piece = piece.replace(b"\\\\", b"")
    return piece.count(b'"') != piece.count(b'\\"')


def are_together(line: bytes, start: int, end: int) -> bool:
    """Whether two places in a line are in the same string; the first is -1 if there is none."""
    return start >= 0 and not ends_string(line[start:end])


def _speaks(item: Mapping[str, Any]) -> bool:
    """Whether it is a message with a role."""
    for key in ROLE_KEYS:  # noqa: SIM110  `any` takes three times as long
        if type(item.get(key)) is str:
            return True
    return False


def ends_in_loop(text: str) -> bool:
    """Whether the text ends in a loop. Looks only at its end, so the time does not depend on its length."""
    size = len(text)
    if size < LOOP_TEXT:
        return False
    earlier = text.rfind(text[-_LOOP_TAIL:], max(0, size - _LOOP_TAIL - LOOP_PERIOD), size - 1)
    if earlier < 0:
        return False
    period = size - _LOOP_TAIL - earlier
    return text.endswith(text[-period:] * max(LOOP_TURNS, -(-LOOP_TEXT // period)))


def plain_text(text: str) -> str:
    """Return the text as whole texts are compared: in lower case, without white space around it."""
    return text.strip(" \t\r\n").lower() if text.isascii() else text
