"""What is measured in this process: each tier reads a whole file through the library's own event stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.data import Dataset
from benchmarks.measure import compare, timed
from benchmarks.table import Goal, Row
from jsonl_lint import Settings, check_records, fix_file
from jsonl_lint.api import check_events
from jsonl_lint.checks.file import Extras

USER_SCHEMA = Path(__file__).parent / "user.schema.json"

DEFAULTS = Settings()
SHAPE_AND_CONVERSATION = Settings(select=("JL1", "JL2"))
"""Every rule but the syntax rules, so also without the proof that no key stands twice."""


class Tier(NamedTuple):
    """Settings to measure on a file, and the ratio to reach."""

    name: str
    file: Path
    settings: Settings
    goal: float | None = None
    explained: bool = True
    """Whether findings carry the edits of their fixes and what stands around them; `text` shows neither."""


def tiers(data: Dataset) -> list[Tier]:
    return [
        Tier("shape + conversation (--select JL1,JL2)", data.clean, SHAPE_AND_CONVERSATION, 0.55),
        Tier("all but --ignore duplicate-key", data.clean, Settings(ignore=("duplicate-key",))),
        Tier("defaults", data.clean, DEFAULTS, 0.40),
        Tier("defaults without JL80 (--ignore JL80)", data.clean, Settings(ignore=("JL80",))),
        Tier("every rule (--extend-select ALL)", data.clean, Settings(extend_select=("ALL",))),
        Tier("defaults", data.two_percent, DEFAULTS),
        Tier("defaults", data.mutants, DEFAULTS),
        Tier("defaults", data.all_bad, DEFAULTS, 0.15),
        Tier("defaults, what the text report shows", data.all_bad, DEFAULTS, explained=False),
        Tier("defaults, --max-findings 0", data.all_bad, Settings(max_findings=0)),
        Tier("defaults", data.huge_lines, DEFAULTS),
        Tier("defaults", data.preferences, DEFAULTS),
        Tier("defaults, --target openai", data.requests, Settings(target="openai")),
        Tier("defaults, --target vertex", data.gemini, Settings(target="vertex")),
        Tier("defaults, --target generic", data.annotated, Settings(target="generic")),
        Tier("defaults", data.reasoning, DEFAULTS),
        Tier("defaults", data.agents, DEFAULTS),
        Tier("defaults, --target generic", data.objects, Settings(target="generic")),
        Tier("defaults, --target vertex", data.gemini_agents, Settings(target="vertex")),
        Tier("defaults", data.pictures, DEFAULTS),
        Tier("defaults", data.templated, DEFAULTS),
        Tier("defaults", data.repeated, DEFAULTS),
        Tier("defaults", data.answers, DEFAULTS),
        Tier("defaults and --schema", data.clean, Settings(schema=str(USER_SCHEMA))),
    ]


def parse_only(path: Path) -> Callable[[], None]:
    """The yardstick: `orjson.loads` for each line, and nothing else."""

    def work() -> None:
        loads = orjson.loads
        with open(path, "rb", buffering=1 << 18) as file:
            for line in file:
                try:  # noqa: SIM105  `suppress` would slow the yardstick down
                    loads(line)
                except ValueError:
                    pass

    return work


def check(path: Path, settings: Settings, *, explained: bool = True) -> Callable[[], None]:
    """The linter over a file, each event consumed and forgotten. The plan is compiled beforehand."""
    deque(check_events([], settings), maxlen=0)

    def work() -> None:
        deque(check_events([str(path)], settings, extras=Extras(explained, explained)), maxlen=0)

    return work


def measure_tiers(data: Dataset, runs: int) -> Iterator[Row]:
    """Rows in the order of the table, each as soon as it is measured."""
    yield _yardstick(data, runs)
    for tier in tiers(data):
        own = timed(check(tier.file, tier.settings, explained=tier.explained))
        result = compare(own, timed(parse_only(tier.file)), runs)
        goal = None if tier.goal is None else Goal(result.ratio, ">=", tier.goal, "x orjson")
        yield Row(tier.name, tier.file, result, goal)
        if tier.settings == DEFAULTS and tier.file == data.clean:
            yield _fix_beside_check(data, runs)
        if tier.file in (data.two_percent, data.mutants):
            yield _bad_to_clean("  the same beside clean", data, tier.file, runs)
            yield _bad_to_clean("  what the text report shows, beside clean", data, tier.file, runs, explained=False)
    yield from _no_lines(data, runs)
    yield _fix("fix --unsafe-fixes", data.all_bad, Settings(unsafe_fixes=True), data.all_bad, runs)
    yield _lines(data, runs)
    yield _one_by_one(data, runs)
    yield _in_batches(data, runs)


def _no_lines(data: Dataset, runs: int) -> Iterator[Row]:
    """The clean records as one array and pretty-printed: checked, and turned into lines, beside parsing lines."""
    for name, file in (("one array", data.array), ("pretty-printed", data.pretty)):
        yield Row(f"defaults, {name}", file, compare(timed(check(file, DEFAULTS)), timed(parse_only(data.clean)), runs))
        yield _fix(f"fix, {name}", file, DEFAULTS, data.clean, runs)


def _lines(data: Dataset, runs: int) -> Row:
    """Records of a file that a pipeline has opened."""

    def work() -> None:
        with open(data.clean, "rb") as file:
            deque(check_records(file), maxlen=0)

    result = compare(timed(work), timed(parse_only(data.clean)), runs)
    return Row("check_records, the lines of a file", data.clean, result)


def _one_by_one(data: Dataset, runs: int) -> Row:
    """Records that a pipeline hands over as it makes them."""

    def work() -> None:
        with open(data.clean, "rb") as file:
            deque(check_records(orjson.loads(line) for line in file), maxlen=0)

    result = compare(timed(work), timed(parse_only(data.clean)), runs)
    return Row("check_records, dicts of a generator", data.clean, result)


def _in_batches(data: Dataset, runs: int) -> Row:
    """Rows of a table: parsed here, as by the yardstick."""

    def work() -> None:
        with open(data.clean, "rb") as file:
            while batch := [orjson.loads(line) for line in islice(file, 1000)]:
                deque(check_records(batch), maxlen=0)

    result = compare(timed(work), timed(parse_only(data.clean)), runs)
    return Row("check_records, 1,000 dicts at a time", data.clean, result)


def _yardstick(data: Dataset, runs: int) -> Row:
    result = compare(timed(parse_only(data.clean)), timed(parse_only(data.clean)), runs)
    return Row("orjson.loads per line (yardstick)", data.clean, result)


def _fix_beside_check(data: Dataset, runs: int) -> Row:
    """Fixing a clean file copies it: here its check is the yardstick, and 1.3 times its cost the limit."""
    output = data.clean.with_suffix(".fixed")

    def fix() -> None:
        fix_file(data.clean, output, DEFAULTS)

    result = compare(timed(fix), timed(check(data.clean, DEFAULTS)), runs)
    output.unlink()
    goal = Goal(result.ratio, ">=", 0.77, "x check")
    return Row("  fix, nothing to do, beside check", data.clean, result, goal, beside_orjson=False)


def _fix(name: str, file: Path, settings: Settings, parsed: Path, runs: int) -> Row:
    """Fixing a file, beside parsing the lines of another."""
    output = file.with_suffix(".fixed")

    def fix() -> None:
        fix_file(file, output, settings)

    result = compare(timed(fix), timed(parse_only(parsed)), runs)
    output.unlink()
    return Row(name, file, result)


def _bad_to_clean(name: str, data: Dataset, file: Path, runs: int, *, explained: bool = True) -> Row:
    """A run over clean data beside each over a file with 2 % bad records: here the clean run is the yardstick."""
    sizes = file.stat().st_size / data.clean.stat().st_size
    own, clean = (check(each, DEFAULTS, explained=explained) for each in (file, data.clean))
    result = compare(timed(own), timed(clean), runs)
    goal = Goal(result.ratio * sizes, ">=", 0.9, "x defaults on clean")
    return Row(name, file, result, goal, beside_orjson=False)
