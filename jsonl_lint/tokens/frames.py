"""What a chat template adds to plain messages, which depends only on their roles; cached per sequence of roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jsonl_lint.tokens.conversation import answered, usual
from jsonl_lint.tokens.templates import Template

MOST_ROLES, MOST_TURNS = 1_000, 100
"""How many frames are cached, and up to how many messages."""


class Frame(NamedTuple):
    """What the template adds to plain messages with certain roles: `fixed` tokens, and text around each message's text.

    `seams` has the texts before and after each message's; it is empty if there are none. `prompt`: the first message is
    a system prompt. `nearly`: there are tool results, which are rendered only approximately.
    """

    fixed: int
    seams: tuple[tuple[str, str], ...]
    prompt: bool
    nearly: bool


class Frames(dict[tuple[str, ...], Frame | None]):
    """The frames by roles, made when they are first needed; None if a role or the order is not a usual one."""

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.template = template
        self.turns = {
            "system": template.system,
            "user": template.user,
            "assistant": template.assistant,
            "tool": template.tool,
        }

    def __missing__(self, roles: tuple[str, ...]) -> Frame | None:
        if not self.turns.keys() >= set(roles) or not usual(roles, self.template):
            return None
        last = after_question(roles)
        turns = [
            answered({}, self.turns[role], "", self.template, later=index >= last, end=index == len(roles) - 1)[0]
            if role == "assistant"
            else self.turns[role]
            for index, role in enumerate(roles)
        ]
        seams = tuple([(turn.before, turn.after) for turn in turns])
        frame = Frame(
            self.template.opening(roles) + sum([turn.tokens for turn in turns]),
            seams if any([before or after for before, after in seams]) else (),
            roles[:1] == ("system",),
            "tool" in roles,
        )
        if len(roles) <= MOST_TURNS:
            if len(self) >= MOST_ROLES:
                self.clear()
            self[roles] = frame
        return frame


def after_question(roles: Sequence[str]) -> int:
    """Return the index after the last question."""
    place = len(roles)
    while place and roles[place - 1] != "user":
        place -= 1
    return place
