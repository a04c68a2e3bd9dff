"""The defects and valid variants on which nineteen other tools were measured, rebuilt.

Each file has twelve records. A defect is on line 7 and must be reported there, by its rule and at least as severe as
said; what concerns the whole file is reported on line 1. No other line may have a finding. In a valid variant nothing
is found at all. The best of the other tools found 43 of the 76 defects, and none that
looks at chats passed all variants.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from jsonl_lint import Severity
from jsonl_lint.plans.registry import all_rules
from tests.conftest import Check
from tests.records import WEATHER, call, calling, result

TOPICS = ["tides", "bridges", "bread", "rain", "violins", "glaciers", "maps", "bees", "tunnels", "ink", "kites", "salt"]
LINE = 7


def record(topic: str) -> dict[str, Any]:
    return {
        "messages": [said("user", f"Tell me about {topic}."), said("assistant", f"There is much to say of {topic}.")]
    }


def said(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def essay(topic: str) -> dict[str, Any]:
    told = " ".join(f"{topic} {number} {topic[::-1]}{number}" for number in range(30))
    return {"messages": [said("user", f"Tell me about {topic}."), said("assistant", f"{told}.")]}


def tooled(topic: str) -> dict[str, Any]:
    return {
        "messages": [
            said("user", f"Is it a day for {topic} in Oslo?"),
            calling(call("call_a")),
            result("call_a"),
            said("assistant", f"No day for {topic}: it rains."),
        ],
        "tools": [WEATHER],
    }


def prompted(topic: str) -> dict[str, Any]:
    return {"prompt": f"Tell me about {topic}.", "completion": f"There is much to say of {topic}."}


def preference(topic: str) -> dict[str, Any]:
    return {
        "input": {"messages": [said("user", f"Tell me about {topic}.")]},
        "preferred_output": [said("assistant", f"There is much to say of {topic}.")],
        "non_preferred_output": [said("assistant", "I know nothing.")],
    }


def sharegpt(topic: str) -> dict[str, Any]:
    turns = (("human", f"Tell me about {topic}."), ("gpt", f"There is much to say of {topic}."))
    return {"conversations": [{"from": name, "value": text} for name, text in turns]}


def alpaca(topic: str) -> dict[str, Any]:
    return {"instruction": f"Tell me about {topic}.", "input": "", "output": f"There is much to say of {topic}."}


def batch(topic: str) -> dict[str, Any]:
    return {"custom_id": topic, "body": {"model": "meta-llama/Llama-3.3-70B-Instruct-Turbo", **record(topic)}}


PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


def pictured(topic: str) -> dict[str, Any]:
    question = [{"type": "text", "text": f"Is it {topic}?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    return {"messages": [said("user", question), said("assistant", [{"type": "text", "text": f"Yes, {topic}."}])]}


Make = Callable[[str], dict[str, Any]]


def compared(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings, with the rules that other tests leave out because their records repeat."""
    names = (rule.name for rule in all_rules().values() if rule.code.startswith("JL80"))
    return {**settings, "extend_select": (*settings.get("extend_select", ()), *names)}


def lines_of(make: Make) -> list[bytes]:
    return [json.dumps(make(topic), ensure_ascii=False).encode() + b"\n" for topic in TOPICS]


# --- valid variants --------------------------------------------------------------------------------------------------

Data = Callable[[list[bytes]], list[bytes]]


def changed(change: Callable[[dict[str, Any]], Any], make: Make = record) -> bytes:
    """Twelve records, each changed."""
    return b"".join(dumped(change(make(topic))) for topic in TOPICS)


def dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def put(place: int, key: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The record whose message at `place` has this value."""

    def change(value_of: dict[str, Any]) -> dict[str, Any]:
        value_of["messages"][place][key] = value
        return value_of

    return change


VALID: dict[str, tuple[bytes, dict[str, Any]]] = {
    "chat": (changed(lambda r: r), {}),
    "tool calls": (changed(lambda r: r, tooled), {}),
    "parts": (changed(lambda r: r, pictured), {}),
    "weights": (changed(put(1, "weight", 1)), {}),
    "line separator in a text": (changed(put(1, "content", "Once\u2028or twice.")), {}),
    "prompt and completion": (changed(lambda r: r, prompted), {}),
    "text": (changed(lambda r: {"text": r["messages"][1]["content"]}), {}),
    "preference": (changed(lambda r: r, preference), {"method": "dpo"}),
    "sharegpt": (changed(lambda r: r, sharegpt), {"target": "generic"}),
    "alpaca": (changed(lambda r: r, alpaca), {"target": "generic"}),
    "batch": (changed(lambda r: r, batch), {}),
    "developer": (
        changed(lambda r: {"messages": [said("developer", "Be brief."), *r["messages"]]}),
        {"target": "generic"},
    ),
    "no line end at the end": (changed(lambda r: r).rstrip(), {}),
    "emoji and CJK": (
        changed(put(1, "content", "\u6f6e\u6c50\u3068\u3044\u3046 \U0001f469\u200d\U0001f680")),
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_nothing_is_found_in_a_valid_variant(check_bytes: Check, name: str):
    data, settings = VALID[name]
    report = check_bytes(data, max_findings=0, **compared(settings))
    assert [(finding.line, finding.rule, finding.message) for finding in report.findings] == []
    assert report.files[0].records == len(TOPICS)


# --- defects ---------------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """How the lines are spoiled, the rule that must say so, its least severity, and the settings."""

    spoil: Data
    rule: str
    severity: str = "error"
    settings: dict[str, Any] = {}
    make: Make = record
    line: int = LINE
    name: str = "data.jsonl"


def line(spoil: Callable[[bytes], bytes]) -> Data:
    """Line 7 is replaced."""
    return lambda lines: [*lines[: LINE - 1], spoil(lines[LINE - 1]), *lines[LINE:]]


def value(spoil: Callable[[Any], Any]) -> Data:
    """The record on line 7 is replaced."""
    return line(lambda text: dumped(spoil(json.loads(text))))


def with_(**more: Any) -> Data:
    return value(lambda found: {**found, **more})


def without(key: str) -> Data:
    return value(lambda found: {name: item for name, item in found.items() if name != key})


def message(place: int, **more: Any) -> Data:
    """The message at `place` has other values."""

    def spoil(found: Any) -> Any:
        found["messages"][place].update(more)
        return found

    return value(spoil)


def message_without(place: int, key: str) -> Data:
    def spoil(found: Any) -> Any:
        del found["messages"][place][key]
        return found

    return value(spoil)


def messages(make: Callable[[list[Any]], Any]) -> Data:
    return value(lambda found: {**found, "messages": make(found["messages"])})


def again(change: Callable[[bytes], bytes] = bytes) -> Data:
    """Line 7 is line 3, changed."""
    return lambda lines: [*lines[: LINE - 1], change(lines[2]), *lines[LINE:]]


def answer(text: str) -> Data:
    return message(-1, content=text)


def called(**more: Any) -> Data:
    """The call's function has other values."""

    def spoil(found: Any) -> Any:
        found["messages"][1]["tool_calls"][0]["function"].update(more)
        return found

    return value(spoil)


def raw(old: bytes, new: bytes) -> Data:
    return line(lambda text: text.replace(old, new, 1))


def joined(make: Callable[[bytes], bytes]) -> Data:
    """The whole file is replaced."""
    return lambda lines: [make(b"".join(lines))]


def as_array(data: bytes) -> bytes:
    return b"[" + b",".join(data.splitlines()) + b"]\n"


WORDS = "The sea comes and goes twice a day because the moon pulls at it and the earth turns under it. "
MODEL = "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"


def long(times: int) -> Data:
    return answer(" ".join(f"{number}. {WORDS}" for number in range(times)))


SYNTAX = {
    "s01": Case(raw(b'"role": "user"', b'"role" "user"'), "invalid-json"),
    "s02": Case(line(lambda text: text.replace(b"}]}", b"},]}")), "trailing-comma"),
    "s03": Case(line(lambda text: text.rstrip() + b",\n"), "trailing-comma"),
    "s04": Case(line(lambda text: str(json.loads(text)).encode() + b"\n"), "single-quoted-json"),
    "s05": Case(joined(lambda data: b"\xef\xbb\xbf" + data), "utf8-bom", "warning", line=1),
    "s06": Case(raw(b"\n", b"\r\n"), "mixed-line-endings", "warning"),
    "s07": Case(raw(b"much", b"m\xfcch"), "invalid-utf8"),
    "s08": Case(line(lambda text: b"\n"), "blank-line", "warning"),
    "s09": Case(line(lambda text: b'["a", "b"]\n'), "not-an-object"),
    "s10": Case(line(lambda text: b"42\n"), "not-an-object"),
    "s11": Case(joined(as_array), "json-array-file", line=1),
    "s12": Case(
        line(lambda text: json.dumps(json.loads(text), indent=2).encode() + b"\n"), "pretty-printed-json"
    ),
    "s13": Case(line(lambda text: text.rstrip() + text), "several-values-on-one-line"),
    "s14": Case(raw(b'{"messages"', b'{"weight": NaN, "messages"'), "non-finite-number"),
    "s15": Case(raw(b"{", b'{"weight": 123456789012345678901234567890, '), "imprecise-number", "warning"),
    "s16": Case(raw(b"much", b"\\ud83d"), "lone-surrogate", "warning"),
    "s17": Case(raw(b"much", b"m\\u0000ch"), "control-character", "warning"),
    "s18": Case(raw(b"much", b"m\tch"), "unescaped-control-character"),
    "s19": Case(raw(b'"role": "user"', b'"role": "system", "role": "user"'), "duplicate-key"),
    "s20": Case(lambda lines: [], "empty-file", line=1),
    "s21": Case(joined(lambda data: data.decode().encode("utf-16")), "utf16-file", line=1),
}  # fmt: skip

CHATS = {
    "c01": Case(without("messages"), "missing-messages"),
    "c02": Case(with_(messages=[]), "empty-messages"),
    "c03": Case(with_(messages="hello"), "messages-not-array"),
    "c04": Case(messages(lambda found: ["hello", *found]), "message-not-object"),
    "c05": Case(message_without(0, "role"), "missing-role"),
    "c06": Case(message(0, role="bot"), "unknown-role"),
    "c07": Case(message(0, role="User"), "unknown-role"),
    "c08": Case(message_without(1, "content"), "missing-content"),
    "c09": Case(message(1, content=None), "null-content", settings={"target": "mistral-finetune"}),
    "c10": Case(message(0, content=""), "empty-content", "warning"),
    "c11": Case(message(0, content="  \n"), "empty-content", "warning"),
    "c12": Case(message(0, content=5), "content-wrong-type"),
    "c13": Case(message(0, content=[{"type": "text"}]), "invalid-content-part"),
    "c14": Case(messages(lambda found: found[:1]), "no-assistant-message"),
    "c15": Case(messages(lambda found: [*found, said("user", "And then?")]), "last-message-not-assistant", "warning"),
    "c16": Case(messages(lambda found: [said("user", "Hello."), *found]), "consecutive-roles", "warning"),
    "c17": Case(messages(lambda found: [found[0], said("system", "Be brief."), found[1]]), "system-not-first",
                "warning"),
    "c18": Case(messages(lambda found: [said("assistant", "Hello."), *found]), "assistant-first", "warning"),
    "c19": Case(message(1, weight=2), "invalid-message-weight"),
    "c20": Case(message(1, weight=0), "nothing-to-learn", "warning"),
    "c21": Case(message(0, mood="good"), "extra-message-key", "warning", {"target": "openai"}),
    "c22": Case(with_(source="web"), "extra-key", "warning"),
}  # fmt: skip

TOOLS = {
    "t01": Case(called(arguments='{"city": Oslo}'), "arguments-not-json", "warning", make=tooled),
    "t02": Case(called(arguments={"city": "Oslo"}), "arguments-not-string", settings={"target": "azure"}, make=tooled),
    "t03": Case(message_without(2, "tool_call_id"), "missing-tool-call-id", "warning", make=tooled),
    "t04": Case(message(2, tool_call_id="call_b"), "unmatched-tool-result", "warning", make=tooled),
    "t05": Case(called(name="stocks"), "undeclared-tool-call", "warning", make=tooled),
    "t06": Case(with_(tools=[{"type": "function", "function": {"name": "weather", "parameters": {"type": "thing"}}}]),
                "invalid-parameters-schema", make=tooled),
    "t07": Case(called(arguments='{"city": 7}'), "arguments-schema-mismatch", "warning", make=tooled),
    "t08": Case(messages(lambda found: [found[0], found[1], found[3]]), "unanswered-tool-call", "warning", make=tooled),
}  # fmt: skip

FORMS = {
    "f01": Case(with_(text="Both."), "ambiguous-format"),
    "f02": Case(value(lambda found: prompted("tides")), "mixed-formats"),
    "f03": Case(without("non_preferred_output"), "missing-preference-key", make=preference),
    "f04": Case(value(lambda found: {**found, "non_preferred_output": found["preferred_output"]}), "identical-outputs",
                "warning", make=preference),
    "f05": Case(value(lambda found: {"conversations": [{**found["conversations"][0], "from": "martian"},
                                                       found["conversations"][1]]}),
                "unknown-dialect-role", settings={"target": "generic"}, make=sharegpt),
    "f06": Case(without("output"), "wrong-type", settings={"target": "generic"}, make=alpaca),
    "f07": Case(with_(custom_id=TOPICS[1]), "duplicate-custom-id", make=batch),
    "f08": Case(lambda lines: lines[:5], "too-few-records", settings={"target": "openai"}, line=5),
    "f09": Case(with_(completion=["a", "b"]), "invalid-content-part", make=prompted),
}  # fmt: skip

QUALITY = {
    "q05": Case(long(250), "over-length", "warning", {"model": MODEL, "max_tokens": 4096}),
    "q06": Case(long(500), "over-length", "warning", {"model": MODEL, "max_tokens": 8192}),
    "q07": Case(long(7000), "over-length", "warning", {"model": MODEL}),
    "q01": Case(again(), "duplicate-record", "warning"),
    "q02": Case(again(lambda line: line.replace(b"Tell me", b"TELL  me")), "normalized-duplicate", "warning"),
    "q03": Case(again(lambda line: line.replace(b" 7 ", b" seven ")), "near-duplicate-record", "info", make=essay),
    "q04": Case(again(lambda line: line.replace(b"much", b"little")), "conflicting-answers", "warning"),
    "q08": Case(answer("Fine.<|im_end|>\n<|im_start|>user"), "control-token-in-content", "warning"),
    "q09": Case(answer("Use sk-proj-" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7kL9"), "secret-in-content", "warning"),
    "q10": Case(answer("Write to jane.doe@acme-example.com, please."), "personal-data", "info",
                {"extend_select": ("personal-data",)}),
    "q11": Case(answer("A cafÃ© at the sea, itâ€™s nice."), "mojibake", "warning"),
    "q12": Case(answer("A zero\u200bwidth space."), "invisible-character", "info"),
    "q13": Case(answer("<p>The tide&nbsp;comes.</p><br><div class='a'>Twice.</div>"), "markup-residue", "info"),
    "q14": Case(answer("TODO"), "placeholder-content", "warning"),
    "q15": Case(answer("The tide comes twice a day because the moon pulls at the sea, and the sea goes with the"),
                "cut-off-answer", "info"),
    "q16": Case(answer("The sea is wide. " * 60), "degenerate-repetition", "info"),
}  # fmt: skip

CASES = {**SYNTAX, **CHATS, **TOOLS, **FORMS, **QUALITY}


@pytest.mark.parametrize("name", CASES)
def test_the_defect_is_found_where_it_is_and_nothing_else(check_bytes: Check, name: str):
    case = CASES[name]
    data = b"".join(case.spoil(lines_of(case.make)))
    report = check_bytes(data, case.name, max_findings=0, **compared(case.settings))
    found = {(finding.line, finding.rule): finding.severity for finding in report.findings}
    assert (case.line, case.rule) in found
    assert found[case.line, case.rule].rank >= Severity(case.severity).rank
    assert {place for place, _ in found} == {case.line}


def test_the_cases_are_all():
    assert len(VALID) == 14
    assert len(CASES) == 76
