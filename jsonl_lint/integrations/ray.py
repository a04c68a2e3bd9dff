"""Ray Data: check a `Dataset` batch by batch, where its blocks are. Each worker needs jsonl-lint."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jsonl_lint.checks.records import format_of_columns
from jsonl_lint.config import Settings, given_settings
from jsonl_lint.integrations import pyarrow as tables
from jsonl_lint.integrations.rows import columns_of, count

if TYPE_CHECKING:
    from ray.data import Dataset


def with_findings(
    dataset: Dataset, settings: Settings | None = None, *, columns: Iterable[str] | None = None, **options: Any
) -> Dataset:
    """Return the dataset with two more columns: `findings`, a list of structs of strings in each row, and `valid`.

    `columns` are those that make the record; default: all but `findings` and `valid`. `options` go to `map_batches`.

    Raises:
        UserError: a setting is wrong, or there is no such column.
    """
    return _mapped(dataset, tables.with_findings, settings, columns, options)


def only_valid(
    dataset: Dataset, settings: Settings | None = None, *, columns: Iterable[str] | None = None, **options: Any
) -> Dataset:
    """Return the rows without an error.

    Raises:
        UserError: a setting is wrong, or there is no such column.
    """
    return _mapped(dataset, tables.only_valid, settings, columns, options)


def metrics(
    dataset: Dataset, settings: Settings | None = None, *, columns: Iterable[str] | None = None, **options: Any
) -> dict[str, Any]:
    """Counts, under the names of a report's `summary`. The dataset is read for it.

    Raises:
        UserError: a setting is wrong, or there is no such column.
    """
    parts = _mapped(dataset, _counts, settings, columns, options)
    return _sum(json.loads(row["metrics"]) for row in parts.iter_rows())


def _mapped(
    dataset: Dataset, work: Any, settings: Settings | None, columns: Iterable[str] | None, options: dict[str, Any]
) -> Dataset:
    """Wrong settings and columns are errors here and now, not in some worker later."""
    schema = dataset.schema()
    wanted = columns_of(list(schema.names) if schema else [], columns)
    settings = replace(given_settings(settings), format=format_of_columns(wanted, settings))
    arguments = {"settings": settings, "columns": wanted}
    return dataset.map_batches(work, fn_kwargs=arguments, batch_format="pyarrow", **options)


def _counts(table: Any, settings: Settings | None, columns: list[str]) -> Any:
    """Return the counts of one batch, as a table of one text."""
    import pyarrow

    return pyarrow.table({"metrics": [json.dumps(tables.metrics(table, settings, columns=columns))]})


def _sum(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the counts of all batches."""
    total = count(())
    for part in parts:
        for name, value in part.items():
            if isinstance(value, dict):
                total[name] = {key: total[name].get(key, 0) + value.get(key, 0) for key in {**total[name], **value}}
            else:
                total[name] += value
    total["by_rule"] = dict(sorted(total["by_rule"].items()))
    return total
