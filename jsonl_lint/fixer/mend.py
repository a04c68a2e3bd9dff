"""Repair one record as far as possible: try fixes, judge the result, and undo what does not improve it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from jsonl_lint.baseline import Entry
from jsonl_lint.engine import Clearance, LineChecker, RawFinding
from jsonl_lint.engine.keylog import KeyLog
from jsonl_lint.files.source import Origin
from jsonl_lint.fixer.choice import batches, compatible, drops, fix_of
from jsonl_lint.fixer.patch import Change, Patch, lines_of
from jsonl_lint.jsonspan import MAX_PROBLEMS, encode
from jsonl_lint.model import EVERY_FIX, Applicability, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import SyntaxRule
from jsonl_lint.suppress import Acceptance

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

_NO_RECORD = frozenset({"double-encoded-record", "pretty-printed-json", "json-array-file"})
"""Rules, apart from the `SyntaxRule`s, whose findings say that a line is no record."""

_HIDING = frozenset(
    (
        *("invalid-tool-call", "invalid-tool-definition", "messages-not-array", "renamed-output-key"),
        *("tools-at-root", "tools-not-array"),
    )
)
"""Rules whose findings hide a part of a record, with its other findings."""

_REVEALING = frozenset(
    (*("arguments-not-object", "extra-key", "extra-message-key"), *("legacy-function-call", "missing-role"))
)
"""Rules of which a fix that drops nothing only puts something where it is read. What is wrong with it shows then."""


class Refusal(NamedTuple):
    """A fix that was tried and not kept."""

    rule: str
    reason: str


class Mended(NamedTuple):
    """A record after fixing: the remaining findings, and how many fixes of each rule were applied."""

    patch: Patch
    findings: list[RawFinding]
    fixed: dict[str, int]
    refused: tuple[Refusal, ...]


class Examined(NamedTuple):
    """The findings in a record, or in the records that it has become, and the keys of each of their lines, by rule.

    The bytes of findings count from the beginning of `data`.
    """

    data: bytes
    findings: list[RawFinding]
    keys: list[dict[str, KeyLog]]


class _State(NamedTuple):
    patch: Patch
    findings: list[RawFinding]
    fixed: dict[str, int]


class Mender:
    """Repairs the records of one file, each by itself."""

    def __init__(self, plan: Plan, origin: Origin, acceptance: Acceptance) -> None:
        self.plan = _judging(plan)
        self.acceptance = acceptance
        self.spared: frozenset[tuple[str, str]] = frozenset()
        """Rules and pointers of findings that a baseline accepts in the record at hand."""
        self.origin = origin
        self.checker = LineChecker(origin, self.plan)
        self.clearance = Clearance(self.plan, origin.file_format)
        self.clean: set[bytes] = set()
        """Records that are certainly clean."""
        self.examined = Examined(b"", [], [])
        self.most_bytes = plan.settings.max_line_bytes
        self.no_record = _NO_RECORD.union(plan.rules_by_name.of_kind(SyntaxRule))
        """Rules whose findings say that a line is no record."""
        self.hiding = self.no_record | _HIDING
        """Rules whose fixes reveal other findings of the record."""

    def permits(self, finding: RawFinding) -> bool:
        """Whether the finding has a fix that the settings permit, and is not accepted."""
        return (
            bool(finding.fix)
            and permitted(self.plan, fix_of(finding).applicability)
            and not self._accepted(finding, self.spared)
        )

    def waits(self, finding: RawFinding) -> bool:
        """Whether the fix of the finding has to wait for all others."""
        return self.plan.rules_by_name[finding.rule].fixed_last

    def remaining(self, mended: Mended) -> list[RawFinding]:
        """Return the findings that count. For a baseline, a changed record is a new one, so it accepts none of them."""
        spared = frozenset[tuple[str, str]]() if mended.patch.changes else self.spared
        return [finding for finding in mended.findings if not self._accepted(finding, spared)]

    def failed(self, mended: Mended) -> bool:
        """Whether an error remains that was not accepted in the original record."""
        return any(
            finding.severity is Severity.ERROR and not self._accepted(finding, self.spared)
            for finding in mended.findings
        )

    def _accepted(self, finding: RawFinding, spared: frozenset[tuple[str, str]]) -> bool:
        place = (finding.rule, finding.pointer)
        return place in spared or self.acceptance.at_place(*place) is not None

    def foresee(self, records: list[bytes]) -> None:
        """Find out which of the records that will be examined next are clean. Together that takes less time."""
        self.clean = {records[index] for index in self.clearance.cleared(records)}

    def examine(self, data: bytes) -> Examined:
        """Judge a record, or the records that it has become. The last result is cached."""
        if data in self.clean:
            return Examined(data, [], [{}])
        if self.examined.data != data:
            found = Examined(data, [], [])
            offset = 0
            for number, line in enumerate(lines_of(data)):
                report = self.checker.report_on(line)
                if report is not None:
                    found.findings.extend([finding.shifted(number, offset) for finding in report.findings])
                found.keys.append(report.keys if report is not None else {})
                offset += len(line)
            self.examined = found
        return self.examined

    def attempt(self, record: bytes, found: list[RawFinding]) -> Patch | None:
        """Return what `mend` will try first with a record, None if it cannot try anything."""
        state = _State(Patch(record), found, {})
        chosen = next(self._choices(state), None)
        return self._changed(state, chosen) if chosen else None

    def mend(self, patch: Patch, found: list[RawFinding] | None = None, attempt: Patch | None = None) -> Mended:
        """Apply permitted fixes until no more can be applied.

        `found` are its findings and `attempt` is what to try first, if they are known.
        """
        state = _State(patch, self.examine(patch.text).findings if found is None else found, {})
        settled, refused = self._settle(state, 0, attempt)
        if settled is None:
            rules = dict.fromkeys(finding.rule for finding in state.findings if self.permits(finding))
            reason = f"there are still fixes to apply after {MAX_ROUNDS} rounds"
            return Mended(patch, state.findings, {}, tuple(Refusal(rule, reason) for rule in rules))
        return Mended(settled.patch, settled.findings, settled.fixed, tuple(refused))

    def _settle(self, state: _State, depth: int, attempt: Patch | None = None) -> tuple[_State | None, list[Refusal]]:
        """Return the state in which no fix is accepted any more, None if it is not reached within `MAX_ROUNDS`."""
        for done in range(1, MAX_ROUNDS + 1):
            following, refused = self._step(state, depth, attempt)
            if following is None:
                return state, refused
            state, attempt = following, None
            if done == ROUNDS_BEFORE_COUNTING and self._is_hopeless(state, MAX_ROUNDS - done):
                break
        return None, []

    def _is_hopeless(self, state: _State, rounds: int) -> bool:
        """Whether there are certainly more problems left than so many rounds can fix."""
        if len(state.findings) < MAX_PROBLEMS:
            return False
        from jsonl_lint.fixer.hopeless import has_too_many  # few records have so many findings

        stay = {each.rule for each in state.findings if not self.permits(each)}
        return has_too_many(state.patch.text, rounds, {each.rule for each in state.findings} - stay)

    def _step(self, state: _State, depth: int, attempt: Patch | None) -> tuple[_State | None, list[Refusal]]:
        """Return the state after the first batch of fixes that is accepted: all of them, those of a rule, or one."""
        refused: dict[str, Refusal] = {}
        for chosen in self._choices(state):
            patch, attempt = attempt or self._changed(state, chosen), None
            trial = self._state_after(state, chosen, patch) if patch else None
            reason = self._objection(state, trial, chosen) if trial else "the record would grow too much"
            if reason is None:
                return trial, []
            if trial is not None and _effort(state) <= MOST_FOR_LOOKAHEAD and depth < MAX_LOOKAHEAD:
                settled, _ = self._settle(trial, depth + 1)
                if settled is not None and self._objection(state, settled, chosen) is None:
                    return settled, []
            for finding in chosen:
                refused[finding.rule] = Refusal(finding.rule, reason)
        return None, list(refused.values())

    def _choices(self, state: _State) -> Iterator[list[RawFinding]]:
        """Yield the fixes that are tried together, until they are accepted."""
        candidates = [finding for finding in state.findings if self.permits(finding)]
        candidates.sort(key=drops)  # stable; what another fix can keep must not be dropped first
        waiting = [finding for finding in candidates if self.waits(finding)]
        eager = [finding for finding in candidates if not self.waits(finding)]
        one_by_one = _effort(state) <= MOST_FOR_TRIALS
        for batch in chain(batches(eager, one_by_one), batches(waiting, one_by_one)):
            chosen = compatible(batch)
            if chosen:
                yield chosen

    def _changed(self, state: _State, chosen: list[RawFinding]) -> Patch | None:
        """Return the record with the chosen fixes, None if it would grow too much."""
        edits = {edit: finding.rule for finding in chosen for edit in fix_of(finding).edits}
        changes = [Change(start, end, encode(content), (rule,)) for (start, end, content), rule in edits.items()]
        changes.sort(key=lambda change: change[:2])  # stable: what a rule puts at one place stays in its order
        growth = sum(len(change.content) - (change.end - change.start) for change in changes)
        size = len(state.patch.text) + growth
        if growth > 0 and (size > self.most_bytes or size > MAX_GROWTH * (len(state.patch.original) + 1000)):
            return None
        return state.patch.changed(changes)

    def _state_after(self, state: _State, chosen: list[RawFinding], patch: Patch) -> _State:
        fixed = dict(state.fixed)
        for finding in chosen:
            fixed[finding.rule] = fixed.get(finding.rule, 0) + 1
        return _State(patch, self.examine(patch.text).findings, fixed)

    def _objection(self, before: _State, after: _State, chosen: list[RawFinding]) -> str | None:
        """Return why the fixes are not kept, None if they removed their findings and brought about no new ones."""
        if not after.findings:
            return None
        old, new = (Counter(finding.rule for finding in state.findings) for state in (before, after))
        claimed = {finding.rule for finding in chosen}
        for rule in claimed:
            if new[rule] >= old[rule] and old[rule] < MAX_PROBLEMS:
                return "the finding would remain"
        if claimed & self.hiding or old.keys() & _NO_RECORD:  # what hides a part may only be read without other faults
            return None
        if all(map(_reveals, chosen)):
            return None
        left = {rule for name in claimed for rule in self.plan.rules_by_name[name].leaves}
        copied = after.patch.text.count(b"\n") > before.patch.text.count(b"\n")
        for rule, count in new.items():
            if count > old[rule] and rule not in left and not (copied and old[rule]):
                return f"it would bring a finding of {rule}"
        return None


def _reveals(finding: RawFinding) -> bool:
    return finding.rule in _REVEALING and not drops(finding)


def _effort(state: _State) -> int:
    return len(state.findings) + len(state.patch.text) // 4096


def _judging(plan: Plan) -> Plan:
    """Return the plan by which records are judged that are to be repaired: only permitted fixes come with edits."""
    edited = frozenset(each for each in EVERY_FIX if permitted(plan, each))
    return plan._replace(edited=edited, show_context=False, compares=False, tracks_kinds=False)


def permitted(plan: Plan, applicability: Applicability | None) -> bool:
    """Whether the settings permit fixes of this applicability; None means that there is no fix."""
    return applicability is Applicability.SAFE or (applicability is not None and plan.settings.unsafe_fixes)


def permits_rule(plan: Plan, rule: str, usual: Applicability) -> bool:
    """Whether a rule is selected, and the settings permit its fixes, whose usual applicability is given."""
    return rule in plan.rules and permitted(plan, plan.applicability(rule, usual))


def may_fix(plan: Plan, rule: str, acceptance: Acceptance) -> bool:
    """Whether a rule about files is selected, its fix permitted, and its finding not accepted."""
    return permits_rule(plan, rule, Applicability.SAFE) and not acceptance.accepts(Entry(rule, "", ""))
