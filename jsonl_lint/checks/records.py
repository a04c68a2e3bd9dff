"""Check records that a caller passes in, each as a dict or as a line of JSON."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from io import IOBase
from os import PathLike
from typing import Any, NamedTuple

from jsonl_lint.checks.gathered import Gathered
from jsonl_lint.config import Settings, given_settings, with_all_findings
from jsonl_lint.engine import Clearance, LineChecker, PartialReport, finding_of
from jsonl_lint.errors import UserError
from jsonl_lint.files.inputs import STDIN
from jsonl_lint.files.source import BATCH_BYTES, Origin
from jsonl_lint.model import Finding
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import plan_of
from jsonl_lint.records.tojson import as_line, plain_or_wrong, wrong_type_at
from jsonl_lint.wording import printable

MOST_AHEAD = 256
"""How many records are taken at a time if all of them are at hand."""

_TABLES = {
    "pandas": ("DataFrame",),
    "polars": ("DataFrame", "LazyFrame"),
    "pyarrow": ("Table", "RecordBatch"),
    "datasets": ("DatasetDict", "IterableDatasetDict"),
}
"""What has an integration of its own, because iterating over it yields columns or splits; by library."""


def refuse_what_is_no_stream(records: Iterable[Mapping[str, Any] | bytes | str]) -> None:
    """Refuse a single record, a path or a table, which could be iterated over by mistake.

    Raises:
        UserError: it is one.
    """
    library, kind = type(records).__module__.partition(".")[0], type(records).__name__
    if kind in _TABLES.get(library, ()):
        raise UserError(f"a {kind} of {library} is not an iterable of records; use jsonl_lint.integrations.{library}")
    if isinstance(records, (str, bytes, Mapping, PathLike)):
        instead = "use check_record for one record, and check_file for the path of a file"
        raise UserError(f"records must be a list or another iterable; {instead}")


def are_at_hand(records: Iterable[object]) -> bool:
    """Whether all are there already, as in a list or a file on disk, so that it makes no difference when one is taken.

    Raises:
        ValueError: it is a closed file.
    """
    return hasattr(records, "__len__") or (isinstance(records, IOBase) and records.seekable())


class _Taken(NamedTuple):
    """A record that was passed in, as a line, or why it cannot be one."""

    record: Mapping[str, Any] | bytes | str
    line: bytes | Exception

    @property
    def is_text(self) -> bool:
        """Whether it was a line already."""
        return isinstance(self.record, (bytes, bytearray, memoryview, str))


def check_each(
    records: Iterable[Mapping[str, Any] | bytes | str],
    settings: Settings | None,
    gathered: Gathered | None = None,
    *,
    ahead: bool = False,
) -> Iterator[list[Finding]]:
    """Yield a list of findings for each record in turn, without those of rules about the whole dataset.

    The format of the first record with a known format is that of all that follow.

    `gathered` collects what these rules need. With `ahead`, and if they are at hand, some records are taken before the
    findings of the first are yielded, which is faster.

    Raises:
        UserError: a setting is wrong, or `records` is a single record, a path or a table.
    """
    refuse_what_is_no_stream(records)
    plan = plan_of(with_all_findings(settings))
    if gathered is None:  # nothing is compared
        plan = plan._replace(compares=False, tracks_kinds=False)
    stream = RecordStream(plan, gathered, None if plan.settings.format == "auto" else plan.settings.format)
    number = 0
    for batch in _batches(records, MOST_AHEAD if ahead or are_at_hand(records) else 1):
        clean = stream.cleared(batch) if len(batch) > 1 else {}  # to judge a single record is quicker
        for index, taken in enumerate(batch):
            number += 1
            if isinstance(taken.line, Exception):
                stream.pass_over()
                yield _no_json(plan, number, taken.line)
            elif index in clean:
                stream.add_clean(taken.line, clean[index])
                yield []
            else:
                if stream.file_format is None and (file_format := _format_of(taken.line, plan)):
                    stream.settle()
                    stream = RecordStream(plan, gathered, file_format, number)
                report = stream.report_on(taken.line)
                yield _findings(report, number, plan, taken) if report is not None else []
    stream.settle()


def _batches(records: Iterable[Mapping[str, Any] | bytes | str], most: int) -> Iterator[list[_Taken]]:
    """Yield the records in batches of at most `most` records, and of not much more than `BATCH_BYTES`.

    The first one is alone, because it is likely to tell the format.
    """
    batch: list[_Taken] = []
    size, enough = 0, 1
    try:
        for record in records:
            batch.append(_take_record(record))
            size += len(batch[-1].line) if isinstance(batch[-1].line, bytes) else 0
            if len(batch) == enough or size >= BATCH_BYTES:
                full, batch, size, enough = batch, [], 0, most
                yield full
    except Exception:
        yield batch  # whoever has them next fails, and these have findings
        raise
    yield batch


def _take_record(record: Mapping[str, Any] | bytes | str) -> _Taken:
    try:
        return _Taken(record, as_line(record, plain_or_wrong))
    except Exception as error:  # the record's own methods may raise anything
        return _Taken(record, error)


def _findings(report: PartialReport, number: int, plan: Plan, taken: _Taken) -> list[Finding]:
    """Return the findings of the record with this number; only those of a text have columns."""
    found = [finding_of(raw, STDIN, number - 1, 0, plan) for raw in report.findings]
    found = [finding._replace(line=number, end_line=number) for finding in found]
    return found if taken.is_text else [_as_given(without_place(finding), taken.record) for finding in found]


_TRUE = re.compile(r"\A((?:[^`]|`[^`]*`)*?)\btrue\b")
"""The first `true` of a message, outside of backticks, between which it would be part of a name from the record."""


def _as_given(finding: Finding, record: object) -> Finding:
    """Return the finding with the type of what is there instead of the boolean that stands for it."""
    found = _TRUE.search(finding.message)
    wrong = wrong_type_at(record, finding.pointer) if found else None
    if found is None or wrong is None:
        return finding
    message = f"{found[1]}a value of the type {printable(wrong)}{finding.message[found.end() :]}"
    return finding._replace(message=message, fix=None)


class RecordStream:
    """Judges records one by one, as lines of a file of this format, which record `format_line` has shown.

    Those that are quickly seen to be clean get no report and are counted together.
    """

    def __init__(self, plan: Plan, gathered: Gathered | None, file_format: str | None, format_line: int = 0) -> None:
        self.plan = plan
        self.gathered = gathered
        self.file_format = file_format
        self.format_line = format_line

    @cached_property
    def checker(self) -> LineChecker:
        """What judges the records, and counts the clean ones."""
        origin = Origin(file_format=self.file_format, format_line=self.format_line)
        return LineChecker(origin, self.plan, self.gathered.report if self.gathered else None)

    @cached_property
    def clearance(self) -> Clearance:
        """What knows clean records among many."""
        return Clearance(self.plan, self.file_format, self.checker.report)

    def cleared(self, batch: Sequence[_Taken]) -> dict[int, int]:
        """Return the record keys of those that are certainly clean, by index; none before the format is known."""
        if self.file_format is None:
            return {}
        return self.clearance.cleared([taken.line if isinstance(taken.line, bytes) else b"" for taken in batch])

    def add_clean(self, line: bytes, record_key: int) -> None:
        """Count a record that is certainly clean."""
        self.checker.passed.add(len(line), record_key if self.plan.compares else None)
        self._gather(line, None)

    def report_on(self, line: bytes) -> PartialReport | None:
        """Return the report on a record, None if it is quickly seen to be clean."""
        report = self.checker.report_on(line)
        self._gather(line, report)
        return report

    def _gather(self, line: bytes, report: PartialReport | None) -> None:
        if self.gathered is None:
            return
        if report is not None:
            self.settle()
            self.gathered.add(report, line, self.file_format)
            return
        self.gathered.keep(line, self.file_format)
        if self.checker.passed.bytes >= BATCH_BYTES:
            self.settle()

    def pass_over(self) -> None:
        """Count a value that is not a record."""
        self.settle()
        if self.gathered is not None:
            self.gathered.pass_over()

    def settle(self) -> None:
        """Count the clean records so far, before anything else is gathered."""
        if self.gathered is not None:
            self.checker.passed.settle(crlf=False)
            self.checker.report.record_keys.spill()
            self.checker.follow_report()


def without_place(finding: Finding) -> Finding:
    """Return the finding for a record that is not in a file: without columns and edits."""
    fix = finding.fix._replace(edits=()) if finding.fix else None
    return finding._replace(column=None, end_column=None, byte_offset=None, fix=fix, context=None)


def format_of_columns(columns: Iterable[str], settings: Settings | None) -> str:
    """Return the format of a table with these columns, or `auto` if they are those of no known format.

    Raises:
        UserError: a setting is wrong.
    """
    plan = plan_of(given_settings(settings))
    return plan.settings.format if plan.settings.format != "auto" else plan.own_format(list(columns), None) or "auto"


def _format_of(line: bytes, plan: Plan) -> str | None:
    try:
        record = plan.parse(line)
    except ValueError:
        return None
    return plan.own_format(record, None) if isinstance(record, dict) else None


def _no_json(plan: Plan, number: int, error: Exception) -> list[Finding]:
    """Return the finding for a Python object that cannot be written as JSON, if its rule is on."""
    is_deep = isinstance(error, RecursionError)  # some versions of Python write what is deeper than any parser goes
    rule = plan.rules.get("too-deep" if is_deep else "invalid-json")
    if rule is None:
        return []
    reason = "it is nested too deep" if is_deep else printable(str(error)[:200])
    message = f"the record cannot be written as JSON: {reason}"
    return [
        Finding(
            path=STDIN,
            line=number,
            end_line=number,
            column=None,
            end_column=None,
            byte_offset=None,
            pointer="",
            code=rule.code,
            rule=rule.name,
            severity=plan.severities[rule.name],
            message=message,
            help=rule.help,
        )
    ]
