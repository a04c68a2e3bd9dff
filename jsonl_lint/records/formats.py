"""The record formats that targets accept. A format is recognised by its required root keys."""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from jsonl_lint.dialects import MESSAGES_AS_TURNS, Dialect, dialect_of
from jsonl_lint.dialects.dialect import keys_of
from jsonl_lint.model import Pointer
from jsonl_lint.records.untyped import GEMINI_SYSTEM


class Format(NamedTuple):
    """A record format: the root keys that identify it, and the schema that describes it.

    `hints` are key sets that identify a record of this format even if a required key is missing. `messages_at` and
    `tools_at` are the pointers to its conversation and its tool definitions, `()` if it has none; `speaker` and
    `content` are the keys of a message. `like` names a format whose rules also apply to this one.
    """

    name: str
    required: frozenset[str]
    schema: str
    title: str
    hints: tuple[frozenset[str], ...] = ()
    messages_at: Pointer = ()
    tools_at: Pointer = ()
    speaker: str = "role"
    content: str = "content"
    like: str = ""


FORMATS = (
    Format("chat", keys_of("messages"), "chat", "chat messages", (), ("messages",), ("tools",)),
    Format("instruction", keys_of("prompt completion"), "instruction", "prompt and completion", tools_at=("tools",)),
    Format("text", keys_of("text"), "text", "plain text"),
    Format(
        "preference",
        keys_of("input preferred_output non_preferred_output"),
        "preference",
        "preference pair (input, preferred_output, non_preferred_output)",
        (
            keys_of("preferred_output"),
            keys_of("non_preferred_output"),
            keys_of("preferred_output non_preferred_output"),
            keys_of("input preferred_completion"),
            keys_of("input non_preferred_completion"),
            keys_of("input chosen rejected"),
        ),
        ("input", "messages"),
        ("input", "tools"),
    ),
    Format(
        "batch",
        keys_of("custom_id body"),
        "batch",
        "batch request (custom_id, body)",
        (keys_of("custom_id"), keys_of("body method"), keys_of("body url")),
        ("body", "messages"),
        ("body", "tools"),
    ),
    Format(
        "anthropic-batch",
        keys_of("custom_id params"),
        "anthropic-batch",
        "Anthropic batch request (custom_id, params)",
        (keys_of("custom_id"), keys_of("params")),
        ("params", "messages"),
        ("params", "tools"),
    ),
    Format(
        "gemini",
        keys_of("contents"),
        "gemini",
        "Gemini contents",
        tuple(keys_of(key) for key in GEMINI_SYSTEM),
        ("contents",),
        ("tools",),
        content="parts",
    ),
    Format(
        "gemini-preference",
        keys_of("contents completions"),
        "gemini-preference",
        "Gemini contents with two scored completions",
        (),
        ("contents",),
        content="parts",
    ),
    Format(
        "bedrock",
        keys_of("schemaVersion messages"),
        "bedrock",
        "Bedrock converse",
        (keys_of("schemaVersion"),),
        ("messages",),
        ("toolConfig", "tools"),
    ),
    Format(
        "sharegpt",
        keys_of("conversations"),
        "sharegpt",
        "ShareGPT conversations",
        (),
        ("conversations",),
        speaker="from",
        content="value",
    ),
    Format(
        "interactions",
        keys_of("interactions"),
        "interactions",
        "mistral-finetune's interactions",
        (),
        ("interactions",),
        ("tools",),
        like="chat",
    ),
    Format("alpaca", keys_of("instruction output"), "alpaca", "Alpaca instruction and output"),
    Format("prompt-response", keys_of("prompt response"), "prompt-response", "prompt and response"),
    Format(
        "chosen-rejected", keys_of("chosen rejected"), "chosen-rejected", "prompt/chosen/rejected", tools_at=("tools",)
    ),
    Format("kto", keys_of("prompt completion label"), "kto", "KTO prompt, completion and label", tools_at=("tools",)),
    Format("prompt", keys_of("prompt"), "prompt", "prompt alone", tools_at=("tools",)),
    Format("tokenized", keys_of("token_ids labels"), "tokenized", "token ids and labels", (keys_of("token_ids"),)),
    Format("input-ids", keys_of("input_ids"), "input-ids", "token ids in the keys of Hugging Face"),
)

BY_NAME = {known.name: known for known in FORMATS}
LIKE = {known.name: known.like for known in FORMATS if known.like}

TRAINED = ("chat", "bedrock", "gemini", "sharegpt")
"""The record formats that are one conversation, including its answers."""

CONVERSATIONS = (*TRAINED, "preference", "batch", "anthropic-batch")
"""The record formats that hold a conversation."""

PROMPTED = ("instruction", "prompt-response", "chosen-rejected", "kto", "prompt")
"""The record formats whose prompt and answers are each a text or a list of messages."""

PAIRS = ("preference", "chosen-rejected", "gemini-preference", "kto")
"""The record formats of preference data: with better and worse answers."""

PREFERENCE_OUTPUTS = ("preferred_output", "non_preferred_output")
"""The keys of the better and the worse answer in a `preference` record."""

ANSWERS = ("completion", "response", "output", "chosen", "rejected")
"""The root keys of answers in the formats that are not conversations."""

PROMPT_AND_ANSWERS = ("prompt", *ANSWERS)
"""The root keys of what may be a list of messages in the `PROMPTED` formats."""

OTHER_TOOLS = ("functions", "available_tools")
"""The keys of tool definitions where there are no `tools`: OpenAI's older one, and another of mistral-finetune."""

REASONING_KEYS = ("reasoning", "reasoning_content")
"""The keys of a chat message under which an answer's reasoning may be."""

BEDROCK_SCHEMA_VERSION = "bedrock-conversation-2024"
"""The only `schemaVersion` that Amazon documents (nova/latest/userguide, fine-tuning data preparation, 2026-11)."""

TOKENISED = ("tokenized", "input-ids")
"""The record formats that hold token ids instead of texts."""

RECORD_STARTS = keys_of(
    "messages prompt completion conversations instruction custom_id preferred_output contents schemaVersion"
)
"""Root keys that no message, part or tool has, so that a line that begins with one begins a record."""


def formats_of(keys: Collection[str], accepted: Collection[str]) -> tuple[Format, ...]:
    """Return the accepted formats whose required keys are all there, except those that others of them extend."""
    return _formats_of(_REQUIRED.intersection(keys), tuple(accepted))


_REQUIRED = frozenset().union(*(known.required for known in FORMATS))


@lru_cache(maxsize=1000)
def _formats_of(keys: frozenset[str], accepted: tuple[str, ...]) -> tuple[Format, ...]:
    found = [known for known in FORMATS if known.name in accepted and known.required.issubset(keys)]
    if len(found) > 1:
        found = [one for one in found if not any(one.required < other.required for other in found)]
    if len(found) > 1:  # what else the record holds says more than its prompt
        found = [one for one in found if one.name != "prompt"]
    if _OUTPUTS.issubset(keys) and "input" not in keys:  # the messages beside two answers are those of their input
        found = [one for one in found if one.name != "chat"] if "preference" in accepted else found
    if _PAIR_WITH_TURNS.issubset(keys):
        found = [one for one in found if one.name != "sharegpt"] or found
    return tuple(found)


def in_use(found: Iterable[Format], record: Mapping[str, Any]) -> list[Format]:
    """Return those of a record's formats that have something else than null under a required key.

    A table that was joined of several datasets has the columns of all, and null in those of the others.
    """
    return [known for known in found if any([record[key] is not None for key in known.required])]


_OUTPUTS = frozenset(PREFERENCE_OUTPUTS)
"""Who has these means a preference pair, even without `input`."""

_PAIR_WITH_TURNS = keys_of("conversations chosen rejected")
"""LLaMA-Factory's pairs: `conversations` are the prompt of the two answers, and no record of their own."""


def intended_format(keys: Collection[str], accepted: Collection[str], file_format: str | None) -> Format | None:
    """Return the accepted format that a record is meant to have although a required key is missing, else None.

    Of several, the file's own is preferred. If a dialect explains at least as many of the keys, there is none.
    """
    if tuple(keys) == ("body",) and "batch" in accepted:  # with other keys it may be the text of an article
        return BY_NAME["batch"]
    dialect = dialect_of(keys)
    least = (len(dialect.keys) if dialect else 0, True)
    found: Format | None = None
    for known in FORMATS:
        size = max((len(hint) for hint in known.hints if hint.issubset(keys)), default=0)
        if known.name in accepted and (size, known.name == file_format) > least:
            least, found = (size, known.name == file_format), known
    return found


def is_message(item: Any) -> bool:
    """Whether an item of a prompt or completion is a message, as in TRL's data, and not a part of a content."""
    return isinstance(item, dict) and "role" in item and "type" not in item


def is_spoken(record: Mapping[str, Any]) -> bool:
    """Whether the prompt or an answer of a record without a conversation is a list of messages, not of parts."""
    lists = [found for key in PROMPT_AND_ANSWERS if isinstance(found := record.get(key), list)]
    return any([isinstance(item, dict) and "role" in item for found in lists for item in found])


def has_messages_as_turns(record: Mapping[str, Any]) -> bool:
    """Whether the turns of a ShareGPT record are all chat messages."""
    turns = record.get("conversations")
    return (
        isinstance(turns, list)
        and all([isinstance(turn, dict) and "role" in turn and _TURN_KEYS.isdisjoint(turn) for turn in turns])
        and any(["content" in turn for turn in turns])
    )


_TURN_KEYS = keys_of("from value")


def foreign_dialect(
    record: Mapping[str, Any], required: frozenset[str], accepted: Collection[str], *, any_keys: bool
) -> Dialect | None:
    """Return the dialect that explains more of a record than the accepted format whose `required` keys it also has.

    A KTO record, for example, has the keys `prompt` and `completion`, but must not be trained on if its label calls the
    answer bad. `any_keys`: the record's other keys may mean anything.
    """
    if required == MESSAGES_AS_TURNS.keys and has_messages_as_turns(record):
        return MESSAGES_AS_TURNS
    dialect = None if any_keys else dialect_of(record.keys())
    if dialect is None or not required < dialect.keys or dialect.format in ("", *accepted):
        return None
    return dialect if not dialect.flag or isinstance(record[dialect.flag], bool) else None
