"""The report of a part of a file, with lines whose meaning depends on the neighbouring parts."""

from collections import Counter
from copy import copy

from jsonl_lint.engine.fragments import Fragment
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.spread import SpreadJudge, cut_off, fault_of, joined
from jsonl_lint.files.source import Origin
from jsonl_lint.jsonspan import Nesting
from jsonl_lint.plans.plan import Plan

MAX_PENDING = 5_000
MAX_PENDING_BYTES = 8 << 20
"""Lines and bytes held while a record spread over lines is open; beyond that, each line is reported by itself."""

_AT_EASE = Nesting(0, 0, False)


def may_be_held(lines: int, size: int) -> bool:
    """Whether an open record of this many lines and bytes is held until it ends."""
    return lines <= MAX_PENDING and size <= MAX_PENDING_BYTES


class PartialReport(JudgedLines):
    """The report of consecutive blocks of one file. `left.merge(right)` is associative.

    A record spread over lines can cross blocks. So a part that may begin inside a record keeps its first lines unjudged
    (`head`) until it is merged with the part before it, and each part keeps a record that is still open at its end
    (`tail`). `synchronised` is False until it is known where records begin. `spread_judge` judges such a record once
    all its lines are known; without it, only that it is spread is reported.
    """

    unreported = JudgedLines.unreported | {"spread_judge"}

    def __init__(self, limit: int = 0, *, synchronised: bool = True, spread_judge: SpreadJudge | None = None) -> None:
        super().__init__(limit)
        self.spread_judge = spread_judge
        self.synchronised = synchronised
        self.head: list[Fragment] = []
        self.tail: list[Fragment] = []
        self.tail_bytes = 0
        self.open_at_end = _AT_EASE

    @classmethod
    def of(cls, plan: Plan, origin: Origin, *, synchronised: bool = True) -> "PartialReport":
        """Return the report, empty as yet, of lines of a file that are checked by this plan."""
        judge = SpreadJudge.of(plan, origin)
        return cls(plan.settings.max_findings, synchronised=synchronised, spread_judge=judge)

    def merge(self, right: "PartialReport") -> "PartialReport":
        """Return the report of this part and the next one; neither is changed."""
        merged = copy(self)
        merged.counts = dict(self.counts)
        merged.findings = list(self.findings)
        merged.stored = dict(self.stored)
        merged.keys = {rule: log.copy() for rule, log in self.keys.items()}
        merged.record_keys = self.record_keys.copy()
        merged.landmarks = self.landmarks[:]
        merged.kinds = self.kinds.copy()
        merged.head = list(self.head)
        merged.tail = list(self.tail)
        merged.absorb(right)
        return merged

    def absorb(self, right: "PartialReport") -> None:
        """Add the report of the next part to this one."""
        if right.empty:
            return
        self.spread_judge = self.spread_judge or right.spread_judge
        for fragment in right.head:
            self.add_fragment(fragment)
        if right.synchronised:
            self.settle()
            self.append(right)
            for fragment in right.tail:
                self.add_fragment(fragment)

    @property
    def empty(self) -> bool:
        """Whether it is the report of no bytes at all."""
        return not (self.bytes or self.head or self.tail)

    def add_fragment(self, fragment: Fragment) -> None:
        """Add the next line, which may belong to a record spread over several lines."""
        if fragment.follows_whole(self.tail if self.synchronised else self.head):
            self.settle()
        if not self.synchronised:
            self.head.append(fragment)
            if len(self.head) % MAX_PENDING == 0 and not any(each.judged.opens for each in self.head[-MAX_PENDING:]):
                self.settle()  # the part before has given up on any open record by now
            return
        if not self.tail and not fragment.judged.opens:
            self.append(fragment.judged.alone)
            return
        self.tail.append(fragment)
        self.tail_bytes += len(fragment.line)
        if len(self.tail) == 1:
            return
        if len(self.tail) == 2:
            self.open_at_end = self.tail[0].nesting(in_string=False)
        effect = fragment.nesting(in_string=self.open_at_end.in_string)
        depth = self.open_at_end.change + effect.change
        too_much = not may_be_held(len(self.tail), self.tail_bytes)
        below = self.open_at_end.change + effect.lowest < 0
        if too_much:
            self.settle()
        elif below or (depth == 0 and not effect.in_string):
            self.close(whole=not below)
        else:
            self.open_at_end = Nesting(depth, 0, effect.in_string)

    def close(self, *, whole: bool) -> None:
        """Judge what is open, since as many brackets have been closed as opened (`whole`), or more."""
        from jsonl_lint.engine.grouping import next_start

        again = next_start(self.tail)
        if whole and not (again and fault_of(self.tail)):
            group, self.tail, self.tail_bytes = self.tail, [], 0
            self.append_spread(group, whole=True)
            return
        rest = self.tail[again:] if again else []
        del self.tail[len(self.tail) - len(rest) :]
        self.settle()
        for fragment in rest:  # each is added again only once: no later start is among them
            self.add_fragment(fragment)

    def settle(self) -> None:
        """Judge what is still open: the next line certainly begins a record, or the file ends."""
        if not self.synchronised:
            self.synchronised = True
            return
        may_go_on = not may_be_held(len(self.tail), self.tail_bytes)  # its end was not waited for
        pending, self.tail, self.tail_bytes = self.tail, [], 0
        if len(pending) < 2:
            for line in pending:
                self.append(line.judged.alone)
            return
        from jsonl_lint.engine.grouping import records_in  # few records are spread over lines

        for lines, whole in records_in(pending, may_go_on=may_go_on):
            if len(lines) == 1:
                self.append(lines[0].judged.alone)
            else:
                self.append_spread(lines, whole=whole)

    def append_spread(self, group: list[Fragment], *, whole: bool) -> None:
        """Add the report of one record that is spread over the lines of the group, or of what is left of it."""
        self.append_record(joined(group, self, self.spread_judge) if whole else cut_off(group, self.limit))

    def append_record(self, spread: JudgedLines) -> None:
        """Add the report of one record that is spread over lines. A subclass of `stats` notes which lines these are."""
        self.append(spread)

    def finished(self) -> "PartialReport":
        """Return the final report of a whole file: nothing comes before or after it, so everything open is judged."""
        whole = PartialReport(self.limit)
        taken = Counter(self.stored) - Counter([finding.rule for finding in self.findings])
        whole.stored = dict(taken)
        whole.absorb(self)
        whole.settle()
        return whole
