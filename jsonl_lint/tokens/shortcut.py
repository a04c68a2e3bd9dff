"""A short way to the length of a plain conversation, for files in which each record has to be counted."""

from __future__ import annotations

from typing import Any, NamedTuple

from orjson import dumps

from jsonl_lint.tokens.engines import PIECE, Counter
from jsonl_lint.tokens.measure import answered, as_json, as_list, call_text, calls_of, text_of
from jsonl_lint.tokens.templates import Template

MOST_REMEMBERED = 2_000_000
"""Characters of system prompts, and bytes of lists of tool definitions, whose costs are remembered."""

MOST_ROLES = 1_000
"""Sequences of roles whose cost is remembered."""

_SHORT_KEYS = frozenset(("role", "content", "weight", "tool_calls", "tool_call_id"))


class Quick(NamedTuple):
    """A length from the shortcut. `nearly`: the record holds tools, whose form in the template is only nearly known."""

    tokens: int
    nearly: bool


class Costs(dict[Any, int]):
    """Costs by text, forgotten when the texts are too long altogether."""

    size = 0

    def keep(self, text: str | bytes, cost: int) -> int:
        """Remember a cost, and give it back. A very long text is not remembered."""
        if len(text) <= MOST_REMEMBERED // 100:
            if self.size + len(text) > MOST_REMEMBERED:
                self.clear()
                self.size = 0
            self[text] = cost
            self.size += len(text)
        return cost


class Shortcut:
    """Lengths of conversations without images and reasoning, as `measure` has them, in a quarter of the time.

    Definitions of tools and system prompts usually stand in many records, so what they cost is remembered.
    """

    def __init__(self, template: Template, count: Counter) -> None:
        self.template = template
        self.count = count
        self.turns = {"user": template.user, "assistant": template.assistant, "tool": template.tool}
        if not template.system_in_user:
            self.turns["system"] = template.system
        self.careful = bool(template.thinking or template.trim_answer)
        self.bare = not (
            template.trim or self.careful or any(before or after for _, before, after in self.turns.values())
        )
        self.fixed_costs: dict[tuple[str, ...], int] = {}
        self.tool_costs = Costs()
        self.prompt_costs = Costs()

    def length(self, messages: list[dict[str, Any]], tools: Any = None) -> Quick | None:
        """The length, or None where only `measure` can tell. `count` may be one that takes no huge text.

        Raises:
            KeyError, TypeError, AttributeError, ValueError, RecursionError: the messages are no messages.
        """
        roles = tuple([message["role"] for message in messages if len(message) == 2])
        if self.bare and not tools and len(roles) == len(messages) and "tool" not in roles:
            fixed = self.fixed_costs.get(roles) or self._fixed_cost(roles)
            texts = [message["content"] for message in messages]
            if fixed is not None and max(map(len, texts), default=0) <= PIECE:
                if roles and roles[0] == "system":
                    fixed += self._prompt_cost(texts.pop(0))
                return Quick(fixed + sum(map(self.count, texts)), False)
        return self._length(messages, tools)

    def _length(self, messages: list[dict[str, Any]], tools: Any) -> Quick | None:
        """The same for messages of any shape."""
        template, turns = self.template, self.turns
        total, system, nearly = template.start, False, False
        careful = self._last_turn(messages) if self.careful else -1
        texts: list[str] = []
        for index, message in enumerate(messages):
            role = message["role"]
            if role not in turns or (len(message) > 2 and not message.keys() <= _SHORT_KEYS):
                return None
            tokens, before, after = turns[role]
            text = message.get("content") or ""
            if type(text) is not str:
                text, images, _ = text_of(text)
                if images:
                    return None
            if template.trim:
                text = text.strip()
            if careful >= 0 and role == "assistant":
                if "</think>" in text:
                    return None
                (tokens, before, after), text = answered(message, turns[role], text, template, last=index >= careful)
            total += tokens
            if role == "system" and len(text) <= PIECE:
                system = True
                total += self._prompt_cost(f"{before}{text}{after}")
            else:
                nearly = nearly or role == "tool"
                texts.append(f"{before}{text}{after}" if before or after else text)
            if "tool_calls" in message:
                nearly = True
                calls = [call_text(call) for call in calls_of(message)]
                total += template.call * len(calls)
                texts += calls
        if max(map(len, texts), default=0) > PIECE:
            return None
        if tools and template.tools is not None:
            nearly = True
            total += template.tools + self._tools_cost(tools)
        return Quick(total + sum(map(self.count, texts)) + (0 if system else template.no_system), nearly)

    def _fixed_cost(self, roles: tuple[str, ...]) -> int | None:
        """What the template adds to plain messages of these roles; None where a role is not known."""
        if not self.turns.keys() >= set(roles):
            return None
        if len(self.fixed_costs) >= MOST_ROLES:
            self.fixed_costs.clear()
        template = self.template
        found = template.start + sum(self.turns[role].tokens for role in roles)
        self.fixed_costs[roles] = found if "system" in roles else found + template.no_system
        return self.fixed_costs[roles]

    @staticmethod
    def _last_turn(messages: list[dict[str, Any]]) -> int:
        """The place after the last question."""
        place = len(messages)
        while place and messages[place - 1]["role"] != "user":
            place -= 1
        return place

    def _prompt_cost(self, text: str) -> int:
        cost = self.prompt_costs.get(text)
        return self.prompt_costs.keep(text, self.count(text)) if cost is None else cost

    def _tools_cost(self, tools: Any) -> int:
        key = dumps(tools)
        cost = self.tool_costs.get(key)
        if cost is None:
            texts = [as_json(tool, self.template.indent) for tool in as_list(tools) or [tools]]
            cost = self.tool_costs.keep(key, sum(2 + self.count(text) for text in texts))
        return cost
