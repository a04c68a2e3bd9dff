"""What the C code passes over is known in full, and the report is the same without it."""

from __future__ import annotations

import itertools
import json
import random
import re
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mutants import mutated
from jsonl_lint import Finding, PartialReport, Settings, jsonspan, native, ranges
from jsonl_lint.api import check_events, check_file
from jsonl_lint.checks.file import Extras
from jsonl_lint.engine import block, saturated_rules, skimming
from jsonl_lint.engine.judging.texts import readable
from jsonl_lint.engine.skimming import skim
from jsonl_lint.engine.skimming.runs import Group, Groups, Run
from jsonl_lint.engine.skimming.slipped import slipped as treated
from jsonl_lint.engine.skimming.slips import slips_in
from jsonl_lint.files import source
from jsonl_lint.files.source import Origin
from jsonl_lint.native import recogniser as native_recogniser
from jsonl_lint.native import repeats
from jsonl_lint.native.places import PlaceFinder
from jsonl_lint.native.recogniser import (
    HAS_NO_KEY,
    HAS_ODD_CALLS,
    HAS_OUTPUTS,
    HAS_SLIPS,
    HAS_TOOLS,
    IS_LONG,
    KEY_BYTES,
    Entry,
    Found,
)
from jsonl_lint.plans import planning
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.plans.prefilter import raw_controls
from jsonl_lint.ranges import RangeTask, check_range, tasks_of
from jsonl_lint.records.answers import ANSWER_KEYS, DIFFER
from jsonl_lint.records.likeness import record_key
from jsonl_lint.records.lostdigits import may_have_changed
from jsonl_lint.records.roles import ROLE_ALIASES, STANDARD_ROLES
from jsonl_lint.records.structure import signature
from jsonl_lint.repeats import recordkeys
from jsonl_lint.repeats.recordkeys import RecordKeys
from jsonl_lint.rule import TextRule
from jsonl_lint.rules.preference.identical_outputs import IdenticalOutputs
from jsonl_lint.tokens.bounds import line_with_tools_at_most
from jsonl_lint.tokens.layout import layout_of
from jsonl_lint.toolcalls.screen import SCREEN
from tests.compiled import COMPILED, recogniser_of
from tests.records import VALID, WEATHER, answer, call, calling, result, user
from tests.test_scan import SIGNS

pytestmark = COMPILED

PLAN = compile_plan()
IDENTICAL = IdenticalOutputs()
SHORT, LONG = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello there, you."}
RECORDS: list[Any] = [
    *VALID,
    {"messages": [SHORT, LONG], "id": 17, "score": 0.5, "source": "web", "meta": {"a": [1, 2.5, None], "b": {}}},
    {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}], "system": ""},
    {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hello"}]}]},
    {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi"}, {"text": "there"}]}],
    },
    {"schemaVersion": "bedrock-conversation-2024", "messages": [{"role": "user", "content": [{"text": "Hi"}]}]},
    {
        "messages": [
            user([{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}]),
            LONG,
        ]
    },
    {"system": "Be brief. " * 50, "messages": [SHORT, LONG]},
    {"messages": [SHORT, {"role": "assistant", "content": "Go"}] * 20},
    {"messages": [{"role": "user", "content": "Well then. " * 9}, LONG] * 12},
    {"instruction": "Add", "input": "1 and 2", "output": "3", "history": [["a", "b"]]},
    {"system": [{"text": "Be brief."}], "messages": [{"role": "user", "content": [{"text": "Hi"}]}]},
    {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": [SHORT]}},
    {"messages": [{"role": "user", "content": "Hi", "name": "a"}, {**LONG, "weight": 1, "function_call": None}]},
    {
        "messages": [
            user("Weather?"),
            calling(call("a"), call("b")),
            *map(result, "ba"),
            answer("Rain.", reasoning_content="It rains."),
        ],
        "tools": [WEATHER],
        "parallel_tool_calls": True,
    },
    {
        "messages": [
            *(user("Weather?"), calling(call("a", arguments={"city": "Oslo"}), call("b"))),
            *(result("a"), result("b"), answer("Rain.")),
            *(user("And here?"), calling(call("c", arguments={"city": {"a": [1, "\u00e9"]}, "so": None}))),
        ],
        "tools": [WEATHER],
    },
]


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> Counter[Group]:
    """How many lines are passed over from now on, by what becomes of them."""
    lines: Counter[Group] = Counter()
    count_run = block.LineChecker.count_run

    def counted(self: block.LineChecker, run: Run, data: bytes) -> None:
        for group, count in run.groups():
            lines[group] += count
        count_run(self, run, data)

    monkeypatch.setattr(block.LineChecker, "count_run", counted)
    return lines


def found_in(data: bytes) -> tuple[list[Entry], Found]:
    """What a recogniser that knows nothing yet recognises."""
    found = recogniser_of(PLAN).skim(data, 1 << 20, [], texts=False)
    return list(found.entries), found


def line_of(record: object, **options: Any) -> bytes:
    return json.dumps(record, **options).encode() + b"\n"


def test_a_library_from_another_source_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    library = tmp_path / native.LIBRARY.name
    shutil.copy(native.LIBRARY, library)
    for part in native.LIBRARY.parent.glob("*.[ch]"):
        shutil.copy(part, tmp_path)
    monkeypatch.setattr(native, "LIBRARY", library)
    assert native.load.__wrapped__() is not None
    (tmp_path / "skim.c").write_bytes(b"/* changed */")
    assert native.load.__wrapped__() is None


TEXTS = st.lists(
    st.sampled_from(
        [
            "word ",
            "é",
            "ΟΔΟΣ ",
            "Ж",
            "數據",
            "🙂",
            "\n",
            '"',
            "\\",
            "\\u0041",
            "/",
            "\b\f",
            "n",
            "\t",
            "\u3000",
            "x" * 99,
            *SIGNS,
        ]
    ),
    max_size=8,
).map("".join)
STYLES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")])
DICE = st.randoms(use_true_random=False)


def reworded(value: Any, texts: list[str]) -> Any:
    """The value with other texts, one after the other."""
    if isinstance(value, dict):
        kept = ("role", "from", "type", "id", "tool_call_id", "name", "arguments", "url")
        return {key: item if key in kept else reworded(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [reworded(item, texts) for item in value]
    return texts.pop() if isinstance(value, str) and texts else value


@given(st.sampled_from(RECORDS), st.lists(TEXTS, max_size=6), DICE, STYLES, st.booleans())
def test_the_key_is_that_of_the_parsed_record(record, texts, dice, style, ascii_only):
    record = reworded(record, texts)
    record = mutated(record, dice) if dice.random() < 0.3 else record
    if isinstance(record, dict):
        entries, found = found_in(line_of(record, ensure_ascii=ascii_only, separators=style))
        for entry in entries:
            key = int.from_bytes(found.keys[:KEY_BYTES], "little")
            assert key == (0 if entry.why & HAS_NO_KEY else record_key(record))


@pytest.mark.parametrize("ascii_only", [True, False])
def test_nearly_every_character_is_known_and_none_wrongly(ascii_only: bool):
    scripts = [*range(0x20, 0xD800), *range(0xE000, 0x10000), *range(0x1F000, 0x1FC00), *range(0x20000, 0x20100)]
    unknown = 0
    for start in range(0, len(scripts), 1000):
        records = [{"prompt": f"so{chr(code)}a", "completion": "b"} for code in scripts[start : start + 1000]]
        entries, found = found_in(b"".join(line_of(record, ensure_ascii=ascii_only) for record in records))
        keys = memoryview(found.keys).cast("Q")
        for record, entry, key in zip(records, entries, keys, strict=True):
            unknown += bool(entry.why & HAS_NO_KEY)
            assert entry.why & HAS_NO_KEY or key == record_key(record)
    assert unknown < len(scripts) / 7  # scripts that hardly any dataset is written in


REFUSED = [
    b"{}\n",
    b"[]\n",
    b'{"messages":[{"role":"user","role":"user","content":"x"}]}\n',
    b'{"messages":[{"role":"user","content":"x","content":"y"}]}\n',
    b'{"messages":[],"messages":[{"role":"user","content":"x"}]}\n',
    b'{"meta":{"a":[{"b":1,"c":2,"b":3}]},"text":"x"}\n',
    b'{"m\\u0065ta":1,"meta":1}\n',
    b'{"messages":[{"role":"user","content":"x"},]}\n',
    b'{"messages":[{"role":"user","content":"x"}{"role":"user","content":"x"}]}\n',
    b'{"messages":[{"role":"user","content":"x"}]}}\n',
    b'{"messages":[{"role":"user","content":"x"}]\n',
    b'{"messages":[{"role":"user","content":"x"}]}',
    b'[{"messages":[{"role":"user","content":"x"}]}]\n',
    *(b'{"text":"x%b"}\n' % bad for bad in (b"\t", b"\x00", b"\\", b"\\x41", b"\\u12g4", b"\\u123", b"\x80", b"\xff")),
    *(b'{"text":"x%b"}\n' % bad for bad in (b"\\ud83d", b"\\ud83dxx", b"\\ud83d\\u0041", b"\\ude00", b"\xed\xa0\x80")),
    *(b'{"text":"x%b"}\n' % bad for bad in (b"\xc3", b"\xc3x", b"\xc0\x80", b"\xe2\x82", b"\xe0\x80\x80")),
    *(
        b'{"text":"x%b"}\n' % bad
        for bad in (b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x99", b"\xf5\x80\x80\x80")
    ),
    *(
        b'{"text":"x","n":%b}\n' % bad
        for bad in (b"01", b"1.", b".5", b"-", b"+1", b"1e5", b"NaN", b"nul", b"truex", b"")
    ),
    *(
        b'{"text":"x","n":[%b]}\n' % bad
        for bad in (b"9" * 19, b"1" * 20, b"0." + b"1" * 18, b"1E400", b"1e", b"-Infinity", b"1,", b",1")
    ),
    b'{"text":"x","n":' + b"[" * 40 + b"]" * 40 + b"}\n",
    b"\xef\xbb\xbf" + b'{"text":"x"}\n',
    b'{"text":"x"}\x00\n',
    b'{"te\nxt":"x"}\n',
]


@pytest.mark.parametrize("line", REFUSED)
def test_whatever_is_not_plain_json_goes_the_usual_way(line: bytes):
    assert found_in(line)[0] == []


def test_a_line_after_one_that_is_refused_is_recognised():
    good = line_of({"messages": [SHORT, LONG]})
    refused = [line[:-1].replace(b"\n", b"\t") + b"\n" for line in REFUSED if line.endswith(b"\n")]
    data = b"".join(line + good for line in refused)
    assert [data[entry.start : entry.end] for entry in found_in(data)[0]] == [good] * len(refused)


def test_a_long_conversation_after_more_keys_than_there_is_room_for_goes_the_usual_way():
    """Of its messages, those of which there is no room any more are dropped on the way."""
    keys = {f"{index:0>90}": 1 for index in range(44)} | {f"k{index}": 1 for index in range(124)}
    record = {**keys, "messages": [SHORT, LONG] * 3 + [{**SHORT, "x" * 100_000: 1}]}
    assert found_in(line_of(record))[0] == []


@given(DICE, st.booleans())
def test_what_is_recognised_is_json_that_no_parser_changes(dice: random.Random, ascii_only):
    record = dice.choice(RECORDS)
    line = bytearray(line_of({**record, "é": 'é"\\\n🙂', "n": [17, -0.25, None, True]}, ensure_ascii=ascii_only))
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(line))
        line[place : place + dice.randrange(3)] = bytes(
            dice.choices(b'{}[]",:\\ un0159.-eE\xc3\xa9\xf0\n\r', k=dice.randrange(3))
        )
    for entry in found_in(bytes(line))[0]:
        raw = bytes(line[entry.start : entry.end])
        assert not jsonspan.parse(raw.decode()).problems
        assert not may_have_changed([json.loads(raw)], raw)


@given(st.lists(st.sampled_from(RECORDS), min_size=20, max_size=20), DICE, STYLES)
def test_equal_signatures_are_of_equal_slips_and_structures(chosen, dice: random.Random, style):
    recogniser = recogniser_of(PLAN, tolerated=sum(native_recogniser.SLIPS.values()))
    plan = compile_plan(Settings(select=("JL0", "JL1", "JL3")))  # no rules about texts
    groups, finder = Groups(plan, plan.rules.cards), PlaceFinder(recogniser.library)
    data = b"".join(slipped(line_of(record, separators=style), dice) for record in chosen)
    structures = defaultdict(set)
    found = recogniser.skim(data, 1 << 20, [], texts=False)
    for entry in found.entries:
        line = data[entry.start : entry.end]
        assert bool(entry.why & HAS_SLIPS) is bool(problems_in(line))
        told: object = signature(json.loads(line)) if not entry.why & HAS_SLIPS else None
        if entry.why & HAS_SLIPS:
            slips = slips_in(finder, line, found.slips_of(entry))
            assert slips is not None
            told = treated(plan, None, groups, line, slips)
        structures[found.signature_of(entry)].add(told)
    assert all(len(same) == 1 for same in structures.values())


def problems_in(line: bytes) -> object:
    """Whatever makes the line no valid JSON, or no record."""
    text = jsonspan.decode(line)
    try:
        document = jsonspan.parse(readable(text))
        return document.problems or jsonspan.surrogates(text)[1] or not isinstance(document.root.value, dict)
    except jsonspan.JsonSyntaxError as error:
        return error


@given(st.lists(st.tuples(st.sampled_from(RECORDS), st.booleans()), min_size=20, max_size=20), DICE, STYLES)
def test_equal_signatures_are_of_equal_structures(chosen, dice: random.Random, style):
    records = [mutated(record, dice) if changed else record for record, changed in chosen]
    records = [record for record in records if isinstance(record, dict) and record]
    data = b"".join(line_of(record, separators=style) for record in records)
    structures = defaultdict(set)
    entries, found = found_in(data)
    for entry in entries:
        record = json.loads(data[entry.start : entry.end])
        structures[found.signature_of(entry)].add(signature(record))
    assert all(len(same) == 1 for same in structures.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"messages": [SHORT, {**LONG, "n": 1}, {"m": "a"}]}, {"messages": [SHORT, {**LONG, "n": 1, "}{m": "a"}]}),
        ({"messages": [SHORT, LONG], "n": "a"}, {"messages": [], "ua]n": "a"}),
        ({"input": {}, "body": {"n": 1}}, {"input": {"body": {}, "n": 1}}),
        ({"input": {"n": 1}, "m": 1}, {"input": {}, "n": 1, "}m": 1}),
    ],
)
def test_no_key_makes_a_structure_look_like_another(one: object, other: object):
    entries, found = found_in(line_of(one) + line_of(other))
    spelled = [found.signature_of(entry) for entry in entries]
    assert len(spelled) == len(set(spelled)) > 0


DIGITS = st.text("0123456789", min_size=1, max_size=20)
NEAR_WHOLE = st.sampled_from(["0.", "1.", "2.", "4503599627370496.", "0.000", "-0."]).flatmap(
    lambda whole: st.sampled_from("09").flatmap(
        lambda digit: st.tuples(st.integers(1, 40), st.sampled_from(["", "1", "5"])).map(
            lambda rest: whole + digit * rest[0] + rest[1]
        )
    )
)
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1, 1).map(repr),
    st.integers(-(2**65), 2**65).map(str),
    st.sampled_from([2**63, 2**64, 9 * 10**18, 10**19, 10**17, -(2**63)]).flatmap(
        lambda near: st.integers(-2, 2).map(lambda step: str(near + step))
    ),
    NEAR_WHOLE,
    st.tuples(st.sampled_from(["", "-"]), DIGITS, st.sampled_from(["", "."]), DIGITS, st.sampled_from(["", "e", "E-"]))
    .map("".join)
    .flatmap(lambda number: st.integers(0, 400).map(lambda power: number + str(power) * (number[-1] in "eE-"))),
)
NUMBERED = [
    '{"text":"x","n":%s}\n',
    '{"text":"x","n":[{"a":%s}]}\n',
    '{"messages":[{"role":"user","content":"x","n":%s}]}\n',
]


@given(st.lists(NUMBERS, min_size=30, max_size=30), st.sampled_from(NUMBERED))
def test_numbers_that_are_recognised_are_kept_and_of_one_class(numbers: list[str], line: str):
    data = "".join(line % number for number in numbers).encode()
    structures = defaultdict(set)
    entries, found = found_in(data)
    for entry in entries:
        raw = data[entry.start : entry.end]
        assert not jsonspan.parse(raw.decode()).problems
        assert not may_have_changed([json.loads(raw)], raw)
        structures[found.signature_of(entry)].add(signature(json.loads(raw)))
    assert all(len(same) == 1 for same in structures.values())


@pytest.mark.parametrize("line", NUMBERED)
def test_figures_as_programs_write_them_are_recognised(line: str):
    dice = random.Random(7)
    scores = [dice.random() for _ in range(500)] + [dice.random() * 1e-5 for _ in range(500)]
    numbers = [*map(repr, scores), "1722222222222222222", "-1", "0.1", "1.0", "100000000000000.5"]
    entries, _ = found_in("".join(line % number for number in numbers).encode())
    assert len(entries) > 0.99 * len(numbers)  # some are close to one


@pytest.mark.parametrize("texts", [True, False])
def test_there_is_room_for_the_keys_of_the_shortest_lines(texts: bool):
    recogniser = recogniser_of(PLAN)
    line = b'{"":1}\n'
    (entry,) = (found := recogniser.skim(line, 1 << 20, [], texts=texts, keys=False)).entries
    recogniser.learn(found.signature_of(entry), 1, 1 << 20)
    found = recogniser.skim(line * 10_000, 1 << 20, [], texts=texts, keys=False)
    (entry,) = found.entries
    assert (entry.lines, len(found.keys)) == (10_000, 10_000 * native_recogniser.KEY_BYTES)


@given(st.sampled_from([RECORDS[2], *RECORDS[-2:]]), st.sampled_from(["together", "generic", "vertex"]), DICE)
def test_calls_that_are_not_odd_pass_the_screen(record, target: str, dice: random.Random):
    record = mutated(record, dice)
    for entry in found_in(line_of(record))[0]:
        if entry.why & HAS_TOOLS:
            line = line_of(record)
            plan = compile_plan(Settings(target=target))
            recogniser = plan.recogniser()
            assert recogniser is not None
            judge = skim.Skim(plan, "chat", recogniser, 1 << 20)
            calls = found_in(line)[1].calls
            if judge.tools.read(line[entry.tools : entry.tools_end], calls, line).fit(judge.argument_types):
                assert SCREEN.passes({"messages": [], **record}, "chat", plan.target)


@pytest.mark.parametrize(
    "role", [*ROLE_ALIASES, *STANDARD_ROLES, "Tool", "tool\u0020", "\u3000tool", "narrator", 7, None]
)
@pytest.mark.parametrize("more", [{}, {"tool_call_id": "call_9"}, {"tool_call_id": ""}, {"tool_calls": [call()]}])
@pytest.mark.parametrize("place", range(4))
def test_a_message_of_an_unusual_role_may_be_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role, more, place
):
    stray = {"content": "Sun.", **more, **({} if role is None else {"role": role})}
    record = {"messages": [user("Weather?"), calling(call()), result(), answer("Rain.")], "tools": [WEATHER]}
    record["messages"].insert(place, stray)
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(record) * 9)
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    with_it = check_file(path, Settings(target="openai"))
    monkeypatch.setattr(native, "load", lambda: None)
    assert with_it.to_dict() == check_file(path, Settings(target="openai")).to_dict()


@pytest.mark.parametrize("seed", range(3))
def test_tools_beside_a_prompt_and_answers_are_judged_as_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group], seed: int
):
    """Definitions are looked up by their bytes; records with calls take the usual way."""
    defined = {"prompt": [SHORT], "chosen": [LONG], "rejected": [answer("No.")], "tools": [WEATHER]}
    called = {**defined, "prompt": [SHORT, calling(call())], "chosen": [result(), LONG]}
    spoken = {"prompt": [SHORT], "completion": [LONG], "tools": [WEATHER]}
    good, dice = [line_of(record) for record in (defined, called, spoken)], random.Random(seed)
    lines = [dice.choice(good) for _ in range(900)]
    lines += [line_of(mutated(dice.choice((defined, called, spoken)), dice)) for _ in range(900)]
    dice.shuffle(lines)
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(lines))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    settings = Settings(target="generic", method="dpo", max_findings=0, ignore=("JL8",))
    with_it = check_file(path, settings)
    assert passed.total() > 400
    assert "invalid-tool-definition" in with_it.summary["by_rule"]
    monkeypatch.setattr(native, "load", lambda: None)
    assert with_it.to_dict() == check_file(path, settings).to_dict()


def test_records_with_right_calls_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group]
):
    """Also while the rules about tools have not been imported."""
    talk = [user("Weather?"), calling(call()), result()]
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(line_of({"messages": [*talk, answer(f"{n}.")], "tools": [WEATHER]}) for n in range(300)))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    planning._kept_plan.cache_clear()
    check_file(path)
    assert passed.total() > 290


@pytest.mark.parametrize(("target", "taken"), [("generic", (0, 1, 3)), ("vertex", (0, 1)), ("together", (3,))])
def test_records_with_objects_as_arguments_are_passed_over_where_the_target_takes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group], target: str, taken: tuple[int, ...]
):
    """Texts and objects side by side are inconsistent, and a city that is no text breaks the definition."""
    given = ({"city": "Oslo"}, {"city": "Rom", "days": [1, {"a": 0.5}]}, {"city": 7}, '{"city": "Oslo"}')
    chosen = [3, *random.Random(5).choices(range(4), weights=(3, 3, 1, 3), k=900)]
    records = [
        {"messages": [user("Weather?"), calling(call(arguments=given[n])), result(), answer("So.")], "tools": [WEATHER]}
        for n in chosen
    ]
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(map(line_of, records)))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    settings = Settings(target=target, max_findings=0, ignore=("JL8",))
    with_it = check_file(path, settings)
    assert 0.8 < passed.total() / sum(map(chosen.count, taken)) <= 1
    monkeypatch.setattr(native, "load", lambda: None)
    assert with_it.to_dict() == check_file(path, settings).to_dict()


@pytest.mark.parametrize("beside", ["conversation", "body"])
def test_the_arguments_of_calls_beside_the_messages_are_compared_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: str
):
    """The C code pairs the calls of `messages` alone."""
    calls = [calling(call(arguments=given)) for given in ({}, {}, True)]
    beside_them = [{beside: [made] if beside == "conversation" else {"messages": [made]}} for made in calls]
    turns = [[user("Weather?"), calls[0], result(), answer("So.")], *[[user("So?"), answer("So.")]] * 2]
    records = [{"messages": talk, "tools": [WEATHER], **more} for talk, more in zip(turns, beside_them, strict=True)]
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join([line_of(record) * 40 for record in records]))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    settings = Settings(target="vertex", max_findings=0, ignore=("duplicate-record",))
    with_it = shown_as_text(path, settings)
    assert [each.line for each in with_it if isinstance(each, Finding) and each.rule == "inconsistent-types"] == [81]
    monkeypatch.setattr(native, "load", lambda: None)
    assert with_it == shown_as_text(path, settings)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("target", ["together", "openai", "mistral-finetune", "fireworks", "generic"])
def test_calls_without_tools_are_judged_as_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group], target: str, seed: int
):
    dice = random.Random(seed)
    calls = [call(), *(call(name=name) for name in ("two words", ""))]
    calls += [call(arguments=given) for given in ("{city: Oslo}", "[]", {})]
    beside = [{}, {}, {"tools": None}, {"tools": []}, {"tools": {}}, {"functions": []}, {"available_tools": [WEATHER]}]

    def record() -> dict[str, Any]:
        called = calling(dice.choice(calls) if dice.random() < 0.3 else call())
        turns = [user("Weather?"), called, result(), answer("Rain.")]
        turns += [turn for _ in range(dice.randrange(5)) for turn in (user("Why?"), answer(f"{dice.random()}"))]
        return {"messages": turns, **dice.choice(beside)}

    lines = [line_of(mutated(record(), dice) if dice.random() < 0.1 else record()) for _ in range(900)]
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(lines))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    settings = Settings(target=target, max_findings=0, ignore=("JL8",))
    with_it = check_file(path, settings)
    assert passed.total() > 100
    assert with_it.summary["by_rule"]["tool-calls-without-tools"] > 100
    monkeypatch.setattr(native, "load", lambda: None)
    assert with_it.to_dict() == check_file(path, settings).to_dict()


@pytest.mark.parametrize("fault", [{"timestamp": 7}, {"content": None}, {"weight": 0.5}], ids=repr)
@pytest.mark.parametrize("again", [True, False])
def test_long_talks_with_a_defect_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group], fault: dict[str, Any], again: bool
):
    """If they come again, or else by their profile, unless values of new kinds are at fault."""
    dice = random.Random(3)
    turns = [[answer("Yes."), user("Why?")], [answer("No."), user("Why?", name="Ann")], [answer("So.", **fault)]]
    wrong = [user("Hello"), *itertools.chain(*turns), user("Hello"), answer("Bye.")]
    lines = [line_of({"messages": wrong}) for _ in range(20)]
    for number in range(600):
        some = [turns[2], *dice.choices(turns[:2], k=1 if again else 12)]
        dice.shuffle(some)
        talk = [*wrong[:2], *itertools.chain(*some), user("Hello"), answer(f"Bye {number}.")]
        lines.append(line_of({"messages": talk}))
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(lines))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    settings = Settings(max_findings=0)
    with_it = check_file(path, settings)
    assert (passed.total() > 500) is (again or "timestamp" in fault)
    monkeypatch.setattr(native, "load", lambda: None)
    assert with_it.to_dict() == check_file(path, settings).to_dict()


def test_records_whose_structure_tells_their_key_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group]
):
    chat = {"messages": [user("Weather?"), answer("Rain.")]}
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat) * 900 + line_of({**chat, "weight": 0.5}) * 900 + line_of(chat) * 900)
    monkeypatch.setattr(source, "BATCH_BYTES", 5000)
    (finding,) = check_file(path, Settings(target="fireworks", select=("mixed-optional-keys",)))
    assert finding.line == 901
    assert passed.total() > 2000


def said(text: str, key: str = "content") -> Any:
    return [{"role": "assistant", key: text}]


PAIRS = [("preference", ANSWER_KEYS["preference"]), ("chosen-rejected", ANSWER_KEYS["chosen-rejected"])]
ANSWERS = TEXTS.flatmap(
    lambda text: st.sampled_from(
        [text, f" {text}\n", text.replace("w", " W"), f"{text}.", f"so {text}", "word " * 90 + text, " ".join(text)]
    )
)
SAYING = st.sampled_from(
    [said, str, lambda text: [{"type": "text", "text": text}], lambda text: said([{"type": "text", "text": text}])]
)


@given(st.sampled_from(PAIRS), TEXTS, ANSWERS, st.booleans(), SAYING, SAYING, DICE, STYLES, st.booleans())
def test_answers_that_differ_are_not_the_same(pair, text, other, again, say, say_other, dice, style, ascii_only):
    name, keys = pair
    record: Any = {keys[0]: say(text), "id": 1, keys[1]: (say if again else say_other)(text if again else other)}
    record = mutated(record, dice) if dice.random() < 0.2 else record
    if isinstance(record, dict):
        line = line_of(record, ensure_ascii=ascii_only, separators=style)
        entries, _ = found_in(line)
        parsed = json.loads(line)
        screened = DIFFER.passes(parsed, name, PLAN.target)
        if screened or any(entry.why & HAS_OUTPUTS for entry in entries):
            view = PLAN.record(parsed, name, name, name)
            assert not (IDENTICAL.concerns(view) and list(IDENTICAL.check(view)))


def test_most_answers_are_seen_to_differ():
    for _, keys in PAIRS:
        for one, other in (("Yes.", "No."), ("It is so.", "Es ist größer."), ("word " * 99, "Word " * 99 + "!")):
            for say in (said, str):
                record = {keys[0]: say(one), keys[1]: say(other)}
                (entry,) = found_in(line_of(record))[0]
                assert entry.why & HAS_OUTPUTS


def test_right_calls_are_recognised_as_such():
    for record in (RECORDS[2], RECORDS[-1]):
        ((entry,), found) = found_in(line_of(record))
        assert entry.why & HAS_TOOLS
        assert not entry.why & HAS_ODD_CALLS
        assert len(found.calls) == sum(len(message.get("tool_calls", ())) for message in record["messages"])


SAID = st.sampled_from(["user", "assistant", "system", "developer"]).map(lambda role: {"role": role, "content": "Hi"})
CHATS = st.lists(SAID | SAID.map(lambda said: dict(reversed(said.items()))), min_size=1, max_size=20)


@given(
    st.sampled_from(RECORDS) | CHATS.map(lambda said: {"messages": said}),
    *(st.lists(TEXTS, max_size=6), DICE, STYLES, st.booleans()),
)
def test_what_is_told_of_long_lines_is_what_python_makes_of_them(record, texts, dice, style, ascii_only):
    record = reworded(record, texts)
    line = line_of(mutated(record, dice) if dice.random() < 0.3 else record, ensure_ascii=ascii_only, separators=style)
    recogniser = recogniser_of(PLAN)
    new = recogniser.skim(line, 1 << 20, [], texts=False)
    for entry in new.entries:
        spelled = new.signature_of(entry)
        recogniser.learn(spelled, 1, 0, 0)
        found = recogniser.skim(line, 1 << 20, [], texts=False)
        (long,) = found.entries
        assert long.why & IS_LONG
        contents = found.texts[long.texts : long.texts_end]
        known = json.loads(line)
        if not contents or (isinstance(known.get("tools"), list) and known["tools"]):
            assert long.most_tokens == line_with_tools_at_most(line)
        layout = layout_of(known)
        if layout is not None and contents:
            texts = layout.all_texts(json.loads(contents))
            assert texts == [message.get("content") or "" for message in known["messages"]]
        elif layout is not None:
            assert not 2 <= len(layout.roles) <= 17


SLIPS = [
    (b"}]", b"},]"),
    (b'"}', b'",}'),
    (b"}\n", b"},\n"),
    (b"}\n", b"} , \n"),
    (b"17", b"NaN"),
    (b"0.5", b"-Infinity"),
]
SLIPS += [(b'"role"', b'"role": "x", "role"'), (b'"content"', b'"content": 5, "content"'), (b": 1}", b": Infinity }")]
SLIPS += [(b'"role"', b'"role": "user", "role"'), (b'"source"', b'"source": [1,], "source"'), (b"17", b'17, "id": 17')]
for bad in (b"\t", b"\\ud83d", b"\xe9", b"a\t\\t\\ud83d\\uDE42 \\uDE42\xf0\x9f"):
    SLIPS += [(b"o", bad), (b'"}', bad + b'"}'), *((key, key + bad) for key in (b'"content": "', b'"content":"'))]


def slipped(line: bytes, dice: random.Random) -> bytes:
    """The line with slips that may be tolerated."""
    kind = dice.random()
    if kind < 0.1:
        return line[: dice.randrange(8, len(line) - 1)].rstrip() + b"\n"
    if kind < 0.2:
        return line.rstrip() + dice.choice([b" // so", b"# so ", b" // {}", b"//", b" /* so */", b", // so"]) + b"\n"
    if kind < 0.3:
        return f"{json.loads(line)}\n".encode()
    if kind < 0.36:
        return (
            line.rstrip() + dice.choice([b"", b" ", b", ", b"\t"]) + dice.choice([line, line_of(dice.choice(RECORDS))])
        )
    if kind < 0.4:
        return (
            dice.choice([b"[%b]", b"[ %b, 1]", b"[%.0b]", b"[%b,]", b"[%b] []", b'"%b"', b"[[%b]"]) % line.rstrip()
            + b"\n"
        )
    for right, wrong in dice.choices(SLIPS, k=dice.choice([1, 1, 1, 2])):
        line = line.replace(right, wrong, dice.choice([1, 1, 3]))
    return b" " * (dice.random() < 0.1) + line


def lines_of_many_kinds(dice: random.Random, count: int) -> bytes:
    lines = []
    for _ in range(count):
        kind = dice.random()
        if kind < 0.6:
            words = [*SIGNS, ",", "e"] if dice.random() < 0.2 else ["word ", "Été ", "數據", "So.\n", '"q" ', "\\a"]
            texts = ["".join(dice.choices(words, k=dice.choice([1, 3, 40]))) for _ in range(4)]
            record = reworded(dice.choice(RECORDS), texts)
            line = line_of(record, ensure_ascii=dice.random() < 0.3)
        elif kind < 0.8:
            line = line_of(mutated(dice.choice(RECORDS), random.Random(dice.randrange(40))))
        elif kind < 0.9:
            record = dice.choice(RECORDS)
            line = slipped(line_of(mutated(record, random.Random(dice.randrange(9))) if kind < 0.84 else record), dice)
        else:
            line = dice.choice([*REFUSED, b"\n", b"{\n", b'"messages": 1\n', b"}\n"])
        lines.append(line.replace(b"\n", b"\r\n") if dice.random() < 0.05 else line)
    return b"".join(lines)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "settings",
    [
        Settings(max_findings=0),
        Settings(max_findings=2),
        Settings(max_findings=1, select=("JL1", "JL2", "JL3")),
        Settings(max_findings=0, select=("JL0", "JL8")),
        Settings(max_findings=3, ignore=("JL1",)),
        Settings(max_findings=2, model="gpt-4o-mini", max_tokens=100),
        Settings(max_findings=2, model="Qwen/Qwen3-8B", max_tokens=400),
        Settings(max_findings=2, target="openai"),
        Settings(max_findings=2, target="vertex"),
        Settings(max_findings=2, target="mistral"),
        Settings(max_findings=2, target="fireworks"),
        Settings(max_findings=2, target="bedrock-nova"),
    ],
)
def test_the_report_is_the_same_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group], seed: int, settings: Settings
):
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of_many_kinds(random.Random(seed), 1500))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    with_it, in_text = check_file(path, settings), shown_as_text(path, settings)
    assert passed.total() > 50
    assert settings.max_findings or settings.select or any(group.known for group in passed)
    assert settings.select == ("JL0", "JL8") or any(group.made for group in passed)
    assert settings.max_findings == 0 or any(group.failed for group in passed)
    broken = [group for group in passed if group.broken]
    assert bool(broken) is bool({"trailing-comma", "not-an-object"}.intersection(compile_plan(settings).rules))
    if broken:
        assert any(group.counts if settings.max_findings else group.made for group in broken)
    monkeypatch.setattr(native, "load", lambda: None)
    without = check_file(path, settings)
    assert with_it.to_dict() == without.to_dict()
    assert in_text == shown_as_text(path, settings)


def shown_as_text(path: Path, settings: Settings) -> list[object]:
    """The findings without what is around them and the edits of their fixes, as the text report shows them."""
    return list(check_events([str(path)], settings, extras=Extras(fixes=False, context=False)))


PLAIN = b'{"text": "So it is."}\n'
SLIPPED = [
    (
        "the values of a repeated key may be spelled alike or not",
        [b'{"text": "a", "n": 7, "n": 8}\n', b'{"text": "a", "n": 8, "n": 8}\n', b'{"text": "a", "n": 88, "n": 8}\n'],
    ),
    (
        "the values of a repeated key may be equal however they are spelled",
        [
            *(b'{"text": "a", "n": "x", "n": %b}\n' % value for value in (b'"y"', b'"\\u0078"', b'"x"', b'"\\u0079"')),
            *(b'{"text": "a", "n": {"k": 1}, "n": %b}\n' % value for value in (b'{"k": 2}', b'{"k":1}', b'{"k": 1}')),
        ],
    ),
    (
        "a value with a trailing comma is not cut out",
        [b'{"text": "a", "m": [1,], "n": [1], "n": [1]}\n', b'{"text": "a", "m": [1], "n": [1,], "n": [1]}\n'],
    ),
    (
        "each string has one finding for its control characters, and one for its halves of pairs",
        [
            b'{"text": "a\tb\x0bc", "n": "\t"}\n',
            b'{"text": "a\\ud83d", "n": "\\ud83d\\ude42\\ude42"}\n',
            b'{"text": "a\\udc00\t", "n": ["\\uDBFF\\n", "\t\\ud83d\\ud83d"]}\n',
        ],
    ),
    (
        "bytes that are not UTF-8 are one finding, and read as the same character",
        [
            b'{"text": "\xe9t\xe9", "n": "\xf0\x9f\x98"}\n',
            b'{"text": "a", "n": "\xe9", "n": "\xe8"}\n',
            b'{"text": "a", "n": "\xe9", "n": "\xe9"}\n',
            b'{"text": "' + b"\xe9\xe8\xea" * 99 + b'"}\n',
            b'{"text": "' + b"so it goes\t" * 99 + b'"}\n',
            b'{"text": "' + b"so it goes\\t so it goes\t " * 99 + b'"}\n',
        ],
    ),
    (
        "neither in keys, nor in values that count as they are",
        [
            b'{"text": "a", "\xe9": 1, "\xe8": 1}\n',
            b'{"text": "a", "n\t": 1}\n',
            b'{"messages": [{"role": "user\t", "content": "a"}, {"role": "assistant", "content": "b"}]}\n',
            b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b\t"}]}\n',
        ],
    ),
    (
        "of what the other rules find nothing is lost",
        [
            b'{"text": "a\x1b[0m\\u0007"}\n',
            b'{"text": "a\x7f\t"}\n',
            b'{"text": "\xef\xbf\xbd\xe9"}\n',
            b'{"text": "\\ufffd\xe9"}\n',
            b'{"text": "N/A\t"}\n',
            b'{"text": "\rN/A"}\n',
            b'{"text": "a\0"}\n',
            b'{"text": "a\xe9\0"}\n',
        ],
    ),
    (
        "a comment that ends a record",
        [
            *(b'{"text": "a"}' + end + b"\n" for end in (b"// b", b" # b", b"//", b"\t//{}", b"/* b */", b", // b")),
            *(
                b'{"text": "a"}' + end + b"\n"
                for end in (b" // \xc3\xa9", b" // \xe9", b" // a\0", b"/", b" / b", b"#,")
            ),
            *(b'{"text": "a",} // b\n', b'{"text": "a", "n": NaN} # b\n', b'{"text": "N/A"} // b\n'),
            *(b'{"prompt": "a", "completion": "b"} // c\n', b' {"text": "a"} // b\n', b'{"n": 1} // b\n'),
            *(b'{"n": 1} // {}\n', b'{"messages": [] // b\n', b"{} // b\n", b'[{"text": "a"} // b\n'),
        ],
    ),
    (
        "a literal of Python",
        [
            *(b"{'text': %b}\n" % text for text in (b"'a'", b'"it\'s"', b"'say \"so\"'", b"'\\'\"'", b"'N/A'", b"' '")),
            *(
                b"{'text': %b}\n" % text
                for text in (b"'a\\n'", b"'\\x07'", b"'\\u00e9'", b"'\xc3\xa9'", b"'\xe9'", b"'a\t'")
            ),
            *(
                b"{'text': %b}\n" % text
                for text in (b"'a' 'b'", b"'\\ud83d'", b"('a',)", b"None", b"'<|end|>'", b"'n/a\"'")
            ),
            *(b"{'text': 'a', 'n': %b}\n" % value for value in (b"True", b"False", b"None", b"true", b"null", b"Nona")),
            *(b"{'text': 'a', 'n': %b}\n" % value for value in (b"[1,]", b"nan", b"NaN", b"1_0", b"{1}", b"{'n': 1,}")),
            *(b'{"text": "a", "n": True}\n', b'{"text": "a", \'n\': 1}\n', b"{'text': 'a'},\n", b"{'text': 'a'} # b\n"),
            *(
                b"{'text': 'a', 'text': 'a'}\n",
                b" {'text': 'a'}\n",
                b"{'text': 'a'\n",
                b"{'a\"b': 1}\n",
                b"{'te\\xt': 1}\n",
            ),
            b"{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'so it goes,'}]}\n",
            b"{'messages': [{'role': 'user', 'content': 'a'}, {'role': \"assistant\", 'content': 'a \"so\" to,'}]}\n",
            b"{'text': '" + b"so it goes\\' " * 99 + b"'}\n",
            b"{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'user', 'weight': True, 'content': None}]}\n",
        ],
    ),
    (
        "a record that is cut off, or goes on in the next line",
        [
            *(b'{"text": "a", "n": [{"text": 1}, -1.5, true, "\\u00e9"'[:end] + b"\n" for end in range(9, 55)),
            *(
                b'{"text": "a"' + end + b"\n"
                for end in (b', "text"', b', "text":', b', "n": "}', b', "n": "]} ', b', "n\\"')
            ),
            *(
                b'{"text": "a' + end + b"\n"
                for end in (b"\xc3", b"\xe9", b"\t", b"\\ud8", b"\\ud83d", b"N/A", b" ", b" //")
            ),
            *(b'{"text": "a",\n', b'"n": 1}\n', b'{"text": "a\n', b'b"}\n', b'{"text": "a", "m": [\n', b'{"n": 1}]}\n'),
            *(
                b'{"text": "a", "m": [\n',
                b'{"text": "b"}]}\n',
                b'{"text":\n',
                b' {"text": "b"}\n',
                b'{"text": "a"\n',
                b"\n",
            ),
            *(b'{"n": "a\n', b'{"n": 1,\n', b"{'n': 1,\n", b'  {"text": "a"\n', b'{ "text": "a"\n', b'{"text" : "a"\n'),
        ],
    ),
    (
        "several records, of each of which the texts count",
        [
            *(b'{"text": "a"}%b{"text": "b"}\n' % between for between in (b"", b" ", b"\t", b",", b", ", b"\0", b"]")),
            *(b'{"text": %b} {"text": "b"}\n' % text for text in (b'"N/A"', b'"so it goes,"', b"1", b'"\\u0007"')),
            *(b'{"text": "b"} {"text": %b}\n' % text for text in (b'"N/A"', b'"so it goes,"', b"1", b'"\\u0007"')),
            *(
                b'{"text": "a"} %b\n' % rest
                for rest in (b"{}", b"[]", b"7", b'{"n": 1,}', b'{"n": NaN}', b'{"n": 1', b"{")
            ),
            *(
                b'{"text": "a"} {"text": "b"}%b\n' % rest
                for rest in (b",", b" // c", b"{}", b' {"n": 1}', b" \r", b"#")
            ),
            b'{"text": "' + b"so it goes " * 99 + b'"} {"text": "b"}\n',
            b'{"messages": [{"role": "user", "content": "a"}, "b"]} {"text": "b"}\n',
            b'{"messages": [{"role": "assistant", "content": "so it goes,"}]} {"text": "b"}\n',
            b'{"text": "so it goes,"} {"messages": [{"role": "assistant", "content": "b"}]}\n',
            b'{"messages": [{"role": "user", "content": "a"}]} ' * 3 + b'{"text": "so it goes,"}\n',
            *(b'{"text": "a", "n": [%b]} ' % (b'"b", ' * 60 + b'"c"') * 3 + b"\n", b'{"text": "a"} ' * 99 + b"\n"),
        ],
    ),
    (
        "a key that looks like the end of a record ends none",
        [b'{"text": "a"} {"text": "a"} {"text": "b"}\n', b'{"text": "a", "}{text": "a"} {"text": "b"}\n'],
    ),
    (
        "arrays are no records, whatever is in them",
        [
            *(
                b"[%b]\n" % items
                for items in (b"", b"1", b'{"text": "N/A"}', b'"so it goes,"', b"[[]]", b'{"n": 1, "n": 2}')
            ),
            *(b"[%b\n" % rest for rest in (b"", b"1,]", b"1] 2", b"1] // a", b"NaN]", b"1]]", b'"\\u0007"]', b"'a']")),
            *(b" []\n", b'{"text": "a", "m": [\n', b'[{"text": "b"}]\n', b"]}\n", b"7\n", b'"a"\n', b'"{}"\n'),
        ],
    ),
    (
        "a line with a comma after it may be an item of an open array",
        [b'{"n": [1],}\n', b'{"list": [\n', b'{"n": [1]},\n', b'{"n": [1]}\n', b"]}\n"],
    ),
]


@pytest.mark.parametrize("pair", [False, True])
@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in SLIPPED])
def test_lines_with_slips_are_counted_like_those_that_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines, pair: bool
):
    """A line that begins with `completion` is no part of another record."""
    path = tmp_path / "data.jsonl"
    data = b"".join([PLAIN * 9 + line for line in lines[:1] * 1000]) + b"".join(lines) * (8_000 // len(lines))
    path.write_bytes(
        re.sub(rb"(?<={)([\"'])text([\"'])", rb"\1completion\2: \1b\2, \1prompt\2", data) if pair else data
    )
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    with_it = check_file(path, Settings(max_findings=1))
    monkeypatch.setattr(native, "load", lambda: None)
    assert with_it.to_dict() == check_file(path, Settings(max_findings=1)).to_dict()


@pytest.mark.parametrize(
    "line",
    [
        b'{"prompt": "a", "completion": "b"} // c\n',
        b"{'prompt': \"it's\", 'completion': 'b', 'n': [True, None]}\n",
        b'{"prompt": "a", "completion": "b"} {"prompt": "c", "completion": "d"}\n',
        b'[{"prompt": "a", "completion": "b"}]\n',
        *(b'{"prompt": "a", "completion": [{"text": 1}, -1.5'[:end] + b"\n" for end in (9, 20, 37, 44, 48)),
    ],
)
def test_many_lines_with_slips_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group], line: bytes
):
    path = tmp_path / "data.jsonl"
    path.write_bytes((line + b'{"prompt": "a", "completion": "b"}\n') * 9_000)
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    check_file(path, Settings(max_findings=1, ignore=("JL8",)))
    assert sum(lines for group, lines in passed.items() if group.broken) > 300


def test_a_rule_may_ask_for_control_characters_that_are_not_escaped():
    class Bell(TextRule):
        marks = "\x07\t!"

    class EscapedBell(Bell):
        excused_by = ("unescaped-control-character",)

    assert raw_controls([EscapedBell, Bell]) == {7, 9}
    assert raw_controls([EscapedBell]) == set()
    assert raw_controls(PLAN.scan.rules) == set()


def test_a_structure_with_slips_is_learned_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group]
):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'{"text": "So it is.",}\n' * 40_000)
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    check_file(path, Settings(max_findings=1))
    assert passed.total() > 30_000


def test_slips_are_looked_at_once_if_the_structure_has_to_be_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    looked: list[object] = []
    monkeypatch.setattr(skim, "slips_in", lambda *given: looked.append(given) or slips_in(*given))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'{"text": 5,}\n' * 900)
    check_file(path, Settings(max_findings=0))
    assert len(looked) == 1


def test_an_indented_record_is_not_passed_over_while_another_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "data.jsonl"
    record = b'{"text": "a"}\n'
    path.write_bytes(record * 10 + b"{\n  " + record + record * 10)
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    report = check_file(path, Settings(select=("JL0", "JL1")))
    assert [(finding.rule, finding.line, finding.end_line) for finding in report.findings] == [
        ("truncated-json", 11, 12)
    ]
    assert report.files[0].records == 21


@given(st.lists(st.integers(0, 60) | st.integers(1, 2**64 - 1), max_size=200), st.integers(1, 9), st.randoms())
def test_the_c_code_leaves_no_line_with_a_repeated_key_out(numbers: list[int], spill: int, dice: random.Random):
    library = native.load()
    numbers = numbers + dice.sample(numbers, len(numbers) // 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordkeys, "SPILL_KEYS", spill)
        patch.setattr(repeats, "_PIECE_KEYS", 7)
        keys = RecordKeys()
        for number in numbers:
            keys.add(number)
            keys.spill()
        suspects = list(repeats.suspects(library, keys.arrays, len(keys)))
    assert suspects == sorted(suspects)
    assert set(suspects) <= set(enumerate(numbers))
    assert {(line, key) for line, key in enumerate(numbers) if key and numbers.count(key) > 1} <= set(suspects)


def test_few_keys_are_suspected_that_stand_alone():
    dice = random.Random(5)
    keys = RecordKeys()
    keys.keys.extend([dice.getrandbits(64) | 1 for _ in range(20_000)])
    assert len(list(repeats.suspects(native.load(), keys.arrays, len(keys)))) < 20_000 / 8


@pytest.mark.parametrize("seed", range(3))
def test_ranges_learn_what_the_ranges_before_them_have_learned(tmp_path: Path, monkeypatch, seed: int):
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of_many_kinds(random.Random(seed), 1500))
    plan = compile_plan(Settings(max_findings=3))
    assert plan.scan is not None
    plan.scan.compile()
    whole = check_range(RangeTask(str(path), 0, path.stat().st_size, 0, Origin("chat", 1)), plan)
    assert plan.memory.recognised["chat"]
    monkeypatch.setattr(ranges, "RANGE_BYTES", 3_000)
    merged = PartialReport(3)
    for task in tasks_of(str(path), path.stat().st_size, 0, Origin("chat", 1)):
        merged.absorb(check_range(task, plan, saturated_rules(merged)))
    found, expected = merged.finished(), whole.finished()
    found.keys = expected.keys = {}  # key logs have no equality
    assert found == expected
