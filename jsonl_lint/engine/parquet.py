"""Check the columns and rows of a tokenised Parquet file. Needs pyarrow, which only this module imports.

Each row is a record of the format `input-ids`. Arrow finds the rows that may be bad; only these become Python objects
and are judged by the same schema and rules as in JSONL.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonl_lint.engine.judging.judge import Judge
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.files.source import Origin
from jsonl_lint.plans.plan import Plan
from jsonl_lint.records.structure import abstract
from jsonl_lint.rule import holds_tokens

if TYPE_CHECKING:
    import pyarrow

FORMAT = "input-ids"

BATCH_ROWS = 64
"""Rows in memory at a time: 256 MiB for four columns of 131,072 tokens of 64 bits."""

PAGE_BUFFER = 1 << 20
LARGEST_FOOTER = 100 << 20
"""The maximum size of the strings and lists in a footer, which may be hostile."""


class Table(NamedTuple):
    """What is known of a Parquet file: its columns with Arrow's words for their types, and a report on its rows."""

    columns: dict[str, str]
    report: PartialReport


def check_table(path: str, plan: Plan) -> Table:
    """Check the columns that the target knows, in batches of rows.

    Raises:
        OSError: the file cannot be read.
        pyarrow.ArrowException: it is no Parquet file, or damaged.
        MemoryError: it wants more memory than the process may have.
    """
    from pyarrow.parquet import ParquetFile

    with ParquetFile(
        path,
        buffer_size=PAGE_BUFFER,
        pre_buffer=False,
        thrift_string_size_limit=LARGEST_FOOTER,
        thrift_container_size_limit=LARGEST_FOOTER,
    ) as file:
        columns = {field.name: str(field.type) for field in file.schema_arrow}
        known = plan.target.limits.get("parquet_columns", ())
        wanted = [name for name in known if holds_tokens(columns.get(name, ""))]
        report = PartialReport(plan.settings.max_findings)
        judge = Judge(Origin(file_format=FORMAT, format_line=1), plan, frozenset())
        gauge = plan.ruler().limits.trained if plan.by_kind.length else None
        longest = gauge.limit if gauge else sys.maxsize
        if wanted:
            for batch in file.iter_batches(BATCH_ROWS, columns=wanted, use_threads=False):
                _check_batch(batch, judge, report, longest)
        else:
            report.lines = report.records = report.valid_records = file.metadata.num_rows
        return Table(columns, report)


def _check_batch(batch: pyarrow.RecordBatch, judge: Judge, report: PartialReport, longest: int) -> None:
    bad = set(_suspects(batch, longest))
    for row in range(batch.num_rows):
        failed = row in bad and _check_row(batch.slice(row, 1).to_pylist()[0], judge, report)
        report.lines += 1
        report.records += 1
        report.valid_records += not failed


def _suspects(batch: pyarrow.RecordBatch, longest: int) -> Iterator[int]:
    """Yield the rows that may have a defect, including all that have one. `longest` is how many tokens fit."""
    import pyarrow.compute as compute

    lengths = [compute.list_value_length(column).to_pylist() for column in batch.columns]
    for row, counts in enumerate(zip(*lengths, strict=True)):
        if not 0 < (counts[0] or 0) <= longest or any(count != counts[0] for count in counts):
            yield row
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        tokens = column.flatten()
        wrong = compute.less(tokens, 0)
        if name == "attention_mask":
            wrong = compute.or_(wrong, compute.greater(tokens, 1))
        elif name == "labels":
            learned = compute.not_equal(tokens, -100)
            wrong = compute.and_(wrong, learned)
            rows = compute.unique(compute.list_parent_indices(column).filter(learned))
            yield from {*range(batch.num_rows)}.difference(rows.to_pylist())
        if tokens.null_count or compute.any(wrong).as_py():
            yield from range(batch.num_rows)


def _check_row(row: Mapping[str, Any], judge: Judge, report: PartialReport) -> bool:
    """Judge one row; return whether it has an error."""
    plan, value = judge.plan, dict(row)
    sketches = [
        sketch
        for violation in plan.shape(FORMAT).violations(abstract(value))
        for sketch in plan.report(violation, value)
    ]
    record = plan.record(value, FORMAT, FORMAT)
    for rule in plan.by_kind.record.about(FORMAT, frozenset()):
        if rule.concerns(record):
            sketches += rule.check(record)
    overrun = plan.ruler().overrun(value, FORMAT) if plan.by_kind.length else None
    if overrun:
        sketches += [
            sketch._replace(fix=None) for rule in plan.by_kind.length for sketch in rule.check(record, overrun)
        ]
    return judge.emit(report, "", sketches, record=value)
