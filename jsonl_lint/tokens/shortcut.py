"""Measure a plain conversation quickly, or see that it fits, if the bytes of its line do not show that."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from orjson import dumps

from jsonl_lint.tokens.bounds import at_most
from jsonl_lint.tokens.conversation import answered, as_json, as_list, call_text, calls_of, text_of, usual
from jsonl_lint.tokens.counters import count_all
from jsonl_lint.tokens.frames import Frames, after_question
from jsonl_lint.tokens.pieces import SEAM
from jsonl_lint.tokens.templates import Template
from jsonl_lint.tokens.vocabulary import Loaded

MOST_REMEMBERED = 2_000_000
"""How many characters of system prompts, and bytes of tool lists, have their costs cached."""

WORTH_CUTTING = 400
"""How many characters must remain uncounted for it to be worth looking for a place to split a text."""

SHORT_KEYS = frozenset(("role", "content", "weight", "tool_calls", "tool_call_id"))
"""Keys that `Shortcut` knows. A message with other keys may be longer than its texts and calls."""


class Quick(NamedTuple):
    """A length in tokens. `nearly`: the record has tools, which are rendered only approximately."""

    tokens: int
    nearly: bool


class Parts(NamedTuple):
    """The parts of a conversation: `fixed` tokens of the template, the system prompt, and all other texts.

    Each text is encoded by itself. `joined` are the same `texts` as one, so that they can be searched at once. `nearly`
    is as in `Quick`.
    """

    fixed: int
    prompt: str
    texts: list[str]
    nearly: bool
    joined: str


class Costs(dict[Any, int]):
    """A cache of costs by text, which is cleared when all texts together are too long."""

    size = 0

    def keep(self, text: str | bytes, cost: int) -> int:
        """Remember the cost of a text, unless the text is very long, and return the cost."""
        if len(text) <= MOST_REMEMBERED // 100:
            if self.size + len(text) > MOST_REMEMBERED:
                self.clear()
                self.size = 0
            self[text] = cost
            self.size += len(text)
        return cost


class Shortcut:
    """Measures conversations without images and reasoning, with the same result as `measure` in a quarter of the time.

    Tool definitions and system prompts usually occur in many records, so their costs are cached.
    """

    def __init__(self, template: Template, loaded: Loaded) -> None:
        self.template = template
        self.loaded = loaded
        self.count = loaded.unguarded
        self.bytes_suffice = loaded.bounded and not loaded.vocabulary.prefix
        self.adds_up = self.bytes_suffice and not loaded.vocabulary.nfc  # no text changes what another is made of
        self.thinks = template.thinking is not None
        self.finishes = bool(template.trim_answer or template.drops_spaces or template.gap)
        self.result = template.thinking.results[1:] if template.thinking is not None else ()
        self.frames = Frames(template)
        self.turns = self.frames.turns
        self.tool_costs = Costs()
        self.prompt_costs = Costs()

    def length(self, messages: list[dict[str, Any]], tools: Any = None) -> Quick | None:
        """Return the length, None if only `measure` can tell.

        Raises:
            KeyError, TypeError, AttributeError, ValueError, RecursionError: the messages have another shape.
        """
        parts = self._parts(messages, tools)
        if parts is None:
            return None
        fixed, prompt, texts, nearly, joined = parts
        if prompt:
            fixed += self._prompt_cost(prompt)
        return Quick(fixed + count_all(self.count, texts, joined), nearly)

    def fits(self, limit: int, messages: list[dict[str, Any]], tools: Any = None) -> bool:
        """Whether the length is certainly at most `limit`. False if only `measure` can tell.

        The longest texts are counted first, and no more of them than necessary until the bytes of the rest fit. If that
        usually takes all of them, they are counted at once.

        Raises:
            KeyError, TypeError, AttributeError, ValueError, RecursionError: the messages have another shape.
        """
        parts = self._parts(messages, tools)
        return parts is not None and self._fit(limit, parts)

    def texts_fit(
        self, limit: int, roles: tuple[str, ...], texts: list[str], calls: list[str], tools: Any
    ) -> bool | None:
        """Whether messages of only these roles, texts and calls certainly fit; None if `fits` has to see them."""
        parts = self._plain_parts(roles, texts)
        if parts is None or (self.thinks and (calls or "tool" in roles)):
            return None
        whole = self._with_tools(parts, calls, tools)
        return None if whole is None else self._fit(limit, whole)

    def _fit(self, limit: int, parts: Parts) -> bool:
        """Whether the parts certainly have at most `limit` tokens; `left` is an upper bound that counting lowers."""
        fixed, prompt, texts, _, joined = parts
        size = len if self.bytes_suffice and joined.isascii() else self._size
        known = self.prompt_costs.get(prompt) if prompt else 0
        prompt_size = self._size(prompt) if known is None else known
        count, seamed = self.count, self.loaded.seamed
        most = size(joined) if self.adds_up or size is len else sum(map(size, texts))
        left = fixed + prompt_size + most
        if left <= limit:
            return True
        if _enough(left - limit) >= most:
            left += count_all(count, texts, joined) - most
            texts = []
        for text in sorted(texts, key=len, reverse=True):
            if seamed and _enough(left - limit) + WORTH_CUTTING < len(text):
                left = self._counted(text, left, limit, size)
            else:
                left += count(text) - size(text)
            if left <= limit:
                return True
        if left > limit and known is None:
            left += self._prompt_cost(prompt) - prompt_size
        return left <= limit

    def _counted(self, text: str, left: int, limit: int, size: Callable[[str], int]) -> int:
        """Count a text part by part until `left` is at most `limit`; return `left`."""
        part = 0
        while text and left > limit:
            part = max(_enough(left - limit), 2 * part)
            seam = SEAM.search(text, part, part + 100)
            head, text = (text[: seam.end()], text[seam.end() :]) if seam else (text, "")
            left += self.count(head) - size(head)
        return left

    def _size(self, text: str) -> int:
        """Return an upper bound for the tokens of a text that is not huge, `sys.maxsize` if there is none."""
        return at_most(text, self.loaded.vocabulary) if self.loaded.bounded else sys.maxsize

    def _parts(self, messages: list[dict[str, Any]], tools: Any) -> Parts | None:
        """Return the parts of the messages; None if only `measure` can render them, or a text is huge."""
        roles = tuple([message["role"] for message in messages])
        calls: list[str] = []
        try:
            texts = [message["content"] for message in messages if len(message) == 2]
        except KeyError:  # calls without a content
            texts = []
        if len(texts) != len(messages) and (self.thinks or not self._gathered(messages, texts, calls)):
            return self._any_parts(messages, tools)
        parts = self._plain_parts(roles, texts)
        return self._any_parts(messages, tools) if parts is None else self._with_tools(parts, calls, tools)

    def _with_tools(self, parts: Parts, calls: list[str], tools: Any) -> Parts | None:
        """Add calls, as texts, and tool definitions to the parts; return None if a call is huge."""
        if not calls and not tools:
            return parts
        template = self.template
        fixed, prompt, texts, nearly, joined = parts
        if calls:
            if max(map(len, calls)) > self.loaded.longest:
                return None
            nearly = True
            fixed += len(calls) * template.call
            texts += calls
            joined = "".join(texts)
        if tools and template.tools is not None:
            nearly = True
            fixed += template.tools + self._tools_cost(tools)
        return Parts(fixed, prompt, texts, nearly, joined)

    def _plain_parts(self, roles: tuple[str, ...], texts: list[str]) -> Parts | None:
        """Return the parts of messages of only these roles and texts; None as for `_parts`, or if more must be seen."""
        template, frame = self.template, self.frames[roles]
        if frame is None:
            return None
        try:
            joined = "".join(texts)
        except TypeError:  # a content in parts
            return None
        if len(joined) > self.loaded.longest or (self.thinks and self._holds_reasoning(texts, joined)):
            return None
        if template.trim:
            texts = [text.strip() for text in texts]
        if self.finishes:
            said = zip(roles, texts, strict=True)
            texts = [self._answer(text) if role == "assistant" else text for role, text in said]
        if frame.seams:
            texts = [before + text + after for text, (before, after) in zip(texts, frame.seams, strict=True)]
        prompt = texts.pop(0) if frame.prompt else ""
        return Parts(frame.fixed, prompt, texts, frame.nearly, "".join(texts))

    @staticmethod
    def _gathered(messages: list[dict[str, Any]], texts: list[str], calls: list[str]) -> bool:
        """Collect all texts and calls, and return whether that was possible: messages may have something else."""
        texts.clear()
        for message in messages:
            if not message.keys() <= SHORT_KEYS:
                return False
            content = message.get("content")
            texts.append("" if content is None else content)
            if "tool_calls" in message:
                calls += [call_text(call) for call in calls_of(message)]
        return True

    def _holds_reasoning(self, texts: list[str], joined: str) -> bool:
        """Whether the template may treat a text as more than text: as reasoning, or as the result of a tool."""
        tagged = "</think>" in joined or any([tag in joined for tag in self.result])
        return tagged or any([text.startswith("\n") for text in texts])

    def _answer(self, text: str) -> str:
        """Return an answer without reasoning as the template renders it."""
        return answered({}, self.template.assistant, text, self.template, later=False, end=False)[1]

    def _any_parts(self, messages: list[dict[str, Any]], tools: Any) -> Parts | None:
        """Return what `_parts` does, looking at each message by itself."""
        roles = tuple([message["role"] for message in messages])
        if not usual(roles, self.template):
            return None
        last = after_question(roles)
        fixed = self.template.opening(roles)
        texts: list[str] = []
        calls: list[str] = []
        for index, (role, message) in enumerate(zip(roles, messages, strict=True)):
            text = self._text_of(role, message)
            if text is None:
                return None
            turn = self.turns[role]
            if role == "assistant" and (self.thinks or self.finishes):
                later, end = index >= last, index == len(roles) - 1
                turn, text = answered(message, turn, text, self.template, later=later, end=end)
            fixed += turn.tokens
            texts.append(turn.before + text + turn.after)
            if "tool_calls" in message:
                calls += [call_text(call) for call in calls_of(message)]
        if max(map(len, texts), default=0) > self.loaded.longest:
            return None
        prompt = texts.pop(0) if roles[:1] == ("system",) else ""
        return self._with_tools(Parts(fixed, prompt, texts, "tool" in roles, "".join(texts)), calls, tools)

    def _text_of(self, role: str, message: dict[str, Any]) -> str | None:
        """Return the text of a message, None if it has more than a text and calls."""
        if role not in self.turns or not message.keys() <= SHORT_KEYS:
            return None
        text = message.get("content")
        if text is None:
            text = ""
        if type(text) is not str:
            text, images, _ = text_of(text)
            if images or not self.template.parts:
                return None
        if self.template.trim:
            text = text.strip()
        return None if role == "user" and any([tag in text for tag in self.result]) else text

    def _prompt_cost(self, text: str) -> int:
        cost = self.prompt_costs.get(text)
        return self.prompt_costs.keep(text, self.count(text)) if cost is None else cost

    def _tools_cost(self, tools: Any) -> int:
        key = dumps(tools)
        cost = self.tool_costs.get(key)
        if cost is None:
            texts = [as_json(tool, self.template.indent) for tool in as_list(tools) or [tools]]
            cost = self.tool_costs.keep(key, sum(2 + self.loaded.count(text) for text in texts))
        return cost


def _enough(excess: int) -> int:
    """Return how many characters usually have this many fewer tokens than bytes: a token has some four bytes."""
    return excess * 4 // 3 + 50
