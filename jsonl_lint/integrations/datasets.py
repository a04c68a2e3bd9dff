"""Hugging Face `datasets`: the check of a `Dataset`, an `IterableDataset`, or a dict of them by split."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from jsonl_lint.config import Settings
from jsonl_lint.integrations import rows
from jsonl_lint.integrations.rows import FINDING_KEYS, Checked, as_column, columns_of, of_table

_ROWS = 1000
"""Rows that are Python objects at a time."""


def with_findings(
    dataset: Any,
    settings: Settings | None = None,
    *,
    columns: Iterable[str] | None = None,
    num_proc: int | None = None,
) -> Any:
    """The dataset with two more columns: `findings`, a list of dicts of strings in each row, and `valid`.

    `columns` are those that make the record; default: all but `findings` and `valid`. `num_proc` processes share a
    `Dataset`; an `IterableDataset` is checked as it is read. A dict of splits gives a dict of splits.

    Raises:
        UserError: a setting is wrong.
        KeyError: there is no such column.
    """
    if isinstance(dataset, dict):
        return _by_split(dataset, partial(with_findings, settings=settings, columns=columns, num_proc=num_proc))
    names = _names(dataset)
    work = partial(_columns, settings=settings, columns=columns_of(names, columns))
    if not hasattr(dataset, "__len__"):
        return dataset.map(work, batched=True)
    # a cache is found by the work's name and arguments, and would outlive an update of the rules
    features = _features(dataset.features)
    return dataset.map(work, batched=True, num_proc=num_proc, features=features, load_from_cache_file=False)


def only_valid(
    dataset: Any,
    settings: Settings | None = None,
    *,
    columns: Iterable[str] | None = None,
    num_proc: int | None = None,
) -> Any:
    """The rows without an error.

    Raises:
        UserError: a setting is wrong.
        KeyError: there is no such column.
    """
    if isinstance(dataset, dict):
        return _by_split(dataset, partial(only_valid, settings=settings, columns=columns, num_proc=num_proc))
    work = partial(_valid, settings=settings, columns=columns_of(_names(dataset), columns))
    if not hasattr(dataset, "__len__"):
        return dataset.filter(work, batched=True)
    return dataset.filter(work, batched=True, num_proc=num_proc, load_from_cache_file=False)


def metrics(dataset: Any, settings: Settings | None = None, *, columns: Iterable[str] | None = None) -> dict[str, Any]:
    """Counts, under the names of a report's `summary`; of a dict of splits, a dict of counts.

    Raises:
        UserError: a setting is wrong.
        KeyError: there is no such column.
    """
    if isinstance(dataset, dict):
        return {name: metrics(split, settings, columns=columns) for name, split in dataset.items()}
    wanted = columns_of(_names(dataset), columns)
    return rows.count(of_table(dataset, wanted, settings))


def _by_split(splits: dict[str, Any], work: Callable[[Any], Any]) -> Any:
    return type(splits)({name: work(split) for name, split in splits.items()})


def _names(dataset: Any) -> list[str]:
    """The columns. A stream may know them only when its first row is there."""
    return list(dataset.column_names or next(iter(dataset), {}))


def _features(features: Any) -> Any:
    from datasets import Features, Value

    findings = [{name: Value("string") for name in FINDING_KEYS}]
    return Features({**features, "findings": findings, "valid": Value("bool")})


def _checked(batch: Any, settings: Settings | None, columns: list[str]) -> list[Checked]:
    """The rows of a batch, which is a dict of columns."""
    taken = [batch[name] for name in columns]
    return list(of_table((dict(zip(columns, row, strict=True)) for row in zip(*taken, strict=True)), columns, settings))


def _columns(batch: Any, settings: Settings | None, columns: list[str]) -> dict[str, Any]:
    checked = _checked(batch, settings, columns)
    return {"findings": [as_column(item.findings) for item in checked], "valid": [item.valid for item in checked]}


def _valid(batch: Any, settings: Settings | None, columns: list[str]) -> list[bool]:
    return [item.valid for item in _checked(batch, settings, columns)]
