"""How records are compared: a weak key that like records share, and the exact forms that decide.

The key is 64 bits of the end of what a record asks, cheap enough for every record of a file. Records that are equal,
equal but for case and white space, or ask the same, have the same key; others may. So only records that share a key
are read again, and compared by digests of their contents.
"""

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from xxhash import xxh3_64_intdigest as _keyed_hash64
from xxhash import xxh64_intdigest as _hash64

from jsonl_lint.model import Pointer
from jsonl_lint.records.formats import BY_NAME
from jsonl_lint.records.roles import role_meaning
from jsonl_lint.records.untyped import GEMINI_SYSTEM

NO_KEY = 0
"""The key of a line that is not compared: blank, broken, or a part of a record spread over lines."""

_WINDOW, _TAIL = 384, 192
"""Characters at the end of a text that are looked at first, and how many bytes of what remains of them make its key."""

_SECRET = int.from_bytes(os.urandom(8), "big")

_LOWER = bytes(range(256)).lower()
_SPELLING = b'\\"ntr'
_LEFT_OUT = b" \t\n\v\f\r\x1c\x1d\x1e\x1f" + _SPELLING + _SPELLING.upper()
"""What keys leave out: white space in ASCII, and what an escape of a plain text may be spelled with.

So the key of most texts can be taken from their JSON as it stands.
"""

_WIDE_SPACE = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
"""White space beyond ASCII, as `str.isspace` knows it."""

QUESTION_LISTS = ("messages", "conversations", "interactions", "contents")
QUESTION_TEXTS = ("custom_id", "prompt", "text", "instruction", "input")
QUESTION_OBJECT = "input"
"""Where what a record asks stands: in a list, in texts or in an object with messages, whichever is there first."""

_PROMPT_KEYS = {
    "instruction": (("prompt",), "completion"),
    "prompt-response": (("prompt",), "response"),
    "alpaca": (("instruction", "input", "system", "history"), "output"),
}
"""Formats whose answer stands under a key of its own: what is asked, and that key."""

_ANSWERED = ("chat", "bedrock", "gemini", "sharegpt", "interactions")
"""Formats whose answer is the last message."""

_TOOLS = ("tools", "available_tools", "functions", "toolConfig")
_SETTING = (*_TOOLS, "system", *GEMINI_SYSTEM, "system_prompt", "context")
"""Root keys beside the messages that change what is asked."""


class Question(NamedTuple):
    """What a record asks and where it is answered, as far as that is quick to tell.

    `prompt` is a digest, 0 where there is no answer to compare; then `answer_at` is empty. Records whose answers are
    the same but for case and white space have the same `weak_answer`; others may.
    """

    prompt: int
    weak_answer: int
    answer_at: Pointer


def text_key(text: str) -> int:
    """Return the key of a text, which does not depend on its case and white space. It is never `NO_KEY`.

    It is made of the last bytes of the text as `_bare` leaves it; no more of it is looked at than that takes.
    """
    end = text[-_WINDOW:]
    if end.isascii() and len(bare := _bare(end)) >= _TAIL:
        return _hash64(bare[-_TAIL:]) or 1
    size = _WINDOW
    while len(tail := _bare(text[-size:])) < _TAIL and size < len(text):
        size *= 4
    return _hash64(tail[-_TAIL:]) or 1


def _bare(text: str) -> bytes:
    """Return what keys are made of: no white space, no capital letters, and nothing that escapes are spelled with."""
    if not text.isascii():  # a sigma is another letter at the end of a word, which an escape may seem to be
        text = text.lower().replace("ς", "σ")
        if _WIDE_SPACE.search(text):
            text = "".join(text.split())
    return text.encode("utf-8", "surrogatepass").translate(_LOWER, _LEFT_OUT)


def record_key(record: Mapping[str, Any]) -> int:
    """Return the key of any record."""
    return text_key(compared_text(record))


def compared_text(record: Mapping[str, Any]) -> str:
    """Return the text whose key a record has; "" for one that is nested too deep to be compared.

    In a conversation it is all that was said before its last message, because the last texts are often short. Where
    no text is known to ask, it is JSON: that of a prompt in parts, or else of the whole record.
    """
    for name in QUESTION_LISTS:
        messages = record.get(name)
        if isinstance(messages, list):
            return _asked_in(messages)
    texts = [value for name in QUESTION_TEXTS if isinstance(value := record.get(name), str) and value.strip()]
    if texts:
        return "\n".join(texts)
    held = record.get(QUESTION_OBJECT)
    if isinstance(held, dict) and isinstance(held.get("messages"), list):
        return _asked_in(held["messages"])
    prompt = record.get("prompt")
    whole = prompt if isinstance(prompt, list) and prompt else record
    try:
        return _spelled_text(whole)
    except (RecursionError, ValueError):
        return ""


def _spelled_text(value: Any) -> str:
    """Return a value as JSON for keys: values that differ only in case and white space have the same key."""
    spelled = _spelled(value)
    if b"\\u" in spelled or b"\\f" in spelled:  # white space that no key knows in its escapes
        spelled = _spelled(normal_form(value))
    return spelled.decode("utf-8", "surrogatepass")


def _asked_in(messages: list[Any]) -> str:
    """Return what a conversation asks. For plain messages, `engine.passed` does the same itself."""
    return "\n".join(map(_text_in, messages[:-1] or messages))


def _text_in(message: Any) -> str:
    """Return a message's text, or the last one of its parts that are objects. The C code makes the same keys."""
    if not isinstance(message, dict):
        return ""
    content = message.get("content") or message.get("value") or message.get("parts")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = next((text for text in reversed(texts) if isinstance(text, str) and text.strip()), "")
    return content if isinstance(content, str) and content.strip() else ""


def question_of(record: Mapping[str, Any], format: str | None) -> Question | None:
    """Return what is quick to tell about a record, None if it is nested too deep to be compared."""
    prompt, answer, answer_at = _halves(record, format)
    try:
        if not answer_at:
            return Question(0, _hash64(_bare(_spelled_text(record))), ())
        return Question(digest(_spelled(prompt)), text_key(_answer_text(answer)), answer_at)
    except (RecursionError, ValueError):
        return None


def normal_digest(record: Mapping[str, Any]) -> int | None:
    """Return the digest of a record without case and white space, None if it is nested too deep to be compared."""
    try:
        return digest(_spelled(normal_form(record)))
    except (RecursionError, ValueError):
        return None


def answered_digest(record: Mapping[str, Any], format: str | None) -> int | None:
    """Return the digest of what is asked, and of its answer without case and white space.

    None if there is no answer, or if the record is nested too deep to be compared.
    """
    prompt, answer, answer_at = _halves(record, format)
    try:
        return digest(_spelled([prompt, normal_form(answer)])) if answer_at else None
    except (RecursionError, ValueError):
        return None


def exact_digest(line: bytes) -> int:
    """Return the digest of a record's bytes without its line ending."""
    return digest(line.rstrip(b"\r\n"))


def normal_form(value: Any) -> Any:
    """Return the value with its texts in lower case, single spaces for white space in them, and none around them."""
    if isinstance(value, str):
        return " ".join(value.split()).lower()
    if isinstance(value, dict):
        return {key: normal_form(item) for key, item in value.items()}
    return [normal_form(item) for item in value] if isinstance(value, list) else value


def _halves(record: Mapping[str, Any], format: str | None) -> tuple[Any, Any, Pointer]:
    """Return what is asked, the answer, and its place; an empty pointer if there is no answer."""
    if format in _PROMPT_KEYS:
        keys, answer_key = _PROMPT_KEYS[format]
        if answer_key in record:
            asked = [record.get(key) or None for key in keys]  # an empty `input` asks no more than none
            return asked, record[answer_key], (answer_key,)
    elif format in _ANSWERED:
        known = BY_NAME[format]
        key = known.messages_at[0]
        messages = record.get(str(key))
        *asked, answer = messages if isinstance(messages, list) and len(messages) > 1 else [None]
        if isinstance(answer, dict) and role_meaning(answer, (), known.speaker) == "assistant":
            setting = {name: record[name] for name in _SETTING if record.get(name)} if len(record) > 1 else {}
            if "weight" in answer:
                answer = {name: value for name, value in answer.items() if name != "weight"}
            return [asked, setting], answer, (key, len(asked))
    return None, None, ()


def _answer_text(answer: Any) -> str:
    return answer if isinstance(answer, str) else _text_in(answer)


def _spelled(value: Any) -> bytes:
    """Return the value as JSON, with sorted keys."""
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # numbers beyond 64 bits, half a surrogate pair, deep nesting
        import json

        return json.dumps(value, sort_keys=True).encode()


def digest(data: bytes) -> int:
    """Return 64 bits, never 0, that stand for bytes in this process: keyed, so that no file can be made to collide.

    Among 60 million different texts, two share a digest with a probability of one in 10,000.
    """
    return _keyed_hash64(data, _SECRET) or 1
