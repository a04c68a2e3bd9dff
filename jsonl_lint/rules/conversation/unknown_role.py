"""JL207."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from jsonl_lint.model import Applicability, Severity, value_at
from jsonl_lint.records.formats import ANSWERS, PREFERENCE_OUTPUTS
from jsonl_lint.rule import (
    ROLE_ALIASES,
    Record,
    Repair,
    Replace,
    SchemaRule,
    Sketch,
    Violation,
    as_json,
    describe,
    is_call_role,
    repair,
)
from jsonl_lint.wording import enumerated

_CALLS = ("function_call", "tool_calls")
"""The keys of a message under which it calls tools."""

_MOST_BEFORE = 200
"""In so many messages before a result its call is looked for: a record may have a million messages."""

_ASKING = ("user", "system")
"""Who cannot have the last word of an answer."""

_SYSTEM_PLACES = {"contents": "`systemInstruction`", "params": "the `system` of `params`"}
"""Where formats without system messages have what is said to the model."""


class UnknownRole(SchemaRule):
    """A message's role is not one that the target knows.

    Names are compared exactly: `User` and `human` are refused like any other word. Chat templates silently drop such
    messages.

    Fix: safe for another spelling of a known role (`User`) and for `developer`, OpenAI's later name of the system role;
    unsafe for other tools' names (`human`, `gpt`, `bot`). What ends an answer stays if it is not the assistant's. The
    result of a function gets the id of its call as well; without a call before it, it stays. So does a `tool_call`, as
    ms-swift has it: with the assistant's role alone, the model would learn to write the call as an answer.
    """

    code = "JL207"
    name = "unknown-role"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    leaves = ("missing-content", "null-content")  # as long as the role is unknown, calls may stand for it
    help = (
        "Use system, user, assistant or tool; human means user, gpt and model mean assistant, "
        "developer means system and function means tool."
    )

    def word(self, violation: Violation) -> str:
        """Name the role, and the known ones."""
        return f"the role {describe(violation)}"

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if the role means a known one. Short roles are part of a record's structure, so they are at hand."""
        role = None if is_call_role(value) else _known_role(value, violation.constraint)
        if role is None or (_is_output(violation) and _meaning(role) != "assistant"):
            return None
        spellings = {"developer", *map(str.lower, violation.constraint)}
        return Applicability.SAFE if value.strip().lower() in spellings else Applicability.UNSAFE

    def resists(self, violation: Violation, value: Any) -> bool:
        """Whether the message ends an answer, which is no one else's, or is a result that belongs to no known call.

        As a tool's message it would lack the call's id.
        """
        messages = value_at(value, violation.pointer[:-2])
        if not isinstance(messages, list):
            return False
        place = int(violation.pointer[-2])
        role, has_id = messages[place]["role"], bool(messages[place].get("tool_call_id"))
        if violation.pointer[0] in ANSWERS and place == len(messages) - 1 and _meaning(role.strip().lower()) in _ASKING:
            return True
        if "tool" not in violation.constraint:
            return False
        if has_id or ROLE_ALIASES.get(role.strip().lower()) != "tool":
            return False
        before = messages[max(0, place - _MOST_BEFORE) : place]
        return role != "function" or not any(map(_calls_a_tool, before)) or not all(map(_is_clear, before))

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the roles that the target takes there, or its place for a system prompt."""
        if _is_output(violation):
            return "Use assistant: an output is the answer of the model."
        if is_call_role(value):
            return "Write the call as `tool_calls` of an assistant message."
        if {"system", "user", "assistant"}.issubset(violation.constraint):
            return _use(violation.constraint)
        elsewhere = (
            _SYSTEM_PLACES.get(str(violation.pointer[0])) if _meaning(value.strip().lower()) == "system" else None
        )
        if elsewhere and "system" not in map(str.lower, violation.constraint):
            return f"Move its text into {elsewhere}."
        return f"Use {enumerated(violation.constraint)}."

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Write the role that is meant; a function's result also gets the id of its call."""
        value = record.at(sketch.pointer)
        if value == "function":
            from jsonl_lint import toolcalls
            from jsonl_lint.toolcalls.legacy import modernised

            knows_calls = "tool_calls" in record.target.keys.get("message", ("tool_calls",))
            verbs = modernised(record) if knows_calls and record.format in toolcalls.OPENAI_FORMATS else ()
            if verbs:
                return Repair("Write the newer form", verbs)
        role = _known_role(value, record.roles)
        return repair(f"Write the role as `{role}`", Replace(sketch.pointer, as_json(role))) if role else None


def _calls_a_tool(message: Any) -> bool:
    return isinstance(message, dict) and any(message.get(key) for key in _CALLS)


def _is_clear(message: Any) -> bool:
    """Whether a message has no older call, or is the assistant's: else the call cannot be written in the newer form."""
    if not isinstance(message, dict) or message.get("function_call") is None:
        return True
    role = message.get("role")
    return isinstance(role, str) and _meaning(role.strip().lower()) == "assistant"


def _use(roles: Sequence[str]) -> str:
    """Advise the target's roles, and say which of them other names mean: `function` is a role of some targets."""
    others = (("developer", "system"), ("function", "tool"))
    meanings = [f"{name} means {role}" for name, role in others if role in roles and name not in roles]
    last = f", {' and '.join(meanings)}" if meanings else ""
    return f"Use {enumerated(roles)}; human means user, gpt and model mean assistant{last}."


def _is_output(violation: Violation) -> bool:
    """Whether the message is one of the two answers of a preference pair."""
    return violation.pointer[0] in PREFERENCE_OUTPUTS


def _known_role(value: str, roles: Collection[str]) -> str | None:
    """Return the target's role that the value spells, or is another name of."""
    spelling = value.strip().lower()
    for name in (spelling, _meaning(spelling)):
        for role in roles:
            if role.lower() == name:
                return role
    return next((role for role in roles if _meaning(role.lower()) == _meaning(spelling)), None)


def _meaning(role: str) -> str:
    return ROLE_ALIASES.get(role, role)
