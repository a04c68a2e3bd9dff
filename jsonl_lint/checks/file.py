"""Check one file: its first bytes, its lines (in one process or several), and the findings about it as a whole."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from jsonl_lint.checks.against import rereadable
from jsonl_lint.checks.rereading import Spool, lines_again, spooled
from jsonl_lint.engine import (
    FileFindings,
    LineChecker,
    PartialReport,
    RawFinding,
    dataset_findings,
    detect_format,
    facts_at_end,
    finding_of,
    first_line_end,
    saturated_rules,
)
from jsonl_lint.engine.dataset.rereadable import RereadableFile
from jsonl_lint.errors import CHANGED, UnreadableInputError
from jsonl_lint.files.head import LFS_POINTER, Head, read_head
from jsonl_lint.files.inputs import STDIN, compression_of, display_path, is_url, open_file, reading, state_of
from jsonl_lint.files.source import LineReader, Origin, Progress
from jsonl_lint.model import Event, FileResult, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.ranges import RangeTask, is_for_all, jobs_for, run, tasks_of
from jsonl_lint.rule import FileFacts

if TYPE_CHECKING:
    from jsonl_lint.stats.census import CensusTaker, Measured


class FileHead(NamedTuple):
    """What is known of a file before its lines are checked.

    `base` is the length of its byte order mark, and `head_bytes` is how many bytes were read. `format_line` and
    `line_end` are as in `Origin`.
    """

    facts: FileFacts
    format_line: int
    base: int
    head_bytes: int
    compression: str | None
    line_end: str = "\n"

    @property
    def origin(self) -> Origin:
        """What the engine has to know of the file."""
        return Origin(file_format=self.facts.format, format_line=self.format_line, line_end=self.line_end)


LARGE_FILE_BYTES = 2 << 20
"""In larger files, compiling the Hyperscan filters soon pays off. The size of a stream is only known at its end."""


def sized(plan: Plan, size: int | None) -> Plan:
    """Return the plan for a file of this many bytes."""
    return plan._replace(large=size is not None and size >= LARGE_FILE_BYTES)


def judge_head(handle: BinaryIO, size: int | None, shown: str, plan: Plan) -> tuple[FileHead, Head]:
    """Read the first bytes of an open file and determine what it is.

    Raises:
        UnreadableInputError: the file is binary, or reading fails.
    """
    head = read_head(handle, shown)
    file_format, format_line = detect_format(head, plan) if head.layout == "lines" else (None, 0)
    limits = plan.target.limits_in(file_format)
    facts = FileFacts(shown, size, head.encoding, head.layout, limits, lfs=head.lfs, format=file_format)
    about = FileHead(facts, format_line, head.bom_bytes, len(head.data), compression_of(handle), first_line_end(head))
    return about, head


class Extras(NamedTuple):
    """What is shown beside findings and counts. What is not shown is not made, which saves time.

    `fixes`: the edits of fixes; `context`: the excerpts around findings; `census`: what the records of each file are
    like, for which each line is parsed a second time, and one process does all the work on a file.
    """

    fixes: bool = True
    context: bool = True
    census: bool = False


USUAL_EXTRAS = Extras()


def check_one(path: str, plan: Plan, on_progress: Progress | None, *, census: bool) -> Iterator[Event]:
    """Yield the findings of a file, a URL or standard input, and then its result.

    Raises:
        UnreadableInputError: the input cannot be read, or is a Git LFS pointer.
    """
    handle, size = open_file(path)
    shown = display_path(path)
    if shown.lower().endswith(".parquet") and size is not None and not is_url(path):
        handle.close()
        yield from _check_table(path, size, plan)
        return
    plan = sized(plan, size)
    try:
        handle = spooled(handle, path, plan)
        with reading(shown):
            yield from _check_opened(path, handle, size, plan, on_progress, census=census)
    finally:
        if path != STDIN:
            handle.close()
        elif isinstance(handle, Spool):
            handle.copy.close()


def _check_opened(
    path: str, handle: BinaryIO, size: int | None, plan: Plan, on_progress: Progress | None, *, census: bool
) -> Iterator[Event]:
    about, head = judge_head(handle, size, display_path(path), plan)
    counter = _census(plan) if census and head.layout == "lines" else None
    reader = LineReader(handle, head, plan.settings.max_line_bytes, counter.add if counter else None)
    report = PartialReport.of(plan, about.origin)
    divisible = reader.rewindable and counter is None and about.facts.of_lines and is_for_all(path)
    jobs = jobs_for(plan.settings, size) if divisible else 1
    in_ranges = jobs > 1 or plan.settings.engine != "local" or plan.settings.resume is not None
    if size is not None and divisible and in_ranges:
        found = _check_ranges(tasks_of(path, size, about.base, about.origin), plan, jobs, report, on_progress)
    else:
        found = line_findings(reader, about, plan, report, on_progress)
    if path != STDIN and os.path.isfile(path):
        found = _of_one_version(path, state_of(path), found)
    lines = lines_again(path, plan.settings.max_line_bytes, handle, head, on_progress)
    again = rereadable(path, about.facts.format, lines, plan)
    yield from file_events(about, report, found, plan, again, counter)


def _of_one_version(path: str, state: tuple[int, ...], found: Iterable[RawFinding]) -> Iterator[RawFinding]:
    """Yield the findings, and make sure that the file is unchanged: several processes may have read different versions.

    Raises:
        UnreadableInputError: the file has changed.
        OSError: it is not there any more.
    """
    yield from found
    if state_of(path) != state:
        raise UnreadableInputError(display_path(path), CHANGED)


def _census(plan: Plan) -> "CensusTaker":
    from jsonl_lint.stats.census import CensusTaker  # few reports show what records are like

    return CensusTaker(_measuring(plan))


def _measuring(plan: Plan) -> Callable[[Mapping[str, Any]], "Measured | None"] | None:
    """Return what measures a record for the run's model, None if neither a model nor a limit is given."""
    settings = plan.settings
    if not (settings.model or settings.max_tokens or settings.tokenizer):
        return None
    from jsonl_lint.tokens.lengths import LengthMeter

    meter = LengthMeter(plan.ruler())

    def measured(record: Mapping[str, Any]) -> "Measured | None":
        known = plan.own_format(record, None)
        if known is None:
            return None
        found = meter.lengths(record, known)
        return max(found.sequences), f"{found.how}: {found.why}", found.images

    return measured


def file_events(
    about: FileHead,
    report: PartialReport,
    found: Iterable[RawFinding],
    plan: Plan,
    file: RereadableFile,
    counter: "CensusTaker | None" = None,
) -> Iterator[Event]:
    """Yield the findings and the result of one file.

    `found` yields the findings of its lines and fills `report` as it goes. `file` can be read again, to compare its
    records. If it breaks off, the result counts what was found before; rules about the whole file do not run.

    Raises:
        UnreadableInputError: the file broke off, is a Git LFS pointer, or was not checked and no finding says so.
    """
    facts, shown, base = about.facts, about.facts.path, about.base
    of_file = FileFindings(plan)
    broken: OSError | UnreadableInputError | None = None
    yield from of_file.findings(facts, 0, before_lines=True)
    try:
        for raw in found:
            yield finding_of(raw, shown, 0, base, plan)
    except (OSError, UnreadableInputError) as error:
        broken = error
    report = report.finished()
    about_records = dataset_findings(report, plan, file if facts.of_lines else None) if broken is None else ()
    try:
        for raw in chain(report.take_findings(), about_records):
            yield finding_of(raw, shown, 0, base, plan)
    except (OSError, UnreadableInputError) as error:
        broken = error
    if broken is None:
        yield from of_file.findings(facts_at_end(facts, report, facts.format), base, before_lines=False)
    whole = report.bytes + base if facts.readable else facts.size or about.head_bytes
    result = _result(facts._replace(bytes=whole), report, of_file, plan)
    census = counter.census() if counter else None
    notes = tuple(other.note for other in file.others if other.note)
    yield result._replace(census=census, compression=about.compression, notes=notes)
    if broken is not None:
        raise broken
    _refuse_unread(about, result.counts)


def _result(facts: FileFacts, report: PartialReport, of_file: FileFindings, plan: Plan) -> FileResult:
    return FileResult(
        path=facts.path,
        format=facts.format,
        bytes=facts.bytes,
        lines=report.lines,
        records=report.records,
        valid_records=report.valid_records,
        counts=of_file.counts_with(report),
        safe_fixes=report.safe_fixes + of_file.report.safe_fixes,
        unsafe_fixes=report.unsafe_fixes + of_file.report.unsafe_fixes,
        fail_on=Severity(plan.settings.fail_on),
    )


def _refuse_unread(about: FileHead, counts: Mapping[tuple[str, Severity], int]) -> None:
    """Make sure that a file that was not checked does not count as clean."""
    facts = about.facts
    if facts.lfs:
        raise UnreadableInputError(facts.path, LFS_POINTER)
    if not counts and not facts.of_lines:
        kind = Head(b"", facts.encoding, facts.layout).other_kind
        raise UnreadableInputError(facts.path, f"not checked: the file is {kind}, and the rule that says so is off")


def line_findings(
    reader: LineReader, about: FileHead, plan: Plan, report: PartialReport, on_progress: Progress | None = None
) -> Iterator[RawFinding]:
    """Yield the findings of a file's lines, checked in this process."""
    if about.facts.readable and about.facts.layout == "array":
        from jsonl_lint.checks.array import array_findings  # few files are arrays

        yield from array_findings(reader, plan, report, on_progress)
    elif about.facts.of_lines:
        yield from _check_stream(reader, about.origin, plan, report, on_progress)


def _check_table(path: str, size: int, plan: Plan) -> Iterator[Event]:
    """Check a tokenised Parquet file. Its rows count as lines; findings have no columns and no offsets."""
    shown = display_path(path)
    if "parquet_columns" not in plan.target.limits:
        raise UnreadableInputError(shown, f"not checked: {plan.target.title} takes no tokenised Parquet")
    if plan.settings.method == "dpo":
        raise UnreadableInputError(shown, "not checked: tokenised Parquet holds no pairs of answers (--method dpo)")
    if plan.settings.against and "overlap-with-validation" in plan.rules:
        reason = "not checked: rows of tokenised Parquet are not compared with other files (--against)"
        raise UnreadableInputError(shown, f"{reason}; without the rule overlap-with-validation, the rest is checked")
    from jsonl_lint.checks.parquet import read_table
    from jsonl_lint.engine.parquet import FORMAT

    columns, report = read_table(path, plan.settings)
    facts = FileFacts(shown, size, "binary", "table", plan.target.limits_in(FORMAT), columns=columns)
    of_file = FileFindings(plan)
    yield from of_file.findings(facts, 0, before_lines=True)
    for raw in report.take_findings():
        yield finding_of(raw, shown, 0, 0, plan)._replace(column=None, end_column=None, byte_offset=None)
    yield from of_file.findings(facts_at_end(facts, report, FORMAT), 0, before_lines=False)
    yield _result(facts._replace(format=FORMAT, bytes=size), report, of_file, plan)


def _check_stream(
    reader: LineReader, origin: Origin, plan: Plan, report: PartialReport, on_progress: Progress | None
) -> Iterator[RawFinding]:
    checker = LineChecker(origin, plan, report)
    while True:
        before = report.bytes
        if not checker.check_next(reader, saturated_rules(report)):
            return
        yield from report.take_findings()
        if on_progress:
            on_progress(report.bytes - before)


def _check_ranges(
    tasks: list[RangeTask], plan: Plan, jobs: int, report: PartialReport, on_progress: Progress | None
) -> Iterator[RawFinding]:
    for task, part in zip(tasks, run(tasks, plan, jobs, lambda: saturated_rules(report)), strict=True):
        report.absorb(part)
        yield from report.take_findings()
        if on_progress:
            on_progress(task.end - task.start)
