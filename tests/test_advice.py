"""What findings advise where more can be said than the rule's own words."""

from __future__ import annotations

import difflib
import json
import random
from collections.abc import KeysView, Sequence
from typing import Any

import pytest

from jsonl_lint import Settings, UserError, check_record, convert_record, fix_record
from jsonl_lint.model import Applicability
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.rule import Violation
from jsonl_lint.rule.words import close_names
from jsonl_lint.rules.shape.extra_key import ExtraKey
from jsonl_lint.wording import enumerated
from tests.conftest import Check, line_of

ROLES = "system, user, assistant or tool"
SAID = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Ho"}


def advice(record: dict[str, Any], rule: str) -> list[str]:
    return [finding.help for finding in check_record(record, Settings(select=(rule,), format="chat"))]


@pytest.mark.parametrize(
    ("message", "rule", "expected"),
    [
        ({"from": "gpt", "content": "Ho"}, "missing-role", f"Rename `from` to `role`: {ROLES}."),
        (
            {"Role": "user", "content": "Ho"},
            "missing-role",
            f"Rename `Role` to `role`: {ROLES}.",
        ),
        (
            {"roel": "user", "content": "Ho"},
            "missing-role",
            f"Rename `roel` to `role`: {ROLES}.",
        ),
        ({"name": "user", "content": "Ho"}, "missing-role", f"Add `role`: {ROLES}."),
        ({"role": "assistant", "value": "Ho"}, "missing-content", "Rename `value` to `content`."),
        ({"role": "assistant", " content": "Ho"}, "missing-content", "Rename ` content` to `content`."),
        ({"role": "assistant", "said": "Ho"}, "missing-content", "Add `content`."),
        ({"role": "assistant", "cont{ent": "Ho"}, "missing-content", "Rename `cont{ent` to `content`."),
    ],
)
def test_a_key_under_another_name(message, rule, expected):
    assert advice({"messages": [SAID, message]}, rule) == [expected]


@pytest.mark.parametrize("key", ["message", "Messages", "mesages", "dialog"])
def test_a_conversation_under_another_name(key):
    assert advice({key: [SAID, ANSWER]}, "missing-messages") == [f"Rename `{key}` to `messages`."]


@pytest.mark.parametrize(
    ("messages", "more"),
    [
        (json.dumps([SAID, ANSWER]), "; if it is a text that holds JSON, decode that with `json.loads`"),
        ({"0": [SAID, ANSWER]}, "; if pandas wrote it, use `to_json(OUT, orient='records', lines=True)`"),
        (None, ""),
        (1, ""),
    ],
)
def test_how_a_conversation_may_have_become_something_else(messages: Any, more: str):
    assert advice({"messages": messages}, "messages-not-array") == [f"Write `messages` as an array of objects{more}."]


def test_a_message_is_no_record():
    (found,) = advice(dict(SAID), "unknown-format")
    assert found == 'Put the messages of a conversation into one record: {"messages": […]}.'
    assert advice({"id": 1}, "missing-messages") == ["Add the key with an array of messages; check its spelling."]


def test_keys_that_are_passed_over_are_not_close():
    names = (
        "messages",
        "tools",
        "weight",
        "tool_calls",
        "tool_call_id",
        "reasoning_content",
        "content",
        "name",
        "text",
    )
    dice = random.Random(3)
    for _ in range(3000):
        letters = list(dice.choice(names))
        for _ in range(dice.randrange(4)):
            letters[dice.randrange(len(letters))] = dice.choice(["", "_", "s", "e", "x", "to"])
        key = "".join(letters)
        assert close_names(key, names) == difflib.get_close_matches(key, names, 1, 0.85)


def test_titles_show_braces_as_they_are():
    record = {"messages": [SAID, {**ANSWER, "mo{od": 1}]}
    (finding,) = check_record(record, Settings(select=("extra-message-key",)))
    assert finding.fix is not None
    assert finding.fix.title == "Drop the key `mo{od`"


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("record", "place", "target"),
    [
        ({"messages": [SAID, ANSWER], "Tools": []}, ("tools",), "together"),
        ({"messages": [SAID, ANSWER], "too-ls ": []}, ("tools",), "together"),
        ({"text": "a", "WEIGHT": 0.5}, ("weight",), "together"),
        ({"messages": [SAID, {**ANSWER, "Weight": 0}, SAID, ANSWER]}, ("messages", 1, "weight"), "together"),
        ({"messages": [SAID, {"role": "assistant", "toolCalls": [CALL]}]}, ("messages", 1, "tool_calls"), "together"),
        ({"messages": [SAID, {**ANSWER, " reasoning": "x"}]}, ("messages", 1, "reasoning"), "together"),
        ({"messages": [SAID, {**ANSWER, "thinking": "x"}]}, ("messages", 1, "reasoning"), "together"),
        ({"contents": [], "SystemInstruction": {"parts": [{"text": "a"}]}}, ("systemInstruction",), "vertex"),
        ({"contents": [], "completions": [{"score": 1}, {"Score": 0}]}, ("completions", 1, "score"), "vertex"),
    ],
)
def test_a_key_that_is_misspelt_in_case_or_spaces_alone_is_renamed(record, place, target):
    before = check_record(record, Settings(target=target))
    (finding,) = [each for each in before if each.rule in ("extra-key", "extra-message-key")]
    assert finding.help == f"Rename it to `{place[-1]}`."
    (fixed,) = fix_record(record, Settings(target=target, unsafe_fixes=True, select=(finding.rule,))).outcome
    assert isinstance(fixed, dict)
    held: Any = fixed
    for step in place:
        held = held[step]
    assert check_record(fixed, Settings(target=target, select=(finding.rule,))) == []


@pytest.mark.parametrize(
    ("record", "name", "target"),
    [
        ({"messages": [SAID, ANSWER], "tool": [{"type": "function"}]}, "tools", "together"),
        ({"messages": [SAID, {**ANSWER, "weights": 0}, SAID, ANSWER]}, "weight", "together"),
        ({"messages": [SAID, {"role": "assistant", "text": "Ho", "tool_calls": [CALL]}]}, "content", "together"),
        ({"schemaVersion": "x", "messages": [], "systems": [{"text": "a"}]}, "system", "bedrock-nova"),
    ],
)
def test_a_key_that_is_close_to_one_that_is_lacking_is_not_dropped(record, name, target):
    before = check_record(record, Settings(target=target))
    (finding,) = [each for each in before if each.rule in ("extra-key", "extra-message-key")]
    assert finding.help == f"Rename it to `{name}` if that is meant; otherwise drop it."
    assert finding.fix is None
    assert fix_record(record, Settings(target=target, unsafe_fixes=True, select=(finding.rule,))).outcome == (record,)


@pytest.mark.parametrize(
    ("message", "target"),
    [
        ({**ANSWER, "Weight": 1}, "nebius"),
        ({**ANSWER, "weight": 1, "Weight": 1}, "together"),
        ({**ANSWER, "thinking": "x"}, "nebius"),
        ({**ANSWER, "thinking": "x", "reasoning_content": "y"}, "together"),
        ({**ANSWER, "thinking": True}, "together"),
    ],
)
def test_a_key_is_not_renamed_to_one_that_is_unknown_or_there(message, target):
    (finding,) = check_record({"messages": [SAID, message]}, Settings(target=target))
    assert finding.help == "Drop the key, or check its spelling."


@pytest.mark.parametrize(
    ("record", "expected", "target"),
    [
        ({"Prompt": "a", "completion": "b"}, "Rename `Prompt` to `prompt`.", "together"),
        ({"prompt": "a", "Completion": "b"}, "Rename `Completion` to `completion`.", "together"),
        ({"TEXT": "a"}, "Rename `TEXT` to `text`.", "together"),
        ({"mesages": [SAID, ANSWER]}, "Rename `mesages` to `messages`.", "together"),
        (
            {"Prompt": "a", "Completion": "b"},
            "Rename `Prompt` to `prompt` and `Completion` to `completion`.",
            "together",
        ),
        ({"prompt": "a", "responses": "b"}, "Rename `responses` to `response`.", "generic"),
        ({"schemaVersion": "x", "messagess": []}, "Rename `messagess` to `messages`.", "bedrock-nova"),
        (
            {"prompt": "a", "completions": ["b", "c"]},
            "Keep the best and the worst answer as a preference pair.",
            "together",
        ),
        ({"Text": "a"}, "Give each record the keys of one format, for example `messages`.", "openai"),
        ({"Text": "a", "TEXT": "b"}, "Give each record the keys of one format, for example `messages`.", "together"),
    ],
)
def test_a_record_with_a_misspelt_key_is_told_its_name(record, expected, target):
    (finding,) = check_record(record, Settings(target=target))
    assert (finding.rule, finding.help) == ("unknown-format", expected)


PAIR = {
    "input": {"messages": [SAID]},
    "preferred_output": [ANSWER],
    "non_preferred_output": [{**ANSWER, "content": "No"}],
}
REQUEST = {"custom_id": "a", "body": {"model": "openai/gpt-oss-120b", "messages": [SAID]}}


@pytest.mark.parametrize(
    ("record", "key", "wrong", "rule", "target"),
    [
        (PAIR, "input", "inputs", "missing-preference-key", "together"),
        (PAIR, "preferred_output", "prefered_output", "missing-preference-key", "together"),
        (PAIR, "non_preferred_output", "Non_preferred_output", "missing-preference-key", "together"),
        (REQUEST, "body", "Body", "missing-body", "together"),
        ({**REQUEST, "method": "POST"}, "custom_id", "customId", "missing-custom-id", "together"),
    ],
)
def test_a_required_key_that_is_misspelt_is_named(record, key, wrong, rule, target):
    misspelt = {wrong if name == key else name: value for name, value in record.items()}
    (found,) = [each for each in check_record(misspelt, Settings(target=target)) if each.rule == rule]
    assert found.help == f"Rename `{wrong}` to `{key}`."


@pytest.mark.parametrize("key", ["chosen", "rejected"])
@pytest.mark.parametrize("target", ["fireworks", "generic"])
def test_a_pair_of_trl_without_one_of_its_answers_is_told_which(check_bytes: Check, key: str, target: str):
    pair = {"prompt": "Name a prime.", "chosen": "Seven.", "rejected": "Eight."}
    half = {name: value for name, value in pair.items() if name != key}
    for missing, advice in ((half, "Add the key"), ({**half, key.title(): "Ten."}, f"Rename `{key.title()}`")):
        data = b"".join(map(line_of, (pair, pair, missing)))
        (finding,) = check_bytes(data, target=target, ignore=("extra-key",)).findings
        assert (finding.rule, finding.message) == ("missing-preference-key", f"the key `{key}` is missing")
        assert (finding.help or "").startswith(advice)


@pytest.mark.parametrize("role", ["system", "Developer"])
def test_a_system_message_among_others_is_told_where_its_text_belongs(role):
    turns = [{"role": role, "parts": [{"text": "Hi"}]}, {"role": "user", "parts": [{"text": "Hi"}]}]
    gemini = {"contents": [*turns, {"role": "model", "parts": [{"text": "Ho"}]}]}
    (found,) = check_record(gemini, Settings(target="vertex", select=("unknown-role",)))
    assert found.help == "Move its text into `systemInstruction`."
    params = {"model": "claude-sonnet-4-0", "max_tokens": 5, "messages": [{**SAID, "role": role}, SAID]}
    (found,) = check_record(
        {"custom_id": "a", "params": params}, Settings(target="anthropic", select=("unknown-role",))
    )
    assert found.help == "Move its text into the `system` of `params`."


@pytest.mark.parametrize("target", ["together", "openai", "generic"])
def test_no_role_that_the_target_takes_is_said_to_mean_another(target: str):
    """OpenAI takes `developer` and `function`, which elsewhere mean other roles."""
    record = {"messages": [{"role": "human", "content": "Hi"}, ANSWER]}
    (found,) = check_record(record, Settings(target=target, select=("unknown-role",)))
    roles = found.message.partition("is not one of ")[2]
    assert found.help.startswith(f"Use {roles}; human means user, gpt and model mean assistant")
    for name in ("developer", "function"):
        assert (f"{name} means" in found.help) is (name not in roles)
    assert (found.help == all_rules()["unknown-role"].help) is (target == "together")


@pytest.mark.parametrize(("role", "fixed"), [("human", None), ("User", None), ("zz", None), ("gpt", "assistant")])
def test_an_output_is_the_assistants_whatever_else_its_role_may_mean(role, fixed):
    record = {**PAIR, "preferred_output": [{**ANSWER, "role": role}]}
    (found,) = check_record(record, Settings(target="openai"))
    assert (found.rule, found.help) == ("unknown-role", "Use assistant: an output is the answer of the model.")
    (outcome,) = fix_record(record, Settings(target="openai", unsafe_fixes=True)).outcome
    assert isinstance(outcome, dict)
    assert outcome["preferred_output"][0]["role"] == (fixed or role)
    assert (found.fix is not None) is (fixed is not None)


@pytest.mark.parametrize(
    ("answer", "revealed"),
    [
        (" ", "empty-output"),
        (ANSWER, "identical-outputs"),
        ([{"role": "user", "content": "x"}, ANSWER], "output-not-single-message"),
        ({"messages": [ANSWER]}, "output-not-single-message"),
        ({"role": "user", "content": "x"}, "output-not-assistant"),
        ({"content": "x"}, "missing-role"),
        (["x"], "message-not-object"),
    ],
)
def test_a_renamed_output_that_counts_as_fixable_is_fixed_whatever_is_wrong_with_it(answer, revealed):
    record = {"input": PAIR["input"], "preferred_output": [ANSWER], "rejected": answer}
    (finding,) = check_record(record)
    result = fix_record(record)
    assert finding.rule == "renamed-output-key"
    assert finding.fix is not None
    assert result.fixed == {"renamed-output-key": 1}
    assert revealed in {rule for rule, _ in result.counts}


def test_a_required_key_that_is_not_there_is_not_taken_from_its_neighbour():
    record = {key: value for key, value in PAIR.items() if key != "preferred_output"}
    (found,) = check_record(record)
    assert found.help.startswith("Add the key")


@pytest.mark.parametrize(("key", "wrong"), [("model", "Model"), ("messages", "message")])
def test_a_part_of_a_request_that_is_misspelt_is_named(key, wrong):
    body = {wrong if name == key else name: value for name, value in REQUEST["body"].items()}
    found = check_record({**REQUEST, "body": body}, Settings(select=("invalid-body",)))
    assert [each.help for each in found] == [f"Rename `{wrong}` to `{key}`."]
    params = {"Max_tokens": 5, **REQUEST["body"], "model": "claude-sonnet-4-0"}
    (named,) = check_record(
        {"custom_id": "a", "params": params}, Settings(target="anthropic", select=("invalid-body",))
    )
    assert named.help == "Rename `Max_tokens` to `max_tokens`."


def test_what_is_said_to_the_model_is_not_dropped():
    assert advice({"system": "Be brief.", "messages": [SAID, ANSWER]}, "extra-key") == [
        "Make it the first message, with the role system."
    ]
    assert advice({"system": "", "messages": [SAID, ANSWER]}, "extra-key") == ["Drop the key, or check its spelling."]
    blocks = {"system": [{"type": "text", "text": "Be brief."}], "messages": [SAID, ANSWER]}
    (finding,) = check_record(blocks)
    assert finding.rule == "extra-key"
    assert finding.help.startswith("Make it the first message")
    assert finding.fix is None


def test_the_worse_answer_beside_the_messages_is_told_from_a_needless_key():
    (told,) = advice({"messages": [SAID, ANSWER], "rejected_response": "No."}, "extra-key")
    assert told.startswith("The record looks like preference (messages/rejected_response); convert it with")
    for key in ("label", "source"):
        assert advice({"messages": [SAID, ANSWER], key: "b"}, "extra-key") == ["Drop the key, or check its spelling."]


def test_a_needless_key_is_judged_without_going_through_all_others():
    class Record(dict[str, Any]):
        def __iter__(self) -> Any:
            raise AssertionError("there may be a million keys")

        def keys(self) -> Any:
            return KeysView(self)

    record = Record(messages=[SAID, ANSWER], note=1)
    found = Violation((), "additionalProperties", None, "note", "extra-key")
    assert ExtraKey().fixable(found, record) is Applicability.UNSAFE


@pytest.mark.parametrize(("between", "promised"), [(0, True), (100, True), (1000, False)])
def test_the_call_of_a_result_is_looked_for_in_the_messages_before_it_but_not_in_a_million(between, promised):
    call = {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}}
    talk = [SAID, call, *[SAID] * between, {"role": "function", "name": "f", "content": "4"}, ANSWER]
    (found,) = check_record({"messages": talk}, Settings(select=("unknown-role",)))
    assert (found.fix is not None) is promised


@pytest.mark.parametrize("key", ["response", "completion", "output", "ideal"])
def test_an_answer_beside_the_messages_is_not_dropped(key):
    for asked in ([SAID], [SAID, ANSWER, SAID]):
        record = {"messages": asked, key: "Ho"}
        (told,) = advice(record, "extra-key")
        assert told == "If it answers the messages, make it the last one, with the role assistant."
        assert fix_record(record, Settings(unsafe_fixes=True)).outcome == (record,)
    assert advice({"messages": [SAID, ANSWER], key: "Ho"}, "extra-key") == ["Drop the key, or check its spelling."]
    assert advice({"messages": [SAID], key: 7}, "extra-key") == ["Drop the key, or check its spelling."]


@pytest.mark.parametrize(
    "keys", [("chosen", "rejected"), ("preferred_completion", "non_preferred_completion"), ("preferred_output",)]
)
@pytest.mark.parametrize("answer", ["Ho", [ANSWER]])
def test_answers_of_a_pair_beside_the_messages_are_not_dropped(keys, answer):
    record = {"messages": [SAID], **dict.fromkeys(keys, answer)}
    assert fix_record(record, Settings(unsafe_fixes=True)).outcome == (record,)
    assert "Drop the key, or check its spelling." not in advice(record, "extra-key")
    assert fix_record({"messages": [SAID, ANSWER], keys[0]: answer}, Settings(unsafe_fixes=True)).changed


@pytest.mark.parametrize("key", ["value", "text"])
@pytest.mark.parametrize("content", ["", None])
def test_a_text_beside_an_empty_content_is_not_dropped(key, content):
    record = {"messages": [SAID, {"role": "assistant", "content": content, key: "Ho"}]}
    (told,) = advice(record, "extra-message-key")
    assert told.startswith("Write it as `content`")
    (fixed,) = fix_record(record, Settings(unsafe_fixes=True)).outcome
    assert fixed["messages"][1]["content" if (key, content) == ("value", None) else key] == "Ho"


def test_who_speaks_is_not_dropped_beside_a_role_that_is_null():
    record = {"messages": [SAID, {"role": None, "content": "Ho", "from": "gpt"}]}
    assert advice(record, "extra-message-key") == ["Write it as `role`: what is there is null."]
    (fixed,) = fix_record(record, Settings(unsafe_fixes=True)).outcome
    assert fixed["messages"][1] == {"role": "assistant", "content": "Ho"}
    record["messages"][1]["from"] = ["gpt"]
    assert fix_record(record, Settings(unsafe_fixes=True)).outcome == (record,)


@pytest.mark.parametrize("key", ["images", "videos", "audio"])
def test_media_beside_the_texts_are_not_dropped(key):
    record = {"messages": [{"role": "user", "content": "<image>What is it?"}, ANSWER], key: ["/a/b.jpg"]}
    (finding,) = check_record(record)
    assert (finding.rule, finding.fix) == ("extra-key", None)
    assert finding.help.startswith("Make each a part of the message")
    (empty,) = check_record({**record, key: []})
    assert empty.fix is not None
    assert empty.help == "Drop the key, or check its spelling."


def test_what_a_record_without_messages_consists_of_is_not_dropped():
    settings = Settings(target="openai", format="chat", unsafe_fixes=True)
    result = fix_record({"text": "Once upon a time.", "source": "a", "page": 1}, settings)
    assert (result.outcome, result.fixed) == (({"text": "Once upon a time."},), {"extra-key": 2})


CALL = {"id": "call00001", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "content": "Rain."}


@pytest.mark.parametrize("target", ["databricks", "cohere"])
def test_tools_that_are_called_are_not_dropped_alone(target):
    settings = Settings(target=target, select=("extra-key", "tool-calls-without-tools"), unsafe_fixes=True)
    record = {"messages": [SAID, CALLING, RESULT, ANSWER], "tools": [TOOL]}
    (called,) = check_record(record, settings)
    assert (called.pointer, called.fix) == ("/tools", None)
    assert called.help.startswith("Drop it together with the calls")
    assert fix_record(record, settings).refused == ()
    assert fix_record({**record, "messages": [SAID, ANSWER]}, settings).fixed == {"extra-key": 1}


@pytest.mark.parametrize("target", ["nebius", "together"])
def test_tools_that_a_completion_calls_are_not_dropped_alone(target):
    settings = Settings(target=target, select=("extra-key", "tool-calls-without-tools"), unsafe_fixes=True)
    record = {"prompt": [SAID], "completion": [CALLING, RESULT, ANSWER], "tools": [TOOL]}
    (called,) = check_record(record, settings)
    assert (called.pointer, called.fix) == ("/tools", None)
    assert called.help.startswith("Drop it together with the calls")
    assert fix_record(record, settings).refused == ()
    assert fix_record({**record, "completion": [ANSWER]}, settings).fixed == {"extra-key": 1}


@pytest.mark.parametrize(
    "record",
    [
        {"messages": [SAID, ANSWER], "Tools": [TOOL], "TOOLS": [CALL]},
        {"messages": [SAID, ANSWER], "TOOLS": [TOOL], "tool_s": [CALL], "tols": [1]},
        {"messages": [SAID, {"role": "assistant", "content": "Ho", "Tool_calls": [CALL], "toolCalls": [1]}]},
        {"messages": [SAID, CALLING, {**RESULT, "id": "a", "toolCallId": "call00001"}, ANSWER], "tools": [TOOL]},
        {"messages": [SAID, CALLING, {**RESULT, "id": "call00001", "toolCallId": "a"}, ANSWER], "tools": [TOOL]},
    ],
    ids=["root", "three", "message", "result", "the other id"],
)
def test_of_two_keys_that_may_stand_for_one_none_is_lost(record):
    result = fix_record(record, Settings(unsafe_fixes=True))
    assert result.outcome == (record,)
    extra = {"extra-key", "extra-message-key"}
    found = [each for each in check_record(record) if each.rule in extra]
    assert len(found) > 1
    assert all("if that is meant" in each.help and each.fix is None for each in found)


def test_of_two_keys_that_may_stand_for_one_an_empty_one_is_dropped():
    record = {"messages": [SAID, ANSWER], "Tools": [TOOL], "TOOLS": []}
    (fixed,) = fix_record(record, Settings(unsafe_fixes=True)).outcome
    assert fixed == {"messages": [SAID, ANSWER], "tools": [TOOL]}


def test_a_result_that_no_call_asked_for_is_not_told_to_correct_an_id_that_it_has_not():
    result = {"role": "tool", "content": "Rain"}
    (without,) = advice({"messages": [SAID, result, ANSWER]}, "unmatched-tool-result")
    assert without == "Add the call to the `tool_calls` of the assistant's message before it, or delete the message."
    (with_id,) = advice({"messages": [SAID, {**result, "tool_call_id": "c1"}, ANSWER]}, "unmatched-tool-result")
    assert with_id.startswith("Correct the `tool_call_id`")


@pytest.mark.parametrize(
    ("target", "title"),
    [
        ("together", "Rename `id` to `tool_call_id`"),
        ("databricks", "Drop the key `id`"),
        ("cohere", "Drop the key `id`"),
    ],
)
def test_no_key_is_renamed_to_one_that_the_target_refuses(target, title):
    record = {"messages": [SAID, {"role": "tool", "id": "c1", "content": "Rain"}, ANSWER]}
    settings = Settings(target=target, select=("extra-message-key",), unsafe_fixes=True)
    (finding,) = check_record(record, settings)
    assert finding.fix is not None
    assert finding.fix.title == title
    assert fix_record(record, settings).fixed == {"extra-message-key": 1}


@pytest.mark.parametrize("target", ["databricks", "vertex", "cohere"])
def test_older_calls_are_extra_keys_where_the_target_takes_no_calls_at_all(target):
    older = {**ANSWER, "function_call": {"name": "f", "arguments": "{}"}}
    record = {"messages": [SAID, older], "functions": [{"name": "f"}]}
    settings = Settings(target=target, select=("extra-key", "extra-message-key", "legacy-function-call"))
    assert [(finding.rule, finding.pointer) for finding in check_record(record, settings)] == [
        ("extra-message-key", "/messages/1/function_call"),
        ("extra-key", "/functions"),
    ]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"type": "text", "value": "Hi"}, "Rename `value` to `text`."),
        ({"type": "text", "content": "Hi"}, "Rename `content` to `text`."),
        ({"type": "text", "Text": "Hi"}, "Rename `Text` to `text`."),
        ({"type": "text", "txt": "Hi"}, "Rename `txt` to `text`."),
    ],
)
def test_the_text_of_a_part_under_another_name(part, expected):
    record = {"messages": [{"role": "user", "content": [part]}, ANSWER]}
    assert advice(record, "invalid-content-part") == [expected]


@pytest.mark.parametrize("key", ["value", "content"])
@pytest.mark.parametrize(
    ("target", "record"),
    [
        ("vertex", {"contents": [{"role": "user", "parts": [{"KEY": "Hi"}]}]}),
        ("bedrock-nova", {"schemaVersion": "1", "messages": [{"role": "user", "content": [{"KEY": "Hi"}]}]}),
    ],
)
def test_a_part_without_types_is_one_finding_that_renames_the_key(target, record, key):
    settings = Settings(target=target, select=("invalid-content-part", "extra-message-key"))
    (finding,) = check_record(json.dumps(record).replace("KEY", key).encode(), settings)
    assert (finding.rule, finding.help) == ("invalid-content-part", f"Rename `{key}` to `text`.")
    fixed = fix_record(json.dumps(record).replace("KEY", key).encode(), settings).outcome
    assert fixed == (json.dumps(record).replace("KEY", "text").encode(),)


@pytest.mark.parametrize("target", ["together", "openai", "databricks", "bedrock-llama"])
def test_messages_as_prompt_and_completion_are_named_and_can_be_converted(target):
    record = {"prompt": [SAID], "completion": [ANSWER]}
    findings = check_record(record, Settings(target=target, select=("invalid-content-part",)))
    assert [finding.pointer for finding in findings] == ["/prompt", "/completion"]
    assert findings[0].message.startswith("`prompt` is a list of messages")
    assert ("jsonl-lint convert" in findings[0].help) == (target != "bedrock-llama")
    assert convert_record(record, "chat") == {"messages": [SAID, ANSWER]}


@pytest.mark.parametrize("content", [None, " ", []])
def test_a_refusal_that_the_target_does_not_read_is_no_key_to_drop(content):
    record = {"messages": [SAID, {"role": "assistant", "content": content, "refusal": "I cannot say."}]}
    (finding,) = check_record(record, Settings(select=("extra-message-key",)))
    assert finding.help == "Write it as `content`, if it is the answer: what is there is empty."
    record["messages"][1]["content"] = "Yes."
    (finding,) = check_record(record, Settings(select=("extra-message-key",)))
    assert finding.help == "Drop the key, or check its spelling."


@pytest.mark.parametrize("content", [None, " ", []])
@pytest.mark.parametrize(
    ("target", "learned"), [("together", False), ("fireworks", False), ("openai", True), ("generic", True)]
)
def test_a_refusal_is_an_answer_where_the_target_reads_it(target, learned, content):
    refused = {"role": "assistant", "content": content, "refusal": "I cannot say."}
    settings = Settings(target=target, select=("nothing-to-learn", "empty-content"))
    empty = [] if learned or content is None else ["empty-content"]
    for messages, expected in [
        ([SAID, refused], [*([] if learned else ["nothing-to-learn"]), *empty]),
        ([SAID, refused, SAID, ANSWER], empty),
        ([SAID, {**refused, "reasoning": "It is a secret."}], []),
        ([SAID, {**refused, "content": "No."}], []),
    ]:
        assert [finding.rule for finding in check_record({"messages": messages}, settings)] == expected
    pair = {"input": {"messages": [SAID]}, "preferred_output": [ANSWER], "non_preferred_output": [refused]}
    settings = Settings(target=target, method="dpo", select=("empty-output",))
    assert len(check_record(pair, settings)) == bool(empty)


def test_parts_of_a_prompt_are_called_by_its_name():
    record = {"prompt": [{"type": "text", "text": "Hi"}], "completion": "Ho"}
    (finding,) = check_record(record, Settings(target="bedrock-llama"))
    assert finding.message == "`prompt` is a list of parts; the target takes texts alone"
    assert finding.help == "Write `prompt` as a text."
    (finding,) = check_record(record, Settings(target="together"))
    assert finding.message == "`completion` is a text, but the record's other text has parts"


def test_a_call_of_a_tool_under_a_role_of_its_own_does_not_become_an_answer():
    calls = [{"role": "tool_call", "content": json.dumps({"name": "f", "arguments": {"a": a}})} for a in (1, 2)]
    record = {"messages": [SAID, *calls, ANSWER]}
    settings = Settings(select=("unknown-role", "consecutive-roles"), unsafe_fixes=True)
    found = [finding for finding in check_record(record, settings) if finding.rule == "unknown-role"]
    assert [finding.help for finding in found] == ["Write the call as `tool_calls` of an assistant message."] * 2
    assert fix_record(record, settings).outcome == (record,)


@pytest.mark.parametrize("tokens", [1, 3])
def test_masked_labels_are_told_alike_however_many_there_are(tokens):
    record = {"token_ids": [5] * tokens, "labels": [-100] * tokens}
    (finding,) = check_record(record, Settings(target="nebius"))
    assert finding.message == "every label is -100: nothing is learned"


@pytest.mark.parametrize(("items", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), ("abc", "a, b or c")])
def test_alternatives_are_enumerated_as_people_do(items: Sequence[str], words: str):
    assert enumerated(items) == words


def test_the_roles_and_the_endpoints_of_a_target_are_enumerated_so():
    said = [{"role": "narrator", "content": "Hi"}, {"role": "Chatbot", "content": "Hello"}]
    role = next(
        each for each in check_record({"messages": said}, Settings(target="cohere")) if each.pointer[-4:] == "role"
    )
    assert role.help == "Use System, User or Chatbot."
    request = {"custom_id": "1", "method": "POST", "url": "/v1/x", "body": {"model": "m", "messages": [SAID]}}
    (url,) = check_record(request, Settings(target="groq"))
    assert url.message.endswith("/v1/chat/completions, /v1/audio/transcriptions or /v1/audio/translations")


def test_several_suggestions_are_enumerated_so():
    with pytest.raises(UserError, match="did you mean bedrock-llama, bedrock-nova or bedrock-rft\\?"):
        check_record({}, Settings(target="bedrock"))


def test_several_keys_to_rename_are_enumerated_so():
    pair = {"Input": {"messages": [SAID]}, "Preferred_output": [ANSWER], "Non_preferred_output": [ANSWER]}
    (found,) = check_record(pair)
    assert found.help == (
        "Rename `Input` to `input`, `Preferred_output` to `preferred_output` and `Non_preferred_output` to "
        "`non_preferred_output`."
    )
