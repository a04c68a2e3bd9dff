"""Remove accepted findings, at places that a configuration names or in a baseline, and count them separately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.model import Applicability, Event, FileResult, Finding, Severity, Suppressed
from jsonl_lint.project.baseline import Entry, entry_of

IN_BASELINE = "accepted in the baseline"


class PlaceIgnore(NamedTuple):
    """Rules that are off at a place in each record and inside it. `*` in the pointer is any key or index."""

    pointer: tuple[str, ...]
    """Escaped as in a JSON Pointer."""
    rules: frozenset[str]
    reason: str

    def covers(self, rule: str, pointer: str) -> bool:
        """Whether a finding of the rule, at the pointer, is at the place or inside it."""
        if rule not in self.rules:
            return False
        place = pointer.split("/")[1:]
        if len(place) < len(self.pointer):
            return False
        return all(wanted in ("*", part) for wanted, part in zip(self.pointer, place, strict=False))


class Acceptance:
    """What is accepted in one file: at `places`, and by the entries of a baseline, each of which can be used once."""

    def __init__(self, places: Iterable[PlaceIgnore] = (), accepted: Mapping[Entry, int] | None = None) -> None:
        self.places = list(places)
        self.left = dict(accepted or {})

    def __bool__(self) -> bool:
        return bool(self.places or self.left)

    def copy(self) -> Acceptance:
        """Return a copy whose baseline entries are used up independently."""
        return Acceptance(self.places, self.left)

    def at_place(self, rule: str, pointer: str) -> str | None:
        """Return why findings of the rule are accepted at this pointer in any record, None if they are not."""
        return next((place.reason for place in self.places if place.covers(rule, pointer)), None)

    def reason(self, entry: Entry) -> str | None:
        """Return why this finding is accepted, None if it is not. This uses up an entry of the baseline."""
        reason = self.at_place(entry.rule, entry.pointer)
        if reason is None and self.left.get(entry, 0):
            self.left[entry] -= 1
            reason = IN_BASELINE
        return reason

    def accepts(self, entry: Entry) -> bool:
        """Whether this finding is accepted. This uses up nothing."""
        return self.at_place(entry.rule, entry.pointer) is not None or self.left.get(entry, 0) > 0


def suppress(events: Iterable[Event], acceptance: Acceptance, limit: int) -> Iterator[Event]:
    """Turn accepted findings among the events of one file into `Suppressed` ones, and take them out of the counts.

    At most `limit` findings of each rule are passed on, and as many accepted ones, 0 for all. `events` must have all
    findings, because it is not known beforehand which are accepted.

    Raises:
        UnreadableInputError: the file could not be read to its end.
    """
    yield from _with_what_is_stale(_suppressed(events, acceptance, limit))


def _with_what_is_stale(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events. If the file could not be read to its end, no entry is stale: its finding may be in the rest."""
    result: FileResult | None = None
    try:
        for event in events:
            if isinstance(event, FileResult):
                result = event
            else:
                yield event
    except UnreadableInputError:
        if result is not None:
            yield result._replace(stale=0)
        raise
    if result is not None:
        yield result


def _suppressed(events: Iterable[Event], acceptance: Acceptance, limit: int) -> Iterator[Event]:
    hidden: Counter[tuple[str, Severity]] = Counter()
    fixes: Counter[Applicability] = Counter()
    kept: Counter[str] = Counter()
    for event in events:
        if isinstance(event, Finding):
            reason = acceptance.reason(entry_of(event))
            if reason is not None:
                hidden[event.rule, event.severity] += 1
                if event.fix is not None:
                    fixes[event.fix.applicability] += 1
                if not limit or hidden[event.rule, event.severity] <= limit:
                    yield Suppressed(event, reason)
            elif not limit or kept[event.rule] < limit:
                kept[event.rule] += 1
                yield event
        elif isinstance(event, FileResult):
            rest = {key: count - hidden[key] for key, count in event.counts.items() if count > hidden[key]}
            yield event._replace(
                counts=rest,
                suppressed=hidden.total(),
                stale=sum(acceptance.left.values()),
                safe_fixes=event.safe_fixes - fixes[Applicability.SAFE],
                unsafe_fixes=event.unsafe_fixes - fixes[Applicability.UNSAFE],
            )
        else:
            yield event
