"""Records that are the same as an earlier one of the output: 16 bytes of digest each, 100 with what holds them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jsonl_lint.fixer.mend import permitted
from jsonl_lint.model import Applicability
from jsonl_lint.plan import Plan

RULE = "duplicate-record"


class Repeats:
    """Knows the records that have been written. `drops` says whether those that come again are deleted."""

    def __init__(self, plan: Plan) -> None:
        from xxhash import xxh3_128_digest

        self.parse = plan.parse
        self.applicability = plan.reclassified.get(RULE, Applicability.UNSAFE)
        self.severity = plan.severities[RULE]
        self.drops = self.applicability is not None and permitted(plan, self.applicability)
        self.digest: Callable[..., bytes] = xxh3_128_digest
        self.seed = int.from_bytes(os.urandom(8), "big")  # so that nobody can write records that collide
        self.known: set[bytes] = set()

    def has(self, line: bytes) -> bool:
        """Whether the line is a record that was there before; it is then known."""
        if line.isspace():
            return False
        digest = self.digest(line.rstrip(b"\r\n"), self.seed)
        if digest not in self.known:
            self.known.add(digest)
            return False
        try:
            record: Any = self.parse(line)
        except ValueError:
            return False
        return type(record) is dict
