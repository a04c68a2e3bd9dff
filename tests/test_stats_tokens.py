"""`stats` with tokens: the sums of what `count_tokens` says of each record, and as many over a limit as for `check`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import WeakSet

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonl_lint import Settings, Statistics, UserError, check_file, count_tokens, stats_of
from jsonl_lint.cli import run
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.report.stats_page import MOST_FILES
from jsonl_lint.report.stats_page import page_of as stats_page
from jsonl_lint.stats.tokens import MOST_REASONS, OTHER_REASONS, TokenStatistics
from jsonl_lint.tokens.lengths import LengthMeter, Limit, Price, RecordLengths
from jsonl_lint.tokens.limits import Limits
from jsonl_lint.tokens.ruler import Ruler
from tests.conftest import ROOT, chat, chat_like, line_of

LLAMA = "meta-llama/Llama-3.3-70B-Instruct-Reference"
MINI = "gpt-4o-mini-2024-07-18"
CALL = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Löwen"}'}}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}

RECORDS: list[dict[str, Any]] = [
    chat("Why is the sky blue?", "It scatters."),
    {"messages": [{"role": "system", "content": "Be short."}, *chat("a", "b")["messages"]]},
    {"messages": [{"role": "system", "content": "Be short."}, *chat("c" * 900, "d " * 700)["messages"]]},
    {
        "messages": [
            {"role": "user", "content": "Rain?"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c", "content": "no"},
            {"role": "assistant", "content": "No."},
        ],
        "tools": TOOLS,
    },
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "What?"}, IMAGE]}, *chat("x")["messages"]]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "One "}, {"type": "text", "text": "two"}]}]},
    {"prompt": "abc", "completion": "de"},
    {"text": "some text"},
    {
        "input": {"messages": chat("Which one?")["messages"]},
        "preferred_output": [{"role": "assistant", "content": "this one " * 30}],
        "non_preferred_output": [{"role": "assistant", "content": "that"}],
    },
    {"messages": [{"role": "assistant", "content": "<think>so</think>x", "reasoning_content": "thus"}]},
    {"messages": [{"role": "user", "content": []}, *chat("x")["messages"][1:]]},
    {**chat("x"), "system": "Be brief, please."},
    {"messages": "x"},
    {"messages": [7]},
]  # fmt: skip


def tally_for(model: str | None, target: str = "together", method: str = "sft") -> LengthMeter:
    return LengthMeter(Ruler(Limits(compile_plan(Settings(target=target)).target, method, model)))


def of(tmp_path: Path, records: list[dict[str, Any]], given: Settings | None = None, **more: Any) -> dict[str, Any]:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(map(line_of, records)))
    (found,) = stats_of([path], given, **more)
    assert isinstance(found, Statistics)
    return found.to_dict()


@pytest.mark.parametrize("model", [LLAMA, MINI, "Qwen/Qwen3-8B", "deepseek-ai/DeepSeek-V3.1", None])
@pytest.mark.parametrize("record", RECORDS)
def test_the_length_of_a_record_is_that_of_count_tokens(model: str | None, record: dict[str, Any]):
    found = tally_for(model).lengths(record, compile_plan().own_format(record.keys(), None) or "unknown")
    expected = count_tokens(record, model=model)
    assert (max(found.sequences), found.how, found.images) == (expected.tokens, expected.how, expected.images)
    assert len(found.sequences) == 1 + ("preferred_output" in record)


@settings(max_examples=150, deadline=None)
@given(chat_like)
def test_any_chat_is_as_long_as_count_tokens_says(record: dict[str, Any]):
    found = TALLY.lengths(record, "chat")
    assert max(found.sequences) == Ruler(Limits(compile_plan().target, "sft", LLAMA)).count(record, "chat").tokens


TALLY = tally_for(LLAMA)


def test_a_file_is_added_up(tmp_path: Path):
    entry = of(tmp_path, [*RECORDS, {"question": "?"}], Settings(model=LLAMA), limits=[30, 100])
    tokens, lengths = entry["tokens"], [count_tokens(record, model=LLAMA) for record in RECORDS]
    assert entry["distributions"]["tokens"]["count"] == tokens["records"] == len(RECORDS)
    assert entry["distributions"]["tokens"]["max"] == max(length.tokens for length in lengths)
    assert tokens["not_counted"] == 1
    assert Counter({entry["how"]: 0 for entry in tokens["counted"]}) + sum(
        (Counter({entry["how"]: entry["records"]}) for entry in tokens["counted"]), Counter()
    ) == Counter(length.how for length in lengths)
    assert tokens["images_not_counted"] == {"images": 1, "records": 1}
    shorter = TALLY.lengths(RECORDS[8], "preference").sequences
    assert tokens["per_epoch"] == sum(length.tokens for length in lengths) + min(shorter)
    assert tokens["sequences"] == len(RECORDS) + 1
    assert (tokens["model"], tokens["tokenizer"], tokens["template"]) == (LLAMA, "llama3", "llama3.1")
    assert tokens["cost"] is None


def test_limits_are_those_given_and_those_of_the_model(tmp_path: Path):
    limits = of(tmp_path, RECORDS, Settings(model=LLAMA, max_tokens=70), limits=[40])["tokens"]["limits"]
    assert [limit["limit"] for limit in limits] == [70, 40, 24576, 12288]
    assert limits[0]["source"] == "--max-tokens"
    assert limits[2]["source"].startswith("SFT limit, docs.together.ai")
    window = tally_for(MINI, "openai").limits([], "chat")
    assert [limit.tokens for limit in window] == [65536, 128000]
    assert window[1].source.startswith("context window, ")


def test_limits_of_training_are_not_those_of_batch_requests(tmp_path: Path):
    request = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": MINI, **chat("x")}}
    for model, limits in ((None, [40]), (MINI, [40, 128000])):
        tokens = of(tmp_path, [request], Settings(model=model, target="openai"), limits=[40])["tokens"]
        assert [limit["limit"] for limit in tokens["limits"]] == limits


@pytest.mark.parametrize("limit", [30, 45, 60, 1000])
def test_as_many_records_are_over_a_limit_as_check_reports(tmp_path: Path, limit: int):
    chats = [record for record in RECORDS if isinstance(record.get("messages"), list)]
    (beside,) = (entry for entry in of(tmp_path, chats, Settings(model=LLAMA), limits=[limit])["tokens"]["limits"][:1])
    report = check_file(tmp_path / "data.jsonl", Settings(model=LLAMA, max_tokens=limit, select=("over-length",)))
    assert beside["over"] == len({finding.line for finding in report.findings})
    assert beside["share_over"] == pytest.approx(beside["over"] / len(chats), abs=1e-6)


SEQUENCES = st.lists(st.lists(st.integers(0, 3000), min_size=1, max_size=2), max_size=30)


@given(SEQUENCES, SEQUENCES)
def test_sums_are_those_of_all_records_however_they_are_merged(left: list[list[int]], right: list[list[int]]):
    limits = (Limit(500, "a"), Limit(2000, "b"))
    parts = [TokenStatistics({}, limits) for _ in range(3)]
    for record in left:
        parts[0].add(RecordLengths(tuple(record), "exact", "x", len(record)))
    for record in right:
        parts[1].add(RecordLengths(tuple(record), "approximately", "y", 0))
    for record in left:
        parts[2].add(RecordLengths(tuple(record), "exact", "x", len(record)))
    for record in right:
        parts[2].add(RecordLengths(tuple(record), "approximately", "y", 0))
    parts[0].absorb(parts[1])
    entry = parts[0].to_dict()
    assert entry == parts[2].to_dict()
    both = left + right
    for limit, beside in zip(limits, entry["limits"], strict=True):
        assert beside["over"] == sum(max(record) > limit.tokens for record in both)
        kept = sum(min(tokens, limit.tokens) for record in both for tokens in record)
        assert beside["per_epoch"] == kept
        assert (beside["packed_sequences_at_least"] - 1) * limit.tokens < kept or not kept
        assert beside["packed_sequences_at_least"] * limit.tokens >= kept
    assert entry["per_epoch"] == sum(map(sum, both))


def test_reasons_are_bounded():
    found = TokenStatistics({})
    for number in range(MOST_REASONS + 20):
        found.add(RecordLengths((1,), "approximately", f"model {number}", 0))
    assert len(found.counted) == MOST_REASONS + 1
    assert found.counted["approximately", OTHER_REASONS] == 20


def test_a_request_is_counted_for_the_model_that_it_names():
    tally = tally_for(None)
    body = {"messages": chat("Good morning! こんにちは")["messages"]}
    for model in (LLAMA, MINI):
        record = {"custom_id": "a", "body": {"model": model, **body}}
        assert tally.lengths(record, "batch").sequences == (count_tokens(body, model=model).tokens,)
    assert tally.lengths({"custom_id": "a", "body": {"model": 7, **body}}, "batch").how == "approximately"
    assert tally.lengths({"custom_id": "a", "body": None}, "batch").sequences


SEA, WIND = "The sea and the sky.", "The wind, and the sand of the dunes."
ASKED_IN_ITEMS = [
    {"role": "user", "content": [{"type": "input_text", "text": SEA}]},
    {"type": "function_call", "call_id": "1", "name": "weather", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "1", "output": WIND},
    {"role": "user", "content": WIND},
    7,
]


def plain(text: str) -> int:
    return count_tokens({"text": text}, model=MINI).tokens - 1


@pytest.mark.parametrize(
    ("body", "how", "sequences"),
    [
        ({"prompt": SEA}, "approximately", (plain(SEA),)),
        ({"prompt": [SEA, WIND]}, "approximately", (plain(SEA), plain(WIND))),
        ({"input": [WIND, SEA]}, "approximately", (plain(WIND), plain(SEA))),
        ({"prompt": [1, 2, 3, 4]}, "exact", (4,)),
        ({"input": [[1, 2, 3], [4]]}, "exact", (3, 1)),
        ({"file": "https://a.b/c.mp3"}, "at least", (0,)),
        ({"prompt": None}, "at least", (0,)),
        ({"input": []}, "at least", (0,)),
        ({"input": {"a": 1}}, "at least", (0,)),
        ({"prompt": [None, True, 1.5, ["a"], []]}, "at least", (0,)),
    ],
)
def test_what_a_request_without_messages_asks_is_counted(body: dict[str, Any], how: str, sequences: tuple[int, ...]):
    found = tally_for(None).lengths({"custom_id": "a", "body": {"model": MINI, **body}}, "batch")
    assert (found.how, found.sequences) == (how, sequences)


def test_a_request_for_a_response_is_about_as_long_as_the_same_chat():
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": SEA}]
    chat_length = count_tokens({"messages": messages}, model=MINI).tokens
    lengths = tally_for(None).lengths
    for asked in (SEA, [SEA], messages[1:]):
        body = {"model": MINI, "input": asked, "instructions": "Be brief."}
        found = lengths({"custom_id": "a", "url": "/v1/responses", "body": body}, "batch")
        assert (found.how, found.sequences) == ("approximately", (chat_length,))
    found = lengths({"custom_id": "a", "body": {"model": MINI, "input": ASKED_IN_ITEMS}}, "batch")
    assert found.how == "approximately"
    assert plain(SEA) + 2 * plain(WIND) < found.sequences[0] < plain(SEA) + 2 * plain(WIND) + 40


def test_of_very_many_inputs_the_first_are_counted_and_it_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jsonl_lint.tokens.requests.MOST_INPUTS", 2)
    found = tally_for(None).lengths({"custom_id": "a", "body": {"model": MINI, "input": [SEA] * 3}}, "batch")
    assert found.sequences == (plain(SEA), plain(SEA))
    assert "more than 2 inputs" in found.why


def test_the_texts_of_requests_without_messages_are_statistics(tmp_path: Path):
    bodies: list[dict[str, Any]] = [
        {"prompt": SEA},
        {"input": [SEA, WIND]},
        {"input": ASKED_IN_ITEMS, "instructions": "Be brief."},
        {"input": [[1, 2]]},
    ]
    requests = [{"custom_id": f"{n}", "body": {"model": MINI, **body}} for n, body in enumerate(bodies)]
    found = of(tmp_path, requests)
    sizes = found["distributions"]
    assert sizes["characters"]["max"] == len(SEA) + 2 * len(WIND) + len("Be brief.")
    assert (sizes["turns"]["count"], sizes["turns"]["max"]) == (1, 5)
    roles = {role: each["messages"] for role, each in found["roles"].items()}
    assert roles == {"user": 2, "assistant": 1, "system": 1, "tool": 1}
    assert found["tools"]["called"] == {"weather": 1}


# --- costs -----------------------------------------------------------------------------------------------------------


def registry(tmp_path: Path, **row: Any) -> str:
    path = tmp_path / "models.json"
    source = {"name": "mine", "source": "our contract", "date": "2026-11-20"}
    entry = {"id": "acme/Llama-3.1-8B", "provider": "together", "sft_limit": 50, **row}
    path.write_text(json.dumps({"version": 1, "sources": [source], "models": [entry]}))
    return str(path)


def test_a_price_gives_a_cost_with_its_source(tmp_path: Path, capsysbinary: Any):
    models = registry(tmp_path, training_price={"sft": 2.5}, price_source="mine", source="mine")
    given = Settings(model="acme/Llama-3.1-8B", models=models)
    tokens = of(tmp_path, RECORDS * 500, given)["tokens"]
    assert tokens["cost"] == {
        "currency": "USD",
        "per_epoch": round(tokens["per_epoch"] * 2.5 / 1e6, 4),
        "per_million_tokens": 2.5,
        "source": "our contract, 2026-11-20",
    }
    command = ["stats", str(tmp_path / "data.jsonl"), "--model", "acme/Llama-3.1-8B", "--models", models]
    assert run(command) == 0
    out = capsysbinary.readouterr().out.decode()
    assert "an epoch, at $2.5 a million tokens (our contract, 2026-11-20)\n" in out
    assert run([*command, "--method", "dpo"]) == 0
    assert b"a million tokens" not in capsysbinary.readouterr().out
    assert run(["models", "acme/Llama-3.1-8B", "--models", models]) == 0
    assert b"$2.5 (SFT) for a million trained tokens; our contract, 2026-11-20" in capsysbinary.readouterr().out


def test_a_price_without_a_source_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="needs its price_source"):
        of(tmp_path, [], Settings(model="x", models=registry(tmp_path, training_price={"sft": 1}, source="mine")))


def test_merged_prices_stay():
    found = TokenStatistics({}, price=Price(1.0, "here"))
    found.add(RecordLengths((3_000_000,), "exact", "", 0))
    assert found.to_dict()["cost"]["per_epoch"] == 3.0


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--max-tokens", "0"], "'--max-tokens': 0; it must be at least 1"),
        (["--max-tokens", "5", "--max-tokens", "-1"], "'--max-tokens': -1; it must be at least 1"),
        (["--tokenizer", "llama9"], "no tokenizer is named 'llama9'"),
        (["--tokenizer", "{folder}/broken.json"], "not a tokenizer.json"),
        (["--tokenizer", "{folder}/missing.json"], "cannot read the tokenizer"),
        (["--models", "{folder}/broken.json"], "not JSON"),
    ],
)
def test_wrong_options_are_one_clear_line(tmp_path: Path, capsysbinary: Any, options: list[str], complaint: str):
    (tmp_path / "broken.json").write_text("{broken")
    (tmp_path / "data.jsonl").write_bytes(line_of(RECORDS[0]))
    options = [option.replace("{folder}", str(tmp_path)) for option in options]
    assert run(["stats", str(tmp_path / "data.jsonl"), *options]) == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert complaint in err.decode()
    assert err.count(b"\n") == 1


@pytest.mark.parametrize(
    ("model", "note"),
    [
        ("meta-llama/Llama-3.3-70B-Instruct-Referense", f"did you mean {LLAMA}"),
        ("nobody/knows-it", "`jsonl-lint models` lists what is known"),
        ("Qwen/Qwen3-Next-80B-A3B-Instruct", "was taken away from fine-tuning on 2026-07-29"),
    ],
)
def test_a_model_that_is_unknown_or_gone_is_said_once(tmp_path: Path, capsysbinary: Any, model: str, note: str):
    (tmp_path / "data.jsonl").write_bytes(line_of(RECORDS[0]))
    assert run(["stats", str(tmp_path / "data.jsonl"), "--model", model]) == 0
    out, err = capsysbinary.readouterr()
    assert note in err.decode()
    assert b"tokens     min" in out


def test_tokens_can_be_left_out(tmp_path: Path, capsysbinary: Any):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(RECORDS[0]))
    assert run(["stats", str(path), "--no-tokens", "--output-format", "json"]) == 0
    (entry,) = json.loads(capsysbinary.readouterr().out)["files"]
    assert entry["tokens"] is None
    assert "tokens" not in entry["distributions"]


def test_the_text_says_how_tokens_were_counted(tmp_path: Path, capsysbinary: Any):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(map(line_of, [*RECORDS, {"question": "?"}])))
    assert run(["stats", str(path), "--model", LLAMA, "--max-tokens", "60"]) == 0
    out = capsysbinary.readouterr().out.decode()
    assert "exact 9 (vocabulary llama3, template llama3.1), " in out
    assert ", and 2 more\n" in out
    assert "approximately 1 (how the template renders a prompt and its answer" in out
    assert "approximately 2 (how the template renders contents in parts" in out
    assert "1 record of no known format not counted" in out
    assert "1 image in 1 record not counted" in out
    assert "limit    60 (--max-tokens): 3 over, 21.43 %; cut there, an epoch has " in out
    assert "\n  tokens:\n" in out


def page_of(data: bytes) -> tuple[Any, str]:
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(data)
    assert not list(page.iter("script"))
    return page, " ".join("".join(page.itertext()).split())


@pytest.mark.parametrize(("model", "about"), [((), "about "), (("--model", LLAMA), "")])
def test_a_sum_that_is_not_exact_says_about(tmp_path: Path, capsysbinary: Any, model: tuple[str, ...], about: str):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(map(line_of, RECORDS[:2])))
    command = ["stats", str(path), *model, "--output-format"]
    assert run([*command, "json"]) == 0
    tokens = json.loads(capsysbinary.readouterr().out)["files"][0]["tokens"]
    assert {entry["how"] == "exact" for entry in tokens["counted"]} == {not about}
    shown = f"{about}{tokens['per_epoch']:,}"
    assert run([*command, "text"]) == 0
    assert f"  epoch    {shown} tokens\n" in capsysbinary.readouterr().out.decode()
    assert run([*command, "html"]) == 0
    page, _ = page_of(capsysbinary.readouterr().out)
    figures = {term.text: value.text for term, value in zip(page.iter("dt"), page.iter("dd"), strict=True)}
    assert figures["tokens an epoch"] == shown


def test_the_html_page_shows_it_all_and_runs_nothing(tmp_path: Path, capsysbinary: Any):
    hostile = {"messages": [{"role": "<script>alert(1)</script>", "content": "a"}], "tools": [{"name": "<img src=x>"}]}
    path = tmp_path / "<b>.jsonl"
    path.write_bytes(b"".join(map(line_of, [*RECORDS, hostile])))
    command = ["stats", str(path), str(tmp_path / "missing"), "--model", LLAMA, "--max-tokens", "60"]
    assert run([*command, "--output-format", "html"]) == 2
    page, text = page_of(capsysbinary.readouterr().out)
    assert not list(page.iter("img"))
    assert [caption.text for caption in page.iter("figcaption")] == [
        "Tokens in a record",
        "Messages in a record",
        "Messages by role",
    ]
    assert "tokens an epoch" in text
    assert "exact: vocabulary llama3, template llama3.1" in text
    assert "--max-tokens" in text
    assert "missing" in text


@pytest.mark.parametrize("output_format", ["text", "html"])
def test_a_name_of_a_file_cannot_disturb_what_shows_it(tmp_path: Path, capsysbinary: Any, output_format: str):
    (tmp_path / "\x1b[31m\u202e.jsonl").write_bytes(b"")
    missing = str(tmp_path / "\x1b[32m")
    assert run(["stats", str(tmp_path), missing, "--output-format", output_format]) == 2
    captured = capsysbinary.readouterr()
    assert b"\\u001b[31m\\u202e.jsonl" in captured.out
    assert (captured.out + captured.err).decode().replace("\n", "").isprintable()


def test_the_page_keeps_no_more_files_than_it_shows():
    class Entry(dict[str, Any]):
        """One that can be watched."""

        __hash__ = object.__hash__  # type: ignore[assignment]

    alive: WeakSet[Entry] = WeakSet()
    held: list[int] = []

    def files() -> Iterator[dict[str, Any]]:
        for number in range(3 * MOST_FILES):
            entry = Entry(Statistics(f"{number}.jsonl").to_dict())
            alive.add(entry)
            yield entry
            held.append(len(alive))

    rest = {"tool": {"name": "", "version": ""}, "total": Statistics(None).to_dict(), "input_errors": []}
    page = stats_page(files(), lambda: rest)
    assert f"and {2 * MOST_FILES} more" in page
    assert max(held) <= MOST_FILES + 2


def test_an_empty_file_has_a_page(tmp_path: Path, capsysbinary: Any):
    (tmp_path / "a.jsonl").write_bytes(b"")
    assert run(["stats", str(tmp_path / "a.jsonl"), "--output-format", "html"]) == 0
    page_of(capsysbinary.readouterr().out)


@pytest.mark.parametrize(("options", "charts"), [(["--model", MINI, "--target", "openai"], 1), ([], 0)])
def test_the_html_report_of_check_shows_lengths_where_a_model_is_named(
    capsysbinary: Any, options: list[str], charts: int
):
    sample = str(ROOT / "fixtures" / "sample.jsonl")
    assert run(["check", sample, "--output-format", "html", *options]) == 1
    text = capsysbinary.readouterr().out.decode()
    assert text.count("<figcaption>Tokens in a record</figcaption>") == charts
    assert text.count("records exact: vocabulary o200k_base, template openai") == charts
