"""Passing over records without a parser: runs of lines of which all is known that the report needs."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_
from sys import byteorder
from typing import TYPE_CHECKING, Any, NamedTuple

from orjson import loads

from jsonl_lint.engine.kindlog import STRING_ARGUMENTS, argument_kinds, placed_kinds
from jsonl_lint.engine.look import Look
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.runs import Group, Run
from jsonl_lint.engine.texts import LAST_MESSAGE_ALONE
from jsonl_lint.formats import formats_of
from jsonl_lint.likeness import record_key
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.native.recogniser import (
    HAS_MARK,
    HAS_NO_KEY,
    HAS_OUTPUTS,
    HAS_TOOLS,
    KEY_BYTES,
    LONGEST_LINE,
    MAY_HIDE,
    NEEDS_A_LOOK,
    NEEDS_OUTPUTS,
    NEEDS_TOOLS,
    Found,
    Recogniser,
)
from jsonl_lint.outputs import DIFFER, OUTPUTS
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.prefilter import ALL, Mark
from jsonl_lint.plans.verdicts import Recognised, Verdict
from jsonl_lint.structure import signature
from jsonl_lint.toolcalls.definitions import Definitions, define
from jsonl_lint.toolcalls.screen import SCREEN, fits_definition, is_plain_target

if TYPE_CHECKING:
    from jsonl_lint.tokens.layout import Layout

_MOST_TOOLS = 64
"""Lists of tools that are remembered by their bytes."""

_MOST_RECOGNISED = 2_000
"""Structures that are remembered for the next stream of lines; each takes some kilobytes at most."""

MOST_FOUND = 1_000
"""A record in which rules find more goes the usual way, on which not all of it is held."""

_TRIAL, _WORTH_IT = 300, 3
"""After so many structures, each must have served so many lines on average; else all lines go the usual way."""


@dataclass(slots=True)
class _Structure:
    """What is known of a structure: the keys of its root, and `group`, 0 where records have to go the usual way."""

    verdict: Verdict
    keys: frozenset[str]
    layout: Layout | None
    group: int
    most_bytes: int
    needs: int
    """Flags: what of a record has to be seen."""
    look: Look
    """What has to be asked of each record, beside what the recogniser sees of calls and answers."""
    most_tokens: int = -1
    """A line that has no more by `line_with_tools_at_most` surely fits."""


class _Called(NamedTuple):
    """The tools of a record, and the name and arguments of each call."""

    tools: Any
    definitions: Definitions
    calls: list[tuple[str, str]]

    def fit(self) -> bool:
        """Whether the tools have no flaw, and the arguments of each call are as they want them."""
        return self.definitions.flawless and all(
            [fits_definition(name, arguments, self.definitions) for name, arguments in self.calls]
        )

    def texts(self) -> tuple[list[str], Any]:
        """The calls as models see them, and the tools."""
        from jsonl_lint.tokens.conversation import call_text  # slow to import

        return [call_text({"name": name, "arguments": arguments}) for name, arguments in self.calls], self.tools


class Skim:
    """Finds the runs in one stream of lines, none of which has more than `most_bytes`."""

    def __init__(self, plan: Plan, file_format: str | None, recogniser: Recogniser, most_bytes: int) -> None:
        self.plan = plan
        self.file_format = file_format
        self.recogniser = recogniser
        self.most_bytes = most_bytes
        self.tools: dict[bytes, tuple[Any, Definitions]] = {}
        """Lists of tools by their bytes."""
        self.tried = self.passed = 0
        """Structures that were looked at, and lines that were passed over."""
        self.forget(())

    def forget(self, saturated: Collection[str]) -> None:
        """Forget all structures. From now on findings of the rules in `saturated` are counted, but not made."""
        self.saturated = saturated
        self.full = False
        self.recogniser.forget()
        self.structures: dict[bytes, _Structure] = {}
        """By their signatures, as the recogniser writes them."""
        self.groups = [Group()]
        """By index; the first is not used."""
        self.indexes: dict[Group, int] = {}

    def runs(
        self, data: bytes, marks: list[Mark], report: PartialReport, saturated: Collection[str], *, crlf: bool
    ) -> list[Run]:
        """The runs, in order. `marks` are those that `Prefilters.plain` finds.

        No record with a new kind or key is in any of them: `report` says which have been noted.
        """
        if self.tried > _TRIAL and self.passed < _WORTH_IT * self.tried:
            return []
        if saturated != self.saturated or self.full:
            self.saturate(saturated)
        texts, compares = self.plan.scan is not None, self.plan.compares
        places = [place for place, _ in marks]
        found = self.recogniser.skim(data, self.most_bytes, places, crlf=crlf, texts=texts, keys=compares)
        runs: list[Run] = []
        next_key = 0
        for entry in found.entries:
            start, end, lines, last_bytes, index, why, *_ = entry
            key, next_key = next_key, next_key + KEY_BYTES * lines
            keys = found.keys[key:next_key]
            if why:
                marked = None
                if why & HAS_MARK:
                    of_line = marks[bisect_right(places, start) : bisect_right(places, end)]
                    marked = ALL if why & MAY_HIDE else reduce(or_, [rules for _, rules in of_line], 0)
                asked = self.group_for(entry, found, data, report, marked)
                if asked is None:
                    continue
                group = asked
                if why & HAS_NO_KEY:
                    keys = record_key(loads(data[start:end])).to_bytes(KEY_BYTES, byteorder)
            else:
                group = self.groups[index]
            self.passed += lines
            if runs and runs[-1].end == start and runs[-1].group is group:
                runs[-1].grow(end, lines, last_bytes, keys)
            else:
                runs.append(Run(start, end, lines, last_bytes, bytearray(keys), group))
        return runs

    def saturate(self, saturated: Collection[str]) -> None:
        """Findings of more rules are only counted from now on, so more structures may be passed over."""
        if self.full or not set(self.saturated).issubset(saturated):
            self.forget(saturated)
            return
        self.saturated = saturated
        for spelled, known in self.structures.items():
            if known.group and self.groups[known.group].made:
                self.learn(spelled, self.structure_with(known.verdict, known.keys, known.layout))

    def learn(self, spelled: bytes, known: _Structure) -> None:
        """Remember a structure, and let the recogniser do so."""
        self.structures[spelled] = known
        if not self.recogniser.learn(spelled, known.group, known.most_bytes, known.needs):
            self.full = True

    def group_for(
        self, entry: tuple[int, ...], found: Found, data: bytes, report: PartialReport, marked: int | None
    ) -> Group | None:
        """The group in which the line of an entry is counted; None if it has to go the usual way.

        `marked` is the set of text rules that its marks concern; None if no rule is to be asked about its texts.
        """
        start, end, _, _, _, why, signed, signed_end, tools, tools_end, first, last, said, said_end, most_tokens = entry
        spelled = found.signatures[signed:signed_end]
        line = data[start:end]
        known = self.structures.get(spelled) or self.new_structure(spelled, line, report)
        if known is None or not known.group:
            return None
        if known.needs & NEEDS_OUTPUTS and not why & HAS_OUTPUTS:
            return None
        called = None
        if known.needs & NEEDS_TOOLS:
            called = self.called(data[tools:tools_end], found.calls[first:last], data) if why & HAS_TOOLS else None
            if called is None or not called.fit():
                return None
        is_long = end - start > known.most_bytes and most_tokens > known.most_tokens
        if is_long and not self.fits(line, known, found.texts[said:said_end], called):
            return None
        group = self.groups[known.group]
        if not (known.needs & NEEDS_A_LOOK or marked is not None):
            return group
        record = loads(line)
        if not known.look.satisfied_by(record):
            return None
        sketches = known.look.sketches(line, record, marked, self.saturated)
        if len(sketches) > MOST_FOUND:
            return None
        return group._replace(made=(*known.verdict.sketches, *sketches)) if sketches else group

    def new_structure(self, spelled: bytes, line: bytes, report: PartialReport) -> _Structure | None:
        """Learn a structure not seen before; None while one of its kinds or keys has not been noted."""
        self.tried += 1
        verdict, keys, its_kinds = self.recognised(spelled, line)
        kinds = report.kinds
        noted = id(verdict) in kinds.known and not (verdict.calls and kinds.new(STRING_ARGUMENTS))
        if self.plan.tracks_kinds and not noted and kinds.new(its_kinds):
            return None
        if verdict.tells_keys and self.adds_keys(verdict, line, report):
            return None
        known = self.structure_with(verdict, keys, self.layout(line))
        self.learn(spelled, known)
        return known

    def adds_keys(self, verdict: Verdict, line: bytes, report: PartialReport) -> bool:
        """Whether a record whose structure tells its keys has one that has not been noted."""
        if not verdict.keys:
            return False
        view = self.plan.record(loads(line), verdict.format, self.file_format, verdict.format)
        logs = [(report.keys.get(rule.name), rule.key(view)[1]) for rule in verdict.keys]
        return not all([log is not None and log.knows(key) for log, key in logs])

    def recognised(self, spelled: bytes, line: bytes) -> Recognised:
        """What is known of the structure whatever has been noted: judged once for all streams of lines."""
        memory = self.plan.memory.recognised.setdefault(self.file_format, {})
        known = memory.get(spelled)
        if known is None:
            record = loads(line)
            verdict = self.plan.verdict(signature(record), record, self.file_format)
            kinds = {kind for kind, _ in placed_kinds(record)}
            if verdict.calls:  # no others are passed over than those with arguments as they should be
                kinds = kinds.difference(argument_kinds(record)).union(STRING_ARGUMENTS)
            if len(memory) >= _MOST_RECOGNISED:
                memory.clear()
            known = memory[spelled] = (verdict, frozenset(record), frozenset(kinds))
        return known

    def layout(self, line: bytes) -> Layout | None:
        """The layout of records that may have to be counted."""
        if self.plan.sure_bytes == sys.maxsize:
            return None
        from jsonl_lint.tokens.layout import layout_of  # slow to import

        return layout_of(loads(line))

    def structure_with(self, verdict: Verdict, keys: frozenset[str], layout: Layout | None) -> _Structure:
        """What becomes of records with this verdict."""
        sure_bytes = verdict.sure_bytes if not verdict.names_model else sys.maxsize  # else a look tells
        most_bytes = min(sure_bytes, verdict.max_bytes or LONGEST_LINE)
        needs_tools = SCREEN in verdict.screens and verdict.format == "chat" and is_plain_target(self.plan.target)
        needs_outputs = DIFFER in verdict.screens and verdict.format in OUTPUTS
        seen = [screen for screen, is_seen in ((SCREEN, needs_tools), (DIFFER, needs_outputs)) if is_seen]
        rules = tuple([rule for rule in verdict.rules if rule.screen is None or rule.screen not in seen])
        screens = tuple([screen for screen in verdict.screens if screen not in seen])
        look = Look(self.plan, self.file_format, verdict, rules, screens)
        hopeless = (
            (verdict.calls and not needs_tools and self.plan.tracks_kinds)
            or ("messages" in keys and verdict.format not in LAST_MESSAGE_ALONE)
            or verdict.more
        )
        if hopeless:
            return _Structure(verdict, keys, layout, 0, most_bytes, 0, look)
        group = self.group(verdict)._replace(settles=bool(formats_of(keys, self.plan.target.formats)))
        index = self.indexes.setdefault(group, len(self.groups))
        if index == len(self.groups):
            self.groups.append(group)
        needs = NEEDS_TOOLS * needs_tools + NEEDS_OUTPUTS * needs_outputs + NEEDS_A_LOOK * look.needed
        by_tokens = verdict.tools and not verdict.names_model and verdict.max_bytes is None  # else bytes count as well
        most_tokens = self.plan.ruler().sure_with_tools if by_tokens else -1
        return _Structure(verdict, keys, layout, index, most_bytes, needs, look, most_tokens)

    def group(self, verdict: Verdict) -> Group:
        """What is counted for each record with this verdict, or made into findings if some of these are still kept."""
        plan = self.plan
        sketches = [sketch for sketch in verdict.sketches if sketch.rule in plan.rules]
        keyed = None if verdict.tells_keys else verdict
        if keyed or not all([sketch.rule in self.saturated for sketch in sketches]):
            return Group(made=verdict.sketches, keyed=keyed)
        counts = tuple([(sketch.rule, plan.severities[sketch.rule]) for sketch in sketches])
        fixes = [plan.applicability(sketch.rule, sketch.fix) for sketch in sketches]
        failed = any([severity is Severity.ERROR for _, severity in counts])
        return Group(counts, fixes.count(Applicability.SAFE), fixes.count(Applicability.UNSAFE), failed)

    def fits(self, line: bytes, known: _Structure, texts: bytes, called: _Called | None) -> bool:
        """Whether a long line is surely short enough for the target and for the model; `texts` as in `Found`."""
        verdict, ruler = known.verdict, self.plan.ruler()
        if len(line) > (verdict.max_bytes or LONGEST_LINE):
            return False
        if len(line) <= verdict.sure_bytes:
            return True
        if verdict.format != "chat":
            return False
        layout, fits = known.layout, None
        if layout is not None and texts and (called or not layout.tools):
            said = layout.all_texts(loads(texts))
            if said is not None:
                fits = ruler.said_fits(layout.roles, said, *(called.texts() if called else ([], None)))
        return ruler.fits(loads(line)) if fits is None else fits

    def called(self, tools: bytes, calls: list[tuple[int, ...]], data: bytes) -> _Called:
        """The tools and calls of a line; of each call the places of its name and arguments."""
        if tools not in self.tools:
            if len(self.tools) == _MOST_TOOLS:
                self.tools.clear()
            value = loads(tools)
            self.tools[tools] = value, define(value)
        named = [(data[name:end].decode(), loads(data[at - 1 : to + 1])) for name, end, at, to in calls]
        return _Called(*self.tools[tools], named)
