"""Beside the checks that others published: the OpenAI cookbook's, mistral-finetune's and mistral-common's.

The first two are written anew here from what is known of them (docs/differences.md has the sources); the third is the
package itself. On thousands of mutants each difference must be one of the tables here, each of their rows must occur,
and the page has them all.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.mutants import mutated
from jsonl_lint import Settings, Severity, check_record
from tests.conftest import ROOT
from tests.records import VALID

MUTANTS = 4_000
CHAT = [record for record in VALID if "messages" in record]
NINE = re.compile(r"[a-zA-Z0-9]{9}")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def cookbook(record: Any) -> list[str]:
    """What the notebook's format check counts: a name for each kind of error."""
    if not isinstance(record, dict):
        return ["data_type"]
    messages = record.get("messages")
    if not messages:
        return ["missing_messages_list"]
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        return ["crash"]
    found = []
    for message in messages:
        if "role" not in message or "content" not in message:
            found.append("message_missing_key")
        if any(key not in ("role", "content", "name", "function_call", "weight") for key in message):
            found.append("message_unrecognized_key")
        if message.get("role") not in ("system", "user", "assistant", "function"):
            found.append("unrecognized_role")
        content = message.get("content")
        if (not content and not message.get("function_call")) or not isinstance(content, str):
            found.append("missing_content")
    if not any(message.get("role") == "assistant" for message in messages):
        found.append("example_missing_assistant_message")
    return found


def mistral_finetune(record: Any) -> list[str]:
    """What its validator refuses; `crash` where it stops with an error of its own."""
    if isinstance(record, dict) and "messages" not in record and isinstance(record.get("text"), str):
        return []
    messages = record.get("messages") if isinstance(record, dict) else None
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        return ["crash"]
    if not messages:
        return ["empty"]
    found, calls, results = _tools(record.get("tools")), 0, 0
    for message in messages:
        role, content, tool_calls = message.get("role"), message.get("content"), message.get("tool_calls")
        if role not in ("system", "user", "assistant", "tool"):
            found.append("role")
        if content is None and not tool_calls:
            found.append("content")
        elif content is not None and not isinstance(content, str):
            found.append("content_type")
        if content and tool_calls:
            found.append("content_and_calls")
        if message.get("weight", 1) not in (0, 1, "0", "1", None):
            found.append("weight")
        if role == "tool":
            results += 1
            if not message.get("tool_call_id"):
                found.append("tool_call_id")
        for call in tool_calls if isinstance(tool_calls, list) else []:
            calls += 1
            if not isinstance(call, dict) or not isinstance(call.get("id"), str) or not NINE.fullmatch(call["id"]):
                found.append("call_id")
    if sum(message.get("role") == "system" for message in messages) > 1:
        found.append("systems")
    if messages[-1].get("role") != "assistant":
        found.append("last")
    talk = [message.get("role") for message in messages if message.get("role") != "system"]
    if ("tool", "user") in pairwise(talk):
        found.append("order")
    if calls != results and not (messages[-1].get("tool_calls") and calls > results):
        found.append("count")
    return found


def _tools(tools: Any) -> list[str]:
    if not tools:
        return []
    if not isinstance(tools, list):
        return ["tools"]
    for tool in tools:
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("parameters"), dict):
            return ["tools"]
        name, description = function.get("name"), function.get("description")
        if not isinstance(name, str) or not NAME.fullmatch(name) or not isinstance(description, str):
            return ["tools"]
    return []


class Peer(NamedTuple):
    """A published check: `theirs` and `ours` are what only the one of us rejects, and why."""

    target: str
    refuses: Callable[[Any], list[str]] | None
    theirs: dict[str, str]
    ours: dict[str, str]


PEERS = {
    "OpenAI cookbook": Peer(
        "openai",
        cookbook,
        {
            "message_unrecognized_key": "`tool_calls` and `tool_call_id` are valid today; any other key is a warning",
            "unrecognized_role": "the role `tool` is valid today",
            "missing_content": "a list of parts and null beside calls are valid today; an empty text is a warning",
            "message_missing_key": "a message with tool calls needs no content today",
        },
        {
            "invalid-message-weight": "it allows the key and does not look at the value; the API takes 0 and 1",
            "wrong-type": "it does not look at `name` and other known keys",
            "tools-not-array": "it does not look at `tools`",
        },
    ),
    "mistral-finetune": Peer(
        "mistral-finetune",
        mistral_finetune,
        {},
        {
            "invalid-message-weight": "it takes `true`, null and a text for a weight",
            "nothing-to-learn": "it accepts the record, and training leaves it out",
            "wrong-type": "it does not look at `name` and other known keys",
            "tools-not-array": "it does not look at `tools` that are null, false or 0",
            "ambiguous-format": "`text` beside `messages` leaves open what is trained",
        },
    ),
    "mistral-common": Peer(
        "mistral",
        None,
        {
            "extra_forbidden": "a warning here: the API refuses such keys of a request; of training data it is not "
            "documented",
            "assistant first": "a warning here: it is documented for no provider",
            "no content": "null and an empty list are warnings here, for any role",
        },
        {
            "invalid-tool-call": "the API's documentation wants ids of nine letters and digits, which V13 does not",
            "content-beside-tool-calls": "forbidden in the documentation",
            "tool-calls-without-tools": "every called function must be declared, says the documentation",
            "undeclared-tool-call": "every called function must be declared, says the documentation",
            "invalid-content-part": "the documentation has `image_url` as a text, it takes the object as well",
            "unsupported-image-url": "it does not look at the address",
            "missing-content": "it takes an answer without content",
            "nothing-to-learn": "it takes an answer without content",
            "invalid-tool-definition": "it takes a function without parameters",
        },
    ),
}


def mutants(count: int = MUTANTS) -> list[Any]:
    dice = random.Random(20261122)
    return [mutated(dice.choice(CHAT), dice) for _ in range(count)]


def compare(name: str, records: list[Any], refused: list[list[str]]) -> None:
    """Each difference is one of the tables, and most of their rows occur."""
    peer, settings = PEERS[name], Settings(target=PEERS[name].target)
    unknown: dict[str, str] = {}
    seen: set[str] = set()
    for record, theirs in zip(records, refused, strict=True):
        ours = {finding.rule for finding in check_record(record, settings) if finding.severity is Severity.ERROR}
        if bool(theirs) == bool(ours):
            continue
        for kind in theirs or ours:
            seen.add(kind)
            if kind not in (peer.theirs if theirs else peer.ours):
                unknown.setdefault(kind, json.dumps(record)[:300])
    assert not unknown, json.dumps(unknown, indent=1)
    assert seen == {*peer.theirs, *peer.ours}
    assert sum(map(bool, refused)) > len(records) // 4


@pytest.mark.parametrize("name", ["OpenAI cookbook", "mistral-finetune"])
def test_differences_to_published_checks_are_those_of_the_table(name: str):
    records, refuses = mutants(), PEERS[name].refuses
    assert refuses is not None
    compare(name, records, [refuses(record) for record in records])


_ASK = """
import json, sys
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.protocol.instruct.validator import MistralRequestValidatorV13, ValidationMode
from pydantic import ValidationError

validator = MistralRequestValidatorV13(ValidationMode.finetuning)
for line in sys.stdin:
    record = json.loads(line)
    said = []
    try:
        validator.validate_request(ChatCompletionRequest(messages=record["messages"], tools=record.get("tools")))
    except ValidationError as error:
        for entry in error.errors():
            if entry["input"] in (None, []) and "content" in entry["loc"]:
                said.append("no content")
            elif not (entry["loc"][-1] == "str" and isinstance(entry["input"], list)):  # a list's parts have errors
                said.append(entry["type"])
    except Exception as error:
        first = "start with a user" in str(error)
        said.append("assistant first" if first else type(error).__name__ + ": " + str(error)[:100])
    print(json.dumps(said))
"""


@pytest.mark.registry
@pytest.mark.skipif(sys.version_info < (3, 11), reason="mistral-common 1.13 needs Python 3.11")
def test_differences_to_mistral_common_are_those_of_the_table(tmp_path: Path):
    python = tmp_path / "bin" / "python"
    for command in ([sys.executable, "-m", "venv", str(tmp_path)], [str(python), "-m", "pip", "install", VERSION]):
        subprocess.run(command, capture_output=True, check=True)
    records = [
        {**record, "messages": [without_weight(message) for message in record["messages"]]}
        for record in mutants()
        if isinstance(record, dict) and isinstance(record.get("messages"), list)
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    done = subprocess.run([str(python), "-c", _ASK], input=lines, capture_output=True, text=True, check=True)
    compare("mistral-common", records, [json.loads(line) for line in done.stdout.splitlines()])


VERSION = "mistral-common==1.13.1"


def without_weight(message: Any) -> Any:
    """The keys of the trainer are none of the request's."""
    if not isinstance(message, dict):
        return message
    return {key: value for key, value in message.items() if key not in ("weight", "reasoning")}


@pytest.mark.parametrize("name", PEERS)
def test_the_page_has_every_difference(name: str):
    page = (ROOT / "docs" / "differences.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", section, flags=re.MULTILINE)
    links = {f"[{rule}](rules/{rule}.md)": reason for rule, reason in PEERS[name].ours.items()}
    told = {f"`{kind}`": reason for kind, reason in PEERS[name].theirs.items()}
    assert {kind: reason for kind, reason in rows if kind[0] in "[`"} == {**told, **links}
