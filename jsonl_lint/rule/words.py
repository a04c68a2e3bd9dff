"""Messages for schema violations."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from jsonl_lint.schemas import Violation
from jsonl_lint.wording import enumerated, excerpt, guarded, printable, without_keys

MOST_LISTED = 12
"""How many values of a list a message names."""

_WORDS = {
    "type": "expected {constraint}, found {value}",
    "required": "the key `{subject}` is missing",
    "additionalProperties": "the key `{subject}` is not known here",
    "unevaluatedProperties": "the key `{subject}` is not known here",
    "propertyNames": "the name of the key `{subject}` is none that it may have",
    "enum": "{value} is not one of {constraint}",
    "const": "{value} is not {constraint}",
    "minItems": "{value} has fewer items than {constraint}",
    "maxItems": "{value} has more items than {constraint}",
    "minLength": "{value} has fewer characters than {constraint}",
    "maxLength": "{value} has more characters than {constraint}",
    "pattern": "{value} does not match the pattern {constraint}",
    "minimum": "{value} is less than {constraint}",
    "maximum": "{value} is more than {constraint}",
    "exclusiveMinimum": "{value} is not more than {constraint}",
    "exclusiveMaximum": "{value} is not less than {constraint}",
    "multipleOf": "{value} is not a multiple of {constraint}",
    "format": "{value} is not a valid {constraint}",
    "minProperties": "{value} has fewer keys than {constraint}",
    "maxProperties": "{value} has more keys than {constraint}",
    "uniqueItems": "the items of {value} are not unique",
    "falseSchema": "{value} must not be here",
}
"""A message for each keyword of JSON Schema."""


_NAMES = {
    "role": ("from", "speaker", "author"),
    "content": ("value", "text", "message", "body"),
    "messages": ("message", "conversation", "conversations", "dialog", "dialogue", "chat", "turns"),
    "from": ("role", "speaker"),
    "value": ("content", "text"),
    "parts": ("content", "text"),
    "text": ("value", "content"),
}
"""Other names for common keys."""

_NO_OTHERS: Mapping[str, str] = {}
_MOST_KEYS, _CLOSE, _CLOSER, _LONGEST_KEY = 50, 0.75, 0.85, 100


class KnownKey(NamedTuple):
    """A key that an unknown one may stand for.

    It is `certain` if both have the same letters, but for their case, and no other unknown key may stand for it.
    """

    name: str
    certain: bool

    @property
    def advice(self) -> str:
        """What to do about the unknown key."""
        rename = f"Rename it to `{self.name}`"
        return f"{rename}." if self.certain else f"{rename} if that is meant; otherwise drop it."


def describe(violation: Violation) -> str:
    """Describe a violation of any JSON Schema. `{value}` stands for the offending value."""
    words = _WORDS.get(violation.keyword)
    if words is None:
        return f"{{value}} breaks the schema's `{violation.keyword}`"
    subject = shown_key(violation.subject or "")
    constraint = [violation.constraint] if violation.keyword == "const" else violation.constraint
    return words.format(constraint=_constraint(constraint), subject=subject, value="{value}")


def key_meant_for(missing: str, value: Any) -> str | None:
    """Return the key of an object that may be meant as the missing one: a misspelling, or another format's name."""
    if not isinstance(value, dict) or len(value) > _MOST_KEYS:
        return None
    others = {key: key.strip().casefold() for key in value if isinstance(key, str)}
    alike = [key for key, plain in others.items() if plain == missing or plain in _NAMES.get(missing, ())]
    return next(iter(alike or close_names(missing, others, _CLOSE)), None)


def known_key(
    key: str | None, value: Any, known: Collection[str], also: Mapping[str, str] = _NO_OTHERS
) -> KnownKey | None:
    """Return the key, of those that are `known` and that the object lacks, which its unknown `key` may stand for.

    `also` are unknown keys that stand for known ones here, and these.
    """
    if not key or len(key) > _LONGEST_KEY or not isinstance(value, dict) or len(value) > _MOST_KEYS:
        return None
    lacking = tuple([name for name in known if name not in value])

    def meant(unknown: str) -> KnownKey | None:
        name = also.get(unknown)
        return KnownKey(name, certain=True) if name in lacking else _likely_key(unknown, lacking)

    found = meant(key)
    if found is None or not found.certain:
        return found
    others = [meant(other) for other in value if other != key and other not in known]
    return KnownKey(found.name, certain=all([other is None or other.name != found.name for other in others]))


@lru_cache(256)  # a rule asks for its message, its advice and its fix
def _likely_key(key: str, lacking: tuple[str, ...]) -> KnownKey | None:
    plain = _letters(key)
    for name in lacking:
        if plain and plain == _letters(name):
            return KnownKey(name, certain=True)
    others = [name for name in lacking if plain in _NAMES.get(name, ())]
    likely = others or close_names(key.casefold(), lacking)
    return KnownKey(likely[0], certain=False) if likely else None


def close_names(key: str, names: Iterable[str], cutoff: float = _CLOSER) -> list[str]:
    """Return the closest name, if one is close. Most are of another length or of other letters, which shows at once."""
    letters = set(key)
    able = []
    for name in names:
        spare = len(name) - cutoff * (len(name) + len(key)) / 2
        if spare >= 0 and len(key) >= len(name) - spare and len(set(name) - letters) <= spare:
            able.append(name)
    if not able:
        return []
    from difflib import get_close_matches  # slow to import, and clean files do not need it

    return get_close_matches(key, able, 1, cutoff)


@lru_cache(1024)
def _letters(key: str) -> str:
    """Return a key without case, spaces and separators."""
    return "".join(filter(str.isalnum, key)).casefold()


def shown_key(key: str) -> str:
    """Return a key as messages show it: clipped, without non-printable characters."""
    return excerpt(key)[1:-1]


def _constraint(constraint: Any) -> str:
    """Return a keyword's value for a message: a list as `a, b or c`, anything else as it is."""
    return guarded(printable(_listed(constraint) if isinstance(constraint, list) else _spelled(constraint)))


def _listed(values: list[Any]) -> str:
    shown = [_spelled(value) for value in values[:MOST_LISTED]]
    if len(values) > MOST_LISTED:
        shown.append(f"{len(values) - MOST_LISTED} more")
    return enumerated(shown) or "nothing"


def _spelled(value: Any) -> str:
    """As JSON has it, but for the quotes around a text; clipped, and keys masked, since tools bring schemas too."""
    return without_keys(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 80)
