"""What a schema is said to say of all records of a structure, it says of each."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jsonl_lint import Settings, native
from jsonl_lint.api import check_file
from jsonl_lint.engine import skimming
from jsonl_lint.plans import outline
from jsonl_lint.plans.outline import all_satisfy
from jsonl_lint.records.structure import signature
from tests.conftest import ROOT
from tests.records import VALID
from tests.test_skim import lines_of_many_kinds

USER = {"role": "user", "content": "Hi"}
KEYS = st.sampled_from(["messages", "content", "role", "id", "input"])
LEAVES = st.sampled_from([None, True, False, 0, 1, 2, -3, 2**70, 0.0, 0.5, 1.0, 2.0, -2.0, "", " ", "user", "it is so"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
MESSAGES = st.lists(st.dictionaries(KEYS, VALUES, max_size=3) | LEAVES, max_size=3)
RECORDS = st.dictionaries(KEYS, VALUES, max_size=4) | st.builds(
    lambda messages, more: {"messages": messages, **more}, MESSAGES, st.dictionaries(KEYS, VALUES, max_size=2)
)
TYPES = st.sampled_from(["object", "array", "string", "null", "boolean", "integer", "number"])
SIZES = st.integers(0, 3)


def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {keyword: value for part in parts for keyword, value in part.items()}


def one(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of some of these keywords."""
    return st.fixed_dictionaries({}, optional=keywords)


PLAIN = st.one_of(
    st.booleans(),
    one(type=TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True)),
    one(enum=st.lists(LEAVES, min_size=1, max_size=3), const=VALUES),
    one(minLength=SIZES, maxLength=SIZES, pattern=st.just("^u"), minItems=SIZES, maxItems=SIZES),
    one(minimum=SIZES, maximum=SIZES, multipleOf=st.just(2), minProperties=SIZES, maxProperties=SIZES),
    one(required=st.lists(KEYS, max_size=2, unique=True), uniqueItems=st.booleans()),
    st.just({"$ref": "#/$defs/one"}),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3)
    parts = [
        one(properties=st.dictionaries(KEYS, inner, max_size=3), additionalProperties=inner),
        one(patternProperties=st.dictionaries(st.just("^[cr]"), inner)),
        one(items=inner, prefixItems=some, contains=inner),
        one(allOf=some, anyOf=some, oneOf=some),
        one(**{"not": inner, "if": inner, "then": inner, "else": inner}),
        st.builds(lambda part: {"$ref": "#/$defs/one", **part}, inner.filter(lambda part: isinstance(part, dict))),
    ]
    return st.lists(st.one_of(parts), min_size=1, max_size=2).map(merged)


SCHEMAS = st.recursive(PLAIN, nested, max_leaves=8)
OLD = "http://json-schema.org/draft-07/schema#"
DRAFTS = st.sampled_from([None, "https://json-schema.org/draft/2020-12/schema", OLD])


@given(RECORDS, SCHEMAS, PLAIN, DRAFTS)
@example({"input": {"content": 0.5}}, {"properties": {"input": {"required": ["content"]}}}, True, None)
@example({"messages": [USER]}, {"not": {"properties": {"messages": {"items": {"required": ["x"]}}}}}, True, None)
@example({"id": 1}, {"patternProperties": {"^i": True}, "additionalProperties": False}, True, None)
@example({"messages": [1]}, {"properties": {"messages": {"prefixItems": [True], "items": False}}}, True, None)
@example({"id": 1}, {"$ref": "#/$defs/one", "required": ["role"]}, True, OLD)
@example({"id": "two"}, {"properties": {"id": {"minLength": 3}}}, True, None)
@example({"id": "two"}, {"properties": {"id": {"minLength": 4}}}, True, None)
@example({"id": "two"}, {"properties": {"id": {"oneOf": [True, {"pattern": "^t"}]}}}, True, None)
@settings(max_examples=400)
def test_what_is_said_of_all_is_true_of_each(record: dict[str, Any], schema: Any, part: Any, draft: str | None):
    whole = {"allOf": [schema], "$defs": {"one": part}, **({"$schema": draft} if draft else {})}
    try:
        valid = jsonschema_rs.validator_for(whole).is_valid(record)
    except ValueError:  # a reference to itself, or a number that the library does not take
        return
    if all_satisfy(whole, record):
        assert valid
    if all_satisfy({**whole, "allOf": [{"not": schema}]}, record):
        assert not valid


USERS_OWN = json.loads((ROOT / "benchmarks" / "user.schema.json").read_text())
ROLE = {"properties": {"messages": {"items": {"properties": {"role": {"enum": ["user", "assistant"]}}}}}}


@pytest.mark.parametrize("schema", [True, {}, ROLE, USERS_OWN, {"required": ["messages"]}])
def test_of_plain_conversations_most_schemas_can_be_told(schema: Any):
    said = [USER, {"role": "assistant", "content": "Hello"}] * 2
    assert all_satisfy({"allOf": [schema]}, {"messages": said})
    assert not all_satisfy({"not": schema}, {"messages": said})


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"messages": {"items": {"properties": {"content": {"maxLength": 9}}}}}},
        {"properties": {"id": {"pattern": "^[0-9]+$"}}},
        {"properties": {"meta": {"required": ["source"]}}},
        {"$schema": "http://json-schema.org/draft-04/schema#"},
        {"unevaluatedProperties": False},
        {"$ref": "#/$defs/none"},
        {"$defs": {"loop": {"$ref": "#/$defs/loop"}}, "$ref": "#/$defs/loop"},
        {"$defs": {"two": {"allOf": [{"$ref": "#/$defs/two"}] * 2}}, "$ref": "#/$defs/two"},
    ],
)
def test_what_cannot_be_told_is_left_to_the_library(schema: dict[str, Any]):
    assert not all_satisfy(schema, {"messages": [USER], "id": "17", "meta": {"source": "web"}})


@pytest.mark.parametrize("record", VALID)
def test_what_is_said_depends_on_the_structure_alone(record: dict[str, Any]):
    other = json.loads(json.dumps(record).replace("Hi", "Hello").replace("Oslo", "Bergen"))
    assert signature(other) == signature(record)
    assert all_satisfy(USERS_OWN, other) == all_satisfy(USERS_OWN, record)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("schema", [USERS_OWN, ROLE, {"properties": {"messages": {"minItems": 3}}}])
def test_the_report_is_that_of_a_run_that_shows_each_record_to_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, schema: Any
):
    path, own = tmp_path / "data.jsonl", tmp_path / "own.schema.json"
    path.write_bytes(lines_of_many_kinds(random.Random(seed), 1500))
    own.write_text(json.dumps(schema))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    found = check_file(path, Settings(schema=str(own), max_findings=0))
    assert any(finding.rule == "schema-violation" for finding in found.findings)
    monkeypatch.setattr(outline, "all_satisfy", lambda schema, record: False)
    monkeypatch.setattr(native, "load", lambda: None)
    assert found.to_dict() == check_file(path, Settings(schema=str(own), max_findings=0)).to_dict()
