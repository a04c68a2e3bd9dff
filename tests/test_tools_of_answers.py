"""Rules about tools where a prompt and its answers are lists of messages, as TRL and Fireworks take them."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint import Settings, check_record, compile_plan, count_tokens, fix_record
from jsonl_lint.toolcalls import SCREEN
from tests.conftest import resolve
from tests.records import WEATHER, call, calling, result
from tests.test_tools import ANSWER, NAMES, ROLES, USER

OTHER = {"role": "assistant", "content": "No idea at all."}
WRONG = '{"town": "Oslo"}'
NOT_JSON = "{'city': 'Oslo'}"


def found(record, **settings):
    """The rules about tools that report the record, with the places."""
    method = "rl" if record.keys() <= {"prompt", "tools"} else "sft"
    findings = check_record(record, Settings(**{"target": "generic", "method": method, **settings}))
    for finding in findings:
        resolve(record, finding.pointer)
    return sorted((finding.rule, finding.pointer) for finding in findings if finding.code.startswith("JL3"))


def pair(chosen, rejected=(OTHER,), prompt=(USER,), tools=(WEATHER,), **keys):
    asked = {} if prompt is None else {"prompt": list(prompt)}
    return {**asked, "chosen": list(chosen), "rejected": list(rejected), "tools": list(tools), **keys}


GOOD = {
    "pair": pair([calling(call()), result(), ANSWER]),
    "calls of the prompt": pair([result(), ANSWER], [result(), OTHER], [USER, calling(call())]),
    "whole conversations": pair(
        [USER, calling(call()), result(), ANSWER], [USER, calling(call()), result(), OTHER], None
    ),
    "the same ids": pair([calling(call()), result(), ANSWER], [calling(call()), result(), OTHER]),
    "a call as the answer": pair([calling(call())]),
    "a text as the other answer": {**pair([calling(call())]), "rejected": "No idea."},
    "a result after a text": {**pair([result(), ANSWER]), "prompt": "I call the weather."},
    "the prompt under another key": {**pair([result(), ANSWER], prompt=None), "conversations": [{"from": "gpt"}]},
    "the prompt repeated": pair([USER, calling(call())], [USER, OTHER], [USER, calling(call())]),
    "arguments as an object": pair([calling(call(arguments={"city": "Oslo"})), result(), ANSWER]),
    "tools as a text": pair([calling(call())], tools=()) | {"tools": json.dumps([WEATHER])},
    "tools that are not used": {"prompt": "Hi", "chosen": "Hello", "rejected": "No", "tools": ["search"]},
    "functions that are not used": {"prompt": "Hi", "completion": "Hello", "functions": 3, "function_call": 1},
    "no tools": pair([ANSWER], tools=()),
    "instruction": {"prompt": [USER], "completion": [calling(call()), result(), ANSWER], "tools": [WEATHER]},
    "kto": {"prompt": [USER, calling(call())], "completion": [result(), ANSWER], "label": True, "tools": [WEATHER]},
    "prompt": {"prompt": [USER, calling(call()), result()], "tools": [WEATHER]},
}


@pytest.mark.parametrize("name", GOOD)
def test_good_records(name):
    assert found(GOOD[name]) == []


BAD = {
    "arguments": (
        pair([calling(call(arguments=NOT_JSON)), result(), ANSWER], [calling(call(arguments=WRONG)), result(), OTHER]),
        [
            ("arguments-not-json", "/chosen/0/tool_calls/0/function/arguments"),
            ("arguments-schema-mismatch", "/rejected/0/tool_calls/0/function/arguments"),
        ],
    ),
    "a call of the prompt that one answer leaves open": (
        pair([result(), ANSWER], prompt=[USER, calling(call())]),
        [("unanswered-tool-call", "/prompt/1/tool_calls/0")],
    ),
    "a result of another call": (
        pair([result("call_9"), ANSWER], [result(), OTHER], [USER, calling(call())]),
        [("unmatched-tool-result", "/chosen/0/tool_call_id")],
    ),
    "an id of the prompt": (
        pair([result(), calling(call())], [result(), OTHER], [USER, calling(call())]),
        [("duplicate-tool-call-id", "/chosen/1/tool_calls/0/id")],
    ),
    "whole conversations": (
        pair([USER, calling(call(name="time")), ANSWER], [USER, calling(call(name="time")), OTHER], None),
        [
            *(("unanswered-tool-call", f"/{key}/1/tool_calls/0") for key in ("chosen", "rejected")),
            *(("undeclared-tool-call", f"/{key}/1/tool_calls/0/function/name") for key in ("chosen", "rejected")),
        ],
    ),
    "no tools": (
        {"prompt": [USER], "chosen": [calling(call())], "rejected": [OTHER]},
        [("tool-calls-without-tools", "/chosen/0/tool_calls")],
    ),
    "a call of the user's": (
        pair([ANSWER], prompt=[{**USER, "tool_calls": [call()]}]),
        [("tool-calls-on-wrong-role", "/prompt/0/tool_calls")],
    ),
    "no ids": (
        {
            "prompt": [USER],
            "completion": [calling({**call(), "id": None}), {"role": "tool", "content": "rain"}, ANSWER],
            "tools": [WEATHER],
        },
        [("missing-tool-call-id", "/completion/0/tool_calls/0"), ("missing-tool-call-id", "/completion/1")],
    ),
    "a result without a call": (
        {"prompt": [USER], "completion": [result(), ANSWER], "label": False, "tools": [WEATHER]},
        [("unmatched-tool-result", "/completion/0/tool_call_id")],
    ),
    "a prompt alone": (
        {"prompt": [USER, calling(call(name="time")), result()], "tools": [WEATHER]},
        [("undeclared-tool-call", "/prompt/1/tool_calls/0/function/name")],
    ),
    "a flawed definition": (pair([ANSWER], tools=[{"type": "function"}]), [("invalid-tool-definition", "/tools/0")]),
    "tools as a text that is not JSON": (pair([ANSWER]) | {"tools": "[{]"}, [("tools-not-array", "/tools")]),
    "tools of another type": (
        {"prompt": [USER], "completion": [ANSWER], "tools": WEATHER},
        [("tools-not-array", "/tools")],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_records(name):
    record, wanted = BAD[name]
    assert found(record) == wanted


def test_only_one_rule_reports_tools_of_another_type():
    rules = {finding.rule for finding in check_record({**pair([ANSWER]), "tools": 5}, Settings(target="generic"))}
    assert rules == {"wrong-type"}


@pytest.mark.parametrize("name", ["pair", "calls of the prompt", "whole conversations", "instruction", "kto", "prompt"])
def test_the_screen_lets_good_records_pass(name):
    form = name if name in ("instruction", "kto", "prompt") else "chosen-rejected"
    assert SCREEN.passes(GOOD[name], form, compile_plan(Settings(target="generic")).target)


@pytest.mark.parametrize("name", BAD)
def test_the_screen_lets_no_bad_record_pass(name):
    record, wanted = BAD[name]
    form = "chosen-rejected" if "chosen" in record else "instruction" if "completion" in record else "prompt"
    passes = SCREEN.passes(record, form, compile_plan(Settings(target="generic")).target)
    assert not passes or {rule for rule, _ in wanted} <= UNSCREENED


UNSCREENED = {"legacy-function-call", "tool-calls-on-wrong-role", "tool-calls-without-tools"}
TURNS = st.lists(st.tuples(ROLES, st.lists(NAMES, max_size=3), NAMES | st.none()), max_size=6)


@given(TURNS, st.integers(0, 6))
@example([("user", [], None), ("assistant", ["a", "b"], None), ("tool", [], "a"), ("tool", [], "b")], 2)
@example([("user", [], None), ("assistant", ["a", "b"], None), ("tool", [], "a"), ("user", [], None)], 3)
def test_a_conversation_is_judged_alike_wherever_its_answer_begins(turns, cut):
    messages = []
    for role, made, answered in turns:
        message = {"role": role, "content": f"x{len(messages)}"}
        if made:
            message["tool_calls"] = [call(name) for name in made]
        if answered is not None:
            message["tool_call_id"] = answered
        messages.append(message)
    whole = found({"messages": messages, "tools": [WEATHER]})
    asked, answer, rest = messages[:cut], messages[cut:], {"tools": [WEATHER]}

    def in_form(form, record):
        """What is found in the record. If it passes the screen, the rules that share this find nothing."""
        places = found(record)
        if SCREEN.passes(record, form, compile_plan(Settings(target="generic")).target):
            assert not {rule for rule, _ in places} - UNSCREENED
        return places

    def in_parts(key):
        """The same findings, at their places in a prompt and an answer under this key."""
        places = []
        for rule, pointer in whole:
            index, _, inside = pointer.removeprefix("/messages/").partition("/")
            into, at = ("prompt", int(index)) if int(index) < cut else (key, int(index) - cut)
            places.append((rule, f"/{into}/{at}" + f"/{inside}" * bool(inside)))
        return places

    answered = {"prompt": asked, "completion": answer, **rest}
    assert in_form("instruction", answered) == sorted(in_parts("completion"))
    assert in_form("kto", {**answered, "label": True}) == sorted(in_parts("completion"))
    both = {*in_parts("chosen"), *in_parts("rejected")}
    assert in_form("chosen-rejected", {"prompt": asked, "chosen": answer, "rejected": answer, **rest}) == sorted(both)
    assert in_form("prompt", {"prompt": messages, **rest}) == sorted(
        (r, p.replace("/messages", "/prompt")) for r, p in whole
    )
    if messages and messages[0]["role"] not in ("tool", "function"):  # else what comes before it is not known
        alone = {(r, p.replace("/messages", f"/{key}")) for r, p in whole for key in ("chosen", "rejected")}
        assert in_form("chosen-rejected", {"chosen": messages, "rejected": messages, **rest}) == sorted(alone)


def older(text):
    return [
        USER,
        {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": '{"city": "Oslo"}'}},
        {"role": "function", "name": "weather", "content": "rain"},
        {"role": "assistant", "content": text},
    ]


def newer(text):
    made, answered = call("call00001"), {"role": "tool", "name": "weather", "content": "rain"}
    return [
        USER,
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {**answered, "tool_call_id": "call00001"},
        {"role": "assistant", "content": text},
    ]


FUNCTIONS = [WEATHER["function"]]
MENDED = {
    "encoded twice": (
        pair([calling(call(arguments=json.dumps('{"city": "Oslo"}'))), result(), ANSWER]),
        pair([calling(call()), result(), ANSWER]),
    ),
    "calls in a string": (
        {
            "prompt": [USER],
            "completion": [{**calling(), "tool_calls": json.dumps([call()])}],
            "label": True,
            "tools": [WEATHER],
        },
        {"prompt": [USER], "completion": [calling(call())], "label": True, "tools": [WEATHER]},
    ),
    "a flat definition": (
        pair([calling(call())], tools=[{"type": "function"} | FUNCTIONS[0]]),
        pair([calling(call())]),
    ),
    "older calls": (
        {"prompt": older("")[:2], "chosen": older("Rain.")[2:], "rejected": older("No.")[2:], "functions": FUNCTIONS},
        {"prompt": newer("")[:2], "chosen": newer("Rain.")[2:], "rejected": newer("No.")[2:], "tools": [WEATHER]},
    ),
    "older calls in whole conversations": (
        {"chosen": older("Rain."), "rejected": older("No."), "functions": FUNCTIONS},
        {"chosen": newer("Rain."), "rejected": newer("No."), "tools": [WEATHER]},
    ),
}


@pytest.mark.parametrize(
    ("name", "target"),
    [
        (name, target)
        for name in MENDED
        for target in ("generic", "fireworks")
        if target == "generic" or "string" not in name
    ],
)
def test_fixes(name, target):
    record, wanted = MENDED[name]
    assert found(record, target=target)
    settings = Settings(target=target, unsafe_fixes=name.startswith("older"))
    assert fix_record(record, settings).outcome == (wanted,)
    assert fix_record(wanted, settings).outcome == (wanted,)
    assert found(wanted, target=target) == []


def test_older_calls_of_a_pair_are_reported_once():
    record, _ = MENDED["older calls in whole conversations"]
    rules = {finding.rule for finding in check_record(record, Settings(target="fireworks"))}
    assert rules == {"legacy-function-call", "unknown-role"}


@pytest.mark.parametrize("name", ["arguments", "a result of another call", "a flawed definition"])
def test_no_line_of_a_large_file_passes_unseen(name, check_bytes):
    """Its structure has been seen before, and the C code goes through the lines."""
    record, wanted = BAD[name]
    good = pair([calling(call()), result(), ANSWER], [calling(call()), result(), OTHER])
    if name == "a result of another call":
        good = pair([result(), ANSWER], [result(), OTHER], [USER, calling(call())])
    elif name == "a flawed definition":
        good = pair([ANSWER])
    lines = [json.dumps(good)] * 3_000
    lines[2_900] = json.dumps(record)
    data = "\n".join(lines).encode() + b"\n"
    report = check_bytes(data, target="generic")
    assert sorted((each.rule, each.pointer) for each in report.findings) == wanted
    assert {each.line for each in report.findings} == {2_901}


def test_tools_count_where_a_template_sees_them():
    spoken = {"prompt": [USER], "completion": [ANSWER]}
    written = {"prompt": USER["content"], "completion": ANSWER["content"]}
    tools = {"tools": [WEATHER]}
    model = "Qwen/Qwen2.5-7B-Instruct"
    assert count_tokens(spoken | tools, model).tokens > count_tokens(spoken, model).tokens + 20
    assert count_tokens(written | tools, model).tokens == count_tokens(written, model).tokens
