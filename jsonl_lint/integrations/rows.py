"""Check records from any iterable, lazily and in constant memory; the other integrations are built on this."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from jsonl_lint.checks.records import are_at_hand, check_each, format_of_columns, refuse_what_is_no_stream
from jsonl_lint.config import Settings, given_settings
from jsonl_lint.errors import UserError
from jsonl_lint.model import Applicability, FileResult, Finding, Severity, summarise
from jsonl_lint.wording import excerpt

Record = Mapping[str, Any] | bytes | str

FINDING_KEYS = ("code", "rule", "severity", "pointer", "message", "help")
"""What a finding is in a column: texts, so that every kind of table can hold it."""

ADDED = ("findings", "valid")

_MOST_NAMED = 20
"""How many columns an error names."""


class Checked(NamedTuple):
    """A record and its findings. `valid` records have no error; they may have warnings."""

    record: Any
    findings: list[Finding]

    @property
    def valid(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def checked(records: Iterable[Record], settings: Settings | None = None) -> Iterator[Checked]:
    """Each record with its findings, in order; `Finding.line` counts the records from 1.

    The first record that has a known format gives the format of all.

    Raises:
        UserError: a setting is wrong, or `records` is a single record, a path or a table.
    """
    refuse_what_is_no_stream(records)
    return _checked(records, settings, ahead=are_at_hand(records))


def _checked(records: Iterable[Record], settings: Settings | None, *, ahead: bool) -> Iterator[Checked]:
    """Yield each record with its findings; `ahead`: some records may be taken before the first is yielded."""
    waiting: deque[Record] = deque()

    def noted() -> Iterator[Record]:
        for record in records:
            waiting.append(record)
            yield record

    for found in check_each(noted(), settings, ahead=ahead):
        yield Checked(waiting.popleft(), found)


def with_findings(records: Iterable[Mapping[str, Any]], settings: Settings | None = None) -> Iterator[dict[str, Any]]:
    """Each record with two more keys: `findings`, a list of objects of texts, and `valid`.

    Keys of these names are replaced, and not taken for a part of the record.

    Raises:
        UserError: a setting is wrong, a record is no dict, or `records` is a single record, a path or a table.
    """
    refuse_what_is_no_stream(records)
    bare = ({key: value for key, value in _keyed(record).items() if key not in ADDED} for record in records)
    for item in _checked(bare, settings, ahead=are_at_hand(records)):
        yield {**item.record, "findings": as_column(item.findings), "valid": item.valid}


def _keyed(record: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(record, Mapping):
        return record
    kind = type(record).__name__
    raise UserError(f"with_findings adds keys to dicts, and this record is of the type {kind}; `checked` takes texts")


def only_valid(records: Iterable[Record], settings: Settings | None = None) -> Iterator[Any]:
    """Return the records without an error, as they are.

    Raises:
        UserError: a setting is wrong.
    """
    return (item.record for item in checked(records, settings) if item.valid)


def metrics(records: Iterable[Record], settings: Settings | None = None) -> dict[str, Any]:
    """Counts, under the names of a report's `summary`: `records`, `valid_records`, `errors`, …, `by_rule`.

    Raises:
        UserError: a setting is wrong.
    """
    return count(checked(records, settings))


def count(items: Iterable[Checked]) -> dict[str, Any]:
    """Return the counts of `metrics` for records that are checked already."""
    counts: dict[tuple[str, Severity], int] = {}
    fixes = dict.fromkeys(Applicability, 0)
    total = valid = 0
    for item in items:
        total += 1
        valid += item.valid
        for finding in item.findings:
            key = finding.rule, finding.severity
            counts[key] = counts.get(key, 0) + 1
            if finding.fix is not None:
                fixes[finding.fix.applicability] += 1
    safe, unsafe = fixes[Applicability.SAFE], fixes[Applicability.UNSAFE]
    return summarise([FileResult("-", None, 0, total, total, valid, counts, safe_fixes=safe, unsafe_fixes=unsafe)])


def without_nulls(value: Any) -> Any:
    """Return the record as it was before a table filled it up: without the keys whose value is null, at any depth."""
    if type(value) is str:  # as most are
        return value
    if type(value) is dict or isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [without_nulls(item) for item in value]
    tolist = getattr(value, "tolist", None)  # arrays of numpy
    return without_nulls(tolist()) if callable(tolist) else value


def of_table(
    records: Iterable[Mapping[str, Any]], columns: Collection[str] | None, settings: Settings | None
) -> Iterator[Checked]:
    """Check the rows of a table. Only these columns are looked at, and they determine the format of all rows.

    So its findings do not depend on how the table is cut into batches. Without `columns`, each row has its own.

    Raises:
        UserError: a setting is wrong.
    """
    settings = replace(given_settings(settings), format=format_of_columns(columns or (), settings))
    if columns is None:
        rows = (_bare({key: value for key, value in record.items() if key not in ADDED}) for record in records)
    else:
        rows = (_bare({key: value for key, value in record.items() if key in columns}) for record in records)
    return _checked(rows, settings, ahead=True)


def _bare(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record without its nulls; as it is, where it cannot be gone through: then the check says why."""
    try:
        found: dict[str, Any] = without_nulls(record)
    except Exception:  # nested too deep, or an object whose own methods raise anything
        return record
    return found


def refuse_another_kind(table: Any, kind: type, advice: str) -> None:
    """Make sure that a table is of the kind that a module is for.

    Raises:
        UserError: it is not.
    """
    if not isinstance(table, kind):
        raise UserError(f"the data is of type {type(table).__name__}; it must be a {kind.__name__}{advice}")


def columns_of(all_columns: Sequence[str], chosen: Iterable[str] | None) -> list[str]:
    """Return the columns to look at: the chosen one or ones, or all but those that `with_findings` adds.

    Raises:
        UserError: there is no such column.
    """
    if chosen is None:
        return [name for name in all_columns if name not in ADDED]
    chosen = [chosen] if isinstance(chosen, str) else list(dict.fromkeys(chosen))
    for name in chosen:
        if name not in all_columns:
            there = ", ".join(map(excerpt, all_columns[:_MOST_NAMED]))
            more = f", and {len(all_columns) - _MOST_NAMED:,} more" if len(all_columns) > _MOST_NAMED else ""
            raise UserError(f"there is no column {excerpt(name)}; the columns are {there}{more}")
    return chosen


def as_column(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Findings as objects of texts."""
    entries = (finding.to_dict() for finding in findings)
    return [{key: entry[key] for key in FINDING_KEYS} for entry in entries]
