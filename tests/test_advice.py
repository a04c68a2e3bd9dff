"""What findings advise where more can be said than the rule's own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jsonl_lint import Settings, check_record, fix_record

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


def test_a_message_is_no_record():
    (found,) = advice(dict(SAID), "unknown-format")
    assert found == 'Put the messages of a conversation into one record: {"messages": […]}.'
    assert advice({"id": 1}, "missing-messages") == ["Add the key with an array of messages; check its spelling."]


def test_titles_show_braces_as_they_are():
    record = {"messages": [SAID, {**ANSWER, "we{ight": 1}]}
    (finding,) = check_record(record, Settings(select=("extra-message-key",)))
    assert finding.fix is not None
    assert finding.fix.title == "Drop the key `we{ight`"


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


def test_a_result_that_no_call_asked_for_is_not_told_to_correct_an_id_that_it_has_not():
    result = {"role": "tool", "content": "Rain"}
    (without,) = advice({"messages": [SAID, result, ANSWER]}, "unmatched-tool-result")
    assert without == "Add the call to the `tool_calls` of the assistant's message before it, or delete the message."
    (with_id,) = advice({"messages": [SAID, {**result, "tool_call_id": "c1"}, ANSWER]}, "unmatched-tool-result")
    assert with_id.startswith("Correct the `tool_call_id`")


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
