"""The length of one record: what its chat template makes of it, in tokens, and how that was found.

A record becomes pieces: control tokens and texts, in the order in which the model sees them. The same pieces give the
bounds and the count.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from jsonl_lint.formats import BY_NAME, FORMATS, Format
from jsonl_lint.record import STANDARD_ROLES, role_meaning
from jsonl_lint.tokens.bounds import at_least, at_most
from jsonl_lint.tokens.engines import PIECE
from jsonl_lint.tokens.templates import Template, Turn
from jsonl_lint.tokens.vocabulary import Loaded

LONGEST_ODD_VALUE = 100_000
"""Characters that are counted of a tool definition which is nested too deep to be written as JSON."""


class Piece(NamedTuple):
    """Control tokens, and a text that is encoded by itself. `message` is its place; -1: it belongs to no message."""

    message: int
    tokens: int
    text: str


class Rendering(NamedTuple):
    """One sequence as the model sees it. `doubts`: what the constants only come near to; `images`: not counted."""

    pieces: list[Piece]
    doubts: tuple[str, ...] = ()
    images: int = 0


class TokenCount(NamedTuple):
    """The length of a record in tokens.

    `how` is `exact`, `at most`, `at least` or `approximately`; `why` says what the figure rests on. `before` is the
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


def measure(record: Mapping[str, Any], template: Template, loaded: Loaded, format: str | None = None) -> TokenCount:  # noqa: A002
    """The length of a record: of its longest sequence, where it has several (preference pairs)."""
    return longest(renderings(record, template, format), template, loaded)


def longest(found: list[Rendering], template: Template, loaded: Loaded) -> TokenCount:
    """The length of the longest sequence."""
    return max(each(found, template, loaded), key=lambda length: length.tokens)


def each(found: list[Rendering], template: Template, loaded: Loaded) -> list[TokenCount]:
    """The length of each sequence."""
    return [_count(rendering, template, loaded) for rendering in found]


def upper_bound(found: list[Rendering], loaded: Loaded) -> int | None:
    """What no sequence exceeds; None where nothing is certain: images, a foreign tokenizer."""
    if not loaded.bounded or any(rendering.images for rendering in found):
        return None
    return max(_bound(rendering, loaded) for rendering in found)


def lower_bound(found: list[Rendering]) -> int:
    """What the longest sequence surely reaches in any vocabulary, as far as that shows without counting."""
    return max(sum(at_least(piece.text) for piece in rendering.pieces) for rendering in found)


def _bound(rendering: Rendering, loaded: Loaded) -> int:
    return sum(tokens + at_most(text, loaded.vocabulary) for _, tokens, text in rendering.pieces)


def size_of(text: str, loaded: Loaded) -> int:
    """What the text's tokens do not exceed; endless where nothing is certain."""
    return at_most(text, loaded.vocabulary) if loaded.bounded else sys.maxsize


def renderings(record: Mapping[str, Any], template: Template, format: str | None = None) -> list[Rendering]:  # noqa: A002
    """The sequences that a record makes; an empty one if its format is not known. `format` is guessed where None."""
    layout = BY_NAME.get(format or "") or next((known for known in FORMATS if known.required <= record.keys()), None)
    if layout is None:
        return [Rendering([])]
    if layout.name == "tokenized":
        return [Rendering([Piece(-1, len(as_list(record.get("token_ids"))), "")])]
    prompts, answers = _turns(record, layout)
    beside = len(_system(record, layout)) if layout.messages_at else 0
    tools = _at(record, layout.tools_at) if layout.tools_at else None
    if layout.name == "text":
        return [Rendering([Piece(-1, 1, text) for _, text in prompts])]
    return [_conversation([*prompts, *answer], tools, layout, template, -beside) for answer in answers or [[]]]


def _turns(record: Mapping[str, Any], layout: Format) -> tuple[list[Any], list[list[Any]]]:
    """The messages of a record, and the alternative ends that they have in preference pairs."""
    if layout.messages_at:
        system = _system(record, layout)
        messages = as_list(_at(record, layout.messages_at))
        ends = [as_list(record.get(key)) for key in ("preferred_output", "non_preferred_output")]
        return [*system, *messages], ends if layout.name == "preference" else []
    if layout.name == "text":
        return [("text", text) for text in [record.get("text")] if isinstance(text, str)], []
    if layout.name == "alpaca":
        question = "\n".join(text for key in ("instruction", "input") if isinstance(text := record.get(key), str))
        return [_said("user", question), _said("assistant", record.get("output"))], []
    if layout.name == "chosen-rejected":
        return _as_turns("user", record.get("prompt")), [
            _as_turns("assistant", record.get(key)) for key in ("chosen", "rejected")
        ]
    return [*_as_turns("user", record.get("prompt")), *_as_turns("assistant", record.get("completion"))], []


def _system(record: Mapping[str, Any], layout: Format) -> list[Any]:
    """A system prompt that stands beside the messages (Gemini, Bedrock, Anthropic)."""
    holder = _at(record, layout.messages_at[:-1])
    if not isinstance(holder, Mapping):
        return []
    content = holder.get("systemInstruction", holder.get("system_instruction", holder.get("system")))
    if isinstance(content, Mapping):
        content = content.get("parts")
    return [] if content is None else [{layout.speaker: "system", layout.content: content}]


def _said(role: str, text: Any) -> dict[str, Any]:
    return {"role": role, "content": text}


def _as_turns(role: str, value: Any) -> list[Any]:
    """A text of a prompt or an answer, or the messages that stand in its place."""
    if isinstance(value, list) and all(isinstance(item, dict) and "role" in item for item in value):
        return value
    return [_said(role, value)]


def _count(rendering: Rendering, template: Template, loaded: Loaded) -> TokenCount:
    if not rendering.pieces:
        return TokenCount(0, "at least", "nothing in it is known to be text", {}, rendering.images)
    count = loaded.count
    before: dict[int, int] = {}
    total = 0
    for message, tokens, text in rendering.pieces:
        before.setdefault(message, total)
        total += tokens + (count(text) if text else 0)
    in_pieces = any(len(text) > PIECE for _, _, text in rendering.pieces)
    how, why = certainty(template, loaded, rendering.doubts, in_pieces=in_pieces)
    if rendering.images and how == "exact":
        how = "at least"
    return TokenCount(total, how, why, before, rendering.images)


def certainty(
    template: Template, loaded: Loaded, doubts: tuple[str, ...] = (), *, in_pieces: bool = False
) -> tuple[str, str]:
    """How a count is to be called, and what it rests on. `doubts`: parts whose form is only nearly known."""
    reasons = [loaded.approximate] if loaded.approximate else []
    if not template.exact:
        reasons.append("the chat template is only nearly known")
    if doubts:
        reasons.append(f"the template's form of {' and '.join(doubts)} is only nearly known")
    if in_pieces:
        reasons.append("a huge text was counted in pieces")
    why = "; ".join(reasons) or f"vocabulary {loaded.vocabulary.name}, template {template.name}"
    return "approximately" if reasons else "exact", why


def _conversation(messages: list[Any], tools: Any, layout: Format, template: Template, first: int) -> Rendering:
    """`first` is the place of the first message: -1 for a system prompt that stands beside the others."""
    speaker, content = layout.speaker, layout.content
    found = [(index, item) for index, item in enumerate(messages, first) if isinstance(item, dict)]
    meanings = [role_meaning(item, STANDARD_ROLES, speaker) or "user" for _, item in found]
    last_question = max(
        (index for (index, _), meaning in zip(found, meanings, strict=True) if meaning == "user"), default=-1
    )
    start = template.start if "system" in meanings else template.start + template.no_system
    pieces = [Piece(-1, start, "")]
    doubts: dict[str, None] = {}
    if tools and template.tools is not None:
        doubts["tool definitions"] = None
        pieces += [Piece(-1, template.tools, "")]
        pieces += [Piece(-1, 2, as_json(tool, template.indent)) for tool in as_list(tools) or [tools]]
    carried, images = "", 0
    for (index, item), meaning in zip(found, meanings, strict=True):
        text, seen, priced = text_of(item.get(content))
        images += seen if template.image is None else seen - priced
        if template.image is not None and priced:
            pieces.append(Piece(index, priced * template.image, ""))
        if meaning == "system" and template.system_in_user:
            carried += f"{text}\n\n"
            continue
        turn: Turn = getattr(template, meaning)
        if template.trim or (template.trim_answer and meaning == "assistant"):
            text = text.strip()
        if carried and meaning == "user":
            text, carried = carried + text, ""
        if meaning == "assistant" and template.thinking is not None:
            turn, text = answered(item, turn, text, template, last=index > last_question)
        pieces.append(Piece(index, turn.tokens, f"{turn.before}{text}{turn.after}"))
        for call in calls_of(item):
            doubts["tool calls"] = None
            pieces.append(Piece(index, template.call, call_text(call)))
        if meaning == "tool":
            doubts["tool results"] = None
        if template.speaker is not None and isinstance(item.get("name"), str):
            pieces.append(Piece(index, template.speaker, item["name"]))
    return Rendering(pieces, tuple(doubts), images)


def answered(item: Mapping[str, Any], turn: Turn, text: str, template: Template, *, last: bool) -> tuple[Turn, str]:
    """The assistant's turn and text, with its reasoning where the template writes it."""
    thinking = template.thinking
    if thinking is None:
        return turn, text
    reasoning = next((item[key] for key in ("reasoning_content", "reasoning") if isinstance(item.get(key), str)), "")
    if "</think>" in text:
        thought, _, text = text.rpartition("</think>")
        reasoning = reasoning or thought.rpartition("<think>")[2]
        if thinking.strip:
            text = text.lstrip("\n")
    if thinking.strip:
        reasoning = reasoning.strip()
    if template.trim_answer:
        text = text.strip()
    if thinking.kept and last and (reasoning or thinking.always):
        return Turn(thinking.tokens, f"{thinking.opening}{reasoning}{thinking.closing}"), text
    return turn, text


def text_of(content: Any) -> tuple[str, int, int]:
    """A message's text, how many images it holds, and how many of these ask for low detail."""
    if isinstance(content, str):
        return content, 0, 0
    texts: list[str] = []
    images = low = 0
    for part in as_list(content):
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, dict):
            holder = part.get("image_url")
            is_image = (
                holder is not None
                or "image" in str(part.get("type", ""))
                or bool({"image", "inlineData"} & part.keys())
            )
            images += is_image
            low += is_image and isinstance(holder, dict) and holder.get("detail") == "low"
    return "".join(texts), images, low


def calls_of(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The tool calls as the models see them: name and arguments, without the identifier."""
    calls = as_list(item.get("tool_calls"))
    if isinstance(item.get("function_call"), dict):
        calls = [*calls, {"function": item["function_call"]}]
    for call in calls:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            yield {"name": function.get("name"), "arguments": function.get("arguments")}


def call_text(call: dict[str, Any]) -> str:
    """The JSON of a tool call, as `as_json` writes it."""
    name, arguments = call["name"], call["arguments"]
    if type(name) is str and type(arguments) is str:
        return f'{{"name": {encode_basestring(name)}, "arguments": {encode_basestring(arguments)}}}'
    return as_json(call, None)


def as_json(value: Any, indent: int | None) -> str:
    """As Hugging Face's `tojson` writes it."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent)
    except (RecursionError, ValueError, TypeError):
        return str(type(value)) if isinstance(value, (dict, list)) else str(value)[:LONGEST_ODD_VALUE]


def _at(value: Any, pointer: tuple[str | int, ...]) -> Any:
    for part in pointer:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def as_list(value: Any) -> list[Any]:
    """The list, or an empty one for anything else."""
    return value if isinstance(value, list) else []
