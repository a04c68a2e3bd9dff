"""One defect makes one finding: what only follows from it is not reported beside it."""

import json
from pathlib import Path

import pytest

from jsonl_lint import Settings, Severity, check_file, check_record, fix_record
from tests.records import call, calling, result

USER = {"role": "user", "content": "Name a prime."}
ANSWER = {"role": "assistant", "content": "Seven."}
WORSE = {"role": "assistant", "content": "Eight."}


@pytest.mark.parametrize("key", ["preferred_output", "non_preferred_output"])
def test_an_output_without_content(key: str):
    pair = {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [WORSE]}
    (finding,) = check_record({**pair, key: [{"role": "assistant", "content": None}]})
    assert (finding.rule, finding.pointer) == ("content-wrong-type", f"/{key}/0/content")
    assert finding.message == "`content` is null, not a string or a list of parts"


@pytest.mark.parametrize("garbled", ["â€œAll is wellâ€\x9d", "Ã\x81gua"])
def test_control_characters_of_garbled_text(garbled: str):
    (finding,) = check_record({"messages": [USER, {**ANSWER, "content": garbled}]})
    assert finding.rule == "mojibake"


def test_control_characters_beside_garbled_text():
    text = "\x9d â€œAll is wellâ€\x9d"
    assert [finding.rule for finding in check_record({"text": text})] == ["control-character", "mojibake"]


def tool_record(calls, *results, **more):
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "weather", "parameters": parameters}}
    return {"messages": [USER, {**calling(), "tool_calls": calls}, *results, ANSWER], "tools": [tool], **more}


RESULT = result()
WITHOUT_ROLE = {"content": "Rain.", "tool_call_id": "call_1"}
A_NUMBER = 5


def found(record, **settings):
    findings = check_record(record, Settings(**settings))
    return [f"{finding.rule} {finding.pointer}" for finding in findings]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (tool_record([call()], A_NUMBER), ["message-not-object /messages/2"]),
        (tool_record([call()], WITHOUT_ROLE), ["missing-role /messages/2"]),
        (tool_record([call()], {**RESULT, "role": 5}), ["role-not-string /messages/2/role"]),
        (tool_record([call()], {**RESULT, "role": "instrument"}), ["unknown-role /messages/2/role"]),
        (tool_record([call()], {"role": 5, "content": "Rain."}), ["role-not-string /messages/2/role"]),
        (tool_record([A_NUMBER], RESULT), ["invalid-tool-call /messages/1/tool_calls/0"]),
        (tool_record(call(), RESULT), ["invalid-tool-call /messages/1/tool_calls"]),
        (tool_record("call_1", RESULT), ["invalid-tool-call /messages/1/tool_calls"]),
        (tool_record([call(arguments="null")], RESULT), None),
        (
            tool_record([call(), call()], RESULT, {**RESULT, "tool_call_id": "c2"}),
            ["duplicate-tool-call-id /messages/1/tool_calls/1/id"],
        ),
        (tool_record([call()], RESULT, tools=[{"type": "function", "function": {"name": ""}}]), None),
    ],
)
def test_what_only_follows_from_a_broken_call_or_result(record, expected):
    findings = found(record)
    assert len(findings) == 1
    assert expected in (None, findings)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (tool_record([call(), call(id="c2")], A_NUMBER), ["message-not-object", "unanswered-tool-call"]),
        (tool_record([call(), call(id="c2")], WITHOUT_ROLE), ["missing-role", "unanswered-tool-call"]),
        (tool_record([call()], {**WITHOUT_ROLE, "tool_call_id": "x"}), ["missing-role", "unmatched-tool-result"]),
        (tool_record([call(), A_NUMBER], RESULT, A_NUMBER), ["invalid-tool-call", "message-not-object"]),
        (tool_record([call(), A_NUMBER]), ["invalid-tool-call", "unanswered-tool-call", "consecutive-roles"]),
        (
            tool_record([call(), A_NUMBER], {"role": "tool", "content": "Rain."}, {**RESULT, "tool_call_id": "c2"}),
            ["invalid-tool-call", "missing-tool-call-id"],
        ),
        ({"messages": [USER, {"role": "x", "content": "5."}, USER]}, ["last-message-not-assistant", "unknown-role"]),
        ({"messages": [USER, {"content": "5."}, USER]}, ["last-message-not-assistant", "missing-role"]),
    ],
)
def test_a_broken_neighbour_hides_no_other_defect(record, expected):
    assert sorted(line.split()[0] for line in found(record)) == sorted(expected)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_not_said_to_be_too_small(number: str):
    line = '{"custom_id": "a", "params": {"model": "claude-sonnet-4-0", "max_tokens": %s, "messages": [%s]}}'
    (finding,) = check_record(line % (number, '{"role": "user", "content": "Hi"}'), Settings(target="anthropic"))
    assert finding.rule == "non-finite-number"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("other", [{}, {"type": 7}], ids=["alone", "beside another flaw"])
def test_a_number_that_is_not_finite_is_no_flaw_of_a_schema_as_well(number: str, other: dict):
    """Whether the schema is simple or has to be judged by the library, to which such a number is null."""
    properties = {"city": {"type": "string"}, "days": {"type": "number", "minimum": "NUMBER"}, "unit": other}
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"properties": properties}}}
    line = json.dumps({"messages": [USER, ANSWER], "tools": [tool]}).replace('"NUMBER"', number)
    place = "/tools/0/function/parameters/properties"
    flaws = [f"invalid-parameters-schema {place}/unit/type"] * bool(other)
    assert sorted(found(line)) == [*flaws, f"non-finite-number {place}/days/minimum"]


@pytest.mark.parametrize("number", ["NaN", "1e999"])
@pytest.mark.parametrize(("wanted", "mismatch"), [("number", []), ("string", ["arguments-schema-mismatch"])])
def test_an_argument_that_is_not_finite_is_a_number(number: str, wanted: str, mismatch: list[str]):
    tool = {"name": "weather", "input_schema": {"type": "object", "properties": {"days": {"type": wanted}}}}
    use = {"type": "tool_use", "id": "t1", "name": "weather", "input": {"days": "NUMBER"}}
    messages = [USER, {"role": "assistant", "content": [use]}]
    params = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": messages, "tools": [tool]}
    line = json.dumps({"custom_id": "a", "params": params}).replace('"NUMBER"', number)
    rules = [each.split()[0] for each in found(line, target="anthropic", ignore=("unanswered-tool-call",))]
    assert sorted(rules) == [*mismatch, "non-finite-number"]


@pytest.mark.parametrize("spelled", ["\ufffd", "\\ufffd", "\\uFFFD"])
@pytest.mark.parametrize("place", [0, 1])
def test_bytes_that_are_not_utf8_hide_no_replacement_character(spelled: str, place: int):
    """In their own text or another one, and they are not counted as such characters."""
    texts = [b"Caf\xe9\xe9", b"Oslo"]
    texts[place] += spelled.encode()
    line = json.dumps({"messages": [{**USER, "content": "0"}, {**ANSWER, "content": "1"}]}).encode()
    line = line.replace(b'"0"', b'"%b"' % texts[0]).replace(b'"1"', b'"%b"' % texts[1])
    findings = check_record(line)
    assert sorted(f"{each.rule} {each.pointer}" for each in findings) == [
        "invalid-utf8 ",
        f"replacement-character /messages/{place}/content",
    ]
    assert any("1 replacement character U+FFFD" in each.message for each in findings)


def test_bytes_that_are_not_utf8_are_no_replacement_characters_as_well():
    assert found(b'{"text": "Caf\xe9"}') == ["invalid-utf8 "]
    assert found(b'{"text": "Caf\xe9, spelled \\\\u00e9"}') == ["invalid-utf8 "]


@pytest.mark.parametrize("broken", [A_NUMBER, "text", None])
@pytest.mark.parametrize("content", ["Why?", "", []])
def test_a_broken_answer_of_a_pair_does_not_make_the_question_before_it_the_answer(broken, content):
    question = {"role": "user", "content": content}
    record = {"chosen": [question, broken], "rejected": [{**USER}, ANSWER]}
    findings = found(record, target="generic", ignore=("empty-content",))
    assert findings == ["message-not-object /chosen/1"]


@pytest.mark.parametrize(
    "completions", [[[1], " "], [{"score": 1}, {"score": 0}], [A_NUMBER, {"score": 0}]], ids=["none", "empty", "one"]
)
def test_completions_without_an_answer_are_not_said_to_be_identical(completions):
    record = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "completions": completions}
    rules = {line.split()[0] for line in found(record, target="vertex")}
    assert rules <= {"invalid-preference-score", "invalid-completion"}
    assert rules


@pytest.mark.parametrize("whole", [True, False])
def test_a_key_that_completions_do_not_have(whole: bool):
    better, worse = ({"score": score, "completion": {"role": "model", "parts": [{"text": "Hi"}]}} for score in (1, 0))
    if not whole:
        del worse["completion"]
    record = {"contents": [{"role": "user", "parts": [{"text": "Hey"}]}], "completions": [better, {**worse, "id": 7}]}
    findings = [each for each in check_record(record, Settings(target="vertex")) if each.rule == "extra-key"]
    assert [(each.pointer, each.severity.value) for each in findings] == [("/completions/1/id", "warning")]
    (fixed,) = fix_record(record, Settings(target="vertex", unsafe_fixes=True)).outcome
    assert fixed == ({**record, "completions": [better, worse]} if whole else record)


GEMINI = {
    "contents": [
        {"role": "user", "parts": [{"text": "Weather?"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {}}}]},
        {"role": "model", "parts": [{"text": "It rains."}]},
    ],
    "tools": [{"functionDeclarations": [{"name": "weather", "parameters": {"type": "OBJECT"}}]}],
}


@pytest.mark.parametrize(
    ("turn", "value", "rule"),
    [
        (1, A_NUMBER, "message-not-object"),
        (1, {"role": "model", "parts": "text"}, "content-wrong-type"),
        (1, {"role": "model", "parts": ""}, "content-wrong-type"),
        (1, {"role": "model", "parts": [A_NUMBER]}, "invalid-content-part"),
        (1, {"role": "model", "parts": [{"functionCall": A_NUMBER}]}, "invalid-tool-call"),
        (2, {"role": "user", "parts": [{"functionResponse": A_NUMBER}]}, "invalid-content-part"),
        (1, {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": "{"}}]}, "arguments-not-string"),
        (1, {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": "[]"}}]}, "arguments-not-string"),
        (2, A_NUMBER, "message-not-object"),
        (2, {"role": "user"}, "missing-content"),
        (2, {"role": "user", "parts": [{}]}, "invalid-content-part"),
    ],
)
def test_what_only_follows_from_a_broken_part(turn, value, rule):
    contents = [*GEMINI["contents"][:turn], value, *GEMINI["contents"][turn + 1 :]]
    assert found(GEMINI, target="vertex") == []
    assert [line.split()[0] for line in found({**GEMINI, "contents": contents}, target="vertex")] == [rule]


def test_a_function_of_gemini_without_the_arguments_that_it_needs():
    parameters = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}
    record = {**GEMINI, "tools": [{"functionDeclarations": [{"name": "weather", "parameters": parameters}]}]}
    call = {"name": "weather"}
    contents = [GEMINI["contents"][0], {"role": "model", "parts": [{"functionCall": call}]}, *GEMINI["contents"][2:]]
    place = "arguments-schema-mismatch /contents/1/parts/0/functionCall"
    assert found({**record, "contents": contents}, target="vertex") == [place]
    assert found({**GEMINI, "contents": contents}, target="vertex") == []
    assert found(record, target="vertex") == [f"{place}/args"]


@pytest.mark.parametrize("tools", [[{}], [{"functionDeclarations": []}], [{"googleSearch": {}}]])
def test_a_function_beside_other_tools_alone_is_undeclared(tools):
    expected = ["undeclared-tool-call /contents/1/parts/0/functionCall/name"]
    assert found({**GEMINI, "tools": tools}, target="vertex") == expected


@pytest.mark.parametrize(
    ("record", "target", "expected"),
    [
        ({"conversations": [{"from": "human", "value": []}, {"from": "gpt", "value": "Hi."}]}, "generic", "content"),
        ({"interactions": [{**USER, "content": []}, ANSWER]}, "mistral-finetune", "invalid-content-part"),
        ({"token_ids": [], "labels": [1, 2]}, "nebius", "wrong-type"),
        ({"preferred_output": [{"role": "assistant", "tool_calls": [call()]}]}, "together", None),
    ],
)
def test_a_value_of_the_wrong_type_is_not_empty_as_well(record, target, expected):
    if expected is None:
        record = {**record, "input": 5, "non_preferred_output": [ANSWER]}
        expected = "preference-input-not-object"
    (finding,) = found(record, target=target)
    assert finding.startswith(expected)


@pytest.mark.parametrize("key", ["method", "url"])
@pytest.mark.parametrize("value", [None, 5, [], {}])
def test_a_batch_request_names_its_endpoint_in_texts(key, value):
    request = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m"}}
    request["body"]["messages"] = [USER]
    assert found({**request, key: value}, target="openai") == [f"wrong-type /{key}"]
    (missing,) = found({name: item for name, item in request.items() if name != key}, target="openai")
    assert missing.startswith(("missing-method", "unsupported-url"))
    (wrong,) = found({**request, key: "x"}, target="openai")
    assert wrong.endswith(f"/{key}")


def test_the_body_is_not_held_against_an_endpoint_that_the_target_does_not_have():
    request = {"custom_id": "1", "method": "POST", "url": "/v1/embeddings", "body": {"model": "m", "messages": [USER]}}
    assert found(request, target="groq") == ["unsupported-url /url"]
    assert found({**request, "url": "https://a.b/v1/embeddings"}, target="openai") == ["unsupported-url /url"]
    assert found(request, target="openai") == ["invalid-body /body"]


def test_a_batch_request_for_an_empty_model():
    body = {"model": "", "messages": [USER]}
    assert found({"custom_id": "1", "body": body}) == ["invalid-body /body/model"]


@pytest.mark.parametrize("blank", [" ", "\n\t", "\xa0"])
def test_a_batch_request_for_a_blank_model(blank: str, tmp_path: Path):
    """Which is no other model than those of other requests."""
    named = {"custom_id": "1", "body": {"model": "m", "messages": [USER]}}
    unnamed = {"custom_id": "2", "body": {**named["body"], "model": blank}}
    (tmp_path / "data.jsonl").write_text(f"{json.dumps(named)}\n{json.dumps(unnamed)}\n")
    (finding,) = check_file(tmp_path / "data.jsonl", Settings(ignore=("duplicate-record",)))
    assert (finding.rule, finding.line, finding.pointer) == ("invalid-body", 2, "/body/model")
    assert finding.message == "`model` is only white space"
    params = {"model": blank, "max_tokens": 9, "messages": [USER]}
    assert found({"custom_id": "1", "params": params}, target="anthropic") == ["invalid-body /params/model"]


@pytest.mark.parametrize("tools", [tool_record([])["tools"], [], None])
def test_tools_at_the_root_of_a_pair_are_not_missing_as_well(tools):
    answers = {"preferred_output": [{"role": "assistant", "tool_calls": [call()]}], "non_preferred_output": [WORSE]}
    lines = found({"input": {"messages": [USER]}, **answers, "tools": tools})
    missing = [] if tools else ["tool-calls-without-tools /preferred_output/0/tool_calls"]
    assert lines == [*missing, "tools-at-root /tools"]


def test_tools_are_moved_from_the_root_of_a_pair_whatever_is_wrong_with_them():
    """Nothing reads them at the root."""
    answers = {"preferred_output": [ANSWER], "non_preferred_output": [WORSE]}
    record = {"input": {"messages": [USER]}, **answers, "tools": [{"type": "function"}]}
    assert found(record) == ["tools-at-root /tools"]
    (fixed,) = fix_record(record).outcome
    assert found(fixed) == ["invalid-tool-definition /input/tools/0"]


def test_calls_of_the_older_form_need_definitions_as_well():
    calling = {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": "{}"}}
    record = {"messages": [USER, calling, {"role": "function", "name": "weather", "content": "Rain."}, ANSWER]}
    missing = "tool-calls-without-tools /messages/1/"
    assert f"{missing}function_call" in found(record, target="openai")
    (fixed,) = fix_record(record, Settings(target="openai", unsafe_fixes=True)).outcome
    assert found(fixed, target="openai") == [f"{missing}tool_calls"]
    assert not any(missing in line for line in found({**record, "functions": [{"name": "weather"}]}, target="openai"))


def test_parameters_with_two_defects():
    parameters = {"type": "string", "properties": {"city": 5}}
    tools = [{"type": "function", "function": {"name": "weather", "parameters": parameters}}]
    places = [line.split()[-1] for line in found({"messages": [USER, ANSWER], "tools": tools})]
    assert places == [f"/tools/0/function/parameters/{end}" for end in ("type", "properties/city")]
    parameters["type"] = "strin"
    assert len(found({"messages": [USER, ANSWER], "tools": tools})) == 2


@pytest.mark.parametrize("messages", [5, None, {}, "text"])
def test_messages_of_the_wrong_type_hide_no_other_parameter(messages):
    body = {"model": "openai/gpt-oss-120b", "messages": messages, "max_token": 5}
    rules = [line.split()[0] for line in found({"custom_id": "1", "body": body})]
    assert rules == ["messages-not-array", "unknown-request-key"]


OLDER_CALL = {"name": "weather", "arguments": '{"city": "Oslo"}'}
OLDER = {
    "messages": [
        USER,
        {"role": "assistant", "content": None, "function_call": OLDER_CALL},
        {"role": "function", "name": "weather", "content": "Rain."},
        ANSWER,
    ],
    "functions": [{"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}],
}


@pytest.mark.parametrize("target", ["together", "fireworks", "mistral", "nebius", "openai"])
def test_functions_of_the_older_kind(target):
    findings = found(OLDER, target=target)
    result = "legacy-function-call" if target == "openai" else "unknown-role"
    assert findings == [
        "legacy-function-call /messages/1/function_call",
        f"{result} /messages/2/role",
        "legacy-function-call /functions",
    ]
    assert found({"text": "A text.", "functions": []}, target="together") == ["extra-key /functions"]
    assert found({"messages": [USER, ANSWER], "functions": None}, target="together") == ["extra-key /functions"]


@pytest.mark.parametrize(
    ("older", "finding"),
    [
        ({**OLDER_CALL, "arguments": "{'city': 'Oslo'}"}, "arguments-not-json /messages/1/function_call/arguments"),
        ({**OLDER_CALL, "arguments": "[]"}, "arguments-not-object /messages/1/function_call/arguments"),
        ({**OLDER_CALL, "arguments": {"city": "Oslo"}}, "arguments-not-string /messages/1/function_call/arguments"),
        ({"arguments": "{}"}, "invalid-tool-call /messages/1/function_call"),
        ({"name": "weather"}, "invalid-tool-call /messages/1/function_call"),
        ({**OLDER_CALL, "name": 5}, "invalid-tool-call /messages/1/function_call/name"),
        ("weather", "invalid-tool-call /messages/1/function_call"),
        (OLDER_CALL, None),
        (None, None),
    ],
)
@pytest.mark.parametrize("target", ["together", "openai"])
def test_calls_of_the_older_kind_are_as_wrong_as_others(older, finding, target):
    calling = {"role": "assistant", "content": "", "function_call": older}
    record = {**OLDER, "messages": [USER, calling, *OLDER["messages"][2:]]}
    about = [line for line in found(record, target=target) if line.startswith(("arguments", "invalid"))]
    assert about == ([finding] if finding else [])
    (fixed,) = fix_record(record, Settings(target=target, unsafe_fixes=True)).outcome
    left = {line.split()[0] for line in found(fixed, target=target)}
    assert left <= {line.split()[0] for line in found(record, target=target)} - {"arguments-not-string"}


@pytest.mark.parametrize("target", ["openai", "mistral", "together"])
@pytest.mark.parametrize("after", [[USER, ANSWER], [ANSWER], OLDER["messages"][1:]], ids=["user", "answer", "call"])
def test_an_older_call_without_a_result_is_not_made_one_that_needs_it(target, after):
    record = {**OLDER, "messages": [*OLDER["messages"][:2], *after]}
    (fixed,) = fix_record(record, Settings(target=target, unsafe_fixes=True, ignore=("unknown-role",))).outcome
    new = {line.split()[0] for line in found(fixed, target=target)}
    new -= {line.split()[0] for line in found(record, target=target)}
    older = [each for each in check_record(record, Settings(target=target)) if each.rule == "legacy-function-call"]
    assert new == set()
    assert all([bool(each.fix) == (target == "together") for each in older])


@pytest.mark.parametrize("target", ["openai", "azure", "generic"])
def test_an_older_call_at_the_end_of_a_request_is_not_made_one_that_needs_a_result(target):
    for messages, fixable in ((OLDER["messages"][:2], False), (OLDER["messages"][:3], True)):
        body = {**OLDER, "model": "gpt-4o-mini", "messages": messages}
        request = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": body}
        result = fix_record(request, Settings(target=target, unsafe_fixes=True))
        assert (bool(result.changed), result.refused) == (fixable, ())
        assert "unanswered-tool-call" not in str(found(result.outcome[0], target=target))


@pytest.mark.parametrize("target", ["openai", "mistral", "together"])
@pytest.mark.parametrize("after", [[USER, ANSWER], [ANSWER], OLDER["messages"][1:]], ids=["user", "answer", "call"])
def test_an_older_call_needs_a_result_where_it_has_to_be_rewritten(target, after):
    record = {**OLDER, "messages": [*OLDER["messages"][:2], *after]}
    waits = [line for line in found(record, target=target) if line.startswith("unanswered-tool-call")]
    assert waits == (["unanswered-tool-call /messages/1/function_call"] if target == "together" else [])
    assert "unanswered-tool-call" not in str(found(OLDER, target=target))
    at_end = {**OLDER, "messages": OLDER["messages"][:2]}
    assert "unanswered-tool-call" not in str(found(at_end, target=target))
    body = {"model": "meta-llama/Llama-3.3-70B-Instruct-Turbo", **record}
    assert "unanswered-tool-call" not in str(found({"custom_id": "1", "body": body}, target=target))


@pytest.mark.parametrize(
    ("functions", "finding"),
    [
        (
            [{"name": "weather", "parameters": {"type": "objekt"}}],
            "invalid-parameters-schema /functions/0/parameters/type",
        ),
        ([*OLDER["functions"], {"name": "in Oslo"}], "invalid-tool-name /functions/1/name"),
        ([*OLDER["functions"], {"parameters": {}}], "invalid-tool-definition /functions/1"),
        ([*OLDER["functions"], "rain"], "invalid-tool-definition /functions/1"),
        ([*OLDER["functions"], {"name": "weather"}], "duplicate-tool /functions/1"),
        ([{"name": "rain"}], "undeclared-tool-call /messages/1/function_call/name"),
        (
            [{"name": "weather", "parameters": {"type": "object", "required": ["day"]}}],
            "arguments-schema-mismatch /messages/1/function_call/arguments",
        ),
        ([{"name": "weather"}], None),
        (OLDER["functions"][0], "tools-not-array /functions"),
        (json.dumps(OLDER["functions"]), "tools-not-array /functions"),
        ([], "tool-calls-without-tools /messages/1/function_call"),
    ],
)
def test_definitions_of_the_older_kind_are_as_wrong_as_others(functions, finding):
    record = {**OLDER, "functions": functions}
    settings = Settings(target="openai", ignore=("legacy-function-call",))
    assert [f"{one.rule} {one.pointer}" for one in check_record(record, settings)] == ([finding] if finding else [])
    beside = {"messages": [USER, ANSWER], "tools": [], "functions": functions}
    assert not [line for line in found(beside, target="openai") if not line.startswith("legacy")]
    (fixed,) = fix_record(record, Settings(target="openai", unsafe_fixes=True)).outcome
    left = {line.split()[0] for line in found(fixed, target="openai")}
    assert left <= {line.split()[0] for line in found(record, target="openai")}


CALLED = {"id": "abcdefghi", "type": "function", "function": {"name": "weather", "arguments": "{}"}}


@pytest.mark.parametrize("target", ["together", "openai", "mistral", "generic"])
def test_a_call_at_the_end_of_a_request_needs_its_result(target: str):
    asked = [{"role": "user", "content": "Weather?"}, {"role": "assistant", "tool_calls": [CALLED]}]
    answered = [*asked, {"role": "tool", "tool_call_id": CALLED["id"], "content": "Rain."}]
    settings = Settings(target=target, select=("unanswered-tool-call",))
    for messages, words in ((asked, ['the call of "weather" has no result']), (answered, [])):
        request = {"custom_id": "1", "url": "/v1/chat/completions", "body": {"model": "m", "messages": messages}}
        assert [finding.message for finding in check_record(request, settings)] == words
    assert check_record({"messages": asked}, settings) == []


def test_a_tool_that_claude_used_last_needs_its_result():
    used = {"type": "tool_use", "id": "a", "name": "weather", "input": {}}
    asked = [{"role": "user", "content": "Weather?"}, {"role": "assistant", "content": [used]}]
    request = {"custom_id": "1", "params": {"model": "m", "max_tokens": 9, "messages": asked}}
    settings = Settings(target="anthropic", select=("unanswered-tool-call",))
    (finding,) = check_record(request, settings)
    assert (finding.pointer, finding.severity) == ("/params/messages/1/content/0", Severity.ERROR)
    asked.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "Rain."}]})
    assert check_record(request, settings) == []


def test_the_result_of_a_function_is_repaired_with_its_call():
    later = {**OLDER, "messages": [USER, tool_record([call()])["messages"][1], *OLDER["messages"][2:]]}
    record = {"messages": later["messages"], "tools": tool_record([])["tools"]}
    assert found(record) == ["unknown-role /messages/2/role"]
    (fixed,) = fix_record(record, Settings(unsafe_fixes=True)).outcome
    assert fixed["messages"][2] == {"role": "tool", "name": "weather", "content": "Rain.", "tool_call_id": "call_1"}
    (fixed,) = fix_record(OLDER, Settings(unsafe_fixes=True)).outcome
    assert found(fixed) == []


@pytest.mark.parametrize("target", ["nebius", "databricks", "cohere"])
@pytest.mark.parametrize("weight", [0, 1, 0.5, "1"])
def test_a_weight_that_the_target_does_not_know(target, weight):
    user, answer = ("User", "Chatbot") if target == "cohere" else ("user", "assistant")
    messages = [{"role": user, "content": "Name a prime."}, {"role": answer, "content": "Seven."}]
    assert found({"messages": messages}, target=target) == []
    for message in messages:
        weighted = [{**each, "weight": weight} if each is message else each for each in messages]
        rules = [line.split()[0] for line in found({"messages": weighted}, target=target)]
        assert set(rules) - {"nothing-to-learn"} == {"extra-message-key"}


@pytest.mark.parametrize("text", ["caf\u00e9", "日本", "😀"])
def test_a_record_that_is_cut_off_inside_a_character(text: str):
    line = ('{"text": "' + text).encode()
    least = len(line) - len(text[-1].encode()) + 1
    for end in range(least, len(line)):
        assert [finding.rule for finding in check_record(line[:end])] == ["truncated-json"]
        assert fix_record(line[:end], Settings(unsafe_fixes=True)).outcome == (line[:end],)
    assert len(check_record(line[:least], Settings(select=("invalid-utf8",)))) == 1


@pytest.mark.parametrize(
    "line", [b'{"text": "\xff', b'{"text": "\xe9 \xc3', b'{"text": "\x80\xc3', b'{"text": "\xe9"}']
)
def test_other_bytes_that_are_not_utf8_are_reported_in_a_broken_record_as_well(line: bytes):
    assert check_record(line)[0].rule == "invalid-utf8"


def test_a_line_of_utf16_is_not_taken_for_windows_1252():
    line = '{"text": "é"}'.encode("utf-16-le")
    assert "invalid-utf8" in [finding.rule for finding in check_record(line)]
    assert fix_record(line, Settings(unsafe_fixes=True)).outcome == (line,)


def test_an_answer_that_may_be_none_is_not_made_the_last_message():
    record = {"messages": [USER, {"role": "x", "content": "5."}, USER]}
    assert fix_record(record, Settings(unsafe_fixes=True)).outcome == (record,)


@pytest.mark.parametrize(("target", "fixable"), [("together", True), ("fireworks", False), ("mistral-finetune", False)])
def test_a_tail_after_a_result_is_cut_where_a_result_may_be_last(target, fixable):
    called = call(id="abcdef123")
    record = tool_record([called], {**RESULT, "tool_call_id": "abcdef123"})
    record["messages"][-1] = USER
    (finding,) = check_record(record, Settings(target=target, select=("last-message-not-assistant",)))
    assert (finding.fix is not None) is fixable


@pytest.mark.parametrize(
    ("target", "before", "fixable"),
    [
        ("together", [ANSWER], True),
        ("databricks", [ANSWER], False),
        ("databricks", [USER, ANSWER], True),
        ("openai", [USER, {"role": "assistant", "tool_calls": [call()]}], True),
        ("nebius", [USER, {"role": "assistant", "tool_calls": [call()]}], False),
        ("nebius", [USER, {"role": "assistant", "content": "I look.", "tool_calls": [call()]}], True),
    ],
)
def test_a_tail_is_cut_where_the_rest_may_stand_by_itself(target, before, fixable):
    settings = Settings(target=target, select=("last-message-not-assistant", "JL228", "JL227"), unsafe_fixes=True)
    record = {"messages": [*before, USER]}
    (finding,) = check_record(record, settings)
    assert (finding.rule, finding.fix is not None) == ("last-message-not-assistant", fixable)
    result = fix_record(record, settings)
    assert (result.changed, result.refused) == (fixable, ())


@pytest.mark.parametrize("role", ["user", "human", "x"])
def test_an_empty_output_of_somebody_else(role):
    pair = {"input": {"messages": [USER]}, "preferred_output": [ANSWER]}
    rules = [line.split()[0] for line in found({**pair, "non_preferred_output": [{"role": role, "content": ""}]})]
    assert rules == ["output-not-assistant" if role == "user" else "unknown-role", "empty-output"]


def test_an_empty_output_of_nobody():
    pair = {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [{"content": " "}]}
    assert found(pair) == ["missing-role /non_preferred_output/0", "empty-output /non_preferred_output/0/content"]
    assert found({"text": []}, target="generic") == ["wrong-type /text"]


@pytest.mark.parametrize("target", ["openai", "azure"])
def test_a_role_that_only_the_method_does_not_take(target):
    record = {"messages": [USER, {"role": "function", "name": "weather", "content": "Rain."}, USER]}
    rules = [line for line in found(record, target=target, method="rl") if line.endswith("/role")]
    assert rules == ["unknown-role /messages/1/role"]


def test_content_of_the_wrong_type_beside_calls():
    record = tool_record([call(id="abcdef123")], {**RESULT, "tool_call_id": "abcdef123"})
    record["messages"][1]["content"] = True
    assert found(record, target="mistral") == ["content-wrong-type /messages/1/content"]


@pytest.mark.parametrize("key", ["preferred_output", "non_preferred_output"])
def test_a_tool_where_the_answer_should_be(key: str):
    pair = {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [WORSE]}
    assert found({**pair, key: [{"role": "tool", "content": "Rain."}]}) == [f"output-not-assistant /{key}/0/role"]


def test_two_formats_of_which_one_is_a_pair():
    pair = {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [{"role": "user"}]}
    expected = ["ambiguous-format ", "missing-content /non_preferred_output/0"]
    assert set(expected) < set(found({**pair, "text": "Both."}, method="dpo"))
    complete = {**pair, "non_preferred_output": [WORSE], "text": "Both."}
    assert found(complete, method="dpo") == ["ambiguous-format "]


def test_what_breaks_one_text_hides_nothing_in_another():
    said = r'{"role": "%s", "content": "%s"}'
    texts = ["a\tb \\u0007", "c \\u0007 \\ud83d", "d \\ufffd", "e"]
    messages = [said % (role, text) for role, text in zip(["user", "assistant"] * 2, texts, strict=True)]
    line = '{"messages": [' + ", ".join(messages) + "]}"
    assert [(finding.rule, finding.pointer) for finding in check_record(line.encode())] == [
        ("unescaped-control-character", "/messages/0/content"),
        ("control-character", "/messages/1/content"),
        ("lone-surrogate", "/messages/1/content"),
        ("replacement-character", "/messages/2/content"),
    ]


@pytest.mark.parametrize(("target", "answer"), [("databricks", "assistant"), ("vertex", "model")])
def test_tool_calls_that_the_target_does_not_know_are_one_key_too_many(target: str, answer: str):
    calling = {"role": answer, "content": "Wait.", "tool_calls": [{**call(arguments={"town": 5}), "id": None}]}
    keys = ["extra-message-key /messages/1/tool_calls"]
    assert found({"messages": [USER, calling]}, target=target) == keys


def test_a_tools_message_needs_no_call_where_there_are_none():
    """llm-foundry takes the role, and refuses a message with any other key than role and content."""
    said = {"role": "tool", "content": "Rain."}
    assert found({"messages": [USER, ANSWER, said, WORSE]}, target="databricks") == []
