"""When a rule is excused from a schema violation because another rule explains it better; for several families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jsonl_lint.model import Pointer, Severity, value_at
from jsonl_lint.records.formats import PAIRS, PREFERENCE_OUTPUTS, is_spoken
from jsonl_lint.records.untyped import UNTYPED_PARTS
from jsonl_lint.target import BATCH_FORMATS

if TYPE_CHECKING:
    from jsonl_lint.records.record import Record


NOTHING: tuple[Any, ...] = (None, "", [], {})
"""Values with which nothing is lost."""

_OTHERS_THAN_ASSISTANTS = ("system", "user", "tool")


def holds_broken_calls(record: Any, pointer: Pointer) -> bool:
    """Whether the message at a place has `tool_calls` that are not a list."""
    message = value_at(record, pointer)
    if not isinstance(message, dict) or message.get("role") in _OTHERS_THAN_ASSISTANTS:
        return False
    return message.get("tool_calls") is not None and not isinstance(message["tool_calls"], list)


def is_refused(message: dict[str, Any]) -> bool:
    """Whether a message says that the model refused to answer. OpenAI writes null as the content beside that."""
    refusal = message.get("refusal")
    said = isinstance(refusal, str) and bool(refusal.strip())
    return said and message.get("role") not in _OTHERS_THAN_ASSISTANTS


def is_chat_turn(turn: Any) -> bool:
    """Whether a ShareGPT turn has `role` and `content` instead of `from` and `value`."""
    return isinstance(turn, dict) and "role" in turn and "content" in turn and not turn.keys() & {"from", "value"}


def keys_of_texts(holder: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return those of the keys under which an object has a text that is not empty."""
    return [key for key in names if isinstance(holder.get(key), str) and holder[key].strip()]


def misnamed_text(part: Any) -> str | None:
    """Return the key under which a content part without `text` has its text, if there is exactly one such key."""
    if not isinstance(part, dict) or "text" in part:
        return None
    found = keys_of_texts(part, ("value", "content"))
    return found[0] if len(found) == 1 else None


def is_misnamed_text(part: Any) -> bool:
    """Whether a content part of a format without types is nothing but a misnamed text."""
    key = misnamed_text(part)
    return key is not None and part.keys() <= {key, "type"}


def holds_nothing_known(part: Any) -> bool:
    """Whether a part of Gemini or Bedrock has texts under unknown keys alone. All parts but texts are objects."""
    if not isinstance(part, dict) or not UNTYPED_PARTS.isdisjoint(part):
        return False
    return all(isinstance(value, str) for value in part.values())


def is_input_at_root(record: Mapping[str, Any]) -> bool:
    """Whether a preference record has the messages of its input at the root, and no input."""
    return isinstance(record.get("messages"), list) and "input" not in record


_WITH_OLDER_CALLS = (
    *("messages", "interactions", "input", "body", "prompt", "completion", "chosen", "rejected"),
    *PREFERENCE_OUTPUTS,
)
"""Root keys of formats in which OpenAI's older function calls may occur."""


def is_older_call(record: Mapping[str, Any], pointer: Pointer, key: str) -> bool:
    """Whether a key at a place has OpenAI's older functions or function call."""
    if key not in ("functions", "function_call") or "schemaVersion" in record:
        return False
    if value_at(record, pointer).get(key) is None:
        return False
    if pointer:
        return pointer[0] in _WITH_OLDER_CALLS
    return "messages" in record or "interactions" in record or is_spoken(record)


def is_mixed(record: Record) -> bool:
    """Whether the record's format differs from its file's."""
    return bool(record.format and record.file_format) and record.format != record.file_format


def is_refused_as_mixed(record: Record) -> bool:
    """Whether `mixed-formats` reports the record as an error."""
    return is_mixed(record) and record.target.severities.get("mixed-formats", Severity.ERROR) is Severity.ERROR


def pair_wanted(record: Record) -> str | None:
    """Return the pair format that the target needs instead of the record's with `--method dpo`, else None."""
    if record.method != "dpo" or record.format in (None, *BATCH_FORMATS, *PAIRS):
        return None
    return next((name for name in PAIRS if name in record.target.formats), None)
