"""Pipelines: every kind of table says what the check of its rows says, wherever it is cut."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from jsonl_lint import Settings, UserError, check_records
from jsonl_lint.integrations import rows
from tests.conftest import ROOT, chat

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
RECORDS: list[dict[str, Any]] = [
    chat(),
    {"messages": []},
    {"messages": [{"role": "human", "content": "é"}, {"role": "assistant", "content": "Hi"}]},
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "tool_calls": [CALL]}]},
    {"messages": [{"role": "user", "content": "Hi", "mood": "x"}, {"role": "assistant", "content": "Yes."}]},
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant"}]},
    chat("a", "b", weight=0.5),
    {"text": "of another format"},
    chat("a", "b", "c", "d"),
]
"""With keys that some records lack, at the root and in messages; a table fills them up with nulls."""

VALID = [0, 3, 4, 6, 8]

Make = Callable[[list[dict[str, Any]]], Any]
Read = Callable[[Any], list[dict[str, Any]]]


class Library:
    """An integration, and how to make its tables and read them back."""

    def __init__(self, name: str, make: Make, read: Read) -> None:
        self.module: Any = importlib.import_module(f"jsonl_lint.integrations.{name}")
        self.make = make
        self.read = read


def of_rows() -> Library:
    return Library("rows", list, list)


def of_pandas() -> Library:
    pandas = importlib.import_module("pandas")
    return Library("pandas", pandas.DataFrame, lambda frame: frame.to_dict("records"))


def of_pandas_from_parquet() -> Library:
    """Lists are arrays of numpy there."""
    table = importlib.import_module("pyarrow").Table
    return Library("pandas", lambda rows: table.from_pylist(every_key(rows)).to_pandas(), of_pandas().read)


def of_polars() -> Library:
    polars = importlib.import_module("polars")
    return Library(
        "polars", lambda rows: polars.DataFrame(rows, infer_schema_length=None), lambda frame: frame.to_dicts()
    )


def of_pyarrow() -> Library:
    pyarrow = importlib.import_module("pyarrow")
    return Library("pyarrow", lambda rows: pyarrow.Table.from_pylist(every_key(rows)), lambda table: table.to_pylist())


def of_datasets() -> Library:
    datasets = importlib.import_module("datasets")
    return Library("datasets", lambda rows: datasets.Dataset.from_list(every_key(rows)), list)


def of_streams() -> Library:
    datasets = importlib.import_module("datasets")
    return Library("datasets", lambda rows: datasets.Dataset.from_list(every_key(rows)).to_iterable_dataset(), list)


def every_key(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records that all have the keys of any: what is made of the first one otherwise."""
    keys = list(dict.fromkeys(key for record in records for key in record))
    return [{key: record.get(key) for key in keys} for record in records]


LIBRARIES = [of_rows, of_pandas, of_pandas_from_parquet, of_polars, of_pyarrow, of_datasets, of_streams]


@pytest.fixture(params=LIBRARIES, ids=lambda make: make.__name__.removeprefix("of_"))
def library(request: pytest.FixtureRequest) -> Library:
    return request.param()


def said(records: list[dict[str, Any]], settings: Settings | None = None) -> list[list[tuple[str, str, str]]]:
    """For each record: rule, pointer and message of each finding of the library."""
    alone = replace(settings or Settings(), ignore=(*(settings.ignore if settings else ()), "JL80", "JL904"))
    found = list(check_records(records, alone))
    return [[(f.rule, f.pointer, f.message) for f in found if f.line == line] for line in range(1, len(records) + 1)]


def in_columns(table: list[dict[str, Any]]) -> list[list[tuple[str, str, str]]]:
    return [[(f["rule"], f["pointer"], f["message"]) for f in row["findings"]] for row in table]


def without_lines(findings: list[list[tuple[str, str, str]]]) -> list[list[tuple[str, str, str]]]:
    """A table gives the format of its rows, so that no line has it first."""
    return [[(rule, place, message.partition(" (see line")[0]) for rule, place, message in row] for row in findings]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_findings_are_columns(library: Library):
    table = library.read(library.module.with_findings(library.make(RECORDS)))
    assert without_lines(in_columns(table)) == without_lines(said(RECORDS))
    assert [index for index, row in enumerate(table) if row["valid"]] == VALID
    assert {key for row in table for finding in row["findings"] for key in finding} == set(rows.FINDING_KEYS)
    assert {finding["severity"] for row in table for finding in row["findings"]} == {"error", "warning"}


def test_findings_of_a_table_that_has_them_already(library: Library):
    once = library.module.with_findings(library.make(RECORDS))
    once = list(once) if library.module is rows else once
    assert shown(library.read(library.module.with_findings(once))) == shown(library.read(once))


def shown(table: list[dict[str, Any]]) -> str:
    """NaN is not equal to itself, and arrays are not equal to anything."""
    return json.dumps(table, default=lambda value: value.tolist())


def test_only_valid_rows(library: Library):
    kept = library.read(library.module.only_valid(library.make(RECORDS)))
    assert [row["messages"] is not None for row in kept] == [True] * len(VALID)
    assert said([rows.without_nulls(row) for row in [{"messages": row["messages"]} for row in kept]]) == said(
        [{"messages": RECORDS[index]["messages"]} for index in VALID]
    )


def test_metrics(library: Library):
    counts = library.module.metrics(library.make(RECORDS))
    assert counts == rows.metrics(RECORDS)
    assert (counts["records"], counts["valid_records"]) == (len(RECORDS), len(VALID))
    assert counts["by_rule"]["missing-content"] == 1
    fixes = Counter(finding.fix.applicability.value for finding in check_records(RECORDS) if finding.fix)
    assert counts["fixable"] == {"safe": fixes["safe"], "unsafe": fixes["unsafe"]}
    assert fixes["unsafe"] > 0
    assert json.loads(json.dumps(counts)) == counts


def test_settings_reach_the_check(library: Library):
    prompts = [{"messages": [{"role": "user", "content": "Hi"}]}] * 3
    assert library.module.metrics(library.make(prompts))["valid_records"] == 0
    assert library.module.metrics(library.make(prompts), Settings(method="rl"))["valid_records"] == 3
    with pytest.raises(UserError):
        library.module.metrics(library.make(prompts), Settings(select=("no-such-rule",)))


@pytest.mark.parametrize("count", [0, 1, 1_200])
def test_tables_of_any_size(library: Library, count: int):
    table = library.make(RECORDS * (count // len(RECORDS) + 1))
    if library.module is rows:
        table = table[:count]
    else:
        table = {"DataFrame": lambda: table[:count], "Table": lambda: table.slice(0, count)}.get(
            type(table).__name__, lambda: table.take(count)
        )()
    counts = library.module.metrics(table)
    assert (counts["records"], len(library.read(library.module.with_findings(table)))) == (count, count)


TABLES = [make for make in LIBRARIES if make is not of_rows]


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_columns_beside_the_record(make: Callable[[], Library]):
    library = make()
    table = library.make([{"id": "a", **chat()}, {"id": "b", "messages": []}])
    assert library.module.metrics(table)["by_rule"] == {"empty-messages": 1, "extra-key": 2}
    for columns in (["messages"], "messages", ["messages", "messages"]):
        assert library.module.metrics(table, columns=columns)["by_rule"] == {"empty-messages": 1}
    assert [row["id"] for row in library.read(library.module.only_valid(table, columns=["messages"]))] == ["a"]
    for call in (library.module.metrics, library.module.with_findings, library.module.only_valid):
        with pytest.raises(UserError, match='there is no column "message"; the columns are "id", "messages"'):
            call(table, columns=["message"])


# --- each library's own ----------------------------------------------------------------------------------------------


def test_rows_are_taken_one_by_one():
    taken = []

    def endless() -> Iterator[dict[str, Any]]:
        for number in itertools.count():
            taken.append(number)
            yield RECORDS[number % 2]

    assert len(list(itertools.islice(rows.only_valid(endless()), 3))) == 3
    assert taken == [0, 1, 2, 3, 4]


def test_rows_may_be_lines():
    lines = [b'{"messages": []}\n', json.dumps(chat()), b"{"]
    assert list(rows.only_valid(lines)) == [lines[1]]
    assert [[finding.rule for finding in item.findings] for item in rows.checked(lines)] == [
        ["empty-messages"],
        [],
        ["truncated-json"],
    ]


@pytest.mark.parametrize("records", [[json.dumps(chat())], [b"{}"], [None], {"messages": []}, "data.jsonl"])
def test_keys_are_added_to_dicts_alone(records: Any):
    with pytest.raises(UserError):
        list(rows.with_findings(records))


def test_nulls_are_missing_keys_at_any_depth():
    assert rows.without_nulls({"a": None, "b": [{"c": None, "d": 0}, None], "e": ({"f": None},)}) == {
        "b": [{"d": 0}, None],
        "e": [{}],
    }


def test_other_tables_of_a_library_are_refused_in_words():
    polars, pyarrow = importlib.import_module("polars"), importlib.import_module("pyarrow")
    batch = pyarrow.RecordBatch.from_pylist(RECORDS[:1])
    for name, data, words in (
        ("polars", polars.LazyFrame({"text": ["a"]}), "of type LazyFrame; it must be a DataFrame: call collect()"),
        ("pyarrow", batch, "of type RecordBatch; it must be a Table: Table.from_batches"),
        ("pandas", RECORDS, "of type list; it must be a DataFrame"),
        ("datasets", RECORDS, "of type list; it must be a Dataset, an IterableDataset, or a dict of them"),
        ("datasets", RECORDS[0], "of type list; it must be a Dataset"),
    ):
        module = importlib.import_module(f"jsonl_lint.integrations.{name}")
        for call in (module.with_findings, module.only_valid, module.metrics):
            with pytest.raises(UserError, match=re.escape(words)):
                call(data)


def test_a_table_is_not_taken_for_an_iterable_of_records():
    names = ("pandas", "polars", "pyarrow", "datasets")
    pandas, polars, pyarrow, datasets = map(importlib.import_module, names)
    frame, table = pandas.DataFrame({"messages": [[]]}), pyarrow.Table.from_pylist(RECORDS[:1])
    splits = datasets.DatasetDict({"train": datasets.Dataset.from_list([chat()])})
    for given in (frame, polars.DataFrame(), polars.LazyFrame(), table, *table.to_batches(), splits):
        library = type(given).__module__.partition(".")[0]
        with pytest.raises(UserError, match=f" of {library} .*; use jsonl_lint.integrations.{library}$"):
            next(check_records(given))
        with pytest.raises(UserError, match=f"; use jsonl_lint.integrations.{library}$"):
            next(rows.checked(given))
    column = frame["messages"].map(lambda messages: {"messages": messages})
    assert [finding.rule for finding in check_records(column)] == ["empty-messages"]


def test_the_index_of_pandas_stays():
    pandas = importlib.import_module("pandas")
    from jsonl_lint.integrations.pandas import only_valid, with_findings

    frame = pandas.DataFrame(RECORDS, index=[f"r{number}" for number in range(len(RECORDS))])
    assert list(with_findings(frame).index) == list(frame.index)
    assert list(only_valid(frame).index) == [f"r{number}" for number in VALID]
    assert "findings" not in frame.columns


def test_missing_values_of_pandas():
    pandas = importlib.import_module("pandas")
    from jsonl_lint.integrations.pandas import metrics

    frame = pandas.DataFrame({"messages": [chat()["messages"]] * 4, "weight": [None, float("nan"), pandas.NA, 1.0]})
    assert metrics(frame)["by_rule"] == {}
    assert metrics(frame.convert_dtypes())["by_rule"] == {}
    bad = [[{"role": "user", "content": float("nan")}, {"role": "assistant", "content": "x"}]]
    assert metrics(pandas.DataFrame({"messages": bad}))["valid_records"] == 0


def test_a_record_nested_too_deep_is_a_finding_in_a_table_too():
    pandas = importlib.import_module("pandas")
    from jsonl_lint.integrations.pandas import metrics, only_valid

    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    frame = pandas.DataFrame({"messages": [deep, chat()["messages"]]})
    assert metrics(frame)["by_rule"] == {"too-deep": 1}
    assert list(only_valid(frame).index) == [1]


def test_splits_and_processes_of_datasets():
    datasets = importlib.import_module("datasets")
    from jsonl_lint.integrations.datasets import metrics, only_valid, with_findings

    split = of_datasets().make(RECORDS)
    both = datasets.DatasetDict({"train": split, "test": split.select([1])})
    assert type(with_findings(both)) is datasets.DatasetDict
    assert {name: len(part) for name, part in only_valid(both).items()} == {"train": len(VALID), "test": 0}
    assert metrics(both)["test"]["by_rule"] == {"empty-messages": 1}
    assert list(with_findings(split, num_proc=2)) == list(with_findings(split))
    assert list(only_valid(split, num_proc=2)) == list(only_valid(split))


@pytest.mark.parametrize("kind", ["numpy", "pandas", "arrow", "polars"])
def test_datasets_are_checked_as_they_are_stored_and_read_as_before(kind: str):
    datasets = importlib.import_module("datasets")
    from jsonl_lint.integrations.datasets import metrics, only_valid, with_findings

    plain = datasets.Dataset.from_dict({"messages": [chat()["messages"]] * 2 + [[]], "weight": [0.5, None, None]})
    read = plain.with_format(kind, columns=["messages"])
    assert metrics(read) == metrics(plain)
    found = with_findings(read)
    assert found.format["columns"] == ["messages", "findings", "valid"]
    assert type(found[0]) is type(read[0])
    assert found.with_format(None)["valid"][:] == [True, True, False]
    assert len(only_valid(read)) == 2
    stream = plain.to_iterable_dataset().with_format(kind)
    assert metrics(stream) == metrics(plain)
    assert type(next(iter(with_findings(stream)))) is type(next(iter(stream)))
    assert len(list(only_valid(stream))) == 2


def test_rows_of_a_stream_may_have_columns_that_the_first_row_lacks():
    datasets = importlib.import_module("datasets")
    from jsonl_lint.integrations.datasets import metrics, only_valid, with_findings

    def some() -> Iterator[dict[str, Any]]:
        yield {"prompt": "a"}
        yield {"prompt": "a", "completion": "b", "more": 1}
        yield from [{"prompt": "c", "completion": "d"}] * 1_500

    stream = datasets.IterableDataset.from_generator(some)
    assert metrics(stream)["by_rule"] == {"extra-key": 1, "unknown-format": 1}
    assert len(list(only_valid(stream))) == 1_501
    found = [[finding["rule"] for finding in row["findings"]] for row in with_findings(stream)]
    assert found == [["unknown-format"], ["extra-key"], *[[]] * 1_500]
    lost = datasets.IterableDataset.from_generator(lambda: iter([*[{"text": "a", "more": 1}] * 1_000, {"text": "b"}]))
    assert metrics(lost)["valid_records"] == len(list(only_valid(lost))) == 1_001


def test_columns_that_are_not_chosen_are_not_decoded():
    datasets = importlib.import_module("datasets")
    from jsonl_lint.integrations.datasets import metrics, only_valid, with_findings

    data = datasets.Dataset.from_dict({"text": ["a"], "image": [{"bytes": b"broken", "path": None}]})
    data = data.cast_column("image", datasets.Image())
    for dataset in (data, data.to_iterable_dataset()):
        assert metrics(dataset, columns="text")["valid_records"] == 1
    assert with_findings(data, columns="text")["valid"][:] == [True]
    assert len(only_valid(data, columns="text")) == 1


def test_a_dataset_without_rows_gets_its_columns_and_wrong_settings_are_errors_at_once():
    datasets = importlib.import_module("datasets")
    from jsonl_lint.integrations.datasets import only_valid, with_findings

    plain = datasets.Dataset.from_dict({"messages": [chat()["messages"]]})
    empty = plain.select([])
    assert with_findings(empty).features == with_findings(plain).features
    for dataset in (empty, plain.to_iterable_dataset()):
        for call in (with_findings, only_valid):
            with pytest.raises(UserError):
                call(dataset, Settings(target="nobody"))


def test_importing_an_integration_imports_no_library():
    names = [path.stem for path in (ROOT / "jsonl_lint" / "integrations").glob("*.py") if path.stem != "__init__"]
    assert sorted(names) == ["datasets", "pandas", "polars", "pyarrow", "ray", "rows"]
    script = (
        f"import sys, importlib\nfor name in {names}: importlib.import_module('jsonl_lint.integrations.' + name)\n"
        f"print({set(names)!r} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "set()\n"


# --- Ray -------------------------------------------------------------------------------------------------------------

_RAY = """
import json, sys
import ray
from jsonl_lint import UserError, Settings
from jsonl_lint.integrations.ray import metrics, only_valid, with_findings
from tests.test_pipelines import RECORDS, every_key

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
data = ray.data.from_items(every_key(RECORDS), override_num_blocks=4)
table = with_findings(data, batch_size=2).take_all()
kept = only_valid(data, Settings(method="sft")).take_all()
chosen = metrics(data.add_column("id", lambda frame: "x"), columns=["messages"])
empty = metrics(data.filter(lambda row: False))
try:
    metrics(data, Settings(select=("no-such-rule",)))
    wrong = "nothing"
except UserError as error:
    wrong = type(error).__name__
result = [table, kept, metrics(data), chosen, empty["records"], wrong]
print("RESULT " + json.dumps(result, default=lambda value: value.tolist()))
"""


@pytest.mark.cluster
def test_ray():
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "RAY_DATA_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _RAY],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=300,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert lines, done.stderr[-3_000:]
    table, kept, counts, chosen, empty, wrong = json.loads(lines[0].removeprefix("RESULT "))
    expected = {json.dumps(row) for row in without_lines(said(RECORDS))}
    assert {json.dumps(row) for row in without_lines(in_columns(table))} == expected
    assert len(table) == len(RECORDS)
    assert len(kept) == len(VALID)
    assert counts == rows.metrics(RECORDS)
    assert chosen["records"] == len(RECORDS)
    assert "extra-key" not in chosen["by_rule"]
    assert (empty, wrong) == (0, "UserError")
