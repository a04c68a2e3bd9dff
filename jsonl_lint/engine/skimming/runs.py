"""Runs of consecutive lines that the skim recognised, what is known of structures, and how records are counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from orjson import loads

from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.look import Look
from jsonl_lint.engine.skimming.called import Called
from jsonl_lint.engine.skimming.known import KnownFinding, known_findings
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.native.recogniser import LONGEST_LINE, NEEDS_A_LOOK
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.prefilter import ALL
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.structure import signature
from jsonl_lint.rule import Sketch
from jsonl_lint.target import BATCH_FORMATS

if TYPE_CHECKING:
    from jsonl_lint.tokens.layout import Layout
    from jsonl_lint.tokens.ruler import Ruler


class Group(NamedTuple):
    """How each record of some structures is treated.

    The findings of each record are counted, by rule and severity (`counts`), with their fixes. Unless they are only
    counted, they are made of the sketches in `made`: if all are `known`, only their places are looked for; otherwise
    the judge makes them, which counts them as well.
    """

    counts: tuple[tuple[str, Severity], ...] = ()
    safe_fixes: int = 0
    unsafe_fixes: int = 0
    failed: bool = False
    made: tuple[Sketch, ...] = ()
    known: tuple[KnownFinding, ...] = ()
    keyed: Verdict | None = None
    """The verdict, if the keys by which each record is compared with others have to be noted."""
    settles: bool = False
    """Whether such a record is never part of another, so that it settles what was open before it."""
    broken: bool = False
    """Whether it is no valid JSON, so that it is not compared with others."""

    @property
    def is_counted(self) -> bool:
        """Whether its records are only counted."""
        return not (self.made or self.keyed)

    def only_counts(self, saturated: Collection[str]) -> bool:
        """Whether the findings of records that are compared by a key are those in `counts`, and only counted."""
        made = self.made
        return self.keyed is not None and made == self.keyed.sketches and all([each.rule in saturated for each in made])

    @property
    def is_clean(self) -> bool:
        """Whether its records have no finding, and nothing about them has to be noted."""
        return self.is_counted and not self.counts


@dataclass(slots=True)
class Structure:
    """What is known of a structure: its root keys, and `group`, 0 if its records must be judged in the usual way."""

    verdict: Verdict
    keys: frozenset[str]
    layout: Layout | None
    group: int
    most_bytes: int
    needs: int
    """Flags: which parts of each record Python has to see."""
    look: Look
    """The checks of each record, except for those of calls and answers that the recogniser helps with."""
    most_tokens: int = -1
    """A line that has no more tokens by `line_with_tools_at_most` certainly fits."""
    varies: bool = False
    """Whether its records are of one profile and have sketches of their own, which are not those of the verdict."""
    concerned: dict[int, int] = field(default_factory=dict)
    """Of sets of text rules, those rules that may report such records."""

    def fits(self, ruler: Ruler, line: bytes, texts: bytes, called: Called | None) -> bool:
        """Whether a long line certainly fits the target and the model; `texts` are those of its messages, if known."""
        verdict, layout, fits = self.verdict, self.layout, None
        if len(line) > (verdict.max_bytes or LONGEST_LINE):
            return False
        if len(line) <= verdict.sure_bytes:
            return True
        if verdict.format in BATCH_FORMATS:
            return verdict.tools and ruler.request_settles(line, loads(line))
        if verdict.format != "chat":
            return False
        if layout is not None and texts and (called or not layout.tools):
            said = layout.all_texts(loads(texts))
            if said is not None:
                fits = ruler.texts_fit(layout.roles, said, *(called.texts() if called else ([], None)))
        return ruler.fits(loads(line)) if fits is None else fits

    def marked_in(self, line: bytes, marked: int, *, ends: bool) -> int | None:
        """Return those of the text rules with marks in its line that may report it, None if its texts need no check.

        `ends`: how its texts end may concern rules.
        """
        if marked not in self.concerned:
            self.concerned[marked] = self.look.concerned(loads(line), marked) if marked != ALL else ALL
        return self.concerned[marked] or (0 if ends else None)

    def found_in(self, line: bytes, marked: int | None, saturated: Collection[str]) -> list[Sketch] | None:
        """Return what only a look at the record finds, None if it must be judged in the usual way.

        `marked` is the set of text rules for which its line has marks; None if its texts need no check.
        """
        record, look, sketches = loads(line), self.look, list[Sketch]()
        if self.varies:
            own = look.plan.verdict(signature(record), record, look.file_format)
            if not own.varies:
                return None
            sketches += own.sketches
        if self.needs & NEEDS_A_LOOK:
            if not look.satisfied_by(record):
                return None
            sketches += look.sketches(line, record, saturated, fits=not self.verdict.names_model)
        if marked is not None:
            sketches += look.text_sketches(record, marked)
        return sketches


class Groups:
    """The groups of one stream of lines, by index; 0 is not used.

    Findings of the rules in `saturated` are counted, but not made.
    """

    def __init__(self, plan: Plan, saturated: Collection[str]) -> None:
        self.plan = plan
        self.saturated = saturated
        self.by_index = [Group()]
        self.indexes: dict[Group, int] = {}

    def __getitem__(self, index: int) -> Group:
        return self.by_index[index]

    def index_of(self, group: Group) -> int:
        """Return the group's index, which is new for a new one."""
        index = self.indexes.setdefault(group, len(self.by_index))
        if index == len(self.by_index):
            self.by_index.append(group)
        return index

    def of(self, verdict: Verdict) -> Group:
        """Return the group of records with this verdict: findings are counted, or made if they are still kept."""
        group = self.of_sketches(verdict.sketches)
        if verdict.text_keys:
            return group._replace(made=verdict.sketches, keyed=verdict)
        return group._replace(known=known_findings(self.plan, group.made))

    def of_sketches(self, sketches: tuple[Sketch, ...]) -> Group:
        """Return the group of records with these sketches; none is `known`."""
        plan = self.plan
        selected = [sketch for sketch in sketches if sketch.rule in plan.rules]
        counts = tuple([(sketch.rule, plan.severities[sketch.rule]) for sketch in selected])
        fixes = [plan.applicability(sketch.rule, sketch.fix) for sketch in selected]
        failed = any([severity is Severity.ERROR for _, severity in counts])
        made = () if all([sketch.rule in self.saturated for sketch in selected]) else sketches
        return Group(counts, fixes.count(Applicability.SAFE), fixes.count(Applicability.UNSAFE), failed, made)


@dataclass(slots=True)
class Run:
    """Consecutive lines: where they begin and end, their number, and the length of the last one.

    They are of one `group`, apart from those in `others`: lines that follow, of groups that are only counted.
    `keys` are the record keys, eight bytes each.
    """

    start: int
    end: int
    lines: int
    last_line_bytes: int
    keys: bytearray
    group: Group
    others: list[tuple[Group, int]] = field(default_factory=list)

    def grows(self, start: int, end: int, lines: int, last_line_bytes: int, keys: bytes, group: Group) -> bool:
        """Add more lines if they follow and can be counted together with these; return whether they were added."""
        own = self.group
        if self.end != start:
            return False
        if own is not group:
            if own.broken != group.broken or not (own.is_counted and group.is_counted):
                return False
            self.others.append((group, lines))
        self.end, self.last_line_bytes = end, last_line_bytes
        self.lines += lines
        self.keys += keys
        return True

    def groups(self) -> list[tuple[Group, int]]:
        """The groups and the numbers of their lines."""
        if not self.others:
            return [(self.group, self.lines)]
        return [(self.group, self.lines - sum([lines for _, lines in self.others])), *self.others]

    def count_in(self, report: JudgedLines) -> None:
        """Count the lines and their findings."""
        report.lines += self.lines
        report.bytes += self.end - self.start
        report.records += self.lines
        report.last_line_bytes = self.last_line_bytes
        counts = report.counts
        for group, lines in self.groups():
            report.valid_records += 0 if group.failed else lines
            report.safe_fixes += lines * group.safe_fixes
            report.unsafe_fixes += lines * group.unsafe_fixes
            for key in group.counts:
                counts[key] = counts.get(key, 0) + lines
