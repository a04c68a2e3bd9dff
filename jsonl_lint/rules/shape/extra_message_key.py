"""JL107."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jsonl_lint.model import Applicability, Pointer, Severity, value_at
from jsonl_lint.records.formats import REASONING_KEYS
from jsonl_lint.records.texts import part_has_content
from jsonl_lint.records.untyped import GEMINI_SYSTEM, UNTYPED_PARTS
from jsonl_lint.rule import (
    Delete,
    Record,
    RecordRule,
    Rename,
    Repair,
    SchemaRule,
    Sketch,
    Verb,
    Violation,
    known_key,
    repair,
    shown_key,
)
from jsonl_lint.rule.excuses import NOTHING, holds_nothing_known, is_misnamed_text, is_older_call
from jsonl_lint.rules.shape._hidden import hidden, may_hide

if TYPE_CHECKING:
    from jsonl_lint.rule.words import KnownKey

_SPEAKER = {"role", "from"}
_SAID = {"content", "parts", "value", "tool_calls", "function_call"}
_PARTS = (("content",), ("parts",))
_INSTEAD = (*REASONING_KEYS, "refusal", "text", "value")
"""What may be said instead of the content."""

_FILES, _OF_FILES = ("file_data", "inline_data"), ("mimeType", "fileUri", "data")
"""What Google's client libraries for Python call the files of a part, and the keys that these need."""

_ESSENTIAL = ("tool_calls", "tool_call_id", "function_call", "function_response", "content", *_FILES)


class ExtraMessageKey(SchemaRule, RecordRule):
    """A message has a key that no chat format knows.

    Trainers silently drop it, or fill it with null in every other message. Often it is a misspelt key.

    Fix: unsafe. The key is dropped with its value. What may be needed stays unless it is empty: keys that calls,
    results, files and texts are made of, and a key that is close to one that the message lacks. If both differ in case,
    spaces or separators alone, the key is renamed: `Tool_calls` becomes `tool_calls`. The `id` of a tool's message
    becomes its `tool_call_id` if it has none and the target takes one, and what an answer has under `thinking`, as
    TRL's data for gpt-oss, becomes its `reasoning`. Every key stays of a message without content or role, and of a part
    that does not say what it is, since one may hold that. The reasoning, refusal or text of an empty answer stays, and
    two keys that may stand for the same one. ShareGPT's `from` and `value` take the place of a `role` and a `content`
    that are null, as in tables that were joined of both.
    """

    code = "JL107"
    name = "extra-message-key"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    leaves = ("identical-outputs",)  # of answers that differ in nothing else
    formats = ("gemini-preference", "bedrock")
    help = "Drop the key, or check its spelling."

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the key that is probably meant, or that what an answer says belongs under."""
        meant = _likely_key(violation, value)
        if not meant and _says_it_instead(violation, value):
            return "Write it as `content`, if it is the answer: what is there is empty."
        if not meant and _speaks_instead(violation, value):
            return "Write it as `role`: what is there is null."
        return meant.advice if meant else self.help

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Excuse what `legacy-function-call` reports, and a text that `invalid-content-part` calls by its name."""
        if violation.pointer[0] in ("contents", "messages", *GEMINI_SYSTEM) and violation.pointer[-2:-1] in _PARTS:
            part = value_at(value, violation.pointer)
            return violation.subject != "type" and (is_misnamed_text(part) or holds_nothing_known(part))
        return "tool_calls" in violation.known and is_older_call(value, violation.pointer, violation.subject or "")

    def word(self, violation: Violation) -> str:
        """Name the key, and what it is in."""
        holder = "content part" if violation.pointer[-2:-1] in _PARTS else "message"
        return _words(violation.subject or "", holder)

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable unless the rest would mean something else without the key, or it may hold what the message says."""
        key = violation.subject or ""
        if _null_key(violation, value):
            return self.fix
        complete = all(any(name in value and name != key for name in names) for names in _needed(violation))
        complete = complete and not _says_it_instead(violation, value) and not _speaks_instead(violation, value)
        return self.fix if _is_repairable(key, value[key], _likely_key(violation, value), complete=complete) else None

    def report(self, violation: Violation, value: Any = None) -> Sketch:
        """Note the key's right name in the finding, if it can be told."""
        name = _null_key(violation, value) or _right_name(_likely_key(violation, value))
        return super().report(violation, value)._replace(detail=name)

    def concerns(self, record: Record) -> bool:
        """Whether there is something into which no schema looks."""
        return may_hide(record)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the unknown keys of what no schema looks into."""
        for holder in hidden(record):
            for key, held in holder.value.items():
                if key in holder.known:
                    continue
                meant = known_key(key, holder.value, holder.known)
                fix = self.fix if _is_repairable(key, held, meant, complete=holder.complete) else None
                words, advice = _words(key, holder.noun), meant.advice if meant else ""
                found = self.sketch((*holder.pointer, key), words, advice, at_key=True, fix=fix)
                yield found._replace(detail=_right_name(meant))

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Delete the key with its value, or rename it."""
        key = str(sketch.pointer[-1])
        if sketch.detail:
            names = ((sketch.pointer, sketch.detail), *_names_inside(sketch.pointer, record.at(sketch.pointer)))
            verbs: list[Verb] = [Rename(*each) for each in names]
            if sketch.detail in record.at(sketch.pointer[:-1]):
                verbs.append(Delete((*sketch.pointer[:-1], sketch.detail)))
            return repair(f"Rename `{shown_key(key)}` to `{sketch.detail}`", *verbs)
        return repair(f"Drop the key `{shown_key(key)}`", Delete(sketch.pointer))


def _names_inside(place: Pointer, held: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield the keys of a file that are spelt in the way of its own key, `file_data`, with their right names."""
    for key in held if isinstance(held, dict) and place[-1] in _FILES else ():
        meant = known_key(key, held, _OF_FILES)
        if meant and meant.certain:
            yield (*place, key), meant.name


def _words(key: str, noun: str) -> str:
    return f"the key `{shown_key(key)}` is not part of a {noun}"


def _right_name(meant: KnownKey | None) -> str:
    return meant.name if meant and meant.certain else ""


def _is_repairable(key: str, held: Any, meant: KnownKey | None, *, complete: bool) -> bool:
    """Whether the key can be renamed, or dropped because what is left is `complete` and nothing vital is lost."""
    if meant and (meant.certain or held not in NOTHING):
        return meant.certain
    return complete and (key not in _ESSENTIAL or held in NOTHING)


def _needed(violation: Violation) -> tuple[Collection[str], ...]:
    """Return the keys of which what is left has to have some, to be a message, a system message or a part."""
    if violation.pointer[-2:-1] in _PARTS:
        return (UNTYPED_PARTS,)
    return (_SAID,) if violation.pointer[-1] in GEMINI_SYSTEM else (_SPEAKER, _SAID)


def _says_it_instead(violation: Violation, message: Mapping[str, Any]) -> bool:
    """Whether a message with nothing else says something under the key."""
    if violation.subject not in _INSTEAD or violation.pointer[-2:-1] in _PARTS:
        return False
    others = _SAID - {violation.subject}
    return not _is_blank(message[violation.subject]) and all(_is_blank(message.get(key)) for key in others)


def _speaks_instead(violation: Violation, message: Mapping[str, Any]) -> bool:
    """Whether a message says under the key who speaks, and its role is null, as in tables with the keys of both."""
    return violation.subject == "from" and bool(message["from"]) and message.get("role", "") is None


def _null_key(violation: Violation, message: Mapping[str, Any]) -> str:
    """Return the key that is null where a key of ShareGPT has what belongs there, `""` if there is none."""
    if _speaks_instead(violation, message) and isinstance(message["from"], str):
        return "role"
    is_null = violation.subject == "value" and message.get("content", "") is None and "content" in violation.known
    return "content" if is_null and isinstance(message["value"], str) and _says_it_instead(violation, message) else ""


def _is_blank(said: Any) -> bool:
    """Whether a content, or a list of calls, says nothing."""
    if isinstance(said, str):
        return not said.strip()
    return said in NOTHING or (isinstance(said, list) and not any(map(_says_something, said)))


def _says_something(part: Any) -> bool:
    """Whether a content part is anything but a blank text or nothing at all."""
    if isinstance(part, dict) and all(value in NOTHING for key, value in part.items() if key != "type"):
        return False
    return part not in NOTHING and part_has_content(part)


def _likely_key(violation: Violation, message: Mapping[str, Any]) -> KnownKey | None:
    """Return the key that an unknown one may stand for; the `id` of a tool's message names the call that it answers."""
    role, also = message.get("role"), {}
    if role == "tool":
        also = {"id": "tool_call_id"}
    elif role == "assistant" and isinstance(message.get("thinking"), str) and message.keys().isdisjoint(REASONING_KEYS):
        also = {"thinking": REASONING_KEYS[0]}
    return known_key(violation.subject, message, violation.known, also)
