"""Find and drop records that equal an earlier one of the output."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from jsonl_lint.engine.fragments import SAYS_SPREAD
from jsonl_lint.engine.rawfinding import record_hash
from jsonl_lint.fixer.mend import Mended
from jsonl_lint.fixer.patch import Change, lines_of
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.model import Applicability
from jsonl_lint.project.baseline import Entry
from jsonl_lint.records.formats import formats_of

if TYPE_CHECKING:
    from jsonl_lint.native.digests import DigestTable

REPEATED = "duplicate-record"

FEW = 10_000
"""How many digests Python keeps, at some 100 bytes each; if there are more, the C code takes over."""


def drops_repeats(permission: Permission) -> bool:
    """Whether repeated records are deleted."""
    return permission.permits_rule(REPEATED, Applicability.UNSAFE)


class Repeats:
    """Recognises records that have been written before."""

    def __init__(self, permission: Permission, tally: Tally) -> None:
        from xxhash import xxh3_128_digest

        plan = permission.plan
        self.parse = plan.parse
        self.acceptance = permission.acceptance
        self.tally = tally
        self.severity = plan.severities[REPEATED]
        self.unsafe = plan.applicability(REPEATED, Applicability.UNSAFE) is Applicability.UNSAFE
        self.deletes = drops_repeats(permission)
        self.digest: Callable[..., bytes] = xxh3_128_digest
        self.seed = int.from_bytes(os.urandom(8), "big")  # so that nobody can write records that collide
        self.known = SeenDigests()
        self.formats = plan.target.formats
        self.cautious = bool(SAYS_SPREAD - set(plan.rules))
        """Whether a line may be part of a record without a finding that shows it."""

    def to_drop(self, lines: Sequence[bytes]) -> list[int]:
        """Return the indexes of records to drop, because they equal earlier ones. From now on, all have been seen."""
        digest, seed = self.digest, self.seed
        again = self.known.add([digest(line.rstrip(b"\r\n"), seed) for line in lines])
        return [index for index in again if self._drops(lines[index])]

    def _drops(self, line: bytes) -> bool:
        """Whether a line that has been seen before is dropped. A record that must not be dropped is counted."""
        if line.isspace() or not self._is_record(line):
            return False
        if self.acceptance and self.acceptance.reason(Entry(REPEATED, "", record_hash(line))) is not None:
            return False
        if not self.deletes:
            self.tally.remaining[REPEATED, self.severity] += 1
            self.tally.more_unsafe += self.unsafe
        return self.deletes

    def drop_from(self, mended: Mended) -> Mended:
        """Return the record, or the records that it has become, without those that equal earlier ones."""
        lines = list(lines_of(mended.patch.text))
        numbers = self.to_drop(lines)
        if not numbers:
            return mended
        starts = list(accumulate(map(len, lines), initial=0))
        dropped = {number: Change(starts[number], starts[number + 1], b"", (REPEATED,)) for number in numbers}
        patch = mended.patch.changed([*dropped.values()])
        if not patch.text:
            return Mended(patch, [], {REPEATED: len(dropped)}, mended.refused)
        findings = [finding for finding in mended.findings if finding.line not in dropped]
        return Mended(patch, findings, {**mended.fixed, REPEATED: len(dropped)}, mended.refused)

    def _is_record(self, line: bytes) -> bool:
        """Whether the line is surely a record, and not a part of one."""
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


class SeenDigests:
    """The digests of the lines that have been seen: a set, and once there are many, the C code's table."""

    def __init__(self) -> None:
        self.few: set[bytes] = set()
        self.table: DigestTable | None = None

    def add(self, digests: list[bytes]) -> list[int]:
        """Add digests; return the indexes of those that were there before."""
        if self.table is not None:
            return self.table.add(digests)
        again: list[int] = []
        for index, digest in enumerate(digests):
            if digest in self.few:
                again.append(index)
            self.few.add(digest)
        if len(self.few) > FEW:
            self._move()
        return again

    def _move(self) -> None:
        """Move the digests to the C code, if it is there."""
        from jsonl_lint.native import load  # slow to import, and small files do without

        library = load()
        if library is not None:
            from jsonl_lint.native.digests import DigestTable

            self.table = DigestTable(library)
            self.table.add(self.few)
            self.few = set()
