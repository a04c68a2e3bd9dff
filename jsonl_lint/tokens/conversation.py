"""Render a conversation as its chat template does.

The result is a list of segments: control tokens and texts, in the order in which the model sees them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from jsonl_lint.records.formats import Format
from jsonl_lint.records.roles import STANDARD_ROLES, role_meaning
from jsonl_lint.tokens.templates import Template, Turn
from jsonl_lint.tokens.toolparts import CALL, RESULT, WITH_TOOL_PARTS, calls_and_results

LONGEST_ODD_VALUE = 100_000
"""How many characters a tool definition counts as if it is nested too deep to be written as JSON."""

IN_PARTS = ("bedrock", "gemini")
"""Formats in which content is always a list of parts, so that the template knows how to handle them."""

EMPTY_LINE = "\n\n"


class Segment(NamedTuple):
    """A number of control tokens, and a text that is encoded by itself. `message` is its index, -1 for none."""

    message: int
    tokens: int
    text: str


class Rendering(NamedTuple):
    """One sequence as the model sees it.

    `doubts` are the parts that are rendered only approximately; `images` are not counted. `given` is the number of
    tokens if the record consists of tokens.
    """

    segments: list[Segment]
    doubts: tuple[str, ...] = ()
    images: int = 0
    given: bool = False


class Utterance(NamedTuple):
    """A message, or several that the template writes as one. `images` counts images of low detail."""

    place: int
    role: str
    text: str
    items: tuple[Mapping[str, Any], ...]
    images: int = 0


def conversation(messages: list[Any], tools: Any, layout: Format, template: Template, first: int) -> Rendering:
    """Render a conversation. `first` is the index of the first message: -1 for a system prompt beside the others."""
    read, images = _read(messages, layout, template, first)
    roles = [each.role for each in read]
    said = _arranged(read, template)
    asked = last_question(said, template)
    taken = takes(roles, template) and not (template.order == "asked" and asked == len(said))
    doubts = {} if taken else {"roles in this order": None}
    joins = template.parts or images or layout.name in IN_PARTS  # models that see images have templates for parts
    if not joins and any(_in_parts(item, layout) for item in messages):
        doubts["contents in parts"] = None
    segments = [Segment(-1, template.opening(roles), "")]
    if tools and template.tools is not None:
        doubts["tool definitions"] = None
        segments += [Segment(-1, template.tools, "")]
        segments += [Segment(-1, 2, as_json(tool, template.indent)) for tool in as_list(tools) or [tools]]
    for place, each in enumerate(said):
        if template.image is not None and each.images:
            segments.append(Segment(each.place, each.images * template.image, ""))
        before = said[place - 1].role if place else ""
        turn = template.turn(each.role, before)
        text = each.text
        if each.role == "assistant":
            turn, text = answered(each.items[0], turn, text, template, later=place > asked, end=place == len(said) - 1)
        segments.append(Segment(each.place, turn.tokens, f"{turn.before}{text}{turn.after}"))
        if each.role == "tool":
            doubts[RESULT] = None
        for item in each.items:
            for what, words in _calls_and_results(item, layout):
                doubts[what] = None
                segments.append(Segment(each.place, template.call, words))
            if template.speaker is not None and isinstance(item.get("name"), str):
                segments.append(Segment(each.place, template.speaker, item["name"]))
    return Rendering(segments, tuple(doubts), images)


def _calls_and_results(item: Mapping[str, Any], layout: Format) -> Iterator[tuple[str, str]]:
    """Yield a message's calls, and the results among its parts: which of the two it is, and its text."""
    for call in calls_of(item):
        yield CALL, call_text(call)
    if layout.name in WITH_TOOL_PARTS:
        for what, value in calls_and_results(item.get(layout.content)):
            yield what, value if isinstance(value, str) else as_json(value, None)


def _read(messages: list[Any], layout: Format, template: Template, first: int) -> tuple[list[Utterance], int]:
    """Return the messages in the format's own roles, and how many images are not counted."""
    said, unpriced = [], 0
    for place, item in enumerate(messages, first):
        if isinstance(item, dict):
            text, images, low = text_of(item.get(layout.content))
            unpriced += images if template.image is None else images - low
            role = role_meaning(item, STANDARD_ROLES, layout.speaker) or "user"
            moves = role == "system" and template.system_at.endswith("user")
            said.append(Utterance(place, role, text.strip() if template.trim and not moves else text, (item,), low))
    return said, unpriced


def _in_parts(item: Any, layout: Format) -> bool:
    return isinstance(item, dict) and isinstance(item.get(layout.content), list)


def takes(roles: Sequence[str], template: Template) -> bool:
    """Whether the template, or the library that contains it, accepts roles in this order."""
    first = next((place for place, role in enumerate(roles) if role != "system"), len(roles))
    if template.order == "asked":
        return "system" not in roles[1:] and "user" in roles
    if template.order == "asked first":
        return "system" not in roles[first:] and "user" in roles[first : first + 1]
    if template.order == "alternating":
        in_turn = all((role == "user") == (place % 2 == 0) for place, role in enumerate(roles[first:]))
        return first <= 1 and first < len(roles) and in_turn and "system" not in roles[first:]
    return template.again is None or "assistant" not in roles[first : first + 1]


def usual(roles: tuple[str, ...], template: Template) -> bool:
    """Whether the template certainly renders messages in this order one by one, each depending only on its role."""
    first_system = roles[:1] == ("system",)
    if "system" in roles[1:] and (template.later_system or template.system_at):
        return False
    if first_system and template.system_at.endswith("user"):
        return False
    if template.thinking is not None and "user" not in roles:
        return False
    if template.joins or template.again:
        after = ("assistant", *roles[first_system:])
        if "tool" in roles or any(one == other for one, other in pairwise(after)):
            return False
    return takes(roles, template)


def _arranged(said: list[Utterance], template: Template) -> list[Utterance]:
    """Return the messages as the template arranges them: system texts moved, consecutive messages of a role joined."""
    systems = [each for each in said if each.role == "system" and template.system_at]
    others = _joined([each for each in said if each.role != "system" or not template.system_at], template)
    if not systems:
        return others
    texts = [each.text for each in systems if each.text or not template.skips_empty]
    text = EMPTY_LINE.join(texts)
    users = [place for place, each in enumerate(others) if each.role == "user"]
    if template.system_at == "start" or not users:
        role = "system" if template.system_at == "start" else "user"
        return [systems[0]._replace(role=role, text=text), *others]
    place = users[0 if template.system_at == "first user" else -1]
    if texts:
        others[place] = others[place]._replace(text=f"{text}{EMPTY_LINE}{others[place].text}")
    return others


def _joined(said: list[Utterance], template: Template) -> list[Utterance]:
    """Join consecutive messages of one role, if the template does."""
    if not template.joins:
        return said
    found: list[Utterance] = []
    for each in said:
        last = found[-1] if found else None
        if last is None or last.role != each.role or each.role not in template.joins or _weights_differ(last, each):
            found.append(each)
            continue
        texts = [text for text in (last.text, each.text) if text or not template.skips_empty]
        found[-1] = last._replace(
            text=EMPTY_LINE.join(texts), items=last.items + each.items, images=last.images + each.images
        )
    return found


def _weights_differ(one: Utterance, other: Utterance) -> bool:
    return one.items[-1].get("weight") != other.items[0].get("weight")


def last_question(said: Sequence[Utterance], template: Template) -> int:
    """Return the index of the last question, as the template determines it."""
    results = template.thinking.results if template.thinking is not None else ()
    for place in reversed(range(len(said))):
        role, text = said[place].role, said[place].text
        if role == "user" and not (results and text.startswith(results[0]) and text.endswith(results[1])):
            return place
    return len(said) if results else -1


def answered(
    item: Mapping[str, Any], turn: Turn, text: str, template: Template, *, later: bool, end: bool
) -> tuple[Turn, str]:
    """Return the assistant's turn and text, with its reasoning if the template renders it.

    `later`: it stands after the last question; `end`: at the end of the conversation.
    """
    thinking = template.thinking
    if template.drops_spaces:
        text = text.rstrip(" ")
    if thinking is None:
        return turn, text
    given = next((item[key] for key in ("reasoning_content", "reasoning") if isinstance(item.get(key), str)), None)
    reasoning = given or ""
    if "</think>" in text and (given is None or not thinking.kept):
        thought, _, rest = text.partition("</think>")
        text = rest if thinking.once else rest.rpartition("</think>")[2]
        reasoning = thought.rpartition("<think>")[2]
        if thinking.strip != "":
            text, reasoning = text.lstrip("\n"), reasoning.strip("\n")
    if template.trim_answer:
        text = text.strip()
    if thinking.kept and later and (reasoning or thinking.always or (end and thinking.at_end)):
        turn = Turn(thinking.tokens, f"{thinking.opening}{reasoning.strip(thinking.strip)}{thinking.closing}")
        if thinking.strip != "":
            text = text.lstrip("\n")
    return turn, f"{template.gap}{text}" if text else ""


def text_of(content: Any) -> tuple[str, int, int]:
    """Return a content's text, how many images it has, and how many of these ask for low detail."""
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
            holder, kind = part.get("image_url"), part.get("type")
            is_image = (
                holder is not None
                or (isinstance(kind, str) and "image" in kind)
                or bool({"image", "inlineData"} & part.keys())
            )
            images += is_image
            low += is_image and isinstance(holder, dict) and holder.get("detail") == "low"
    return "".join(texts), images, low


def calls_of(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a message's tool calls as models see them: name and arguments, without the id."""
    calls = as_list(item.get("tool_calls"))
    if isinstance(item.get("function_call"), dict):
        calls = [*calls, {"function": item["function_call"]}]
    for call in calls:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            yield {"name": function.get("name"), "arguments": function.get("arguments")}


def call_text(call: dict[str, Any]) -> str:
    """Return the JSON of a tool call, as `as_json` writes it."""
    name, arguments = call["name"], call["arguments"]
    if type(name) is str and type(arguments) is str:
        return f'{{"name": {encode_basestring(name)}, "arguments": {encode_basestring(arguments)}}}'
    return as_json(call, None)


def as_json(value: Any, indent: int | None) -> str:
    """Return the JSON of a value, as the `tojson` of Hugging Face's templates writes it."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent)
    except (RecursionError, ValueError, TypeError):
        return str(type(value)) if isinstance(value, (dict, list)) else str(value)[:LONGEST_ODD_VALUE]


def as_list(value: Any) -> list[Any]:
    """Return the list, or an empty one for anything else."""
    return value if isinstance(value, list) else []
