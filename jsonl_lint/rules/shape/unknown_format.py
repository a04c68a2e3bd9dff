"""JL103."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.dialects import MESSAGES_AS_TURNS, Dialect, dialect_of
from jsonl_lint.formats import BEDROCK_SCHEMA_VERSION, has_messages_as_turns
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule, shown_key
from jsonl_lint.rule.excuses import is_refused_as_mixed, pair_wanted

_MOST_LISTED = 8
"""Formats of a target that a message lists."""


class UnknownFormat(StructureRule):
    """A record has none of the key sets that the target knows.

    The message names the dialect that the record resembles (ShareGPT, Alpaca, …) and the help says how to convert it.
    That includes a record with the keys of the target's format and those of another (KTO's true or false `label` beside
    prompt and completion, Bedrock's `schemaVersion` beside messages) and ShareGPT's `conversations` with turns of
    `role` and `content`. In a file of another known format the record is reported by `missing-messages` or
    `mixed-formats` instead.

    With `--method dpo`, a record that is not a preference pair is reported too if the target takes such pairs, unless
    `mixed-formats` already reports it as an error.
    """

    code = "JL103"
    name = "unknown-format"
    severity = Severity.ERROR
    help = "Give each record the keys of one format, for example `messages`."
    formats = ("*",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Only records that no format's schema was applied to, and those that the method cannot use."""
        wanted = pair_wanted(record)
        if wanted and not is_refused_as_mixed(record):
            words = f"the record is {record.format}, and `--method dpo` learns from pairs of answers: {wanted}"
            yield self.sketch((), words, "Give each prompt two answers, or leave `--method dpo` out.")
        if record.checked_as:
            return
        if _lacks_version(record):
            advice = f'Add `"schemaVersion": "{BEDROCK_SCHEMA_VERSION}"`.'
            yield self.sketch((), "the record has no `schemaVersion`", advice)
            return
        dialect = _dialect(record)
        if dialect:
            message = f"the record looks like {dialect.name}, which {record.target.title} does not take"
            to = next((name for name in dialect.convertible if name in record.target.formats), None)
            how = f"convert it with `jsonl-lint convert FILE --to {to} -o OUT`: " if to else ""
            advice = f"{how}{dialect.conversion}."
            yield self.sketch((), message, advice[0].upper() + advice[1:])
            return
        keys = ", ".join(f"`{shown_key(key)}`" for key in list(record.value)[:6]) or "none"
        accepted = _listed(record.target.formats)
        yield self.sketch((), f"no known format has these keys: {keys} ({record.target.title} takes {accepted})")


def _dialect(record: Record) -> Dialect | None:
    """What the record resembles; a conversation that is one text, or an object, has no turns that could be renamed."""
    dialect = dialect_of(record.value.keys(), weak=True)
    if dialect and dialect.keys == MESSAGES_AS_TURNS.keys and has_messages_as_turns(record.value):
        return MESSAGES_AS_TURNS
    turns = dialect.keys & {"conversations", "conversation"} if dialect else ()
    return dialect if all(isinstance(record.value[key], list) for key in turns) else None


def _listed(formats: tuple[str, ...]) -> str:
    """The formats of a target; of a long list its beginning."""
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
