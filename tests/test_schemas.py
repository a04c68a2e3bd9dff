"""The schemas are sound, and both engines that can apply them say the same."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from jsonl_lint import Settings, UserError, check_paths, check_record, compile_plan
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.records.formats import FORMATS
from jsonl_lint.records.untyped import GEMINI_PARTS, UNTYPED_PARTS
from jsonl_lint.schemas import Schema, Shape, load_schema, schema_names, specialise
from jsonl_lint.target import load_target
from jsonl_lint.validator import Validator, load_user_schema
from tests.conftest import GOOD, ROOT, Check, chat_like, found, line_of

NAMES = sorted(path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").glob("*.schema.json"))
RECORDS = sorted({known.schema for known in FORMATS})


def parts_of(schema: Any, path: str = "#") -> list[tuple[str, Schema]]:
    """Every object inside the schema, with its place."""
    found = [(path, schema)] if isinstance(schema, dict) else []
    children = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    return found + [part for key, child in children for part in parts_of(child, f"{path}/{key}")]


def test_there_are_the_promised_schemas():
    assert schema_names() == NAMES
    assert {*RECORDS, "report"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_and_says_what_it_is(name: str):
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:jsonl-lint:schema:{name}"
    assert schema["title"]
    assert schema["description"]
    assert schema["examples"]


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_valid(name: str):
    schema = load_schema(name)
    for part in [schema, *schema.get("$defs", {}).values()]:
        alone = {**part, "$id": "urn:example", "$defs": schema.get("$defs", {})}
        for number, value in enumerate(part.get("examples", [])):
            assert Validator(alone).violations(value) == [], f"example {number} of {part['title']}"


@pytest.mark.parametrize("name", RECORDS)
def test_examples_of_records_have_no_finding(name: str):
    settings = Settings(target="generic", method="rl" if name == "prompt" else "sft")
    for value in load_schema(name)["examples"]:
        assert check_record(value, settings) == []


@pytest.mark.parametrize("name", RECORDS)
def test_constraints_name_rules_that_exist(name: str):
    for path, part in parts_of(load_schema(name)):
        for keyword, rule in part.get("x-rules", {}).items():
            assert keyword in part, f"{path}: x-rules names `{keyword}`, which is not there"
            for each in rule.values() if isinstance(rule, dict) else [rule]:
                assert each in all_rules(), f"{path}: {each}"


def test_the_parts_of_gemini_and_bedrock_are_the_same_as_in_the_code():
    gemini, bedrock = (load_schema(name)["$defs"] for name in ("gemini", "bedrock"))
    beside = ("videoMetadata",)  # what a file is, it does not say
    assert tuple(key for key in gemini["part"]["properties"] if key not in beside) == GEMINI_PARTS
    assert tuple(gemini["system"]["properties"]["parts"]["items"]["properties"]) == GEMINI_PARTS
    assert set(bedrock["block"]["properties"]) <= UNTYPED_PARTS


def test_the_roles_of_the_target_replace_those_of_the_schema():
    def role_lists(schema: Schema) -> list[Any]:
        return [part["enum"] for _, part in parts_of(schema) if part.get("x-target") == {"enum": "roles"}]

    assert role_lists(load_schema("chat")) == [list(load_target("together").roles)]
    assert role_lists(specialise(load_schema("chat"), {"roles": ["narrator"]})) == [["narrator"]]


# --- three engines ---------------------------------------------------------------------------------------------------


def by_python(schema: Schema) -> Validator:
    """The validator where jsonschema-rs cannot be imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "jsonschema_rs", None)
        return Validator(schema)


def violations_of(validator: Validator | Shape, value: Any) -> list[tuple[str, str, str | None]]:
    return sorted(
        (repr(found.pointer), found.rule, found.subject) for found in validator.violations(value)
    )  # fmt: skip


@pytest.fixture(scope="module", params=RECORDS)
def engines(request: pytest.FixtureRequest) -> tuple[Shape, Validator, Validator]:
    schema = load_schema(request.param)
    return Shape(schema), Validator(schema), by_python(schema)


def check_engines(engines: tuple[Shape, Validator, Validator], record: Any) -> None:
    shape, rust, python = engines
    assert violations_of(shape, record) == violations_of(rust, record) == violations_of(python, record)
    assert rust.is_valid(record) == python.is_valid(record) == (not rust.violations(record))


@given(record=chat_like)
@settings(max_examples=150)
def test_all_engines_find_the_same(engines: tuple[Shape, Validator, Validator], record: dict[str, Any]):
    check_engines(engines, record)


@pytest.mark.slow
@given(record=chat_like)
@settings(max_examples=3_000)
def test_all_engines_find_the_same_long(engines: tuple[Shape, Validator, Validator], record: dict[str, Any]):
    check_engines(engines, record)


def test_a_keyword_that_is_not_interpreted_is_an_error():
    with pytest.raises(ValueError, match="maxLength"):
        Shape({"properties": {"x": {"maxLength": 3}}})


def test_findings_are_the_same_without_jsonschema_rs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "data.jsonl"
    schema = tmp_path / "own.schema.json"
    schema.write_text('{"properties": {"weight": {"maximum": 2}}, "required": ["id", "source"]}')
    records = [
        {"messages": []},
        {"messages": [{"role": 1, "x": 2}]},
        {"text": 1, "weight": 3},
        {"id": 1, "y": 2, "z": 3},
    ]
    path.write_bytes(GOOD + b"".join(map(line_of, records)))
    own = Settings(schema=str(schema))
    with_rust = check_paths([path], own).to_dict()
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    without = check_paths([path], own).to_dict()
    order = lambda finding: (finding["line"], finding["column"], finding["code"], finding["message"])  # noqa: E731
    with_rust["findings"].sort(key=order)
    without["findings"].sort(key=order)
    assert with_rust == without
    assert with_rust["summary"]["by_rule"]["schema-violation"] > 5


# --- a user's own schema ---------------------------------------------------------------------------------------------


def own(tmp_path: Path, schema: Any) -> str:
    path = tmp_path / "own.schema.json"
    path.write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return str(path)


def test_violations_of_an_own_schema_have_their_places(check_bytes: Check, tmp_path: Path):
    schema = {
        "properties": {
            "messages": {"items": {"properties": {"content": {"maxLength": 4}}, "required": ["name"]}},
            "meta": {"properties": {"a/b": {"type": "integer"}}, "additionalProperties": False},
        }
    }
    line = (
        '{"messages": [{"role": "user", "name": "n", "content": "four"}, {"role": "assistant", "content": "fives"}],'
        ' "meta": {"a/b": "x", "c": 1}}\n'
    )
    report = check_bytes(GOOD.replace(b'"}', b'", "name": "n"}') + line.encode(), schema=own(tmp_path, schema))
    mine = [finding for finding in report.findings if finding.rule == "schema-violation" and finding.line == 2]
    marked = {finding.pointer: line[finding.column - 1 : finding.end_column - 1] for finding in mine}
    assert marked == {
        "/messages/1": '{"role": "assistant", "content": "fives"}',
        "/messages/1/content": '"fives"',
        "/meta/a~1b": '"x"',
        "/meta/c": '"c"',
    }
    assert {finding.line for finding in report.findings if finding.rule == "schema-violation"} == {1, 2}


def test_valid_records_pass_an_own_schema(check_bytes: Check, tmp_path: Path):
    assert found(check_bytes(GOOD * 3, schema=own(tmp_path, {"required": ["messages"]}))) == []
    assert found(check_bytes(GOOD * 3, schema=own(tmp_path, True))) == []


def test_the_schema_false_refuses_every_record(check_bytes: Check, tmp_path: Path):
    report = check_bytes(GOOD * 3, schema=own(tmp_path, False))
    assert found(report) == [(line, "schema-violation") for line in (1, 2, 3)]


def test_an_own_schema_of_an_older_draft(check_bytes: Check, tmp_path: Path):
    old = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"weight": {"minimum": 1, "exclusiveMinimum": True}},
    }
    report = check_bytes(line_of({"text": "x", "weight": 1}), schema=own(tmp_path, old))
    assert found(report) == [(1, "schema-violation")]


EMBEDDED = {"$id": "https://example.com/word.json", "type": "string"}


@pytest.mark.parametrize(
    ("schema", "message", "pointer"),
    [
        (
            {
                "$id": "https://example.com/record.json",
                "type": "object",
                "$defs": {"word": EMBEDDED},
                "properties": {"weight": {"$ref": "word.json"}},
            },
            "expected string, found 2",
            "/weight",
        ),
        ({"properties": {"weight": False}}, "2 must not be here", "/weight"),
        ({"properties": {"weight": {"const": True}}}, "2 is not true", "/weight"),
        ({"properties": {"weight": {"const": [1, None]}}}, "2 is not [1, null]", "/weight"),
        (
            {"properties": {"weight": {"enum": [True, "x", {"a": None}]}}},
            '2 is not one of true, x or {"a": null}',
            "/weight",
        ),
        (
            {
                "$schema": "http://json-schema.org/draft-04/schema#",
                "properties": {"weight": {"minimum": 2, "exclusiveMinimum": True}},
            },
            "2 is not more than 2",
            "/weight",
        ),
        ({"dependentRequired": {"weight": ["id"]}}, "the key `id` is missing", ""),
        (
            {"propertyNames": {"enum": ["text"]}},
            "the name of the key `weight` is none that it may have",
            "/weight",
        ),
        (
            {"properties": {"text": True}, "unevaluatedProperties": False},
            "the key `weight` is not known here",
            "/weight",
        ),
    ],
)
def test_a_violation_of_an_own_schema_is_told_in_its_words(tmp_path: Path, schema: Any, message: str, pointer: str):
    only = Settings(schema=own(tmp_path, schema), select=("schema-violation",))
    (finding,) = check_record({"text": "x", "weight": 2}, only)
    assert (finding.message, finding.pointer) == (message, pointer)


def test_each_key_is_named_where_a_schema_knows_none(tmp_path: Path):
    only = Settings(schema=own(tmp_path, {"additionalProperties": False}), select=("schema-violation",))
    assert [finding.pointer for finding in check_record({"text": "x", "weight": 2}, only)] == ["/text", "/weight"]


@pytest.mark.parametrize("draft", [{}, {"$schema": "http://json-schema.org/draft-07/schema#"}])
@pytest.mark.parametrize("engine", ["rust", "python"])
def test_formats_of_an_own_schema_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draft: dict[str, str], engine: str
):
    if engine == "python":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    schema = own(tmp_path, {**draft, "properties": {"text": {"format": "email"}, "id": {"format": "no such format"}}})
    only = Settings(schema=schema, select=("schema-violation",))
    assert check_record({"text": "a@example.com", "id": "x"}, only) == []
    (finding,) = check_record({"text": "none", "id": "x"}, only)
    assert (finding.message, finding.pointer) == ('"none" is not a valid email', "/text")


def test_patterns_of_an_own_schema_are_those_of_json_schema(tmp_path: Path):
    schema = own(tmp_path, {"properties": {"text": {"pattern": r"^\p{Lu}"}}})
    only = Settings(schema=schema, select=("schema-violation",))
    assert check_record({"text": "Éa"}, only) == []
    assert len(check_record({"text": "éa"}, only)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ('{"$schema": 3}', "its `$schema` is no address"),
        ("[]", "neither an object nor a boolean"),
        ('{"type": "objekt"}', "not a valid JSON Schema"),
        ('{"properties": {"a": {"minimum": "1"}}}', "/properties/a/minimum"),
        ('{"properties": {"a": {"pattern": "("}}}', "is not a"),
        ('{"$ref": "#/$defs/nowhere"}', "cannot be compiled"),
        ("[" * 100_000, "not JSON"),
    ],
)
@pytest.mark.parametrize("engine", ["rust", "python"])
def test_a_bad_schema_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str, engine: str
):
    if engine == "python":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    path = own(tmp_path, text)
    with pytest.raises(UserError) as caught:
        compile_plan(Settings(schema=path))
    assert words in str(caught.value)
    assert str(caught.value).startswith(path)
    assert "\n" not in str(caught.value)


def test_a_missing_schema_file(tmp_path: Path):
    with pytest.raises(UserError, match="cannot read the schema"):
        load_user_schema(str(tmp_path / "missing.json"))


@pytest.mark.parametrize("engine", ["rust", "python"])
@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:9/x.json", "https://example.com/x.json", "file:///etc/hostname", "other.json"]
)
def test_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, uri: str):
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    if engine == "python":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    path = own(tmp_path, {"properties": {"text": {"$ref": uri}}})
    with pytest.raises(UserError) as caught:
        load_user_schema(path).violations({"text": "x"})
    assert "\n" not in str(caught.value)
