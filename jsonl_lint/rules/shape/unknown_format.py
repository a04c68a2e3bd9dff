"""JL103."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from jsonl_lint.dialects import (
    MESSAGES_AS_TURNS,
    PARQUET,
    RECORDS_INSIDE,
    TURNS_AS_PAIRS,
    TURNS_AS_TEXTS,
    WRAPPERS,
    Dialect,
    dialect_of,
)
from jsonl_lint.model import Severity
from jsonl_lint.records.formats import BEDROCK_SCHEMA_VERSION, BY_NAME, FORMATS, PAIRS, has_messages_as_turns
from jsonl_lint.rule import Record, Sketch, StructureRule, known_key, shown_key
from jsonl_lint.rule.excuses import is_refused_as_mixed, pair_wanted
from jsonl_lint.schemas import has_type, load_schema
from jsonl_lint.target import BATCH_FORMATS, Target, read_target, target_names
from jsonl_lint.wording import enumerated

_MOST_LISTED = 8
"""Formats of a target that a message lists."""

_MOST_KEYS = 16
"""A record with more keys is hardly one of a known format with a misspelt key."""


class UnknownFormat(StructureRule):
    """A record has none of the key sets that the target knows.

    The message names the dialect that the record resembles (ShareGPT, Alpaca, …) and the help says how to convert it,
    and which other target takes it as it is. That includes a record with the keys of the target's format and those of
    another (KTO's true or false `label` beside prompt and completion, Bedrock's `schemaVersion` beside messages) and
    ShareGPT's `conversations` with turns of `role` and `content`. In a file of another known format the record is
    reported by `missing-messages` or `mixed-formats` instead.

    With `--method dpo`, a record that is not a preference pair is reported too if the target takes such pairs, unless
    `mixed-formats` already reports it as an error.
    """

    code = "JL103"
    name = "unknown-format"
    severity = Severity.ERROR
    help = "Give each record the keys of one format, for example `messages`."
    formats = ("*",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield records to which no format's schema was applied, and those that the method cannot use."""
        wanted = pair_wanted(record)
        if wanted and not is_refused_as_mixed(record):
            words = f"the record is {record.format}, and `--method dpo` learns from pairs of answers: {wanted}"
            yield self.sketch((), words, _TWO_ANSWERS)
        if record.checked_as:
            return
        if _lacks_version(record):
            advice = f'Add `"schemaVersion": "{BEDROCK_SCHEMA_VERSION}"`.'
            yield self.sketch((), "the record has no `schemaVersion`", advice)
            return
        names, certain = _renaming(record)
        dialect = None if certain else _dialect(record)
        if dialect and not (names and dialect.keys.isdisjoint(names)):
            message = f"the record looks like {dialect.name}, which {record.target.title} does not take"
            advice = f"{_advice(dialect, record)} {_other_target(dialect, record)}".strip()
            yield self.sketch((), message, advice)
            return
        keys = ", ".join(f"`{shown_key(key)}`" for key in list(record.value)[:6])
        found = f"no known format has these keys: {keys}" if keys else "the record has no keys"
        message = f"{found} ({record.target.title} takes {_listed(record.target.formats)})"
        rename = enumerated([f"`{shown_key(key)}` to `{name}`" for key, name in names.items()], "and")
        yield self.sketch((), message, f"Rename {rename}." if rename else _example(record.target.formats[0]))


_TWO_ANSWERS = "Give each prompt two answers, or leave `--method dpo` out."


def _advice(dialect: Dialect, record: Record) -> str:
    """Say how the records become ones that the target takes, or with which method it takes them."""
    target = record.target
    for method, formats in target.traits.get("formats_by_method", {}).items():
        if dialect.format in formats:
            return f"Use `--method {method}`, which takes them; for another one they lack the answers."
    pair = next((name for name in PAIRS if name in target.formats), None)
    paired = record.method == "dpo" and pair is not None
    how = dialect.advice(tuple(_of_use(target, paired)))
    if how:
        return how[0].upper() + how[1:]
    if not {dialect.goal, *dialect.convertible}.isdisjoint(PAIRS):
        alone = "The target takes no pairs of answers: keep the better one. "
        return _example(pair) if pair else alone + _example(target.formats[0])
    return _TWO_ANSWERS if paired else _example(target.formats[0])


def _other_target(dialect: Dialect, record: Record) -> str:
    """Name the targets that take such a record as it is: those of providers, or else the one for any trainer."""
    known = next((known for known in FORMATS if known.required == dialect.keys), None)
    names = _targets_that_take(known.name) if known and record.target.name != _ANY else ()
    return f"If it is meant for another target, say so: {enumerated(names, 'or')}." if names else ""


@cache
def _targets_that_take(format: str) -> list[str]:
    every = [data for name in target_names() if format in (data := read_target(name))["formats"]]
    live = [data["name"] for data in every if data["status"]["state"] == "live"]
    return [f"`--target {name}`" for name in [name for name in live if name != _ANY] or live]


_ANY = "generic"
"""The target that stands for any trainer."""


def _of_use(target: Target, paired: bool) -> Iterator[str]:
    """Yield what the target takes, the best first; with pairs of answers the method learns from nothing else."""
    if not paired and "parquet_columns" in target.limits:
        yield PARQUET
    for name in target.formats:
        if not paired or name in PAIRS or name in BATCH_FORMATS:
            yield name


def _example(taken: str) -> str:
    """Name the keys of a format that the target takes."""
    known = BY_NAME[taken]
    keys = [f"`{key}`" for key in _types_in(known.schema) if key in known.required]
    return f"Give each record the keys of one format, for example {enumerated(keys, 'and')}."


def _renaming(record: Record) -> tuple[dict[str, str], bool]:
    """Return the keys to rename so that the target takes the record, and whether their case alone is wrong."""
    value, likely = record.value, dict[str, str]()
    if len(value) > _MOST_KEYS:
        return likely, False
    accepted = [known for known in FORMATS if known.name in record.target.formats]
    lacking = dict.fromkeys(name for known in accepted for name in known.required if name not in value)
    meant = {key: found for key in value if (found := known_key(key, value, lacking))}
    for known in accepted if meant else ():
        names = {key: found.name for key, found in meant.items() if found.name in known.required}
        needed = known.required - value.keys()
        if needed and len(names) == len(needed) and set(names.values()) == needed:
            if all(meant[key].certain for key in names):
                return names, True
            if all(_may_be(value[key], known.schema, name) for key, name in names.items()):
                likely = likely or names
    return likely, False


def _may_be(value: object, schema: str, name: str) -> bool:
    """Whether the key of that name may have this value. A number is no text, so its key was not meant to be `text`.

    Turns of ShareGPT are not `messages`, either.
    """
    if isinstance(value, list) and any(isinstance(turn, dict) and "from" in turn for turn in value):
        return False
    types = _types_in(schema).get(name)
    return types is None or has_type(types, value)


@cache
def _types_in(schema: str) -> dict[str, str | list[str] | None]:
    return {name: part.get("type") for name, part in load_schema(schema)["properties"].items()}


def _dialect(record: Record) -> Dialect | None:
    """Return what the record resembles. A conversation that is one text, or an object, has no turns to rename."""
    dialect = dialect_of(record.value.keys(), weak=True)
    if dialect and dialect.keys == MESSAGES_AS_TURNS.keys and has_messages_as_turns(record.value):
        return MESSAGES_AS_TURNS
    if dialect and dialect.keys == TURNS_AS_TEXTS.keys and _are_texts(record.value["conversations"]):
        return TURNS_AS_TEXTS
    if dialect and dialect.keys == TURNS_AS_PAIRS.keys and _has_pairs(record.value["conversation"]):
        return TURNS_AS_PAIRS
    typed = _TYPES.keys() & dialect.keys if dialect else ()
    if dialect and all(isinstance(record.value[key], _TYPES[key]) for key in typed):
        return dialect
    objects = {key for key, value in record.value.items() if value and isinstance(value, dict)}
    return next((inside for inside in RECORDS_INSIDE if inside.keys <= objects), None)


_TYPES: dict[str, type] = {**dict.fromkeys(("conversations", "conversation", *WRAPPERS), list), "chat": str}
"""What these keys hold if the record is of the dialect that they tell."""


def _are_texts(turns: object) -> bool:
    return isinstance(turns, list) and bool(turns) and all(isinstance(turn, str) for turn in turns)


def _has_pairs(turns: object) -> bool:
    """Whether every turn is an object whose keys are speakers, with a question and its answer."""
    pairs = turns if isinstance(turns, list) else []
    return bool(pairs) and all(isinstance(turn, dict) and any(pair <= turn.keys() for pair in _PAIRS) for turn in pairs)


_PAIRS = ({"human", "assistant"}, {"user", "assistant"}, {"input", "output"})


def _listed(formats: tuple[str, ...]) -> str:
    """Return the formats of a target; of a long list its beginning."""
    shown = (
        formats if len(formats) <= _MOST_LISTED else (*formats[:_MOST_LISTED], f"{len(formats) - _MOST_LISTED} more")
    )
    return ", ".join(shown)


def _lacks_version(record: Record) -> bool:
    """Whether it would be Bedrock's, with one key more: its messages are made of blocks that have no type."""
    messages = record.value.get("messages")
    if "bedrock" not in record.target.formats or not isinstance(messages, list) or not messages:
        return False
    contents = [message.get("content") for message in messages if isinstance(message, dict)]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    return bool(blocks) and all(isinstance(block, dict) and "type" not in block for block in blocks)
