"""Batch requests are judged by their structure, which shows their settings, and compared by their ids."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint import Settings, check_record, native
from jsonl_lint.api import check_events, check_file
from jsonl_lint.checks.file import Extras
from jsonl_lint.engine import block, skimming
from jsonl_lint.engine.skimming.runs import Group, Run
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.records.settings import LONGEST_SETTING, MOST_BITS, SETTINGS, at_most
from jsonl_lint.records.structure import abstract, signature
from tests.compiled import COMPILED, recogniser_of
from tests.records import WEATHER, call, calling, result, user

ASKED = [user("What is the capital of Norway?")]
TEXTS = st.sampled_from(
    [
        *("", " ", "/v1/chat/completions", "POST", "gpt-4o-mini", "words", "a/b", 'q"', "\\", "é", "🙂" * 64, "\u2003"),
        *("x" * LONGEST_SETTING, "x" * (LONGEST_SETTING + 1), "\n" * 64, "\n" * 800, "é" * 64, "a\t"),
    ]
)
NUMBERS = st.one_of(
    st.integers(-3, 70),
    st.sampled_from(
        [2**23, 2**24 - 1, 2**24, 99_999_999, 100_000_000, 2**40, 2**64, 0.0, -0.0, 1.0, 4096.0, 0.5, 1e300]
    ),
)
VALUES = st.one_of(TEXTS, NUMBERS, st.sampled_from([None, True, [], {}, ["a"], {"a": 1}]))
KEYS = st.sampled_from(["custom_id", *sorted(SETTINGS), "n"])
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=6)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Records that are more or less batch requests."""
    record: dict[str, Any] = draw(OBJECTS)
    place = draw(st.sampled_from(["body", "params", "input", "m"]))
    items = [*record.items(), (place, {**draw(OBJECTS), "messages": ASKED})]
    draw(st.randoms(use_true_random=False)).shuffle(items)
    return dict(items)


@st.composite
def nearly_alike(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Such records, each of which differs from the first one in one value."""
    first = draw(requests())
    found = [first]
    for _ in range(11):
        other = deepcopy(first)
        holder = draw(st.sampled_from([other, *[value for value in other.values() if isinstance(value, dict)]]))
        holder[draw(KEYS)] = draw(VALUES)
        found.append(other)
    return found


@COMPILED
@given(nearly_alike(), st.booleans(), st.booleans())
def test_the_c_code_takes_no_two_structures_for_one(records: list[dict[str, Any]], ascii_only: bool, slashes: bool):
    lines = [json.dumps(record, ensure_ascii=ascii_only).encode() + b"\n" for record in records]
    data = b"".join(line.replace(b"/", b"\\/") if slashes else line for line in lines)
    found = recogniser_of(compile_plan()).skim(data, 1 << 20, [], texts=False)
    structures = defaultdict(set)
    for entry in found.entries:
        structures[found.signature_of(entry)].add(signature(json.loads(data[entry.start : entry.end])))
    assert all(len(same) == 1 for same in structures.values())


@COMPILED
def test_the_c_code_tells_apart_what_counts():
    """Otherwise the test above could not fail."""
    one = {"custom_id": "a", "method": "POST", "url": "/v1/x", "body": {"model": "m", "max_tokens": 7}}
    others = [
        {**one, "method": "GET"},
        {**one, "url": "/v1/y"},
        {**one, "body": {"model": "n", "max_tokens": 7}},
        {**one, "body": {"model": "m", "max_tokens": 8}},
        dict(reversed(one.items())),
    ]
    same = [{**one, "custom_id": "b"}, {**one, "body": {"model": "m", "max_tokens": 4}}]
    data = b"".join(json.dumps(record).encode() + b"\n" for record in [one, *others, *same])
    found = recogniser_of(compile_plan()).skim(data, 1 << 20, [], texts=False)
    signatures = [found.signature_of(entry) for entry in found.entries]
    assert len(set(signatures)) == 1 + len(others)
    assert signatures[-2:] == signatures[:1] * 2


@COMPILED
@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("x" * LONGEST_SETTING, "y" * LONGEST_SETTING, False),
        ("x" * (LONGEST_SETTING + 1), "y" * (LONGEST_SETTING + 1), True),
        ((1 << MOST_BITS) - 1, 1 << MOST_BITS, False),
        (1 << MOST_BITS, 1 << (MOST_BITS + 1), True),
    ],
)
def test_the_c_code_has_the_same_bounds(one: object, other: object, alike: bool):
    records = [{"custom_id": "a", "body": {"max_tokens": value}} for value in (one, other)]
    data = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    found = recogniser_of(compile_plan()).skim(data, 1 << 20, [], texts=False)
    assert (len({found.signature_of(entry) for entry in found.entries}) == 1) is alike
    assert (len({signature(record) for record in records}) == 1) is alike


@given(st.lists(requests(), min_size=2, max_size=30))
def test_a_structure_shows_its_settings(records: list[dict[str, Any]]):
    seen: dict[Any, str] = {}
    most: dict[Any, int | None] = {}
    for record in records:
        shape = signature(record)
        assert seen.setdefault(shape, json.dumps(abstract(record))) == json.dumps(abstract(record))
        place = next(key for key in record if isinstance(record[key], dict) and "messages" in record[key])
        if "custom_id" in record and list(record).index("custom_id") < list(record).index(place) and place != "m":
            for key in SETTINGS.intersection(record[place]):
                value = record[place][key]
                assert most.setdefault((shape, key), at_most(value)) == at_most(value)


@given(NUMBERS)
def test_a_number_is_at_most_its_size(number: float):
    limit = at_most(number)
    assert limit is None or number <= limit or not float(number).is_integer()
    assert limit is not None or number >= 2


def test_only_what_follows_an_id_is_a_setting():
    """Other records may each have an address of their own, which makes no structure of its own."""
    pages = [{"url": f"/page/{number}", "messages": ASKED} for number in range(2)]
    assert signature(pages[0]) == signature(pages[1])


TARGETS = {
    "openai": ["gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mni", "gpt-3.5-turbo", "my-model", ""],
    "together": ["meta-llama/Llama-3.3-70B-Instruct-Turbo", "meta-llama/Llama-3.3-70B-Instruct", "Qwen/Qwen3-8B"],
    "groq": ["llama-3.1-8b-instant", "openai/gpt-oss-20b"],
    "mistral": ["mistral-small-latest", "open-mistral-7b"],
    "anthropic": ["claude-sonnet-4-5", "claude-2.1"],
    "generic": ["gpt-4o-mini", "m" * 70],
}


def request(dice: random.Random, target: str, number: int) -> dict[str, Any]:
    """A request, in one of ten cases with something odd about it."""
    odd = dice.random() < 0.1
    body: dict[str, Any] = {"model": TARGETS[target][0], "messages": ASKED}
    if dice.random() < 0.5:
        body["max_tokens"] = dice.choice([100, 127, 128, 4096, 10**6, 2**30, 4096.0] if odd else [100, 127])
    if odd:
        body.update(
            dice.choice(
                [
                    {"model": dice.choice([*TARGETS[target], 7, None, "  ", "\u00e9"])},
                    {"messages": [user("Word of mouth. " * dice.choice([10, 1_000, 60_000]))]},
                    {"messages": [*ASKED, calling(call("a")), result("a")], "tools": [WEATHER]},
                    {"messages": [user([{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}])]},
                    {"max_tokens": "100", "temperature": True, "stream": True},
                    {"messages": []},
                    {"messages": None, "prompt": "Word of mouth. " * dice.choice([10, 60_000])},
                    {"messages": [user("Weather? AKIA" + "IOSFODNN7EXAMPLE")]},
                ]
            )
        )
    place = "params" if target == "anthropic" else "body"
    wanted: dict[str, Any] = {"custom_id": f"r-{number}", "method": "POST", "url": "/v1/chat/completions", place: body}
    if target in ("together", "anthropic", "mistral") and not odd:
        del wanted["method"], wanted["url"]
    if odd and dice.random() < 0.5:
        wanted.update(
            dice.choice(
                [
                    {"url": dice.choice(["/v1/embeddings", "/v1/messages", "https://a.b/v1/x", "", 7])},
                    {"method": dice.choice(["GET", "FILE", "", None])},
                    {"custom_id": dice.choice(["r-1", "r-2", "x" * 65, "é" * 60, "a b", 'q"', "", 7])},
                    {place: dice.choice([None, json.dumps(body), []])},
                    {"note": "so"},
                ]
            )
        )
    if odd and dice.random() < 0.2:
        wanted = dict(reversed(wanted.items()))
    return wanted


def file_of(folder: Path, dice: random.Random, target: str, count: int) -> Path:
    path = folder / "requests.jsonl"
    style = dice.choice([(",", ":"), (", ", ": "), (" ,\t", " : ")])
    path.write_text("".join(json.dumps(request(dice, target, n), separators=style) + "\n" for n in range(count)))
    return path


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> Counter[Group]:
    """How many lines are passed over from now on, by what becomes of them."""
    lines: Counter[Group] = Counter()
    count_run = block.LineChecker.count_run

    def counted(self: block.LineChecker, run: Run, data: bytes) -> None:
        lines[run.group] += run.lines
        count_run(self, run, data)

    monkeypatch.setattr(block.LineChecker, "count_run", counted)
    return lines


@COMPILED
@pytest.mark.parametrize("most", [0, 2])
@pytest.mark.parametrize("target", TARGETS)
def test_the_report_on_requests_is_the_same_without_the_c_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: Counter[Group], target: str, most: int
):
    path = file_of(tmp_path, random.Random(most), target, 1_200)
    settings = Settings(target=target, max_findings=most)
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    with_it, in_text = check_file(path, settings), as_text(path, settings)
    assert passed.total() > 500
    assert any(group.keyed is not None for group in passed)
    monkeypatch.setattr(native, "load", lambda: None)
    assert with_it.to_dict() == check_file(path, settings).to_dict()
    assert in_text == as_text(path, settings)


def as_text(path: Path, settings: Settings) -> list[object]:
    return list(check_events([str(path)], settings, extras=Extras(fixes=False, context=False)))


@pytest.mark.parametrize("target", TARGETS)
def test_each_request_of_a_file_is_judged_as_if_it_were_alone(tmp_path: Path, target: str):
    """Apart from what compares them, and from the formats of files, which single records do not have."""
    settings = Settings(
        target=target,
        max_findings=0,
        ignore=("duplicate-custom-id", "mixed-models", "mixed-endpoints", "JL7", "mixed-formats", "inconsistent-types"),
    )
    path = file_of(tmp_path, random.Random(9), target, 400)
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for finding in check_file(path, settings):
        found[finding.line].append((finding.rule, finding.pointer))
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        alone = [(finding.rule, finding.pointer) for finding in check_record(line, settings)]
        assert sorted(found[number]) == sorted(alone), line


def test_a_long_prompt_is_found_among_short_ones_however_long_the_answer_may_be(tmp_path: Path):
    """The structure shows only how many bits the answer's limit has."""
    settings = Settings(target="openai", select=("over-length",), max_findings=0)
    path = tmp_path / "requests.jsonl"

    def asked(number: int, most: int, words: int = 3) -> bytes:
        body = {"model": "gpt-3.5-turbo", "max_tokens": most, "messages": [user("word " * words)]}
        return json.dumps({"custom_id": f"r-{number}", "body": body}).encode() + b"\n"

    lines = [asked(number, 100 + number % 20) for number in range(1_500)]
    lines[700] = asked(700, 127, 20_000)
    lines[900] = asked(900, 16_380)
    lines[901] = asked(901, 16_300)
    path.write_bytes(b"".join(lines))
    assert [finding.line for finding in check_file(path, settings)] == [701, 901]


def seen(images: int) -> dict[str, Any]:
    image = {"type": "image_url", "image_url": {"url": "u", "detail": "low"}}
    return {"messages": [user([image] * images + [{"type": "text", "text": "So?"}])]}


ASKS = st.one_of(
    st.fixed_dictionaries({"messages": st.lists(st.builds(user, TEXTS), max_size=3)}),
    st.fixed_dictionaries({"input": TEXTS}, optional={"instructions": TEXTS}),
    st.fixed_dictionaries({"prompt": TEXTS}),
    st.fixed_dictionaries({"input": st.lists(TEXTS, max_size=3)}),
    st.integers(0, 9).map(seen),
)


@example(seen(9), "gpt-4o-mini", None, -1, "/v1/chat/completions")
@given(
    ASKS,
    st.sampled_from(["gpt-4o-mini", "Qwen/Qwen3-8B", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "m"]),
    st.one_of(st.none(), st.integers(0, 200)),
    st.integers(-40, 3),
    st.sampled_from(["/v1/chat/completions", "/v1/responses", "/v1/embeddings"]),
)
def test_a_line_that_certainly_fits_does(asks: dict[str, Any], model: str, most: int | None, beyond: int, url: str):
    """The limit is close to the length."""
    body = {"model": model, **asks, **({} if most is None else {"max_tokens": most})}
    record = {"custom_id": "a", "url": url, "body": body}
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    length = compile_plan(Settings(target="openai")).ruler().count(record, "batch").tokens + (most or 0)
    plan = compile_plan(Settings(target="openai", max_tokens=max(1, length + beyond)))
    verdict = plan.verdict(signature(record), record, None)
    assert verdict.names_model is (isinstance(body.get("input"), list) or body.get("messages") == [])
    if not verdict.names_model and len(line) <= verdict.sure_bytes:
        assert plan.ruler().overrun(record, verdict.format) is None


def test_a_repeated_id_is_found_however_it_is_spelled(tmp_path: Path):
    settings = Settings(target="openai", select=("duplicate-custom-id",), max_findings=0)
    path = tmp_path / "requests.jsonl"
    line = b'{"custom_id": "r-%d", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-4o-mini", '
    line += b'"messages": [{"role": "user", "content": "Hi"}]}}\n'
    lines = [line % number for number in range(1_500)]
    lines[1_000] = line.replace(b"r-%d", b"\\u0072-7")
    lines[1_200] = b' {"body" : {}, "custom_id": "r-8"}\n'
    lines[1_300] = line % 9
    path.write_bytes(b"".join(lines))
    found = [(each.line, each.column, each.end_column, each.byte_offset) for each in check_file(path, settings)]
    starts = [sum(map(len, lines[:index])) for index in (1_000, 1_200, 1_300)]
    assert found == [(1_001, 15, 25, starts[0] + 14), (1_201, 29, 34, starts[1] + 28), (1_301, 15, 20, starts[2] + 14)]
