"""One defect makes one finding: what only follows from it is not reported beside it."""

import pytest

from jsonl_lint import check_record

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
