"""pandas: check a `DataFrame` whose rows are records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from jsonl_lint.config import Settings
from jsonl_lint.integrations.rows import Checked, as_column, columns_of, count, of_table, refuse_another_kind

if TYPE_CHECKING:
    from pandas import DataFrame

_ROWS = 1000
"""Rows that are Python objects at a time."""


def with_findings(
    frame: DataFrame, settings: Settings | None = None, *, columns: Iterable[str] | None = None
) -> DataFrame:
    """Return the frame with two more columns: `findings`, a list of dicts of texts in each row, and `valid`.

    `columns` are those that make the record; default: all but `findings` and `valid`.

    Raises:
        UserError: a setting is wrong, it is no `DataFrame`, or there is no such column.
    """
    from pandas import Series

    checked = [(as_column(item.findings), item.valid) for item in _checked(frame, settings, columns)]
    return frame.assign(
        findings=Series([findings for findings, _ in checked], frame.index, dtype=object),
        valid=Series([valid for _, valid in checked], frame.index, dtype=bool),
    )


def only_valid(
    frame: DataFrame, settings: Settings | None = None, *, columns: Iterable[str] | None = None
) -> DataFrame:
    """Return the rows without an error, under their old index.

    Raises:
        UserError: a setting is wrong, it is no `DataFrame`, or there is no such column.
    """
    import numpy

    valid = numpy.array([item.valid for item in _checked(frame, settings, columns)], dtype=bool)
    return frame.loc[valid]


def metrics(
    frame: DataFrame, settings: Settings | None = None, *, columns: Iterable[str] | None = None
) -> dict[str, Any]:
    """Counts, under the names of a report's `summary`.

    Raises:
        UserError: a setting is wrong, it is no `DataFrame`, or there is no such column.
    """
    return count(_checked(frame, settings, columns))


def _checked(frame: DataFrame, settings: Settings | None, columns: Iterable[str] | None) -> Iterator[Checked]:
    from pandas import DataFrame

    refuse_another_kind(frame, DataFrame, "")
    wanted = columns_of(list(frame.columns), columns)
    return of_table(_rows(frame[wanted]), wanted, settings)


def _rows(frame: DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows. pandas has several values for a missing one; in a column of numbers it is NaN."""
    from pandas import NA, NaT

    for start in range(0, len(frame), _ROWS):
        for row in frame.iloc[start : start + _ROWS].to_dict("records"):
            yield {
                key: value
                for key, value in row.items()
                if value is not NA and value is not NaT and not (isinstance(value, float) and value != value)
            }
