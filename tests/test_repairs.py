"""What fixes make of records as people have them, and that nothing is found in the result."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from jsonl_lint import Settings, check_record, fix_record


class Case(NamedTuple):
    """A record, what all fixes make of it, whether the safe ones suffice, and what they leave."""

    before: Any
    after: Any
    target: str = "together"
    safe: bool = False
    left: tuple[str, ...] = ()


ASK = {"role": "user", "content": "What is on this picture?"}
SAY = {"role": "model", "parts": [{"text": "A dog."}]}


def gemini(part: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [part]}, SAY]}


def turns(*said: str) -> dict[str, Any]:
    """A chat whose messages have the keys and the speakers of ShareGPT."""
    speakers = ("human", "gpt") * len(said)
    return {"messages": [{"from": speaker, "value": text} for speaker, text in zip(speakers, said, strict=False)]}


CASES = {
    "turns of ShareGPT under `messages`": Case(
        turns("Who dug the canal?", "De Lesseps."),
        {
            "messages": [
                {"role": "user", "content": "Who dug the canal?"},
                {"role": "assistant", "content": "De Lesseps."},
            ]
        },
    ),
    "a chat's key for the text at Gemini": Case(
        {"contents": [{"role": "user", "content": "What is it?"}, SAY]},
        {"contents": [{"role": "user", "parts": [{"text": "What is it?"}]}, SAY]},
        "vertex",
        safe=True,
    ),
    "a file in the spelling of a client library for Python": Case(
        gemini({"file_data": {"file_uri": "gs://a/b.png", "mime_type": "image/png"}}),
        gemini({"fileData": {"fileUri": "gs://a/b.png", "mimeType": "image/png"}}),
        "vertex",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_fixes_reach_a_record_without_findings(name: str):
    case = CASES[name]
    settings = Settings(target=case.target, unsafe_fixes=not case.safe)
    line = json.dumps(case.before).encode()
    outcome = fix_record(line, settings).outcome
    assert [json.loads(fixed) for fixed in outcome] == [case.after]
    assert fix_record(outcome[0], settings).outcome == outcome
    assert tuple(sorted({found.rule for found in check_record(outcome[0], settings)})) == case.left


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.safe])
def test_what_is_a_guess_is_not_a_safe_fix(name: str):
    line = json.dumps(CASES[name].before).encode()
    assert fix_record(line, Settings(target=CASES[name].target)).outcome != (json.dumps(CASES[name].after).encode(),)
