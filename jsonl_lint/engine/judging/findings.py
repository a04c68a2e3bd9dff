"""Turn sketches into findings: count them and, unless the rule is saturated, give them a place and a message."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jsonl_lint import jsonspan
from jsonl_lint.engine.excerpts import context_of
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.rawfinding import RawFinding, record_hash, unmade_fix
from jsonl_lint.files.source import Origin
from jsonl_lint.jsonspan import Document, JsonSyntaxError
from jsonl_lint.model import Applicability, Pointer, Severity, format_pointer, value_at
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import Rule, Sketch
from jsonl_lint.wording import excerpt

if TYPE_CHECKING:
    from jsonl_lint.engine.judging.fixes import LineFixes


Place = tuple[int, int, int]
"""Start and end in code points of a line, and the start in bytes."""

MOST_WALKS = 8
"""With more findings in one record, they share one walk through it, so that the time stays linear."""

_LONGEST_NUMBER = 40

_NO_MORE: Mapping[tuple[str, Applicability | None], int] = {}


class FindingMaker:
    """Makes the findings in the lines of one file. `line` is the current one, with its line ending."""

    def __init__(self, origin: Origin, plan: Plan, saturated: Collection[str]) -> None:
        self.plan = plan
        self.saturated = saturated
        self.file_format = origin.file_format
        self.format_line = origin.format_line
        self.line_end = origin.line_end
        self.limit = plan.settings.max_findings
        self.line = b""
        self.bom_bytes = 0
        """How many bytes longer the line is than its text, in which a space replaces each byte order mark."""
        self.line_bytes = 0
        self.selected = plan.rules.cards
        self.unique = "duplicate-key" in self.selected
        """Whether the fast parser rejects lines with a repeated key."""
        self.about: dict[str, Rule] = {}
        """The rules that have had a finding, by name."""
        self.line_hash = ""
        """The hash of the line, once a finding has needed it."""

    def emit(
        self,
        into: JudgedLines,
        text: str | bytes,
        sketches: Iterable[Sketch],
        document: Document | None = None,
        record: Any = None,
        more: Mapping[tuple[str, Applicability | None], int] = _NO_MORE,
    ) -> bool:
        """Count findings, and make those that are still kept; return whether one is an error.

        `text` is the line without its line ending, or the raw line, which is decoded only if a finding is made. `more`
        are the numbers of further findings, by rule and applicability, of rules that also have sketches here.
        """
        severities, limit = self.plan.severities, self.limit
        counts, stored = into.counts, into.stored
        failed = False
        kept: list[Sketch] = []
        of_line: dict[str, int] = {}
        for sketch in sketches:
            name = sketch.rule
            if name not in self.selected:
                continue
            severity = severities[name]
            failed = failed or severity is Severity.ERROR
            key = (name, severity)
            counts[key] = counts.get(key, 0) + 1
            if sketch.fix is not None:
                into.count_fix(self.applicability(sketch))
            if name not in self.saturated and (not limit or max(of_line.get(name, 0), stored.get(name, 0)) < limit):
                of_line[name] = of_line.get(name, 0) + 1
                kept.append(sketch)  # more than there is room for: which come first is known when they have places
        for (name, fix), findings in more.items():
            if name in self.selected:
                counts[name, severities[name]] += findings
                into.count_fix(self.plan.applicability(name, fix), findings)
        if kept:
            into.keep(self.findings(into, text, kept, document, record))
        return failed

    def applicability(self, sketch: Sketch) -> Applicability | None:
        """Return the applicability of the finding's fix according to the settings, None if it has no fix."""
        return self.plan.applicability(sketch.rule, sketch.fix)

    def findings(
        self, into: JudgedLines, text: str | bytes, sketches: list[Sketch], document: Document | None, record: Any
    ) -> list[RawFinding]:
        """Make the findings, in order. Several in one record share the walk to their places.

        `text` is empty for a row of a table. It may be the raw line of a `record`, which is None if it was not parsed.
        """
        edited = self.plan.edited
        fixable = bool(edited) and any([self.applicability(sketch) in edited for sketch in sketches])
        places = line = None
        if isinstance(text, bytes):
            places = None if fixable else self.places_in_json(text, sketches)
            if record is None and (places is None or any(["{value}" in sketch.message for sketch in sketches])):
                from orjson import loads  # slow to import, and small files do without

                record = loads(text)
            told = places is not None and not self.plan.show_context
            line = "" if told else jsonspan.decode(text)
            text = line.rstrip("\r\n")
        nodes = jsonspan.Nodes(document) if document is not None else None
        if nodes is None and text and isinstance(record, dict) and (len(sketches) > 1 or fixable):
            nodes = jsonspan.Nodes(jsonspan.whole(text, record), unique=self.unique)
        offsets = jsonspan.ByteOffsets(text)
        self.line_bytes = offsets.at(len(text)) + self.bom_bytes
        fixes = None
        if fixable:
            from jsonl_lint.engine.judging.fixes import LineFixes  # slow to import, and only some reports show fixes

            line = line or jsonspan.decode(self.line)
            fixes = LineFixes(self.plan, self.file_format, line, text, nodes, record, self.line_end)
        if places is None:
            spans = [place_of(text, sketch, nodes, unique=self.unique) for sketch in sketches]
            places = [(start, end, offsets.at(start) + self.bom_bytes if start else 0) for start, end in spans]
        found = []
        for sketch, place in zip(sketches, places, strict=True):
            found.append(self.finding(into, text, sketch, place, record, fixes))
        found.sort()
        return found

    def places_in_json(self, line: bytes, sketches: list[Sketch]) -> list[Place] | None:
        """Return the places of sketches in a raw line that is JSON, as the C code finds them; None if it does not."""
        finder = self.plan.memory.places if self.unique else None
        if finder is None or len(sketches) > MOST_WALKS:
            return None
        places = []
        for sketch in sketches:
            place = finder.place(line, sketch.pointer, key=sketch.at_key) if sketch.start < 0 else None
            if place is None:
                return None
            places.append(place)
        return places

    def finding(
        self,
        into: JudgedLines,
        text: str,
        sketch: Sketch,
        place: Place,
        record: Any = None,
        fixes: LineFixes | None = None,
    ) -> RawFinding:
        """Make the finding, with the edits of its fix. `text` is empty if no report shows what is around it."""
        start, end, offset = place
        rule, pointer, message = sketch[:3]
        if "{" in message:
            message = self.filled(message, text, sketch, place, record)
        about = self.about.get(rule)
        if about is None:
            about = self.about[rule] = self.plan.rules_by_name[rule]
        context = None
        if text and self.plan.show_context:
            within = place_within(text, start, end, sketch.within) if sketch.within else None
            context = context_of(text, start, end, offset, self.line_bytes, sensitive=about.sensitive, within=within)
        applicability = self.applicability(sketch)
        if fixes is None or applicability is None or applicability not in self.plan.edited:
            fix = unmade_fix(sketch.help, applicability)
        else:
            fix = fixes.fix(sketch, about, applicability, into.bytes) or ()
        return RawFinding(
            into.lines,
            start + 1,
            end + 1,
            about.code,
            format_pointer(pointer) if pointer else "",
            into.lines,
            into.bytes + offset,
            rule,
            self.plan.severities[rule],
            message,
            sketch.help,
            context,
            self.hash_of_line() if self.plan.settings.record_hashes else "",
            fix,
        )

    def filled(self, message: str, text: str, sketch: Sketch, place: Place, record: Any) -> str:
        """Fill in what the message says about the value at its place and about the file's first record."""
        if "{value}" in message:
            value = value_at(record, sketch.pointer)
            spelled = ""
            if type(value) in (int, float) and sketch.start < 0 and not sketch.at_key:
                start, end, _ = place
                spelled = text[start : min(end, start + _LONGEST_NUMBER)] or spelled_number(self.line, place)
            message = message.replace("{value}", spelled or excerpt(value))
        return message.replace("{first}", f" (see line {self.format_line})" if self.format_line else "")

    def hash_of_line(self) -> str:
        """The hash of the line that is being judged, made once; that of nothing for a line that is not held."""
        self.line_hash = self.line_hash or record_hash(self.line)
        return self.line_hash


def spelled_number(line: bytes, place: Place) -> str:
    """Return how the number is spelled that is in this place of a raw line, or how it begins if it is long."""
    start, end, offset = place
    return line[offset : offset + min(end - start, _LONGEST_NUMBER)].decode()


def place_within(text: str, start: int, end: int, within: tuple[int, int]) -> tuple[int, int] | None:
    """Return the place in a line of some code points of its string `start:end`; None if that is not a string."""
    if not text.startswith('"', start):
        return None
    from jsonl_lint.repair.spelling import places_of  # few findings are about a part of a text

    first, last = places_of(text[start + 1 : end - 1], within)
    return start + 1 + first, start + 1 + last


def place_of(text: str, sketch: Sketch, nodes: jsonspan.Nodes | None, *, unique: bool = True) -> tuple[int, int]:
    """Return the sketch's own place, or that of the value at its pointer."""
    if sketch.start >= 0:
        return sketch.start, sketch.end
    return place_at(text, sketch.pointer, nodes, key=sketch.at_key, unique=unique)


def place_at(
    text: str, pointer: Pointer, nodes: jsonspan.Nodes | None, *, key: bool = False, unique: bool = True
) -> tuple[int, int]:
    """Return the place of the value at the pointer (with `key`, of its key), or of its closest existing parent.

    Without `nodes`, `unique` says that no object in the text has a key twice.
    """
    if nodes is None:
        try:
            place = jsonspan.locate(text, pointer, key=key, unique=unique)
        except (ValueError, StopIteration, RecursionError):
            document = _parse_or_none(text)
            if document is None:
                return 0, len(text.rstrip())
            nodes = jsonspan.Nodes(document)
        else:
            return place.start, place.end
    return nodes.place(pointer, key=key)


def _parse_or_none(text: str) -> Document | None:
    try:
        return jsonspan.parse(text)
    except JsonSyntaxError:
        return None
