"""Choose which fixes of a record are tried together."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator
from itertools import chain

from jsonl_lint.engine import RawFinding
from jsonl_lint.jsonspan import encode
from jsonl_lint.model import Applicability, Edit, Fix

MAX_SINGLE_TRIALS = 50
"""Fixes that are tried one by one if those of a rule cannot be applied together."""


def fix_of(finding: RawFinding) -> Fix:
    """Return the finding's fix, which must exist."""
    if not finding.fix:
        raise LookupError(f"{finding.rule} has no fix here")
    return finding.fix


def drops(finding: RawFinding) -> bool:
    """Whether the fix only deletes."""
    return not any(edit.content for edit in fix_of(finding).edits)


def choices(fixable: list[RawFinding], last: Collection[str], *, one_by_one: bool) -> Iterator[list[RawFinding]]:
    """Yield the findings whose fixes are tried together: all, then those of each rule, then single ones if wanted.

    Fixes of the rules `last` wait for all others.
    """
    fixable = sorted(fixable, key=_loss)  # stable; what another fix can keep must not be lost first
    eager = [finding for finding in fixable if finding.rule not in last]
    waiting = [finding for finding in fixable if finding.rule in last]
    for batch in chain(_batches(eager, one_by_one), _batches(waiting, one_by_one)):
        chosen = compatible(batch)
        if chosen:
            yield chosen


def _loss(finding: RawFinding) -> tuple[bool, bool]:
    """How much the fix loses, compared with others: whether it only deletes, and whether it is unsafe."""
    return drops(finding), fix_of(finding).applicability is Applicability.UNSAFE


def _batches(candidates: list[RawFinding], one_by_one: bool) -> Iterator[list[RawFinding]]:
    if not candidates:
        return
    yield candidates
    by_rule: dict[str, list[RawFinding]] = {}
    for finding in candidates:
        by_rule.setdefault(finding.rule, []).append(finding)
    if len(by_rule) > 1:
        yield from by_rule.values()
    for group in by_rule.values() if one_by_one else ():
        if len(group) > 1:
            for finding in group[:MAX_SINGLE_TRIALS]:
                yield [finding]


def compatible(candidates: list[RawFinding]) -> list[RawFinding]:
    """Return the fixes that do not conflict with earlier ones; fixes with the same edit share it."""
    taken: list[Edit] = []
    known: set[Edit] = set()
    chosen: list[RawFinding] = []
    shared: tuple[Edit, ...] = ()
    for finding in candidates:
        edits = fix_of(finding).edits
        if edits and edits is shared:
            chosen.append(finding)
        elif edits and all(edit in known or _free(edit, taken) for edit in edits) and _encodable(edits):
            for edit in edits:
                if edit not in known:
                    known.add(edit)
                    insort(taken, edit)
            chosen.append(finding)
            shared = edits
    return chosen


def _free(edit: Edit, taken: list[Edit]) -> bool:
    """Whether the edit does not overlap those taken. Deletions may touch; two insertions at one place conflict."""
    at = bisect_left(taken, edit)
    for other in taken[max(0, at - 2) : at + 2]:
        first, second = sorted((edit, other))
        if second.byte_start < first.byte_end:
            return False
        if second.byte_start == first.byte_end and edit.content and other.content:
            return False
    return True


def _encodable(edits: tuple[Edit, ...]) -> bool:
    try:
        for edit in edits:
            encode(edit.content)
    except UnicodeEncodeError:
        return False
    return True
