"""JL106."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.dialects import Dialect, dialect_of
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.records.formats import FORMATS
from jsonl_lint.records.structure import message_lists
from jsonl_lint.rule import (
    Delete,
    Insert,
    Record,
    Rename,
    Repair,
    SchemaRule,
    Sketch,
    Violation,
    as_json,
    known_key,
    repair,
    shown_key,
)
from jsonl_lint.rule.beside import answer_beside, is_answer_of_pair
from jsonl_lint.rule.excuses import NOTHING, is_input_at_root, is_older_call


class ExtraKey(SchemaRule):
    """A record has a key that its format does not know.

    Ids, sources and notes travel along for nothing. Together's client refused such files until version 2.14; what
    the server does today is not documented, so this is a warning. A `system` beside `messages`, as Anthropic has it,
    would be left out of the training, and so would images beside them, although the texts may speak of them. The keys
    of a pair's `input`, and of each of Gemini's `completions`, are the record's as well.

    Fix: unsafe. The key is dropped with its value, unless the record lacks a key that it may stand for, such as a
    `question` beside two answers without `prompt`, or it is what the record consists of, such as a `text` without
    `messages`, or what answers these, alone or as one of two, or it holds images, videos or sounds, or tools that are
    called. A key that differs from such a key in case, spaces or separators alone is renamed: `Tools` becomes `tools`;
    of two that may stand for the same one, both stay. The text of `system` becomes the first message.
    """

    code = "JL106"
    name = "extra-key"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Drop the key, or check its spelling."

    def advise(self, violation: Violation, value: Any) -> str:
        """Name what the key is probably meant for; what is said to the model must not get lost."""
        if _is_prompt(violation.subject, value):
            return "Put it into `prompt`."
        if _is_system_text(violation.subject, value):
            return "Make it the first message, with the role system."
        if violation.subject == answer_beside(value):
            return "If it answers the messages, make it the last one, with the role assistant."
        if _tools_are_called(violation.subject, value):
            return "Drop it together with the calls and their results: this format has none."
        if violation.subject == "toolConfig":
            return "Keep it only for a model that is tuned to call tools."
        if _is_media(violation.subject, value):
            return "Make each a part of the message that it belongs to: beside the messages nobody looks at it."
        meant = known_key(violation.subject, value, violation.known)
        if meant:
            return meant.advice
        dialect = _extended(violation, value)
        how = dialect.advice(dialect.convertible or (dialect.goal,)) if dialect else ""
        if not dialect and is_answer_of_pair(violation.subject, value):
            return "If it is one of two answers, put `messages` into `input`: this is a preference pair."
        return f"The record looks like {dialect.name}; {how}" if dialect else self.help

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Excuse what `legacy-function-call` and `missing-preference-key` report."""
        if violation.subject == "messages" and "preferred_output" in violation.known and is_input_at_root(value):
            return True
        return "tools" in violation.known and is_older_call(value, violation.pointer, violation.subject or "")

    def word(self, violation: Violation) -> str:
        """Name the key."""
        return f"the key `{shown_key(violation.subject or '')}` is not part of this format"

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable unless the key may hold the record, misspelt, or blocks instead of a text, or the tools of calls."""
        if _tools_are_called(violation.subject, value) or _bedrock_tools_are_used(violation.subject, value):
            return None
        if _is_system_text(violation.subject, value):
            return self.fix if isinstance(value["system"], str) and not _has_system_message(value) else None
        belongs = _is_prompt(violation.subject, value) or _is_media(violation.subject, value)
        if belongs or violation.subject == answer_beside(value) or is_answer_of_pair(violation.subject, value):
            return None
        meant = known_key(violation.subject, value, violation.known)
        if meant and (meant.certain or value[violation.subject] not in NOTHING):
            return self.fix if meant.certain else None
        if violation.pointer[:1] == ("completions",):
            return self.fix if value.keys() >= {"score", "completion"} else None
        formats = [known.required for known in FORMATS if violation.subject not in known.required]
        return self.fix if any(keys <= value.keys() for keys in formats) else None

    def report(self, violation: Violation, value: Any = None) -> Sketch:
        """Note the key's right name in the finding, if it can be told."""
        meant = known_key(violation.subject, value, violation.known)
        return super().report(violation, value)._replace(detail=meant.name if meant and meant.certain else "")

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Rename the key, delete it with its value, or make its value a message."""
        key = str(sketch.pointer[-1])
        if sketch.detail:
            return repair(f"Rename `{shown_key(key)}` to `{sketch.detail}`", Rename(sketch.pointer, sketch.detail))
        place = sketch.pointer[:-1]
        holder = record.at(place)
        if not _is_system_text(key, holder):
            return repair(f"Drop the key `{shown_key(key)}`", Delete(sketch.pointer))
        message = Insert((*place, "messages"), 0, as_json({"role": "system", "content": holder[key]}))
        return repair(f"Make `{key}` the first message", Delete(sketch.pointer), message)


def _is_system_text(key: str | None, record: Mapping[str, Any]) -> bool:
    """Whether a key holds what a conversation begins with."""
    messages = record.get("messages")
    return key == "system" and bool(record[key]) and isinstance(messages, list) and bool(messages)


def _has_system_message(record: Mapping[str, Any]) -> bool:
    """Whether what the conversation begins with is already said in it."""
    roles = [message.get("role") for message in record["messages"] if isinstance(message, dict)]
    return any([isinstance(role, str) and role.lower() in ("system", "developer") for role in roles])


def _tools_are_called(key: str | None, record: Mapping[str, Any]) -> bool:
    """Whether a key holds the tools that the messages call, which would call what is not defined without it."""
    messages = [message for _, found in message_lists(record) for message in found] if key == "tools" else []
    return any(isinstance(message, dict) and message.get("tool_calls") for message in messages)


def _bedrock_tools_are_used(key: str | None, record: Mapping[str, Any]) -> bool:
    """Whether a key holds the tools that Bedrock's messages use: without it, they would use what is not defined."""
    messages = record.get("messages")
    if key != "toolConfig" or not isinstance(messages, list):
        return False
    contents = [message.get("content") for message in messages if isinstance(message, dict)]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    return any(isinstance(block, dict) and "toolUse" in block for block in blocks)


def _is_prompt(key: str | None, record: Mapping[str, Any]) -> bool:
    """Whether a key holds the prompt of two answers, or a part of it."""
    return key in _PROMPTS and "chosen" in record and "prompt" not in record


_PROMPTS = ("instruction", "input", "question", "query", "conversations")


def _is_media(key: str | None, record: Mapping[str, Any]) -> bool:
    """Whether a key holds images, videos or sounds, or their paths, as trainers have them beside the texts."""
    return key in _MEDIA and bool(record[key]) and isinstance(record[key], (str, list))


_MEDIA = ("image", "images", "video", "videos", "audio", "audios")


def _extended(violation: Violation, record: Mapping[str, Any]) -> Dialect | None:
    """Return the format of another tool that has the key beside those of the record's format, if there is one.

    Two answers are told in any record.
    """
    dialect = dialect_of(record.keys())
    if dialect is None or dialect.flag or violation.subject not in dialect.keys:
        return None
    extends = "chosen" in dialect.keys or not dialect.keys.isdisjoint(violation.known)
    return dialect if extends else None
