"""`stats_of`, which goes through each file once, counts every record and lets the engine check it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.distribution import Distribution, count_by_name
from jsonl_lint.engine import dataset_findings, detect_format
from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.files.head import read_head
from jsonl_lint.files.inputs import STDIN, display_path, expand_paths, opened, reading
from jsonl_lint.files.source import LineReader, Origin, Progress
from jsonl_lint.model import InputError
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.project import Project, project_from
from jsonl_lint.repair.joining import joined
from jsonl_lint.stats.duplicates import Digests
from jsonl_lint.stats.lines import CheckedLines
from jsonl_lint.stats.record import UNKNOWN, Facts, facts_of
from jsonl_lint.stats.tokens import TokenStatistics
from jsonl_lint.tokens.lengths import LengthMeter
from jsonl_lint.tokens.limits import Limits
from jsonl_lint.tokens.ruler import Ruler

MAX_NAMES = 1_000
"""How many names of roles or tools are counted separately; the rest is counted as `(other)`."""

TOKENS = "tokens"
"""The name of the distribution of lengths in tokens."""


class Measure(NamedTuple):
    """A number that records have. `of` returns that of a record, given its facts and its line; None if it has none."""

    name: str
    of: Callable[[Facts, bytes], int | None]


MEASURES = (
    Measure("turns", lambda facts, _: facts.turns),
    Measure("characters", lambda facts, _: facts.characters),
    Measure("bytes", lambda _, line: len(line)),
)


@dataclass
class Statistics:
    """The statistics of a file, or the total of several, for which `path` is None.

    `records` and `valid` are counted as in a check, everything else only for records that are JSON objects. `size` is
    in bytes. `distributions` are by the name of the measure; `roles` (with `role_characters`), `tools` and `calls` by
    the names of roles and tools.
    """

    path: str | None
    size: int = 0
    records: int = 0
    valid: int = 0
    formats: dict[str, int] = field(default_factory=dict)
    distributions: dict[str, Distribution] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    role_characters: dict[str, int] = field(default_factory=dict)
    records_with_tools: int = 0
    tools: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    digests: Digests = field(default_factory=Digests)
    tokens: TokenStatistics | None = None
    """None if tokens are not counted. Their distribution is also one of `distributions`."""

    def add(self, facts: Facts, line: bytes) -> None:
        """Count one record."""
        _count(self.formats, facts.format)
        for measure in MEASURES:
            value = measure.of(facts, line)
            if value is not None:
                self.distributions[measure.name].add(value)
        for role, characters in zip(facts.roles, facts.role_characters, strict=True):
            _count(self.role_characters, _count(self.roles, role), characters)
        self.records_with_tools += bool(facts.tools)
        for name in facts.tools:
            _count(self.tools, name)
        for name in facts.calls:
            _count(self.calls, name)
        self.digests.add(line)

    def absorb(self, other: Statistics) -> None:
        """Add the statistics of another file."""
        for name in ("size", "records", "valid", "records_with_tools"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("formats", "roles", "role_characters", "tools", "calls"):
            for key, count in getattr(other, name).items():
                _count(getattr(self, name), key, count)
        for name, distribution in other.distributions.items():
            if name != TOKENS:
                self.distributions.setdefault(name, Distribution()).absorb(distribution)
        if other.tokens is not None:
            if self.tokens is None:
                self.count_tokens(TokenStatistics(other.tokens.about, other.tokens.limits, other.tokens.price))
            if self.tokens is not None:
                self.tokens.absorb(other.tokens)
        self.digests.absorb(other.digests)

    def count_tokens(self, tokens: TokenStatistics) -> None:
        """Set what tokens are counted in."""
        self.tokens = tokens
        self.distributions[TOKENS] = tokens.distribution

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, with the most frequent names first."""
        return {
            "path": self.path,
            "bytes": self.size,
            "records": self.records,
            "valid_records": self.valid,
            "formats": _by_count(self.formats),
            "distributions": {name: found.to_dict() for name, found in self.distributions.items()},
            "roles": {
                role: {"messages": count, "characters": self.role_characters.get(role, 0)}
                for role, count in _by_count(self.roles).items()
            },
            "tools": {
                "records": self.records_with_tools,
                "defined": _by_count(self.tools),
                "called": _by_count(self.calls),
            },
            "tokens": self.tokens.to_dict() if self.tokens else None,
            "duplicates": {"exact": self.digests.duplicates(), "compared": self.digests.count},
        }


def _count(counts: dict[str, int], name: str, count: int = 1) -> str:
    return count_by_name(counts, name, count, most=MAX_NAMES, other="(other)")


def _by_count(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


class _Counting(NamedTuple):
    """How records are counted. `meter` is None if tokens are not."""

    plan: Plan
    meter: LengthMeter | None
    limits: tuple[int, ...]
    on_progress: Progress


def stats_of(
    paths: Iterable[str | os.PathLike[str]],
    settings: Settings | Project | None = None,
    on_progress: Progress | None = None,
    *,
    tokens: bool = True,
    limits: Iterable[int] = (),
) -> Iterator[Statistics | InputError]:
    """Yield the statistics of each file in turn, from files, folders and globs; `-` is standard input.

    For an input that cannot be read, an `InputError` is yielded instead. Memory: some 256 KB of lines, and eight bytes
    per record. With `tokens`, the tokens of each record are counted for `settings.model`, and compared with `limits`,
    `settings.max_tokens` and the limits of the model. A `Project` has the settings of each file.

    Raises:
        UserError: a setting is wrong, or the configuration of the first path.
    """
    project = project_from(settings)
    names = [os.fsdecode(path) for path in ([paths] if isinstance(paths, (str, bytes, os.PathLike)) else paths)]
    limits = tuple(limits)

    @cache
    def counting_for(settings: Settings) -> _Counting:
        return _counting(settings, limits if tokens else None, on_progress or (lambda _: None))

    counting_for(project.scope_of_input(names[0] if names else STDIN).settings)
    told: set[str] = set()
    for found in expand_paths(names, project.passes_over):
        try:
            if isinstance(found, UnreadableInputError):
                raise found
            yield _file(found, counting_for(project.scope(found).settings))
        except UnreadableInputError as error:
            yield InputError(display_path(error.path), error.reason)
        except UserError as error:
            if str(error) not in told:
                told.add(str(error))
                yield InputError(display_path(str(found)), str(error))


def _counting(settings: Settings, limits: tuple[int, ...] | None, on_progress: Progress) -> _Counting:
    """Return how records are counted with these settings. `limits` is None if tokens are not.

    Raises:
        UserError: a setting is wrong.
    """
    given = tuple(limit for limit in (settings.max_tokens, *(limits or ())) if limit is not None)
    if any(limit < 1 for limit in given):
        raise UserError(f"a limit of {min(given)} tokens; it must be at least 1")
    about_records = replace(
        settings, max_findings=1, max_tokens=None, model=None, tokenizer=None, near_duplicates=False
    )
    plan = compile_plan(about_records)._replace(compares=False, tracks_kinds=False)
    meter = None
    if limits is not None:
        meter = LengthMeter(Ruler(Limits(plan.target, settings.method, *settings.of_limits)))
    return _Counting(plan, meter, given, on_progress)


def _file(path: str, counting: _Counting) -> Statistics:
    """Return the statistics of one file.

    Raises:
        UnreadableInputError: it cannot be read, or is not lines of UTF-8.
    """
    plan = counting.plan
    shown = display_path(path)
    with opened(path) as (handle, _), reading(shown):
        head = read_head(handle, shown)
        if head.other_kind:
            reason = f"not counted: the file is {head.other_kind}; {head.remedy}"
            raise UnreadableInputError(shown, reason)
        origin = Origin(*detect_format(head, plan))
        found = Statistics(shown, distributions={measure.name: Distribution() for measure in MEASURES})
        if counting.meter is not None:
            meter = counting.meter
            limits = meter.limits(counting.limits, origin.file_format)
            found.count_tokens(TokenStatistics(meter.about(), limits, meter.price()))
        reader = LineReader(handle, head, plan.settings.max_line_bytes)
        checked = CheckedLines(reader, origin, plan, counting.on_progress)
        for lines in checked:
            _add(found, lines, counting)
        deque(dataset_findings(checked.report, plan), maxlen=0)  # making them corrects the number of valid records
        found.size = checked.size + head.bom_bytes
        found.records, found.valid = checked.report.records, checked.report.valid_records
        return found


def _add(found: Statistics, lines: list[bytes], counting: _Counting) -> None:
    """Count the record on these lines, if it is an object that can be read once it is on one."""
    try:
        record = counting.plan.parse(lines[0] if len(lines) == 1 else joined(lines))
    except ValueError:
        return
    if not isinstance(record, dict):
        return
    facts = facts_of(record)
    found.add(facts, b"".join(lines).strip())
    if found.tokens is not None and counting.meter is not None:
        if facts.format == UNKNOWN:
            found.tokens.not_counted += 1
        else:
            found.tokens.add(counting.meter.lengths(record, facts.format))
