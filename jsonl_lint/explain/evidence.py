"""Extract the status, codes and messages of a provider's answer from whatever was pasted.

A JSON body is walked key by key; any other text is searched for a status, for words that look like codes, and for
the `'message': '...'` pairs of a Python client's exception. All of it is bounded, so any bytes are safe.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any, NamedTuple

MAX_TEXT = 1 << 18
"""Characters of a text that are looked at. The longest real error bodies have some thousand."""

MAX_MESSAGE = 1 << 14
"""Characters of one message inside a body."""

MAX_VALUES = 2_000
"""Values of a body that are looked at, outermost first."""

_LONGEST_CODE = 100

_CONTAINERS = (dict, list, tuple, Mapping)
"""`dict` first: the abstract class is slow to ask."""

_STATUS_KEYS = ("status_code", "statusCode", "http_status", "status", "code", "errorCode", "error_code")
_CODE_KEYS = ("code", "error_code", "errorCode", "error_type", "errorType", "processing_status", "unavailable_reason",
              "type", "reason", "status", "__type", "name")  # fmt: skip
"""The most telling first: `type` is often only `invalid_request_error`."""
_MESSAGE_KEYS = (
    *("message", "error", "errorMessage", "error_message", "msg", "detail", "error_description", "Message"),
    *("failureMessage", "FailureReason"),
)
_EMPTY_CODES = frozenset(("error", "errored", "list", "object", "string", "none", "null", "failure", "failed", "true"))

_PHRASES = "|".join(re.escape(status.phrase) for status in HTTPStatus if status >= 400)
_STATUS = re.compile(
    r"\bHTTP(?:/\d(?:\.\d)?)?(?:[ _](?:status|error))?(?:[ _]code)?[ :=]{1,3}([1-5]\d\d)\b"
    r"|\b(?:error|status)(?:[ _]?code)?['\"]?[ :=]{1,3}(?:HTTP )?([1-5]\d\d)\b"
    r"|^\W{0,3}([1-5]\d\d)\b(?!\s*(?:examples?|records?|lines?|tokens?|samples?|bytes))"
    r"|\b(?:exceptions|errors?)\.\w{1,60}: ([45]\d\d)\b"
    rf"|\b([45]\d\d) (?:Client|Server) Error\b|\b([45]\d\d) (?:{_PHRASES})",
    re.IGNORECASE,
)
_CODE_IN_TEXT = re.compile(
    r"\b(?:[A-Za-z]{1,40}(?:_[A-Za-z]{1,40}){1,9}|[A-Z][a-z]{1,40}(?:[A-Z][a-z]{0,40}){1,9}"
    r"|[A-Z]{2,9}[a-z]{1,40}[A-Za-z]{0,40}|[A-Z]{4,40})\b(?!\()"
)
_PAIR = re.compile(
    r"""['"](message|msg|detail|code|type|error_type|status|errorCode|errorMessage)['"]\s{0,3}:\s{0,3}"""
    r"""(?:'((?:[^'\\]|\\.){1,2000})'|"((?:[^"\\]|\\.){1,2000})")""",
    re.DOTALL,
)
_FIRST_WORDS_OF_CODE = 200
"""Words of a text that may be taken for codes."""


class Evidence(NamedTuple):
    """What was found: an HTTP status, codes (the most telling first), messages, and where in the data it is.

    `words` are spelled like codes, but stand in running text, so they may as well be names of keys. `keys` are those of
    the body. `line` is a line that the body names in a key of its own; `loc` the path of a value, as pydantic gives it.
    """

    status: int | None
    codes: tuple[str, ...]
    messages: tuple[str, ...]
    keys: frozenset[str] = frozenset()
    line: int | None = None
    loc: tuple[str | int, ...] = ()
    words: tuple[str, ...] = ()


def read_evidence(status: int | str | None, body: Any) -> Evidence:
    """Return the evidence in a body: bytes, text, a decoded JSON value or None. A status that is given wins."""
    given = _as_status(status)
    if isinstance(body, (bytes, bytearray, memoryview)):
        body = bytes(body[: 4 * MAX_TEXT]).decode("utf-8", "replace")
    if body is None:
        found = Evidence(None, (), ())
    elif isinstance(body, str):
        found = _of_text(body[:MAX_TEXT].strip())
    else:
        found = _of_value(body)
    return found._replace(status=given or found.status)


def _as_status(value: Any) -> int | None:
    """Return the HTTP status that a value may be, such as 429 or `"429"`; None if it cannot be one."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return int(value) if is_number and 100 <= value <= 599 else None


def parsed(text: str) -> Any:
    """Return the JSON object or array that a text is or contains, else None."""
    import orjson

    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    if not starts:
        return None
    for part in (text, text[min(starts) : max(text.rfind("}"), text.rfind("]")) + 1]):
        try:
            value = orjson.loads(part.encode("utf-8", "replace"))
        except ValueError:
            continue
        if isinstance(value, (dict, list)):
            return value
    return None


def _of_text(text: str) -> Evidence:
    if _as_status(text):
        return Evidence(_as_status(text), (), ())
    value = parsed(text)
    if value is not None:
        found = _of_value(value)
        outside = text.partition("{")[0][:500] if not text.startswith(("{", "[")) else ""
        return found._replace(
            status=found.status or _status_in(outside),
            messages=found.messages or (text,),
            words=tuple(_codes_in(outside)),
        )
    pairs = [(key, single or double) for key, single, double in _PAIR.findall(text[:65_536])]
    messages = [value for key, value in pairs if key in ("message", "msg", "detail", "errorMessage")]
    codes = [value for wanted in _CODE_KEYS for key, value in pairs if key == wanted and _is_code(value)]
    named = tuple(dict.fromkeys(codes))
    return Evidence(_status_in(text), named, (*messages, text), words=tuple(_codes_in(text)))


def _status_in(text: str) -> int | None:
    match = _STATUS.search(text[:65_536])
    return int(next(group for group in match.groups() if group)) if match else None


def _codes_in(text: str) -> Iterator[str]:
    """Yield the words that are spelled as no plain word is: `rate_limit_exceeded`, `RateLimitError`, `UNAVAILABLE`."""
    for number, match in enumerate(_CODE_IN_TEXT.finditer(text)):
        if number == _FIRST_WORDS_OF_CODE:
            return
        yield match.group()


def _is_code(value: Any) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST_CODE
        and value.split(None, 1) == [value]
        and value.lower() not in _EMPTY_CODES
    )


def _of_value(value: Any) -> Evidence:
    status: int | None = None
    line: int | None = None
    loc: tuple[str | int, ...] = ()
    codes: dict[int, list[str]] = {}
    messages: list[str] = []
    keys: set[str] = set()
    for item in _objects_in(value, messages):
        for key in _STATUS_KEYS:
            status = status or _as_status(item.get(key))
        for rank, key in enumerate(_CODE_KEYS):
            if _is_code(item.get(key)) and not _as_status(item[key]):
                codes.setdefault(rank, []).append(item[key])
        keys.update(key for key in islice(item, MAX_VALUES) if _is_code(key))
        messages.extend(text for key in _MESSAGE_KEYS if (text := _message(item.get(key))))
        if line is None and isinstance(item.get("line"), int) and item["line"] > 0:
            line = item["line"]
        if not loc and isinstance(item.get("loc"), (list, tuple)):
            loc = tuple(part for part in item["loc"][:20] if isinstance(part, (str, int)))
    ranked = (code for rank in sorted(codes) for code in codes[rank])
    return Evidence(status, tuple(dict.fromkeys(ranked)), tuple(dict.fromkeys(messages)), frozenset(keys), line, loc)


def _message(value: Any) -> str | None:
    return value[:MAX_MESSAGE] if isinstance(value, str) and value.strip() else None


def _objects_in(value: Any, messages: list[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a body, outermost first. Texts in lists are added to the messages."""
    waiting = deque([value])
    seen = 0
    while waiting and seen < MAX_VALUES:
        item = waiting.popleft()
        seen += 1
        if isinstance(item, (dict, Mapping)):
            yield item
            waiting.extend(child for child in item.values() if isinstance(child, _CONTAINERS))
        elif isinstance(item, (list, tuple)):
            room = MAX_VALUES - len(waiting)
            waiting.extend(child for child in item[:room] if isinstance(child, _CONTAINERS))
            messages.extend(child[:MAX_MESSAGE] for child in item[:20] if isinstance(child, str))
