"""Rules about tools: real and hostile definitions, calls and results."""

import json
import subprocess
import sys
from dataclasses import replace

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint import Settings, check_record, compile_plan, fix_record
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.rule import RecordRule
from jsonl_lint.toolcalls import SCREEN, parse_arguments
from jsonl_lint.toolcalls.definitions import _checks
from jsonl_lint.toolcalls.parameters import MAX_DEPTH, MAX_PROBLEMS, MAX_VALUES, MAX_VIOLATIONS, Parameters
from jsonl_lint.toolcalls.simpleschema import MOST_NAMES, MOST_SCHEMAS, fits, is_simple
from jsonl_lint.toolcalls.subschemas import extent
from tests.conftest import resolve, target_with
from tests.records import WEATHER, call, calling, result

USER = {"role": "user", "content": "Weather in Oslo?"}
ANSWER = {"role": "assistant", "content": "Rain."}


def chat(*messages, tools=(WEATHER,), **keys):
    return {"messages": list(messages), **({} if tools is None else {"tools": list(tools)}), **keys}


def rules(record, **settings):
    return sorted({f.rule for f in check_record(record, Settings(**settings)) if f.code.startswith("JL3")})


@pytest.mark.parametrize(
    ("held", "revealed"),
    [
        ([call()], []),
        ([call(), call("call_2")], ["unanswered-tool-call"]),
        ([call(name="time")], ["undeclared-tool-call"]),
        ([call(arguments={"city": "Oslo"})], ["arguments-not-string"]),
    ],
)
def test_calls_in_a_string_can_be_decoded_whatever_that_reveals(held, revealed):
    record = chat(USER, {**calling(), "tool_calls": json.dumps(held)}, result(), ANSWER)
    assert rules(record)[:1] == ["invalid-tool-call"]
    fixed = fix_record(record, Settings(select=("invalid-tool-call",)))
    assert fixed.outcome == (chat(USER, calling(*held), result(), ANSWER),)
    assert rules(fixed.outcome[0]) == revealed


@pytest.mark.parametrize("held", [[], "x", [1], {}, [{}], [call(), {"id": "a"}], [call(name=1)]])
def test_a_string_without_proper_calls_is_not_said_to_be_decodable(held):
    record = chat(USER, {**calling(), "tool_calls": json.dumps(held)}, ANSWER)
    (finding,) = check_record(record, Settings(select=("invalid-tool-call",)))
    assert finding.fix is None
    of_mistral = chat(USER, {**calling(), "tool_calls": json.dumps([call()])}, ANSWER)
    (finding,) = check_record(of_mistral, Settings(target="mistral", select=("invalid-tool-call",)))
    assert finding.fix is None, "its ids have nine letters or digits"


def test_arguments_are_of_the_type_that_the_target_takes(tmp_path):
    text, value = chat(USER, calling(call())), chat(USER, calling(call(arguments={"city": "Oslo"})))
    assert rules(text, **target_with(tmp_path, tool_arguments="object")) == ["arguments-not-string"]
    assert rules(value, **target_with(tmp_path, tool_arguments="object")) == []
    assert rules(text, **target_with(tmp_path, tool_arguments="either")) == []
    assert rules(value, **target_with(tmp_path, tool_arguments="either")) == []
    number = chat(USER, calling(call(arguments=7)))
    assert rules(number, **target_with(tmp_path, tool_arguments="either")) == ["arguments-not-string"]


def test_ids_are_as_the_target_wants_them(tmp_path):
    pattern = target_with(tmp_path, tool_call_id_pattern="^[a-zA-Z0-9]{9}$")
    assert rules(chat(USER, calling(call("abcDEF123"))), **pattern) == []
    for wrong in ("call_1", "abcDEF1234", "abcDEF12"):
        assert rules(chat(USER, calling(call(wrong))), **pattern) == ["invalid-tool-call"]
    nameless = chat(USER, calling({key: value for key, value in call().items() if key != "id"}))
    assert rules(nameless) == ["missing-tool-call-id"]
    assert rules(nameless, target="fireworks") == []


def test_definitions_in_another_record_are_not_forgotten_or_mixed_up():
    """Definitions are remembered by their bytes: equal ones share what is known, others do not."""
    other = json.loads(json.dumps(WEATHER).replace('"city"', '"town"'))
    for _ in range(2):
        assert rules(chat(USER, calling(call()))) == []
        assert rules(chat(USER, calling(call()), tools=[other])) == ["arguments-schema-mismatch"]
        assert rules({"custom_id": "1", "body": {"model": "m", "messages": [USER], "tools": [{}]}}) == [
            "invalid-tool-definition"
        ]


def pointers(record, rule):
    return [finding.pointer for finding in check_record(record) if finding.rule == rule]


def test_places_in_each_format():
    broken = {**WEATHER, "type": "tool"}
    pair = {"preferred_output": [calling(call(name="time"))], "non_preferred_output": [ANSWER]}
    preference = {"input": {"messages": [USER], "tools": [broken]}, **pair}
    batch = {"custom_id": "1", "body": {"model": "m", "messages": [USER], "tools": [broken]}}
    assert pointers(chat(USER, ANSWER, tools=[broken]), "invalid-tool-definition") == ["/tools/0/type"]
    assert pointers(preference, "invalid-tool-definition") == ["/input/tools/0/type"]
    assert pointers(batch, "invalid-tool-definition") == ["/body/tools/0/type"]
    assert pointers(preference, "undeclared-tool-call") == ["/preferred_output/0/tool_calls/0/function/name"]


def test_the_two_answers_of_a_pair_do_not_see_each_other():
    calls = [calling(call())]
    pair = {"input": {"messages": [USER], "tools": [WEATHER]}, "preferred_output": calls, "non_preferred_output": calls}
    assert rules(pair) == []
    early = {**pair, "input": {"messages": [USER, calling(call())], "tools": [WEATHER]}}
    assert rules(early) == ["duplicate-tool-call-id", "unanswered-tool-call"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{'a': 1}", "single quotes"),
        ("", "empty"),
        ('{"a": 1', "at character 8"),
        ('{"a": NaN}', "at character 7"),
        ('{"a": 1}}', "at character 9"),
    ],
)
def test_arguments_that_are_not_json_are_explained(text, error):
    assert error in parse_arguments(text).error


def test_arguments_that_only_one_parser_refuses_are_json():
    assert parse_arguments('{"a": "\\ud800"}').error is None
    assert parse_arguments('{"a": 1, "a": 2}').error is None
    assert parse_arguments('{"a": ' + "[" * 500 + "]" * 500 + "}").error is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [*("type", "function", "name", "parameters", "arguments", "id", "$ref", "properties", "items", "x")]
            )
            | st.text(max_size=4),
            inner | st.sampled_from(["function", "object", "weather", "#", "{}", '{"city": 1}', "call_1"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)
PLACES = st.sampled_from(
    ["tools", "tool", "parameters", "tool_calls", "call", "function", "arguments", "id", "answers"]
)


def with_value(place, value):
    """A record with any value in one place, and the rest as it should be."""
    definition = json.loads(json.dumps(WEATHER))
    made = call()
    tools, calls, answers = [definition], [made], "call_1"
    if place == "tools":
        tools = value
    elif place == "tool":
        tools = [value]
    elif place == "parameters":
        definition["function"]["parameters"] = value
    elif place == "tool_calls":
        calls = value
    elif place == "call":
        calls = [value]
    elif place in ("id", "function"):
        made[place] = value
    elif place == "arguments":
        made["function"]["arguments"] = value
    else:
        answers = value
    messages = [USER, {"role": "assistant", "tool_calls": calls}, result(answers), ANSWER]
    return messages, tools


@given(PLACES, JSON, st.sampled_from(["chat", "preference", "batch"]))
@example("parameters", {"$ref": "#"}, "chat")
@example("parameters", {"type": ["object", "x"], "properties": {"a": {"$ref": 5}}}, "chat")
@example("arguments", '{"city": {"a": [1]}}', "batch")
def test_any_value_in_the_place_of_tools(place, value, form):
    messages, tools = with_value(place, value)
    record = {"messages": messages, "tools": tools}
    if form == "preference":
        record = {"input": record, "preferred_output": messages[1:2], "non_preferred_output": [ANSWER]}
    elif form == "batch":
        record = {"custom_id": "1", "body": {"model": "m", **record}}
    findings = check_record(record, Settings(max_findings=0))
    assert check_record(json.dumps(record).encode(), Settings(max_findings=0, ignore=("JL0",))) is not None
    for finding in findings:
        assert finding.message
        resolve(record, finding.pointer)


def nested(depth, inner):
    schema = {}
    for _ in range(depth):
        schema = inner(schema)
    return schema


HOSTILE = {
    "self": {"$ref": "#"},
    "circle": {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    "branching circle": {"properties": {"a": {"allOf": [{"$ref": "#"}] * 50}}},
    "doubling": {
        "$defs": {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(60)} | {"d60": {}},
        "$ref": "#/$defs/d0",
    },
    "chain": {
        "$defs": {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(4000)} | {"d4000": {}},
        "$ref": "#/$defs/d0",
    },
    "remote": {"$ref": "http://127.0.0.1:9/x.json"},
    "file": {"$ref": "file:///etc/hostname"},
    "remote meta-schema": {"$schema": "http://127.0.0.1:9/schema", "type": "object"},
    "remote base": {"$id": "http://127.0.0.1:9/a", "properties": {"city": {"$ref": "b.json"}}},
    "inner base": {"properties": {"city": {"$id": "http://127.0.0.1:9/", "$ref": "b.json"}}},
    "dynamic": {"$dynamicAnchor": "a", "properties": {"city": {"$dynamicRef": "#a"}}},
    "backtracking": {"properties": {"city": {"pattern": "^(a+)+$"}}},
    "backreference": {"properties": {"city": {"pattern": "(a|a)*\\1$"}}},
    "large pattern": {"properties": {"city": {"pattern": "((a{100}){100}){100}"}}},
    "many patterns": {"properties": {"city": {"allOf": [{"pattern": f"[ab]*a[ab]{{{i}}}c"} for i in range(3000)]}}},
    "deep": nested(10_000, lambda inner: {"properties": {"city": inner}}),
    "deep value": {"const": nested(10_000, lambda inner: [inner])},
    "deep negation": nested(MAX_DEPTH - 1, lambda inner: {"not": inner}),
    "huge": {"enum": list(range(300_000))},
    "surrogate": {"properties": {"\ud800": {"const": "\ud800"}}},
    "odd references": {"properties": {"a": {"$ref": "#/%zz/~2"}, "b": {"$ref": "#/type/0"}, "c": {"$ref": "##"}}},
    "large numbers": {"properties": {"city": {"minimum": 10**400, "multipleOf": 1e-300, "maxLength": 1e308}}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_neither_crashes_nor_hangs(name, tmp_path):
    """In a process of its own: a stack overflow would kill the whole test run, and a hang would stop it."""
    record = chat(
        USER,
        calling(
            call(arguments=json.dumps({"city": "a" * 5000 + "!"})),
            call("call_2", arguments='{"a": ' * 90 + "{}" + "}" * 90),
        ),
        tools=[{"type": "function", "function": {"name": "weather", "parameters": "PLACE"}}],
    )
    text = json.dumps(record).replace('"PLACE"', dump(HOSTILE[name]))
    data = tmp_path / "data.jsonl"
    data.write_text(text + "\n")
    program = (
        "import socket, sys\n"
        "from jsonl_lint import check_paths\n"
        "def refuse(*_): raise SystemExit('the network was touched')\n"
        "socket.socket.connect = refuse\n"
        "report = check_paths([sys.argv[1]])\n"
        "print(sorted({finding.rule for finding in report.findings}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(data)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.startswith("[")


class Spelled(str):
    """JSON already."""


def dump(value):
    """JSON of any depth, made without recursion."""
    done, waiting = [], [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Spelled):
            done.append(item)
        elif isinstance(item, (dict, list)) and item:
            keyed = isinstance(item, dict)
            parts = [Spelled("{" if keyed else "[")]
            for number, inner in enumerate(item):
                comma = ", " if number else ""
                parts.append(Spelled(f"{comma}{json.dumps(inner)}: " if keyed else comma))
                parts.append(item[inner] if keyed else inner)
            waiting += reversed([*parts, Spelled("}" if keyed else "]")])
        else:
            done.append(json.dumps(item))
    return "".join(done)


def test_a_count_of_thousands_of_digits_is_a_flaw_of_the_schema():
    parameters = {"type": "OBJECT", "properties": {"city": {"type": "STRING", "maxLength": "9" * 5000}}}
    turns = [{"role": role, "parts": [{"text": "rain"}]} for role in ("user", "model")]
    record = {"contents": turns, "tools": [{"functionDeclarations": [{"name": "weather", "parameters": parameters}]}]}
    assert rules(record, target="vertex") == ["invalid-parameters-schema"]
    parameters["properties"]["city"]["maxLength"] = "9" * 19
    assert rules(record, target="vertex") == []


def test_work_on_a_recursive_schema_is_bounded_before_it_is_done():
    """Fifty references to the whole at each level: 50 ** 8 judgements for eight levels of arguments."""
    schema = Parameters({"type": "object", "properties": {"a": {"allOf": [{"$ref": "#"}] * 50}}})
    assert schema.violations({"a": 1}, 0)
    assert schema.violations(nested(8, lambda inner: {"a": inner}), 0) == []
    plain = Parameters({"type": "object", "properties": {"a": {"$ref": "#"}, "n": {"type": "string"}}})
    deep = {"n": 1}
    for _ in range(50):
        deep = {"a": deep}
    assert [violation.pointer for violation in plain.violations(deep, 0)] == [("a",) * 50 + ("n",)]


def test_findings_of_one_call_are_bounded():
    schema = Parameters({"additionalProperties": False, "properties": {}})
    assert len(schema.violations({f"k{i}": 1 for i in range(1000)}, 0)) == MAX_VIOLATIONS


def test_of_many_references_that_lead_nowhere_the_first_are_reported():
    """As they are written: no order of a set may choose them, which is another one in each process."""
    nowhere = [{"$ref": "#/x"}, {"not": {"$ref": "#/x"}, "items": {"$ref": "#/x"}, "contains": {"$ref": "#/x"}}] * 4
    problems = Parameters({"type": "object", "oneOf": nowhere, "allOf": nowhere}).problems
    inside = [("$ref",), ("not", "$ref"), ("items", "$ref"), ("contains", "$ref")]
    assert [problem.pointer for problem in problems] == [
        ("oneOf", index, *step) for index in range(8) for step in (inside[1:] if index % 2 else inside[:1])
    ][:MAX_PROBLEMS]


@pytest.mark.parametrize(
    ("index", "leads"), [("0", True), ("-1", False), ("1", False), (" 0", False), ("9" * 5000, False)]
)
def test_a_reference_names_an_item_by_its_index(index, leads):
    schema = {"type": "object", "allOf": [{"type": "object"}], "properties": {"a": {"$ref": f"#/allOf/{index}"}}}
    assert bool(Parameters(schema).problems) is not leads


def test_extent_counts_and_stops():
    assert extent({"a": [1, {"b": 2}]}, 100) == (5, 4)
    assert extent(list(range(MAX_VALUES * 2)), MAX_VALUES)[0] > MAX_VALUES


def test_many_calls_are_paired_in_linear_time():
    """Each result is searched among thousands of calls: quadratic work would show in the run time of the suite."""
    names = [f"c{index}" for index in range(15_000)]
    calls = calling(*(call(name) for name in names))
    assert rules(chat(USER, calls, *map(result, reversed(names)), ANSWER)) == []
    unknown = [result(f"d{index}") for index in range(15_000)]
    assert rules(chat(USER, calls, *unknown, ANSWER), max_findings=1) == ["unmatched-tool-result"]


def test_a_result_with_the_id_of_another_is_one_defect_and_not_two():
    """The call that was meant is not said to have no result, whether it is of the same message or of a later one."""
    calls = calling(call("call_1"), call("call_2", arguments='{"city": "Bergen"}'))
    assert rules(chat(USER, calls, result(), result(), ANSWER)) == ["unmatched-tool-result"]
    later = calling(call("call_2"))
    assert rules(chat(USER, calling(call()), result(), later, result(), ANSWER)) == ["unmatched-tool-result"]
    assert rules(chat(USER, calls, result(), result(), result("call_2"), ANSWER)) == ["unmatched-tool-result"]
    assert rules(chat(USER, calls, result(), ANSWER)) == ["unanswered-tool-call"]


@given(PLACES, JSON)
@example("arguments", '{"city": "Oslo"}')
@example("id", "call_2")
@example("answers", None)
@example("tool_calls", None)
@example("call", call())
def test_what_passes_the_screen_no_rule_reports(place, value):
    """The screen spares most records the rules, so it must never let one pass that they report."""
    messages, tools = with_value(place, value)
    record = json.loads(json.dumps({"messages": messages, "tools": tools}))
    plan = compile_plan()
    if SCREEN.passes(record, "chat", plan.target):
        view = plan.record(record, "chat", "chat")
        asked = [rule for rule in plan.by_kind.record if rule.screen is SCREEN]
        assert len(asked) > 10
        assert [sketch for rule in asked for sketch in rule.check(view)] == []


TYPES = ["string", "integer", "number", "boolean", "array", "object", "null"]
BOUNDS = dict.fromkeys(("minimum", "maximum"), st.sampled_from([0, 1, 1.5, 2**60, "1", True]))
NAME_LISTS = st.lists(st.sampled_from(["a", "b", "c", 1]), max_size=3)
SIMPLE = st.recursive(
    st.fixed_dictionaries({}, optional={"type": st.sampled_from([*TYPES, "any", None]), "enum": NAME_LISTS, **BOUNDS}),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(TYPES),
            "description": st.sampled_from(["x", "", None]),
            "properties": st.dictionaries(st.sampled_from(["a", "b", "type"]), inner, max_size=3),
            "required": NAME_LISTS,
            "additionalProperties": st.booleans() | inner,
            "items": inner,
            "minLength": st.just(1),
        },
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.sampled_from(["a", "b", "", 0, 1, 1.0, 1.5, 2**70, True, None]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c", "type"]), inner, max_size=3)
    ),
    max_leaves=6,
)
DRAFTS = (jsonschema_rs.Draft6Validator, jsonschema_rs.Draft7Validator, jsonschema_rs.Draft202012Validator)


@given(SIMPLE, VALUES)
@example({"type": "integer"}, 1.0)
@example({"type": "number"}, True)
@example({"minimum": 1, "maximum": 1.5}, 1.0)
@example({"type": "object", "properties": {"a": {"enum": ["a"]}}, "additionalProperties": False}, {"a": "a"})
def test_what_passes_without_the_library_passes_with_it(schema, value):
    if not is_simple(schema):
        return
    for draft in DRAFTS:
        validator = draft(schema)  # which holds the schema to its meta-schema
        if fits(schema, value):
            assert validator.is_valid(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"type": "dict"},
        {"properties": []},
        {"properties": {"a": True}},
        {"required": True},
        {"required": ["a", "a"]},
        {"enum": []},
        {"enum": [1]},
        {"items": [{}]},
        {"description": None},
        {"additionalProperties": {}},
        {"minimum": "1"},
        {"maximum": True},
        {"$ref": "#"},
        True,
    ],
)
def test_a_schema_that_is_not_simple_is_left_to_the_library(schema):
    assert not is_simple(schema)
    assert not is_simple({"type": "object", "properties": {"a": {"type": "array", "items": schema}}})


def one_in_another(levels):
    schema = {"type": "string", "enum": ["a"]}
    for _ in range(levels - 1):
        schema = {"properties": {"a": schema}}
    return schema


def test_a_simple_schema_is_small():
    assert is_simple(one_in_another(MOST_SCHEMAS))
    assert not is_simple(one_in_another(MOST_SCHEMAS + 1))
    assert extent(one_in_another(MOST_SCHEMAS), MAX_VALUES)[1] <= MAX_DEPTH
    names = [str(number) for number in range(MOST_NAMES + 1)]
    large = {"type": "object", "title": "", "description": "", "default": [], "minimum": 0, "maximum": 0}
    large |= {"required": names[:-1], "enum": names[:-1], "additionalProperties": True, "items": {}, "properties": {}}
    assert is_simple(large)
    assert extent(large, MAX_VALUES)[0] * MOST_SCHEMAS < MAX_VALUES
    assert not is_simple({"required": names})
    assert not is_simple({"default": [[]]})


def test_a_simple_schema_takes_what_a_tool_takes():
    schema = WEATHER["function"]["parameters"]
    assert is_simple(schema)
    assert fits(schema, {"city": "Oslo"})
    assert fits(schema, {"city": "Oslo", "more": [1]})
    assert not any(fits(schema, value) for value in ({}, {"city": 1}, [], "Oslo", None))


ROLES = st.sampled_from(["system", "user", "assistant", "tool", "function"])
NAMES = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(ROLES, st.lists(NAMES, max_size=3), NAMES | st.none()), max_size=6), st.booleans())
@example([("user", [], None), ("assistant", ["a", "b"], None), ("tool", [], "a"), ("tool", [], "b")], True)
@example([("user", [], None), ("assistant", ["a", "b"], None), ("tool", [], "a")], True)
@example([("assistant", ["a"], None), ("tool", [], "a"), ("assistant", ["a"], None)], False)
def test_the_screen_pairs_calls_as_the_rules_do(turns, defined):
    messages = []
    for role, made, answered in turns:
        message = {"role": role, "content": "x"}
        if made:
            message["tool_calls"] = [call(name) for name in made]
        if answered is not None:
            message["tool_call_id"] = answered
        messages.append(message)
    plan, record = compile_plan(), {"messages": messages, **({"tools": [WEATHER]} if defined else {})}
    view = plan.record(record, "chat", "chat")
    asked = [rule for rule in plan.by_kind.record if rule.screen is SCREEN and rule.concerns(view)]
    found = {sketch.rule for rule in asked for sketch in rule.check(view)}
    if SCREEN.passes(record, "chat", plan.target):
        assert not found
    else:  # it may refuse what has no defect, but not what is plain
        usual = all(role == "assistant" or not made for role, made, _ in turns)
        assert found or not usual or any(role == "function" for role, _, _ in turns)


def test_the_screen_lets_good_records_pass():
    target = compile_plan().target
    for record in (
        chat(USER, calling(call()), result(), ANSWER),
        chat(USER, calling(call()), result(), ANSWER, tools=None),  # which no rule reports that has the screen
        chat(USER, ANSWER),
        chat(USER, calling(call())),
        chat(USER, {**ANSWER, "tool_calls": []}),
    ):
        assert SCREEN.passes(record, "chat", target)
    for made, answered in (
        (call(name="time"), "call_1"),
        (call(arguments="{city: Oslo}"), "call_1"),
        (call(arguments={"city": "Oslo"}), "call_1"),
        (call(), "call_2"),
    ):
        assert not SCREEN.passes(chat(USER, calling(made), result(answered), ANSWER), "chat", target)


@pytest.mark.parametrize("messages", [None, "x", 7, {}, [], [None], ["x"], [[]], [7, {"role": []}], [{"role": {}}]])
def test_the_screen_takes_any_messages(messages, check_bytes):
    """The rules that would report them may be left out."""
    record = {"messages": messages, "tools": [WEATHER]}
    report = check_bytes((json.dumps(record) + "\n").encode(), ignore=("JL2",))
    assert not [finding for finding in report.findings if finding.code.startswith("JL3")]


def test_a_check_with_fewer_rules_does_not_clear_tools_of_a_later_one():
    record = {"messages": [USER, calling(call(name="a b")), result(), ANSWER], "tools": [{**WEATHER}]}
    record["tools"][0]["function"] = {**WEATHER["function"], "name": "a b"}
    script = (
        "import json, sys; from jsonl_lint import Settings, check_record; record = json.load(sys.stdin)\n"
        "assert not check_record(record, Settings(select=('unanswered-tool-call',)))\n"
        "print(*[finding.rule for finding in check_record(record)])"
    )
    done = subprocess.run(  # a new process, which has not asked any rule yet
        [sys.executable, "-c", script], input=json.dumps(record), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["invalid-tool-name"]


def test_no_rule_is_imported_late_that_the_screen_asks():
    rules = [rule for rule in all_rules().of_kind(RecordRule).values() if rule.late]
    asked = {check.__module__ for check in _checks}
    assert len(rules) == 11
    assert len(asked) == 4
    assert not asked & {type(rule).__module__ for rule in rules}
    assert all(rule.screen is not None for rule in rules)


def test_what_only_follows_from_a_defect_of_tools_is_not_reported_beside_it():
    of_the_user = {**USER, "tool_calls": [call()]}
    for record, rule in (
        (chat(of_the_user, ANSWER), "tool-calls-on-wrong-role"),
        (chat(USER, ANSWER, tools=({"type": "retrieval"},)), "invalid-tool-definition"),
    ):
        assert [finding.rule for finding in check_record(record)] == [rule]


@pytest.mark.parametrize(
    ("kept", "place"),
    [
        ({"$defs": {"day": {"type": "strin"}}}, "/$defs/day/type"),
        ({"$defs": {"day": {"type": "string", "minLength": "1"}}}, "/$defs/day/minLength"),
        ({"$defs": {"day": "string"}}, "/$defs/day"),
        ({"$defs": []}, "/$defs"),
        ({"definitions": {"day": {"type": "strin"}}, "$defs": {"night": {}}}, "/definitions/day/type"),
        ({"$defs": {"pair": {"items": [{"type": "string"}]}}}, None),  # Draft 7 has such items
        ({"$defs": {"day": {"type": "string"}}, "definitions": {"night": {"type": "string"}}}, None),
    ],
)
def test_schemas_that_others_refer_to_are_checked_too(kept, place):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, **kept}
    tool = {**WEATHER, "function": {**WEATHER["function"], "parameters": schema}}
    found = pointers(chat(USER, ANSWER, tools=(tool,)), "invalid-parameters-schema")
    assert found == ([] if place is None else [f"/tools/0/function/parameters{place}"])


@pytest.mark.parametrize("text", ["(", "a)", "[a-z", "*a", "a{2,1}", "a\\"])
def test_patterns_that_no_dialect_takes(text):
    for schema, place in (
        ({"properties": {"city": {"type": "string", "pattern": text}}}, "/properties/city/pattern"),
        ({"patternProperties": {text: {"type": "string"}}}, f"/patternProperties/{text}"),
    ):
        tool = {**WEATHER, "function": {**WEATHER["function"], "parameters": {"type": "object", **schema}}}
        record = chat(USER, ANSWER, tools=(tool,))
        assert pointers(record, "invalid-parameters-schema") == [f"/tools/0/function/parameters{place}"]
        assert [finding.rule for finding in check_record(record)] == ["invalid-parameters-schema"]


@pytest.mark.parametrize(
    "text",
    [
        *(r"^\p{L}+$", r"(?<year>\d{4})", r"(?<=a+)b", r"[\w-.]+@x", r"\cA", "[^]", "[]", r"(a)\1", r"a\/b", "a{,5}"),
        *("", "(?:a|b)*", "[[a]", "(?i)a", "(" * 3_000 + ")" * 3_000),
    ],
)
def test_patterns_that_some_dialect_takes(text):
    schema = {"type": "object", "properties": {"city": {"type": "string", "pattern": text}}}
    tool = {**WEATHER, "function": {**WEATHER["function"], "parameters": schema}}
    assert rules(chat(USER, ANSWER, tools=(tool,))) == []


def test_a_name_that_is_required_twice_is_said_to_be():
    twice = {**WEATHER["function"], "parameters": {"type": "object", "required": ["city", "city"]}}
    (finding,) = check_record(chat(USER, ANSWER, tools=({**WEATHER, "function": twice},)))
    assert (finding.rule, finding.pointer) == ("invalid-parameters-schema", "/tools/0/function/parameters/required")
    assert finding.message.endswith(": an item is there twice")


def test_a_value_of_a_wrong_type_is_not_also_said_to_be_none_of_those_that_are_listed():
    unit = {"type": "string", "enum": ["C", "F"]}
    tool = {**WEATHER, "function": {"name": "weather", "parameters": {"type": "object", "properties": {"unit": unit}}}}
    for arguments, words in (('{"unit": null}', "expected string, found null"), ('{"unit": "K"}', '"K" is not one of')):
        (finding,) = check_record(chat(USER, calling(call(arguments=arguments)), tools=(tool,)))
        assert words in finding.message


def test_what_a_schema_of_a_tool_lists_is_clipped_and_keys_in_it_are_masked():
    unit = {"enum": ["sk-proj-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0x", "x" * 99]}
    tool = {**WEATHER, "function": {"name": "weather", "parameters": {"type": "object", "properties": {"unit": unit}}}}
    settings = Settings(select=("arguments-schema-mismatch",))
    (finding,) = check_record(chat(USER, calling(call(arguments='{"unit": "K"}')), tools=(tool,)), settings)
    assert finding.message.endswith(f'"K" is not one of sk-{"*" * 36} or {"x" * 79}…')


def test_a_flat_definition_is_wrapped_unless_the_target_wants_more_of_it():
    bare, full = {"name": "a"}, {"type": "function", "name": "b", "description": "B.", "parameters": {}}
    record = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}
    wrapped = {"type": "function", "function": {"name": "b", "description": "B.", "parameters": {}}}
    settings = Settings(target="mistral-finetune", select=("invalid-tool-definition",))
    fixed = fix_record({**record, "tools": [bare, full]}, settings)
    assert [one["tools"] for one in fixed.outcome] == [[bare, wrapped]]
    fixed = fix_record({**record, "tools": [bare, full]}, Settings(select=("invalid-tool-definition",)))
    assert [one["tools"] for one in fixed.outcome] == [[{"type": "function", "function": bare}, wrapped]]


def test_a_flat_definition_is_wrapped_also_where_its_own_faults_show_only_then():
    flat = {"name": "a tool", "parameters": {"type": "dict"}}
    record = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}], "tools": [flat]}
    assert [finding.rule for finding in check_record(record)] == ["invalid-tool-definition"]
    (fixed,) = fix_record(record).outcome
    assert fixed["tools"] == [{"type": "function", "function": flat}]
    assert [finding.rule for finding in check_record(fixed)] == ["invalid-tool-name", "invalid-parameters-schema"]


def test_a_flat_definition_in_a_request_to_the_responses_api_is_right():
    body = {"model": "gpt-4.1", "input": "Hi", "tools": [{"type": "function", "name": "a", "parameters": {}}]}
    request = {"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": body}
    assert check_record(request, Settings(target="openai", select=("JL3",))) == []


def test_tools_that_are_a_text_are_decoded_unless_a_trainer_may_want_the_text():
    record = {**chat(USER, calling(call()), result(), ANSWER), "tools": json.dumps([WEATHER])}
    decoded = fix_record(record, Settings(target="together")).outcome
    assert decoded == (chat(USER, calling(call()), result(), ANSWER),)
    assert fix_record(record, Settings(target="generic")).outcome == (record,)


@pytest.mark.parametrize("target", ["together", "openai", "vertex"])
def test_a_secret_in_a_definition_is_reported_once_for_each_kind_and_never_shown(target: str, check_bytes):
    secret = "sk-proj-" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0x"
    function = {"name": "weather", "description": f"Send {secret} or {secret}.", "parameters": {"type": "object"}}
    record = chat(USER, ANSWER, tools=({"type": "function", "function": function},))
    if target == "vertex":
        said = [("user", "Rain?"), ("model", "No.")]
        contents = [{"role": role, "parts": [{"text": text}]} for role, text in said]
        record = {"contents": contents, "tools": [{"functionDeclarations": [function]}]}
    report = check_bytes((json.dumps(record) + "\n").encode() * 3, target=target, select=("secret-in-tool",))
    assert len(report.findings) == 3
    assert secret[8:] not in json.dumps(report.to_dict()) + repr(report.findings)


SECRET = "sk-proj-" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0x"
FUNCTION = {"name": "weather", "description": f"Send {SECRET}.", "parameters": {"type": "object"}}
SERVER = {"type": "mcp", "server_url": "https://a.io", "headers": {"Authorization": f"Bearer {SECRET}"}}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "allowed_domains": [SECRET]}


@pytest.mark.parametrize(
    ("record", "target", "place"),
    [
        (chat(USER, ANSWER, tools=(WEATHER,)) | {"functions": [FUNCTION]}, "openai", "/functions/0/description"),
        (chat(USER, ANSWER | {"tools": [FUNCTION]}, tools=(WEATHER,)), "fireworks", "/messages/1/tools/0/description"),
        (chat(USER, ANSWER) | {"tools": FUNCTION}, "together", "/tools/description"),
        (chat(USER, ANSWER) | {"tools": json.dumps([FUNCTION])}, "generic", "/tools"),
        ({"conversations": [], "tools": json.dumps([FUNCTION])}, "generic", "/tools"),
        ({"text": "Hi", "tools": [FUNCTION]}, "together", "/tools/0/description"),
        (
            {"custom_id": "1", "url": "/v1/responses", "body": {"model": "m", "input": "Hi", "tools": [SERVER]}},
            "openai",
            "/body/tools/0/headers/Authorization",
        ),
        (
            {"custom_id": "1", "body": {"model": "m", "messages": [USER], "functions": [FUNCTION]}},
            "together",
            "/body/functions/0/description",
        ),
        (
            {"custom_id": "1", "params": {"model": "m", "max_tokens": 9, "messages": [USER], "tools": [SEARCH]}},
            "anthropic",
            "/params/tools/0/allowed_domains/0",
        ),
    ],
)
def test_a_secret_is_found_wherever_tools_are_defined(record, target: str, place: str):
    findings = check_record(record, Settings(target=target, select=("secret-in-tool", "secret-in-content")))
    assert [(finding.rule, finding.pointer) for finding in findings] == [("secret-in-tool", place)]


def test_a_secret_beside_sound_tools_is_found_in_any_number_of_records(check_bytes):
    record = chat(USER, calling(call()), result(), ANSWER, tools=(WEATHER,))
    plain, held = json.dumps(record) + "\n", json.dumps(record | {"functions": [FUNCTION]}) + "\n"
    once = json.dumps({**record, "messages": [{**USER, "tools": [FUNCTION]}, *record["messages"][1:]]}) + "\n"
    data = (plain * 20 + held * 20 + once * 20).encode() * 100
    report = check_bytes(data, target="together", select=("secret-in-tool",), max_findings=0)
    assert len(report.findings) == 4000


def test_a_schema_is_called_by_the_key_that_the_format_has_it_under():
    tool = {"name": "look_up", "input_schema": {"type": "object", "required": ["word"]}}
    call = {"type": "tool_use", "id": "a", "name": "look_up", "input": {}}
    answer = {"role": "assistant", "content": [call]}
    params = {"model": "m", "max_tokens": 9, "tools": [tool], "messages": [{"role": "user", "content": "Hi"}, answer]}
    rules = Settings(target="anthropic", select=("invalid-parameters-schema", "arguments-schema-mismatch"))
    (finding,) = check_record({"custom_id": "a", "params": params}, rules)
    assert finding.message == 'the arguments of "look_up" break its `input_schema`: the key `word` is missing'
    params["tools"] = [{**tool, "input_schema": {"type": "array"}}]
    (finding,) = check_record({"custom_id": "a", "params": params}, rules)
    assert finding.message == 'the schema describes "array"; arguments are an object'
    bedrock = {"toolSpec": {"name": "look_up", "inputSchema": {"json": None}}}
    record = {"schemaVersion": "bedrock-conversation-2024", "messages": [], "toolConfig": {"tools": [bedrock]}}
    (finding,) = check_record(record, replace(rules, target="generic"))
    assert finding.message.startswith("the schema is null")


CHOICES = {
    "a word": ("auto", "auto"),
    "a function": ({"name": "weather"}, {"type": "function", "function": {"name": "weather"}}),
    "another word": ("weather", None),
    "no word": (7, None),
}


@pytest.mark.parametrize(("before", "after"), CHOICES.values(), ids=CHOICES)
def test_the_choice_of_a_function_becomes_that_of_a_tool_if_it_is_clear(before, after):
    body = {"model": "gpt-4o", "messages": [USER], "functions": [WEATHER["function"]], "function_call": before}
    request = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}
    settings = Settings(target="openai", unsafe_fixes=True)
    fixed = fix_record(request, settings).outcome[0]["body"]
    converted = {"model": "gpt-4o", "messages": [USER], "tools": [WEATHER], "tool_choice": after}
    assert fixed == (converted if after else body)
    both = {**request, "body": {**body, "tool_choice": "auto"}}
    assert fix_record(both, replace(settings, select=("legacy-function-call",))).outcome == (both,)
