"""pyarrow: check a `Table` whose rows are records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from jsonl_lint.config import Settings
from jsonl_lint.integrations.rows import (
    ADDED,
    FINDING_KEYS,
    Checked,
    as_column,
    columns_of,
    count,
    of_table,
    refuse_another_kind,
)

if TYPE_CHECKING:
    from pyarrow import Table

_ROWS = 1000
"""Rows that are Python objects at a time."""


def with_findings(table: Table, settings: Settings | None = None, *, columns: Iterable[str] | None = None) -> Table:
    """Return the table with two more columns: `findings`, a list of structs of strings in each row, and `valid`.

    `columns` are those that make the record; default: all but `findings` and `valid`.

    Raises:
        UserError: a setting is wrong, it is no `Table`, or there is no such column.
    """
    import pyarrow

    checked = [(as_column(item.findings), item.valid) for item in _checked(table, settings, columns)]
    kind = pyarrow.list_(pyarrow.struct([(name, pyarrow.string()) for name in FINDING_KEYS]))
    bare = table.drop_columns([name for name in ADDED if name in table.column_names])
    bare = bare.append_column("findings", pyarrow.array([findings for findings, _ in checked], kind))
    return bare.append_column("valid", pyarrow.array([valid for _, valid in checked], pyarrow.bool_()))


def only_valid(table: Table, settings: Settings | None = None, *, columns: Iterable[str] | None = None) -> Table:
    """Return the rows without an error.

    Raises:
        UserError: a setting is wrong, it is no `Table`, or there is no such column.
    """
    import pyarrow

    valid = [item.valid for item in _checked(table, settings, columns)]
    return table.filter(pyarrow.array(valid, pyarrow.bool_()))


def metrics(table: Table, settings: Settings | None = None, *, columns: Iterable[str] | None = None) -> dict[str, Any]:
    """Counts, under the names of a report's `summary`.

    Raises:
        UserError: a setting is wrong, it is no `Table`, or there is no such column.
    """
    return count(_checked(table, settings, columns))


def _checked(table: Table, settings: Settings | None, columns: Iterable[str] | None) -> Iterator[Checked]:
    from pyarrow import Table

    refuse_another_kind(table, Table, ": Table.from_batches makes one of record batches")
    wanted = columns_of(table.column_names, columns)
    return of_table(_rows(table.select(wanted)), wanted, settings)


def _rows(table: Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_ROWS):
        yield from batch.to_pylist()
