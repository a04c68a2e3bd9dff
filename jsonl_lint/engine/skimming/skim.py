"""Skim over records of known structures without parsing them in Python."""

from __future__ import annotations

import sys
from collections.abc import Collection
from sys import byteorder
from typing import TYPE_CHECKING

from orjson import loads

from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.look import Look
from jsonl_lint.engine.judging.notes import has_new_keys
from jsonl_lint.engine.judging.texts import LAST_MESSAGE_ALONE
from jsonl_lint.engine.kindlog import argument_kinds, placed_kinds
from jsonl_lint.engine.skimming.called import ToolReader, screened_as_bytes
from jsonl_lint.engine.skimming.runs import Group, Groups, Run, Structure
from jsonl_lint.engine.skimming.slipped import Slipped, slipped
from jsonl_lint.engine.skimming.slips import PLACED, sketches_of, slips_in
from jsonl_lint.engine.skimming.worth import Worth
from jsonl_lint.native.places import PlaceFinder
from jsonl_lint.native.recogniser import (
    HAS_MARK,
    HAS_NO_KEY,
    HAS_OUTPUTS,
    HAS_SLIPS,
    HAS_TOOLS,
    KEY_BYTES,
    LONGEST_LINE,
    MAY_END,
    MAY_HIDE,
    NEEDS_A_LOOK,
    NEEDS_OUTPUTS,
    NEEDS_TOOLS,
    SLIPS,
    Entry,
    Found,
    PlacedSlip,
    Recogniser,
)
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.prefilter import ALL, Mark, rules_marked
from jsonl_lint.plans.verdicts import Recognised, Verdict
from jsonl_lint.records.answers import ANSWER_KEYS, DIFFER
from jsonl_lint.records.formats import formats_of
from jsonl_lint.records.likeness import record_key
from jsonl_lint.records.requestids import TAKEN_ID
from jsonl_lint.records.structure import signature
from jsonl_lint.target import BATCH_FORMATS
from jsonl_lint.toolcalls.screen import SCREEN, argument_types

if TYPE_CHECKING:
    from jsonl_lint.tokens.layout import Layout

_MOST_RECOGNISED = 2_000
"""How many structures are cached for the next stream of lines; each takes some kilobytes at most."""

MOST_FOUND = 1_000
"""A record with more findings is judged in the usual way, which does not hold all of them."""


class Skim:
    """Finds runs in one stream of lines; lines with more than `most_bytes` are never part of one."""

    def __init__(self, plan: Plan, file_format: str | None, recogniser: Recogniser, most_bytes: int) -> None:
        self.plan = plan
        self.file_format = file_format
        self.recogniser = recogniser
        self.recogniser.profiles = plan.profiles is not None
        self.most_bytes = most_bytes
        self.places = PlaceFinder(recogniser.library)
        self.tools = ToolReader(recogniser.library)
        self.argument_types = argument_types(plan.target)
        self.worth = Worth()
        self.unnoted: set[bytes] = set()
        """Structures in the batch at hand with kinds or keys that have not been noted."""
        self.forget(())

    def forget(self, saturated: Collection[str]) -> None:
        """Forget all structures. From now on, findings of the rules in `saturated` are counted, but not made."""
        self.groups = Groups(self.plan, saturated)
        self.structures: dict[bytes, Structure] = {}
        """By signature, as the recogniser encodes it."""
        self.slipped: dict[bytes, Slipped] = {}
        """The same for lines with slips."""
        self.full = False
        """Whether the recogniser can learn no more of them."""
        self.recogniser.forget()
        self.tolerate()

    def tolerate(self) -> None:
        """Tolerate the slips of which further findings are only counted, and those that can be made into findings."""
        tolerated = PLACED.intersection(self.plan.rules).union(self.groups.saturated)
        self.recogniser.tolerated = sum([SLIPS[rule] for rule in SLIPS if rule in tolerated])
        self.slipped = {spelled: known for spelled, known in self.slipped.items() if not known.made}
        self.unready: set[bytes] = set()
        """Structures with slips that are judged in the usual way until more rules are saturated."""

    def runs(
        self, data: bytes, marks: list[Mark], report: JudgedLines, saturated: Collection[str], *, crlf: bool
    ) -> list[Run]:
        """Return the runs, in order. `marks` are those that `Prefilters.plain` finds.

        Records with a kind or key that `report` has not noted yet are not part of any run.
        """
        if not self.worth.is_given():
            return []
        self.unnoted.clear()
        if saturated != self.groups.saturated or self.full:
            self.saturate(saturated)
        scan, compares = self.plan.scan, self.plan.compares
        slips = [place for place, _ in marks]  # their strings may begin elsewhere, so nothing is cleared there
        if scan is not None:
            marks = scan.uncleared(marks, data)
        places = [place for place, _ in marks]
        found = self.recogniser.skim(data, self.most_bytes, places, slips, crlf=crlf, texts=bool(scan), keys=compares)
        runs: list[Run] = []
        run: Run | None = None
        next_key = 0
        for entry in found.entries:
            key, next_key = next_key, next_key + KEY_BYTES * entry.lines
            keys = found.keys[key:next_key]
            if not entry.why:
                group = self.groups[entry.group]
            else:
                marked = None
                if entry.why & HAS_MARK:
                    marked = ALL if entry.why & MAY_HIDE else rules_marked(marks, entry.start, entry.end)
                asked = self.group_for(entry, found, data, report, marked)
                if asked is None:
                    continue
                group = asked
                if entry.why & HAS_NO_KEY:
                    keys = record_key(loads(data[entry.start : entry.end])).to_bytes(KEY_BYTES, byteorder)
            self.worth.lines += entry.lines
            start, end, lines, last_bytes, *_ = entry
            if run is None or not run.grows(start, end, lines, last_bytes, keys, group):
                run = Run(start, end, lines, last_bytes, bytearray(keys), group)
                runs.append(run)
        return runs

    def saturate(self, saturated: Collection[str]) -> None:
        """Only count findings of these rules from now on, which lets more records be skimmed."""
        if self.full or not set(self.groups.saturated).issubset(saturated):
            self.forget(saturated)
            return
        self.groups.saturated = saturated
        self.tolerate()
        for spelled, known in self.structures.items():
            if known.group and self.groups[known.group].made:
                self.learn(spelled, self.structure_with(known.verdict, known.keys, known.layout, varies=known.varies))

    def learn(self, spelled: bytes, known: Structure) -> None:
        """Remember a structure, here and in the recogniser."""
        self.structures[spelled] = known
        if not self.recogniser.learn(spelled, known.group, known.most_bytes, known.needs):
            self.full = True

    def group_for(
        self, entry: Entry, found: Found, data: bytes, report: JudgedLines, marked: int | None
    ) -> Group | None:
        """Return the group of an entry's line, None if it must be judged in the usual way.

        `marked` is the set of text rules for which it has marks; None if its texts need no check.
        """
        spelled, profile = found.signature_of(entry), found.profile_of(entry)
        why, line = entry.why, data[entry.start : entry.end]
        if why & HAS_SLIPS:
            return self.group_with_slips(spelled, line, found.slips_of(entry))
        known = self.structures.get(profile) or self.structures.get(spelled)
        known = known or self.new_structure(spelled, profile, line, report)
        if known is None or not known.group:
            return None
        marked = None if marked is None else known.marked_in(line, marked, ends=bool(why & MAY_END))
        if known.needs & NEEDS_OUTPUTS and not why & HAS_OUTPUTS:
            return None
        called = None
        if known.needs & NEEDS_TOOLS:
            if not why & HAS_TOOLS:
                return None
            called = self.tools.read(data[entry.tools : entry.tools_end], found.calls_of(entry), data)
            if not called.fit(self.argument_types) or (self.plan.tracks_kinds and report.kinds.new(called.kinds())):
                return None
        is_long = len(line) > known.most_bytes and entry.most_tokens > known.most_tokens
        if is_long and not known.fits(self.plan.ruler(), line, found.texts_of(entry), called):
            return None
        group = self.groups[known.group]
        if not (known.needs & NEEDS_A_LOOK or marked is not None):
            return group
        sketches = known.found_in(line, marked, self.groups.saturated)
        if sketches is None or len(sketches) > MOST_FOUND:
            return None
        return group._replace(made=(*known.verdict.sketches, *sketches), known=()) if sketches else group

    def new_structure(self, spelled: bytes, profile: bytes, line: bytes, report: JudgedLines) -> Structure | None:
        """Learn a new structure, or its profile; return None while any of its kinds or keys has not been noted."""
        if spelled in self.unnoted:
            return None
        self.worth.structures += 1
        verdict, keys, its_kinds = self.recognised(spelled, profile, line)
        kinds = report.kinds
        all_noted = not (self.plan.tracks_kinds and kinds.new(its_kinds))
        if not (all_noted or id(verdict) in kinds.known):
            self.unnoted.update([spelled] if spelled else ())
            return None
        if has_new_keys(self.plan, report, line, verdict, self.file_format):
            return None
        varies = verdict.varies and bool(profile) and all_noted
        key = profile if varies else _key_of(verdict, spelled, profile)
        layout = None if key == profile else self.layout(line)
        known = self.structure_with(verdict._replace(sketches=()) if varies else verdict, keys, layout, varies=varies)
        if key:
            self.learn(key, known)
        return known

    def recognised(self, spelled: bytes, profile: bytes, line: bytes) -> Recognised:
        """Return the verdict, root keys and kinds of a structure, cached for all streams of lines."""
        memory = self.plan.memory.recognised.setdefault(self.file_format, {})
        known = memory.get(profile) or memory.get(spelled)
        if known is None:
            record = loads(line)
            verdict = self.plan.verdict(signature(record), record, self.file_format)
            kinds = {kind for kind, _ in placed_kinds(record)}
            if verdict.calls:  # those of the arguments are not part of the structure
                kinds.difference_update(argument_kinds(record))
            if len(memory) >= _MOST_RECOGNISED:
                memory.clear()
            known = verdict, frozenset(record), frozenset(kinds)
            if key := _key_of(verdict, spelled, profile):
                memory[key] = known
        return known

    def layout(self, line: bytes) -> Layout | None:
        """Return the layout of records whose tokens may have to be counted."""
        if self.plan.sure_bytes == sys.maxsize:
            return None
        from jsonl_lint.tokens.layout import layout_of  # slow to import

        return layout_of(loads(line))

    def structure_with(
        self, verdict: Verdict, keys: frozenset[str], layout: Layout | None, *, varies: bool = False
    ) -> Structure:
        """Return how records with this verdict are treated; `varies`: each has its own sketches."""
        sure_bytes = verdict.sure_bytes if not verdict.names_model else sys.maxsize  # else a look tells
        most_bytes = min(sure_bytes, verdict.max_bytes or LONGEST_LINE)
        needs_tools = screened_as_bytes(verdict, keys, self.plan.target)
        needs_outputs = verdict.has_screen(DIFFER) and verdict.format in ANSWER_KEYS
        screens = (SCREEN, needs_tools), (DIFFER, needs_outputs), (TAKEN_ID, verdict.compared_by_id)
        seen = [screen for screen, is_seen in screens if is_seen]
        rules = tuple([group for group in verdict.rules if group.screen not in seen])
        look = Look(self.plan, self.file_format, verdict, rules)
        hopeless = (
            (verdict.calls and not needs_tools and self.plan.tracks_kinds)
            or ("messages" in keys and verdict.format not in LAST_MESSAGE_ALONE)
            or verdict.more
        )
        if hopeless:
            return Structure(verdict, keys, layout, 0, most_bytes, 0, look)
        group = self.groups.of(verdict)._replace(settles=bool(formats_of(keys, self.plan.target.formats)))
        index = self.groups.index_of(group)
        needs = NEEDS_TOOLS * needs_tools + NEEDS_OUTPUTS * needs_outputs
        needs += NEEDS_A_LOOK * (look.needed or varies)
        own_model = verdict.format in BATCH_FORMATS
        by_tokens = verdict.tools and not own_model and verdict.max_bytes is None  # else bytes count as well
        most_tokens = self.plan.ruler().sure_with_tools if by_tokens else -1
        return Structure(verdict, keys, layout, index, most_bytes, needs, look, most_tokens, varies)

    def group_with_slips(self, spelled: bytes, line: bytes, placed: list[PlacedSlip]) -> Group | None:
        """Return the group of a line with slips, None if it must be judged in the usual way."""
        known = self.slipped.get(spelled)
        if known is not None and not known.needs_look:
            return known.group if len(line) <= known.most_bytes else None
        if known is None and spelled in self.unready:
            return None
        slips = slips_in(self.places, line, placed)
        if slips is None:
            return None
        if known is None:
            self.worth.structures += 1
            known = slipped(self.plan, self.file_format, self.groups, line, slips)
            if known is not None:
                self.slipped[spelled] = known
                needs = NEEDS_A_LOOK * known.needs_look
                index = self.groups.index_of(known.group)
                self.full |= not self.recogniser.learn(spelled, index, known.most_bytes, needs)
            elif len(self.unready) < _MOST_RECOGNISED:
                self.unready.add(spelled)
        if known is None or len(line) > known.most_bytes or not known.passes(slips, self.plan.target):
            return None
        return known.group._replace(made=sketches_of(self.plan, slips)) if known.made else known.group


def _key_of(verdict: Verdict, spelled: bytes, profile: bytes) -> bytes:
    """Return what a verdict is known by: its profile if nothing is wrong in it, else its signature, if any."""
    return spelled if verdict.sketches else profile or spelled
