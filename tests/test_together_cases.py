"""The cases that Together's own client was tried on, rebuilt: what we say of each.

Each case has the rules that report it, or none. What the two clients said (3.1.1, then 2.14.0, the last one that
looked inside records) stands beside it: `pass`, `fail`, or `crash`. Where we differ from 2.14.0, `why` says so.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from jsonl_lint import Severity
from tests.conftest import Check, line_of
from tests.records import PNG, WEATHER, answer, call, calling, picture, result, user


class Case(NamedTuple):
    data: bytes | Callable[[], bytes]
    rules: tuple[str, ...]
    clients: tuple[str, str]
    why: str = ""
    name: str = "data.jsonl"
    rejected: bool = True
    """Whether we call it an error; else what we find are warnings."""
    line: int = 1
    """Where the first finding of each rule stands."""


def lines(*records: Any) -> bytes:
    return b"".join(line_of(record) for record in records)


def talk(*messages: Any, **more: Any) -> bytes:
    return lines({"messages": list(messages), **more})


GOOD = talk(user("Hello"), answer("Hi"))
EARLIER = "the client asked less of records"
TOLERATED = "documented as accepted, or not known to be refused: a warning"
NEWER = "sample weights came after this client"
FALSE_REASON = "this client knew no batch files"


def weather(arguments: Any = '{"city": "Oslo"}', name: str = "weather", key: str = "call_1", **more: Any) -> bytes:
    asked = calling(call(name=name, arguments=arguments))
    return talk(user("Weather in Oslo?"), asked, result(key), answer("Rain."), **{"tools": [WEATHER], **more})


def pair(**changes: Any) -> bytes:
    record = {
        "input": {"messages": [user("Capital of France?")]},
        "preferred_output": [answer("Paris.")],
        "non_preferred_output": [answer("No idea.")],
    }
    return lines({**record, **changes})


def seeing(*parts: Any, **more: Any) -> bytes:
    text = {"type": "text", "text": "What is it?"}
    return talk(user([text, *parts], **more), answer([{"type": "text", "text": "A dot."}]))


def request(name: str, **more: Any) -> dict[str, Any]:
    return {"custom_id": name, "body": {"model": "openai/gpt-oss-120b", "messages": [user("Hello")]}, **more}


def big_picture() -> bytes:
    return seeing(picture(f"data:image/png;base64,{base64.b64encode(PNG + bytes(11_000_000)).decode()}"))


CASES = {
    "01 empty file": Case(b"", ("empty-file",), ("fail", "fail")),
    "02 only blank lines": Case(b"\n \n\n", ("empty-file", "blank-line"), ("fail", "fail")),
    "03 blank line in the middle": Case(
        GOOD + b"\n" + GOOD, ("blank-line",), ("pass", "fail"), TOLERATED, rejected=False, line=2
    ),
    "04 two broken lines": Case(GOOD + b'{"messages": [}\n{"a" 1}\n', ("invalid-json",), ("fail", "fail"), line=2),
    "05 a list as a line": Case(GOOD + b"[1,2]\n", ("not-an-object",), ("fail", "fail"), line=2),
    "06 pretty-printed": Case(
        json.dumps(json.loads(GOOD), indent=2).encode(), ("pretty-printed-json",), ("fail", "fail")
    ),
    "07 one array": Case(b"[" + GOOD.strip() + b",\n" + GOOD.strip() + b"]\n", ("json-array-file",), ("fail", "fail")),
    "08 a Latin-1 byte": Case(GOOD.replace(b"Hi", b"H\xe9"), ("invalid-utf8",), ("fail", "fail")),
    "09 UTF-16": Case(GOOD.decode().encode("utf-16"), ("utf16-file",), ("fail", "fail")),
    "10 byte order mark": Case(b"\xef\xbb\xbf" + GOOD, ("utf8-bom",), ("fail", "fail")),
    "11 CRLF": Case(GOOD.replace(b"\n", b"\r\n"), (), ("pass", "pass")),
    "12 no messages": Case(lines({"messages": []}), ("empty-messages",), ("pass", "fail")),
    "13 messages are a text": Case(lines({"messages": "hello"}), ("messages-not-array",), ("pass", "fail")),
    "14 messages are null": Case(lines({"messages": None}), ("messages-not-array",), ("pass", "crash")),
    "15 missing role": Case(talk({"content": "x"}, answer("y")), ("missing-role",), ("pass", "fail")),
    "16 missing content": Case(talk({"role": "user"}, answer("y")), ("missing-content",), ("pass", "fail")),
    "17 role human": Case(talk({"role": "human", "content": "x"}, answer("y")), ("unknown-role",), ("pass", "fail")),
    "18 role User": Case(talk({"role": "User", "content": "x"}, answer("y")), ("unknown-role",), ("pass", "fail")),
    "19 no assistant": Case(talk(user("x")), ("no-assistant-message",), ("pass", "fail")),
    "20 two users in a row": Case(
        talk(user("x"), user("y"), answer("z")), ("consecutive-roles",), ("pass", "pass"), EARLIER, rejected=False
    ),
    "21 starts with assistant": Case(
        talk(answer("x"), user("y"), answer("z")), ("assistant-first",), ("pass", "pass"), EARLIER, rejected=False
    ),
    "22 system in the middle": Case(
        talk(user("x"), {"role": "system", "content": "s"}, answer("z")),
        ("system-not-first",),
        ("pass", "pass"),
        EARLIER,
        rejected=False,
    ),
    "23 ends with user": Case(
        talk(user("x"), answer("y"), user("z")),
        ("last-message-not-assistant",),
        ("pass", "pass"),
        EARLIER,
        rejected=False,
    ),
    "24 empty contents": Case(
        talk(user(""), answer("")), ("empty-content", "nothing-to-learn"), ("pass", "pass"), EARLIER
    ),
    "25 content null": Case(
        talk(user("x"), answer(None), user("y"), answer("z")),
        ("null-content",),
        ("pass", "pass"),
        EARLIER,
        rejected=False,
    ),
    "26 content is an int": Case(talk(user(4), answer("y")), ("content-wrong-type",), ("pass", "fail")),
    "27 weight 0.5": Case(talk(user("x"), answer("y", weight=0.5)), ("invalid-message-weight",), ("pass", "fail")),
    "28 weight 2": Case(talk(user("x"), answer("y", weight=2)), ("invalid-message-weight",), ("pass", "fail")),
    "29 weight true": Case(
        talk(user("x"), answer("y", weight=True)), ("invalid-message-weight",), ("pass", "pass"), "not an integer"
    ),
    "30 all weights 0": Case(
        talk(user("x"), answer("y", weight=0)), ("nothing-to-learn",), ("pass", "pass"), "nothing is trained"
    ),
    "31 sample weight 0.9": Case(talk(user("x"), answer("y"), weight=0.9), (), ("pass", "fail"), NEWER),
    "32 sample weight -1": Case(
        talk(user("x"), answer("y"), weight=-1), ("invalid-sample-weight",), ("pass", "fail"), NEWER
    ),
    "33 extra root key": Case(
        talk(user("x"), answer("y"), id=7), ("extra-key",), ("pass", "fail"), TOLERATED, rejected=False
    ),
    "34 extra message key": Case(talk(user("x", name="Ann"), answer("y")), (), ("pass", "pass")),
    "35 messages and text": Case(talk(user("x"), answer("y"), text="t"), ("ambiguous-format",), ("pass", "fail")),
    "36 three formats": Case(
        GOOD + lines({"text": "t"}, {"prompt": "p", "completion": "c"}), ("mixed-formats",), ("pass", "fail"), line=2
    ),
    "37 question and answer": Case(lines({"question": "q", "answer": "a"}), ("unknown-format",), ("pass", "fail")),
    "38 duplicate keys": Case(
        b'{"messages": [], ' + GOOD[1:], ("duplicate-key",), ("pass", "pass"), "one value is lost in silence"
    ),
    "39 NaN": Case(GOOD.replace(b"]}", b'], "weight": NaN}'), ("non-finite-number",), ("pass", "fail"), NEWER),
    "40 lone surrogate": Case(
        GOOD.replace(b"Hi", b"\\ud83d"), ("lone-surrogate",), ("pass", "pass"), "not text", rejected=False
    ),
    "41 NUL escape": Case(
        GOOD.replace(b"Hi", b"a\\u0000b"), ("control-character",), ("pass", "pass"), "not text", rejected=False
    ),
    "42 empty completion": Case(
        lines({"prompt": "p", "completion": ""}), ("empty-text",), ("pass", "pass"), EARLIER, rejected=False
    ),
    "43 prompt is an int": Case(lines({"prompt": 4, "completion": "c"}), ("wrong-type",), ("pass", "fail")),
    "44 empty text": Case(lines({"text": ""}), ("empty-text",), ("pass", "pass"), EARLIER, rejected=False),
    "45 text is an int": Case(lines({"text": 4}), ("wrong-type",), ("pass", "fail")),
    "46 exact duplicates": Case(GOOD + GOOD, ("duplicate-record",), ("pass", "pass"), EARLIER, rejected=False, line=2),
    "47 a million words": Case(lambda: talk(user("word " * 1_000_000), answer("y")), (), ("pass", "pass")),
    "50 good tool example": Case(weather(), (), ("pass", "pass")),
    "51 undeclared function": Case(
        weather(name="time"), ("undeclared-tool-call",), ("pass", "pass"), EARLIER, rejected=False
    ),
    "52 arguments not JSON": Case(
        weather("{city: Oslo}"), ("arguments-not-json",), ("pass", "pass"), EARLIER, rejected=False
    ),
    "53 arguments an object": Case(
        weather({"city": "Oslo"}), ("arguments-not-string",), ("pass", "pass"), EARLIER, rejected=False
    ),
    "54 tools a text": Case(weather(tools="x"), ("tools-not-array",), ("pass", "pass"), EARLIER),
    "55 calls without tools": Case(
        talk(user("x"), answer(None, tool_calls=[call()]), {"role": "tool", "content": "r", "tool_call_id": "call_1"}),
        ("tool-calls-without-tools",),
        ("pass", "pass"),
        EARLIER,
        rejected=False,
    ),
    "56 result without call": Case(
        talk(user("x"), {"role": "tool", "content": "r", "tool_call_id": "call_1"}, answer("y"), tools=[WEATHER]),
        ("unmatched-tool-result",),
        ("pass", "pass"),
        EARLIER,
        rejected=False,
    ),
    "57 tool_call_id differs": Case(
        weather(key="call_2"), ("unmatched-tool-result",), ("pass", "pass"), EARLIER, rejected=False
    ),
    "58 role developer": Case(
        talk({"role": "developer", "content": "x"}, user("y"), answer("z")), ("unknown-role",), ("pass", "fail")
    ),
    "59 legacy functions": Case(
        talk(user("x"), answer("y"), functions=[WEATHER["function"]]),
        ("legacy-function-call",),
        ("pass", "fail"),
    ),
    "60 good preference": Case(pair(), (), ("pass", "pass")),
    "61 two preferred outputs": Case(
        pair(preferred_output=[answer("a"), answer("b")]), ("output-not-single-message",), ("pass", "fail")
    ),
    "62 output of a user": Case(pair(preferred_output=[user("a")]), ("output-not-assistant",), ("pass", "fail")),
    "63 input ends with assistant": Case(
        pair(input={"messages": [user("a"), answer("b")]}), ("input-ends-with-assistant",), ("pass", "fail")
    ),
    "64 identical outputs": Case(
        pair(non_preferred_output=[answer("Paris.")]), ("identical-outputs",), ("pass", "pass"), EARLIER, rejected=False
    ),
    "65 chosen and rejected": Case(
        lines({"prompt": "p", "chosen": "c", "rejected": "r"}), ("unknown-format",), ("pass", "fail")
    ),
    "66 input is a list": Case(pair(input=[user("x")]), ("preference-input-not-object",), ("pass", "fail")),
    "67 parallel_tool_calls in input": Case(
        pair(input={"messages": [user("x")], "parallel_tool_calls": True}), (), ("pass", "pass")
    ),
    "71 http image": Case(seeing(picture("https://example.com/a.png")), ("unsupported-image-url",), ("pass", "fail")),
    "72 gif": Case(
        seeing(picture("data:image/gif;base64,R0lGODlh")),
        ("unsupported-image-type", "undecodable-image"),
        ("pass", "fail"),
    ),
    "73 image/jpg": Case(
        seeing(picture("data:image/jpg;base64,/9j/4AAQ")), ("image-jpg-alias", "undecodable-image"), ("pass", "fail")
    ),
    "74 eleven images": Case(seeing(*[picture()] * 11), ("too-many-images",), ("pass", "fail")),
    "75 an image over 10 MB": Case(big_picture, ("image-too-large",), ("pass", "fail")),
    "76 image of the assistant": Case(
        talk(user([{"type": "text", "text": "x"}]), answer([picture()])), ("image-on-wrong-role",), ("pass", "fail")
    ),
    "77 lists and texts mixed": Case(
        talk(user([picture()]), answer("A dot.")), ("mixed-content-shapes",), ("pass", "fail")
    ),
    "78 garbage base64": Case(
        seeing(picture("data:image/png;base64,!!!notb64")), ("invalid-base64",), ("pass", "pass"), "the server decodes"
    ),
    "79 an image with weight 1": Case(seeing(picture(), weight=1), ("trained-image-message",), ("pass", "fail")),
    "80 good batch file": Case(lines(request("1"), request("2")), (), ("pass", "fail"), FALSE_REASON),
    "81 duplicate custom_id": Case(
        lines(request("1"), request("1")), ("duplicate-custom-id",), ("pass", "fail"), FALSE_REASON, line=2
    ),
    "82 no body": Case(lines({"custom_id": "1"}), ("missing-body",), ("pass", "fail"), FALSE_REASON),
    "83 an id of 65 characters": Case(
        lines(request("x" * 65)), ("custom-id-too-long",), ("pass", "fail"), FALSE_REASON
    ),
    "84 a line of 11 MB": Case(
        lambda: lines(request("1", body={"model": "m", "messages": [user("x" * 11_000_000)]})),
        ("record-too-large",),
        ("pass", "fail"),
        FALSE_REASON,
    ),
    "85 50,001 lines": Case(
        lambda: lines(*(request(str(number)) for number in range(50_001))),
        ("too-many-records",),
        ("pass", "fail"),
        FALSE_REASON,
        line=50_001,
    ),
    "90 .json": Case(GOOD, ("wrong-extension",), ("fail", "fail"), name="data.json"),
    "91 .JSONL": Case(GOOD, ("wrong-extension",), ("fail", "fail"), name="data.JSONL"),
    "92 .jsonl.gz": Case(
        gzip.compress(GOOD),
        ("wrong-extension",),
        ("fail", "fail"),
        name="data.jsonl.gz",
    ),
    "93 100,000 nested arrays": Case(b"[" * 100_000 + b"]" * 100_000 + b"\n", ("too-deep",), ("crash", "crash")),
    "94 trailing comma": Case(GOOD.replace(b"]}", b"],}"), ("trailing-comma",), ("fail", "fail")),
    "95 single quotes": Case(b"{'messages': []}\n", ("single-quoted-json", "empty-messages"), ("fail", "fail")),
    "96 two objects on a line": Case(GOOD.strip() + b" " + GOOD, ("several-values-on-one-line",), ("fail", "fail")),
    "97 reasoning": Case(talk(user("x"), answer("y", reasoning="because")), (), ("pass", "pass")),
    "98 reasoning of a user": Case(
        talk(user("x", reasoning="because"), answer("y")),
        ("reasoning-on-wrong-role",),
        ("pass", "pass"),
        EARLIER,
        rejected=False,
    ),
    "99 both spellings of reasoning": Case(
        talk(user("x"), answer("y", reasoning="a", reasoning_content="b")),
        ("conflicting-reasoning-keys",),
        ("pass", "pass"),
        EARLIER,
        rejected=False,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_we_say_of_it(case: Case, check_bytes: Check):
    data = case.data if isinstance(case.data, bytes) else case.data()
    report = check_bytes(data, name=case.name, extend_select=case.rules)
    lines = {finding.rule: finding.line for finding in reversed(report.findings)}
    assert lines == dict.fromkeys(case.rules, case.line)
    if case.rules:
        gravest = max((finding.severity for finding in report.findings), key=lambda severity: severity.rank)
        assert gravest is (Severity.ERROR if case.rejected else Severity.WARNING)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_difference_from_the_client_has_a_reason(case: Case):
    refused = case.clients[1] != "pass"
    ours = bool(case.rules) and case.rejected
    assert bool(case.why) or ours == refused
