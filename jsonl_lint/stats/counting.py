"""How the records of files and ranges are counted, by the settings of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.distribution import Distribution
from jsonl_lint.errors import UserError
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.repair.joining import joined
from jsonl_lint.stats.record import UNKNOWN, facts_of
from jsonl_lint.stats.statistics import MEASURES, Statistics
from jsonl_lint.stats.tokens import TokenStatistics
from jsonl_lint.tokens.lengths import LengthMeter
from jsonl_lint.tokens.limits import Limits
from jsonl_lint.tokens.ruler import Ruler


class Counting(NamedTuple):
    """How records are counted, by these settings.

    `asked` are the limits asked for. Records are compared with `limits`, which are these and that of the settings, and
    with those of the model. `asked` and `meter` are None if tokens are not counted.
    """

    settings: Settings
    asked: tuple[int, ...] | None
    plan: Plan
    meter: LengthMeter | None
    limits: tuple[int, ...]

    def begin(self, file_format: str | None) -> Statistics:
        """Return the statistics, empty as yet, of a file or a part of it."""
        found = Statistics(None, distributions={measure.name: Distribution() for measure in MEASURES})
        if self.meter is not None:
            limits = self.meter.limits(self.limits, file_format)
            found.count_tokens(TokenStatistics(self.meter.about(), limits, self.meter.price()))
        return found

    def add(self, found: Statistics, lines: Sequence[bytes]) -> None:
        """Count the record on these lines, unless it cannot be read or is not an object."""
        try:
            record = self.plan.parse(lines[0] if len(lines) == 1 else joined(lines))
        except ValueError:
            return
        if not isinstance(record, dict):
            return
        facts = facts_of(record)
        found.add(facts, b"".join(lines).strip())
        if found.tokens is not None and self.meter is not None:
            if facts.format == UNKNOWN:
                found.tokens.not_counted += 1
            else:
                found.tokens.add(self.meter.lengths(record, facts.format))


def counting_by(settings: Settings, asked: tuple[int, ...] | None) -> Counting:
    """Return how records are counted with these settings; `asked` is None if tokens are not.

    Raises:
        UserError: a setting is wrong.
    """
    given = tuple(limit for limit in (settings.max_tokens, *(asked or ())) if limit is not None)
    if any(limit < 1 for limit in given):
        raise UserError(f"a limit of {min(given)} tokens; it must be at least 1")
    about_records = replace(
        settings, max_findings=1, max_tokens=None, model=None, tokenizer=None, near_duplicates=False
    )
    plan = compile_plan(about_records)._replace(compares=False, tracks_kinds=False)
    meter = None
    if asked is not None:
        meter = LengthMeter(Ruler(Limits(plan.target, settings.method, *settings.of_limits)))
    return Counting(settings, asked, plan, meter, given)
