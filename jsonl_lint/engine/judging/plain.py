"""Conversations of plain messages, as most are: seen to be clean by nothing but their roles and what is marked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from jsonl_lint.plans.plan import Plan


class PlainChats:
    """Knows conversations whose sequence of roles is one of `known_roles`, all of which are known to be clean."""

    def __init__(self, plan: Plan, known_roles: Collection[tuple[str, ...]]) -> None:
        self.plan = plan
        self.known_roles = known_roles

    def is_plain(self, line: bytes, record: dict[str, Any], marked: int) -> bool:
        """Whether the record is a conversation of plain messages whose sequence of roles is known to be clean."""
        if len(record) != 1:
            return False
        try:
            messages = record["messages"]
            roles = tuple([m["role"] for m in messages if len(m) == 2 and m["content"].lstrip()])  # role and content
            return (
                roles in self.known_roles
                and len(roles) == len(messages)
                and (len(line) <= self.plan.sure_bytes or self.plan.ruler().fits(record))
                and not self.concerned(messages, marked)
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return False

    def concerned(self, messages: list[dict[str, str]], marked: int) -> bool:
        """Whether a text rule has to see the plain conversation with these messages."""
        scan = self.plan.scan
        if scan is None or not (marked or scan.matches_end(messages[-1]["content"])):
            return False
        texts = [message["content"] for message in messages]
        return bool(scan.concerned(texts, texts[-1:], marked))
