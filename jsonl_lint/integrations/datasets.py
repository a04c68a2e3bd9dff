"""Hugging Face `datasets`: check a `Dataset`, an `IterableDataset`, or a dict of them by split."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from jsonl_lint.checks.records import format_of_columns
from jsonl_lint.config import Settings, given_settings
from jsonl_lint.integrations import rows
from jsonl_lint.integrations.rows import FINDING_KEYS, Checked, as_column, columns_of, of_table, refuse_another_kind


def with_findings(
    dataset: Any,
    settings: Settings | None = None,
    *,
    columns: Iterable[str] | None = None,
    num_proc: int | None = None,
) -> Any:
    """Return the dataset with two more columns: `findings`, a list of dicts of strings in each row, and `valid`.

    `columns` are those that make the record; default: all but `findings` and `valid`. `num_proc` processes share a
    `Dataset`; an `IterableDataset` is checked as it is read. A dict of splits gives a dict of splits.

    Raises:
        UserError: a setting is wrong, it is no dataset, or there is no such column.
    """
    if isinstance(dataset, dict):
        return _by_split(dataset, partial(with_findings, settings=settings, columns=columns, num_proc=num_proc))
    stored = _as_stored(dataset)
    work = partial(_columns, **_about(stored, settings, columns))
    if not hasattr(dataset, "__len__"):
        return _as_read(stored.map(work, batched=True), dataset)
    features = _features(dataset.features)
    if not len(dataset):  # nothing is mapped then, and no column added
        return _as_read(type(dataset).from_dict({name: [] for name in features}, features), dataset)
    # a cache is found by the work's name and arguments, and would outlive an update of the rules
    found = stored.map(work, batched=True, num_proc=num_proc, features=features, load_from_cache_file=False)
    return _as_read(found, dataset)


def only_valid(
    dataset: Any,
    settings: Settings | None = None,
    *,
    columns: Iterable[str] | None = None,
    num_proc: int | None = None,
) -> Any:
    """Return the rows without an error.

    Raises:
        UserError: a setting is wrong, it is no dataset, or there is no such column.
    """
    if isinstance(dataset, dict):
        return _by_split(dataset, partial(only_valid, settings=settings, columns=columns, num_proc=num_proc))
    stored = _as_stored(dataset)
    work = partial(_valid, **_about(stored, settings, columns))
    if not hasattr(dataset, "__len__"):
        return _as_read(stored.filter(work, batched=True), dataset)
    return _as_read(stored.filter(work, batched=True, num_proc=num_proc, load_from_cache_file=False), dataset)


def metrics(dataset: Any, settings: Settings | None = None, *, columns: Iterable[str] | None = None) -> dict[str, Any]:
    """Counts, under the names of a report's `summary`; of a dict of splits, a dict of counts.

    Raises:
        UserError: a setting is wrong, it is no dataset, or there is no such column.
    """
    if isinstance(dataset, dict):
        return {name: metrics(split, settings, columns=columns) for name, split in dataset.items()}
    stored = _as_stored(dataset)
    about = _about(stored, settings, columns)
    if stored.column_names and about["columns"]:  # an image in another column is not decoded
        stored = stored.select_columns(about["columns"])
    return rows.count(of_table(stored, **about))


def _by_split(splits: dict[str, Any], work: Callable[[Any], Any]) -> Any:
    return type(splits)({name: work(split) for name, split in splits.items()})


def _as_stored(dataset: Any) -> Any:
    """Return the dataset with rows of Python objects, whatever else they are read as: tables of Arrow, arrays of numpy.

    Raises:
        UserError: it is none.
    """
    from datasets import Dataset, IterableDataset

    if not isinstance(dataset, IterableDataset):
        refuse_another_kind(dataset, Dataset, ", an IterableDataset, or a dict of them")
    return dataset.with_format(None)


def _as_read(found: Any, dataset: Any) -> Any:
    """Return what became of the dataset, whose rows are read as they were."""
    if not hasattr(dataset, "format"):
        chosen = getattr(dataset, "_formatting", None)
        return found.with_format(chosen.format_type if chosen else None)
    chosen = dataset.format
    hidden = set(dataset.column_names).difference(chosen["columns"])
    columns = [name for name in found.column_names if name not in hidden] if hidden else None
    return found.with_format(chosen["type"], columns, chosen["output_all_columns"], **chosen["format_kwargs"])


def _about(stored: Any, settings: Settings | None, columns: Iterable[str] | None) -> dict[str, Any]:
    """Return the settings, which name the format of all rows, and the columns to look at.

    A stream may not know its columns. Then its first row tells the format, and later ones may have others.

    Raises:
        UserError: a setting is wrong, or there is no such column.
    """
    known = stored.column_names
    wanted = columns_of(list(known or next(iter(stored), {})), columns)
    settings = replace(given_settings(settings), format=format_of_columns(wanted, settings))
    return {"settings": settings, "columns": wanted if known or columns is not None else None}


def _features(features: Any) -> Any:
    from datasets import Features, Value

    findings = [{name: Value("string") for name in FINDING_KEYS}]
    return Features({**features, "findings": findings, "valid": Value("bool")})


def _checked(batch: Any, settings: Settings, columns: list[str] | None) -> list[Checked]:
    """Return the rows of a batch, which is a dict of columns."""
    names = [name for name in batch if columns is None or name in columns]
    taken = [batch[name] for name in names]
    return list(of_table((dict(zip(names, row, strict=True)) for row in zip(*taken, strict=True)), columns, settings))


def _columns(batch: Any, settings: Settings, columns: list[str] | None) -> dict[str, Any]:
    checked = _checked(batch, settings, columns)
    return {"findings": [as_column(item.findings) for item in checked], "valid": [item.valid for item in checked]}


def _valid(batch: Any, settings: Settings, columns: list[str] | None) -> list[bool]:
    return [item.valid for item in _checked(batch, settings, columns)]
