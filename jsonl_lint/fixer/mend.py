"""Repair one record as far as possible: try fixes, judge the result, and undo what does not improve it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from jsonl_lint.engine import RawFinding
from jsonl_lint.fixer.choice import choices, compatible, drops, fix_of
from jsonl_lint.fixer.judge import NO_RECORD, Judge
from jsonl_lint.fixer.patch import Change, Patch
from jsonl_lint.fixer.permission import Permission, Places
from jsonl_lint.jsonspan import MAX_PROBLEMS, encode

MAX_ROUNDS = 25
"""Rounds of fixes for one record; if there are still fixes to apply after that, it stays as it was."""

ROUNDS_BEFORE_COUNTING = 2
"""The rounds after which the problems that are left are counted, if there are very many: a fix may remove them all."""

MAX_GROWTH = 100
"""The factor by which a record may grow; splitting a conversation of 64 answers stays far below."""

MAX_LOOKAHEAD = 2
"""How many levels deep a fix may depend on fixes of findings that it brings about itself."""

MOST_FOR_TRIALS, MOST_FOR_LOOKAHEAD = 1_000, 100
"""The effort up to which a rule's fixes are tried one by one, and up to which a fix is tried with fixes of what it
brings about.

The effort is the number of findings, plus one for every 4,096 bytes. It depends only on the record as it is, so that
fixing the result again changes nothing.
"""

_HIDING = frozenset(
    (
        *("invalid-body", "invalid-tool-call", "invalid-tool-definition"),
        *("message-not-object", "messages-not-array", "missing-preference-key"),
        *("output-not-single-message", "preference-input-not-object", "renamed-output-key"),
        *("tools-at-root", "tools-not-array"),
    )
)
"""Rules whose findings hide a part of a record, with its other findings."""

_REVEALING = frozenset(
    (
        *("arguments-not-object", "extra-key", "extra-message-key", "invalid-content-part"),
        *("invalid-parameters-schema", "legacy-function-call", "missing-content", "missing-role"),
    )
)
"""Rules whose fixes, if they drop nothing, only move something to where it is read. Then its own defects may show."""


class Refusal(NamedTuple):
    """A fix that was tried and not kept."""

    rule: str
    reason: str


class Mended(NamedTuple):
    """A record after some fixes: its findings now, how many fixes of each rule were applied, and those not kept."""

    patch: Patch
    findings: list[RawFinding]
    fixed: dict[str, int]
    refused: tuple[Refusal, ...] = ()


class _Round(NamedTuple):
    """What came of a round: the record with the fixes that were accepted, None if there were none, and the others."""

    accepted: Mended | None
    refused: tuple[Refusal, ...] = ()


class Mender(NamedTuple):
    """Repairs the records of one file, each by itself, as far as that is permitted."""

    judge: Judge
    permission: Permission

    def in_record(self, accepted: Places) -> Mender:
        """Return the mender for a record in which a baseline accepts findings at these places."""
        return Mender(self.judge, self.permission.in_record(accepted)) if accepted else self

    def first_try(self, record: bytes, found: list[RawFinding]) -> Patch | None:
        """Return what `mend` will try first with a record, None if it cannot try anything."""
        state = Mended(Patch(record), found, {})
        chosen = next(self._choices(state), None)
        return self._changed(state, chosen) if chosen else None

    def mend(self, patch: Patch, found: list[RawFinding] | None = None, first_try: Patch | None = None) -> Mended:
        """Apply permitted fixes until no more can be applied.

        `found` are its findings and `first_try` is what to try first, if they are known.
        """
        state = Mended(patch, self.judge.judge(patch.text).findings if found is None else found, {})
        settled = self._settle(state, 0, first_try)
        if settled is None:
            rules = dict.fromkeys(finding.rule for finding in state.findings if self.permission.permits(finding))
            reason = f"there are still fixes to apply after {MAX_ROUNDS} rounds"
            return state._replace(refused=tuple(Refusal(rule, reason) for rule in rules))
        return settled

    def _settle(self, state: Mended, depth: int, first_try: Patch | None = None) -> Mended | None:
        """Return the record once no fix is accepted any more, None if that takes more than `MAX_ROUNDS`."""
        for done in range(1, MAX_ROUNDS + 1):
            step = self._step(state, depth, first_try)
            if step.accepted is None:
                return state._replace(refused=step.refused)
            state, first_try = step.accepted, None
            if done == ROUNDS_BEFORE_COUNTING and self._is_hopeless(state, MAX_ROUNDS - done):
                break
        return None

    def _is_hopeless(self, state: Mended, rounds: int) -> bool:
        """Whether there are certainly more problems left than this many rounds can fix."""
        if len(state.findings) < MAX_PROBLEMS:
            return False
        from jsonl_lint.fixer.hopeless import has_too_many  # few records have so many findings

        stay = {each.rule for each in state.findings if not self.permission.permits(each)}
        return has_too_many(state.patch.text, rounds, {each.rule for each in state.findings} - stay)

    def _step(self, state: Mended, depth: int, first_try: Patch | None) -> _Round:
        """Apply the first batch of fixes that is accepted: all of them, those of a rule, or one."""
        refused: dict[str, Refusal] = {}
        for chosen in self._choices(state):
            patch, first_try = first_try or self._changed(state, chosen), None
            trial = self._state_after(state, chosen, patch) if patch else None
            reason = self._objection(state, trial, chosen) if trial else "the record would grow too much"
            if reason is None:
                return _Round(trial)
            if trial is not None and _effort(state) <= MOST_FOR_LOOKAHEAD and depth < MAX_LOOKAHEAD:
                settled = self._settle(trial, depth + 1)
                if settled is not None and self._objection(state, settled, chosen) is None:
                    return _Round(settled)
            for finding in chosen:
                refused[finding.rule] = Refusal(finding.rule, reason)
        return _Round(None, tuple(refused.values()))

    def _choices(self, state: Mended) -> Iterator[list[RawFinding]]:
        """Yield the fixes that are tried together, until they are accepted."""
        fixable = [finding for finding in state.findings if self.permission.permits(finding)]
        if len(fixable) < 2:  # as in most records
            return filter(None, [compatible(fixable)])
        rules = self.judge.plan.rules_by_name
        last = {finding.rule for finding in fixable if rules[finding.rule].fixed_last}
        return choices(fixable, last, one_by_one=_effort(state) <= MOST_FOR_TRIALS)

    def _changed(self, state: Mended, chosen: list[RawFinding]) -> Patch | None:
        """Return the record with the chosen fixes, None if it would grow too much."""
        edits = {edit: finding.rule for finding in chosen for edit in fix_of(finding).edits}
        changes = [Change(start, end, encode(content), (rule,)) for (start, end, content), rule in edits.items()]
        changes.sort(key=lambda change: change[:2])  # stable: what a rule puts at one place stays in its order
        growth = sum(len(change.content) - (change.end - change.start) for change in changes)
        size, most = len(state.patch.text) + growth, self.judge.plan.settings.max_line_bytes
        if growth > 0 and (size > most or size > MAX_GROWTH * (len(state.patch.original) + 1000)):
            return None
        return state.patch.changed(changes)

    def _state_after(self, state: Mended, chosen: list[RawFinding], patch: Patch) -> Mended:
        fixed = dict(state.fixed)
        for finding in chosen:
            fixed[finding.rule] = fixed.get(finding.rule, 0) + 1
        return Mended(patch, self.judge.judge(patch.text).findings, fixed)

    def _objection(self, before: Mended, after: Mended, chosen: list[RawFinding]) -> str | None:
        """Return why the fixes are not kept, None if they removed their findings and brought about no new ones."""
        if not after.findings:
            return None
        old, new = (Counter(finding.rule for finding in state.findings) for state in (before, after))
        claimed = {finding.rule for finding in chosen}
        for rule in claimed:
            if new[rule] >= old[rule] and old[rule] < MAX_PROBLEMS:
                return "the finding would remain"
        if self._hides(claimed, old) or all(map(_reveals, chosen)):
            return None
        left = {rule for name in claimed for rule in self.judge.plan.rules_by_name[name].leaves}
        copied = after.patch.text.count(b"\n") > before.patch.text.count(b"\n")
        for rule, count in new.items():
            if count > old[rule] and rule not in left and not (copied and old[rule]):
                return f"it would bring a finding of {rule}"
        return None

    def _hides(self, claimed: set[str], old: Mapping[str, int]) -> bool:
        """Whether a part of the record could not be read before, so that it may have faults of its own."""
        return bool(claimed & _HIDING or claimed & self.judge.about_no_record or old.keys() & NO_RECORD)


def _reveals(finding: RawFinding) -> bool:
    return finding.rule in _REVEALING and not drops(finding)


def _effort(state: Mended) -> int:
    return len(state.findings) + len(state.patch.text) // 4096
