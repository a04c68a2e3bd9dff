"""Findings that are accepted, at places that a configuration names or in a baseline: taken out, and counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from jsonl_lint.baseline import Entry, entry_of
from jsonl_lint.model import Event, FileResult, Finding, Severity, Suppressed

IN_BASELINE = "accepted in the baseline"


class PlaceIgnore(NamedTuple):
    """Rules that are off at a place in each record and inside it. `*` in the pointer is any key or index."""

    pointer: tuple[str, ...]
    """Escaped as in a JSON Pointer."""
    rules: frozenset[str]
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is at the place or inside it."""
        if finding.rule not in self.rules:
            return False
        place = finding.pointer.split("/")[1:]
        if len(place) < len(self.pointer):
            return False
        return all(wanted in ("*", part) for wanted, part in zip(self.pointer, place, strict=False))


def suppress(
    events: Iterable[Event], places: Iterable[PlaceIgnore], accepted: Mapping[Entry, int], limit: int
) -> Iterator[Event]:
    """The events of one file, with accepted findings taken out of findings and counts and marked as such.

    `limit` findings of each rule are kept, and as many accepted ones, 0 for all; `events` must hold all of them, since
    which are accepted is not known before.
    """
    places = list(places)
    left = dict(accepted)
    hidden: Counter[tuple[str, Severity]] = Counter()
    kept: Counter[str] = Counter()
    for event in events:
        if isinstance(event, Finding):
            reason = _reason(event, places, left)
            if reason is not None:
                hidden[event.rule, event.severity] += 1
                if not limit or hidden[event.rule, event.severity] <= limit:
                    yield Suppressed(event, reason)
            elif not limit or kept[event.rule] < limit:
                kept[event.rule] += 1
                yield event
        elif isinstance(event, FileResult):
            rest = {key: count - hidden[key] for key, count in event.counts.items() if count > hidden[key]}
            yield event._replace(counts=rest, suppressed=hidden.total(), stale=sum(left.values()))
        else:
            yield event


def _reason(finding: Finding, places: list[PlaceIgnore], left: dict[Entry, int]) -> str | None:
    """Why the finding is accepted; None if it is not. What a baseline accepts is used up."""
    reason = next((place.reason for place in places if place.covers(finding)), None)
    if reason is None and left:
        entry = entry_of(finding)
        count = left.get(entry, 0)
        if count:
            left[entry] = count - 1
            reason = IN_BASELINE
    return reason
