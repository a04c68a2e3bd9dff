"""Find and drop records that equal an earlier one of the output.

The digest of each record has 16 bytes and takes 100 bytes of memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jsonl_lint.baseline import Entry
from jsonl_lint.engine.rawfinding import record_hash
from jsonl_lint.fixer.mend import Mended, permitted
from jsonl_lint.fixer.patch import Change, lines_of
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.formats import formats_of
from jsonl_lint.model import Applicability
from jsonl_lint.plans.plan import Plan
from jsonl_lint.suppress import Acceptance

RULE = "duplicate-record"


_SAY_THAT_IT_IS_SPREAD = {"pretty-printed-json", "truncated-json", "unescaped-control-character"}
"""Rules whose findings show that a record is spread over several lines."""


def drops_repeats(plan: Plan) -> bool:
    """Whether repeated records are deleted."""
    applicability = plan.reclassified.get(RULE, Applicability.UNSAFE)
    return RULE in plan.rules and applicability is not None and permitted(plan, applicability)


class Repeats:
    """Recognises records that have been written before."""

    def __init__(self, plan: Plan, acceptance: Acceptance, tally: Tally) -> None:
        from xxhash import xxh3_128_digest

        self.parse = plan.parse
        self.acceptance = acceptance
        self.tally = tally
        self.severity = plan.severities[RULE]
        self.unsafe = plan.reclassified.get(RULE, Applicability.UNSAFE) is Applicability.UNSAFE
        self.deleted = drops_repeats(plan)
        self.digest: Callable[..., bytes] = xxh3_128_digest
        self.seed = int.from_bytes(os.urandom(8), "big")  # so that nobody can write records that collide
        self.known: set[bytes] = set()
        self.formats = plan.target.formats
        self.cautious = bool(_SAY_THAT_IT_IS_SPREAD - set(plan.rules))
        """Whether a line may be part of a record without a finding that shows it."""

    def drops(self, line: bytes) -> bool:
        """Whether the record is dropped because it equals an earlier one. If that is not permitted, it is counted."""
        if not self.has(line):
            return False
        if self.acceptance and self.acceptance.reason(Entry(RULE, "", record_hash(line))) is not None:
            return False
        if not self.deleted:
            self.tally.remaining[RULE, self.severity] += 1
            self.tally.more_unsafe += self.unsafe
        return self.deleted

    def without(self, mended: Mended) -> Mended:
        """Return the record, or the records that it has become, without those that equal earlier ones."""
        dropped: dict[int, Change] = {}
        start = 0
        for number, line in enumerate(lines_of(mended.patch.text())):
            if self.drops(line):
                dropped[number] = Change(start, start + len(line), b"", (RULE,))
            start += len(line)
        if not dropped:
            return mended
        patch = mended.patch.changed(dropped.values())
        if not patch.text():
            return Mended(patch, [], {RULE: len(dropped)}, mended.refused)
        findings = [finding for finding in mended.findings if finding.line not in dropped]
        return Mended(patch, findings, {**mended.fixed, RULE: len(dropped)}, mended.refused)

    def has(self, line: bytes) -> bool:
        """Whether the line is a record that has been seen before. From now on, it has been."""
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
        if type(record) is not dict:
            return False
        if self.cautious and not formats_of(record.keys(), self.formats):
            self.tally.unsure_of_repeats = True
            return False
        return True
