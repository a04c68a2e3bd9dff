"""polars: check a `DataFrame` whose rows are records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from jsonl_lint.config import Settings
from jsonl_lint.integrations.rows import (
    FINDING_KEYS,
    Checked,
    as_column,
    columns_of,
    count,
    of_table,
    refuse_another_kind,
)

if TYPE_CHECKING:
    from polars import DataFrame


def with_findings(
    frame: DataFrame, settings: Settings | None = None, *, columns: Iterable[str] | None = None
) -> DataFrame:
    """Return the frame with two more columns: `findings`, a list of structs of texts in each row, and `valid`.

    `columns` are those that make the record; default: all but `findings` and `valid`.

    Raises:
        UserError: a setting is wrong, it is no `DataFrame`, or there is no such column.
    """
    import polars

    checked = [(as_column(item.findings), item.valid) for item in _checked(frame, settings, columns)]
    kind = polars.List(polars.Struct(dict.fromkeys(FINDING_KEYS, polars.String)))
    return frame.with_columns(
        polars.Series("findings", [findings for findings, _ in checked], kind),
        polars.Series("valid", [valid for _, valid in checked], polars.Boolean),
    )


def only_valid(
    frame: DataFrame, settings: Settings | None = None, *, columns: Iterable[str] | None = None
) -> DataFrame:
    """Return the rows without an error.

    Raises:
        UserError: a setting is wrong, it is no `DataFrame`, or there is no such column.
    """
    import polars

    valid = [item.valid for item in _checked(frame, settings, columns)]
    return frame.filter(polars.Series(valid, dtype=polars.Boolean))


def metrics(
    frame: DataFrame, settings: Settings | None = None, *, columns: Iterable[str] | None = None
) -> dict[str, Any]:
    """Counts, under the names of a report's `summary`.

    Raises:
        UserError: a setting is wrong, it is no `DataFrame`, or there is no such column.
    """
    return count(_checked(frame, settings, columns))


def _checked(frame: DataFrame, settings: Settings | None, columns: Iterable[str] | None) -> Iterator[Checked]:
    from polars import DataFrame

    refuse_another_kind(frame, DataFrame, ": call collect() on a LazyFrame")
    wanted = columns_of(frame.columns, columns)
    return of_table(frame.select(wanted).iter_rows(named=True), wanted, settings)
