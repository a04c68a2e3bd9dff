"""Measure one record: count the tokens that its chat template renders, or find bounds for them.

Bounds and counts come from the same rendering.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from jsonl_lint.records.formats import (
    BY_NAME,
    FORMATS,
    OTHER_TOOLS,
    PREFERENCE_OUTPUTS,
    PROMPTED,
    Format,
    is_spoken,
)
from jsonl_lint.records.untyped import GEMINI_SYSTEM
from jsonl_lint.tokens.bounds import at_least, at_most
from jsonl_lint.tokens.conversation import Rendering, Segment, as_list, conversation
from jsonl_lint.tokens.requests import renderings_of_request
from jsonl_lint.tokens.templates import INEXACT, Template
from jsonl_lint.tokens.vocabulary import Loaded

SYSTEM_BESIDE = (*GEMINI_SYSTEM, "system")
"""Keys of a system prompt beside the messages. The first of these keys that a record has counts."""

BESIDE = (*SYSTEM_BESIDE, *OTHER_TOOLS)
"""Keys beside the messages and `tools` that a chat template renders."""


class TokenCount(NamedTuple):
    """The length of a record in tokens.

    `how` is `exact`, `at most`, `at least` or `approximately`; `why` says what the count is based on. `before` has the
    number of tokens before each message; `images` were not counted.
    """

    tokens: int
    how: str
    why: str
    before: Mapping[int, int]
    images: int = 0

    def __str__(self) -> str:
        """`12,345 tokens`, with `how` in front unless it is exact."""
        figure = f"{self.tokens:,} token" + ("s" if self.tokens != 1 else "")
        return figure if self.how == "exact" else f"{self.how} {figure}"


def measure(record: Mapping[str, Any], template: Template, loaded: Loaded, format: str | None = None) -> TokenCount:
    """Return the length of a record. If it has several sequences (a preference pair), the longest counts."""
    return count_longest(renderings(record, template, format), template, loaded)


def count_longest(found: list[Rendering], template: Template, loaded: Loaded) -> TokenCount:
    """Return the length of the longest sequence."""
    return max(count_each(found, template, loaded), key=lambda length: length.tokens)


def count_each(found: list[Rendering], template: Template, loaded: Loaded) -> list[TokenCount]:
    """Return the length of each sequence."""
    return [_count(rendering, template, loaded) for rendering in found]


def upper_bound(found: list[Rendering], loaded: Loaded) -> int | None:
    """Return a length that no sequence exceeds, without the images that are not counted; None if there is none.

    The words of a user's tokenizer may be longer than their bytes.
    """
    if not loaded.bounded:
        return None
    return max(_bound(rendering, loaded) for rendering in found)


def lower_bound(found: list[Rendering]) -> int:
    """Return a length that the longest sequence certainly has in every vocabulary, without counting."""
    return max(sum(at_least(segment.text) for segment in rendering.segments) for rendering in found)


def _bound(rendering: Rendering, loaded: Loaded) -> int:
    """Return a length that the sequence does not exceed."""
    return sum(tokens + at_most(text, loaded.vocabulary) for _, tokens, text in rendering.segments)


_TOKENS_AT = {"tokenized": "token_ids", "input-ids": "input_ids"}
"""Keys of the tokens, in formats whose records contain tokens instead of texts."""


def renderings(record: Mapping[str, Any], template: Template, format: str | None = None) -> list[Rendering]:
    """Return the sequences of a record, an empty one if its format is not known. `format` is guessed if it is None."""
    layout = BY_NAME.get(format or "") or _likely_format(record)
    if layout is None:
        return [Rendering([])]
    if layout.name in _TOKENS_AT:
        return [Rendering([Segment(-1, len(as_list(record.get(_TOKENS_AT[layout.name]))), "")], given=True)]
    if layout.name == "batch" and _lacks_messages(record):
        return renderings_of_request(record, layout, template)
    prompts, answers = _turns(record, layout)
    beside = len(_system(record, layout)) if layout.messages_at else 0
    if layout.name == "text":
        return [Rendering([Segment(-1, 1, text) for _, text in prompts])]
    tools = _tools(record, layout)
    found = [conversation([*prompts, *answer], tools, layout, template, -beside) for answer in answers or [[]]]
    if layout.messages_at or is_spoken(record):
        return found
    return [each._replace(doubts=("a prompt and its answer", *each.doubts)) for each in found]


def _likely_format(record: Mapping[str, Any]) -> Format | None:
    """Return the first format that the record has, and that no other of its formats extends; None if it has none."""
    found = [known for known in FORMATS if known.required <= record.keys()]
    return next((one for one in found if not any([one.required < other.required for other in found])), None)


def _tools(record: Mapping[str, Any], layout: Format) -> Any:
    """Return the definitions of tools. Those of a preference pair count at the root, too: they are moved from there."""
    if not layout.tools_at or (layout.name in PROMPTED and not is_spoken(record)):
        return None
    tools = _at(record, layout.tools_at)
    if tools is None and layout.name == "preference":
        tools = record.get("tools")
    holder = _at(record, layout.tools_at[:-1])
    others = map(holder.get, OTHER_TOOLS) if isinstance(holder, Mapping) else ()
    return tools or next(filter(None, others), None)


def _lacks_messages(request: Mapping[str, Any]) -> bool:
    """Whether a batch request is not a chat."""
    body = request.get("body")
    return isinstance(body, Mapping) and "messages" not in body


def _turns(record: Mapping[str, Any], layout: Format) -> tuple[list[Any], list[list[Any]]]:
    """Return the messages of a record, and for a preference pair the two alternative ends."""
    if layout.messages_at:
        system = _system(record, layout)
        messages = as_list(_at(record, layout.messages_at))
        return [*system, *messages], _ends(record, layout)
    if layout.name == "text":
        return [("text", text) for text in [record.get("text")] if isinstance(text, str)], []
    before = _system(record, layout) if record.get("system") else []
    if layout.name == "alpaca":
        question = "\n".join(text for key in ("instruction", "input") if isinstance(text := record.get(key), str))
        return [*before, *_earlier(record), _message("user", question), _message("assistant", record.get("output"))], []
    if layout.name == "prompt":
        return [*before, *_as_turns("user", record.get("prompt"))], []
    if layout.name == "chosen-rejected":
        return [*before, *_as_turns("user", record.get("prompt"))], [
            _as_turns("assistant", record.get(key)) for key in ("chosen", "rejected")
        ]
    answer = record.get("response" if layout.name == "prompt-response" else "completion")
    return [*_as_turns("user", record.get("prompt")), *_as_turns("assistant", answer)], []


def _ends(record: Mapping[str, Any], layout: Format) -> list[list[Any]]:
    """Return the alternative ends of a conversation, if it has any."""
    if layout.name == "preference":
        return [as_list(record.get(key)) for key in PREFERENCE_OUTPUTS]
    if layout.name == "gemini-preference":
        return [[item.get("completion")] for item in as_list(record.get("completions")) if isinstance(item, dict)]
    return []


def _earlier(record: Mapping[str, Any]) -> list[Any]:
    """Return the messages of Alpaca's `history`, which has pairs of a question and its answer."""
    pairs = [pair for pair in as_list(record.get("history")) if isinstance(pair, list)]
    return [_message(role, text) for pair in pairs for role, text in zip(("user", "assistant"), pair, strict=False)]


def _system(record: Mapping[str, Any], layout: Format) -> list[Any]:
    """Return the system prompt beside the messages (Gemini, Bedrock, Anthropic) as messages, [] if there is none."""
    holder = _at(record, layout.messages_at[:-1])
    if not isinstance(holder, Mapping):
        return []
    content = next((holder.get(key) for key in SYSTEM_BESIDE if key in holder), None)
    if isinstance(content, Mapping):
        content = content.get("parts")
    return [] if content is None else [{layout.speaker: "system", layout.content: content}]


def _message(role: str, text: Any) -> dict[str, Any]:
    return {"role": role, "content": text}


def _as_turns(role: str, value: Any) -> list[Any]:
    """Return a prompt or an answer, which is a text or messages, as messages."""
    if isinstance(value, list) and all(isinstance(item, dict) and "role" in item for item in value):
        return value
    return [_message(role, value)]


def _count(rendering: Rendering, template: Template, loaded: Loaded) -> TokenCount:
    if not rendering.segments:
        return TokenCount(0, "at least", "nothing in it is known to be text", {}, rendering.images)
    count = loaded.count
    before: dict[int, int] = {}
    total = 0
    for message, tokens, text in rendering.segments:
        before.setdefault(message, total)
        total += tokens + (count(text) if text else 0)
    if rendering.given:
        return TokenCount(total, "exact", "the record holds the tokens themselves", before)
    in_pieces = any(loaded.cuts(text) for _, _, text in rendering.segments)
    how, why = certainty(template, loaded, rendering.doubts, in_pieces=in_pieces)
    if rendering.images and how == "exact":
        how = "at least"
    return TokenCount(total, how, why, before, rendering.images)


def certainty(
    template: Template, loaded: Loaded, doubts: tuple[str, ...] = (), *, in_pieces: bool = False
) -> tuple[str, str]:
    """Return `how` and `why` of a `TokenCount`. `doubts` are the parts that are rendered only approximately."""
    reasons = [loaded.approximate] if loaded.approximate else []
    if not template.exact:
        reasons.append(INEXACT)
    if doubts:
        reasons.append(f"how the template renders {' and '.join(doubts)} is known only approximately")
    if in_pieces:
        reasons.append("a huge text without words was counted in pieces")
    why = "; ".join(reasons) or f"vocabulary {loaded.vocabulary.name}, template {template.name}"
    return "approximately" if reasons else "exact", why


def _at(value: Any, pointer: tuple[str | int, ...]) -> Any:
    """Return the value at the pointer. Only `get` is used, because a caller's own mapping may create missing values."""
    for part in pointer:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
