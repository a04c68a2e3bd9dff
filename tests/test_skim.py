"""What the compiled part passes over is clean, and the report is the same without it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Settings, jsonspan, likeness, native
from jsonl_lint.api import check_file
from jsonl_lint.engine import block
from jsonl_lint.plan import compile_plan
from tests.mutants import VALID, mutated
from tests.test_scan import SIGNS

pytestmark = pytest.mark.skipif(native.load() is None, reason="no C compiler when the package was installed")

PLAN = compile_plan()
SHORT, LONG = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello there, you."}


def recognised(data: bytes, most_bytes: int = 1 << 20) -> list[tuple[int, ...]]:
    recognise = PLAN.recogniser()
    assert recognise is not None
    return list(recognise(data, most_bytes)[0])


def line_of(*messages: object, **options: object) -> bytes:
    return json.dumps({"messages": messages}, **options).encode() + b"\n"  # type: ignore[arg-type]


TEXTS = st.lists(
    st.sampled_from(
        ["word ", "é", "數據", "🙂", "\n", '"', "\\", "/", "Σ", "n", "\t", "\u3000", " ", "x" * 99, *SIGNS]
    ),
    max_size=6,
).map("".join)
ROLES = st.sampled_from(["system", "user", "assistant", "developer"])
MESSAGES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"role": ROLES, "content": TEXTS}),
        st.fixed_dictionaries({"content": TEXTS, "role": ROLES}),
    ),
    min_size=1,
    max_size=5,
)
STYLES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")])


@given(MESSAGES, STYLES, st.booleans(), st.sampled_from([b"\n", b"\r\n"]))
def test_a_plain_conversation_is_recognised_in_every_spelling(messages, style, ascii_only, end):
    line = json.dumps({"messages": messages}, ensure_ascii=ascii_only, separators=style).encode() + end
    found = recognised(line)
    assert bool(found) == all(message["content"].strip() for message in messages)
    for start, stop, _, count, *_, flags in found:
        assert (start, stop, count) == (0, len(line), len(messages))
        assert bool(flags & native.CRLF) == (end == b"\r\n")


@given(MESSAGES, STYLES, st.booleans())
def test_its_key_is_that_of_the_parsed_record(messages, style, ascii_only):
    line = json.dumps({"messages": messages}, ensure_ascii=ascii_only, separators=style).encode() + b"\n"
    recognise = PLAN.recogniser()
    assert recognise is not None
    lines, _, tails = recognise(line, 1 << 20)
    for _, _, _, _, before, before_end, last, last_end, tail_bytes, flags in lines:
        texts = line[before:before_end], line[last:last_end]
        if flags & native.UNITS:
            key = likeness.spelled_key(*texts)
        elif flags & native.WIDE:
            (key,) = likeness.text_keys([b"".join(texts).decode()])
        else:
            key = likeness.tail_key(tails[:tail_bytes])
        assert key == likeness.record_key({"messages": messages})


REFUSED = [
    b'{"messages":[]}\n',
    b'{"messages":[{"role":"user","content":""}]}\n',
    b'{"messages":[{"role":"user","content":" \\n\\u00a0\xe3\x80\x80"}]}\n',
    b'{"messages":[{"role":"user","content":null}]}\n',
    b'{"messages":[{"role":"User","content":"x"}]}\n',
    b'{"messages":[{"role":"users","content":"x"}]}\n',
    b'{"messages":[{"role":"user","role":"user","content":"x"}]}\n',
    b'{"messages":[{"role":"user","content":"x","content":"y"}]}\n',
    b'{"messages":[{"role":"user","content":"x"}],"messages":[{"role":"user","content":"x"}]}\n',
    b'{"messages":[{"role":"user","content":"x"},]}\n',
    b'{"messages":[{"role":"user","content":"x"}{"role":"user","content":"x"}]}\n',
    b'{"messages":[{"role":"user","content":"x"}]}}\n',
    b'{"messages":[{"role":"user","content":"x"}]} \n',
    b'{"messages":[{"role":"user","content":"x"}]\n',
    b'{"messages":[{"role":"user","content":"x"}]}',
    b'[{"messages":[{"role":"user","content":"x"}]}]\n',
    b'{"messages":[{"role":"user","content":"x}]}\n',
    b'{"messages":[{"role":"user","content":"x\ty"}]}\n',
    b'{"messages":[{"role":"user","content":"x\x00y"}]}\n',
    b'{"messages":[{"role":"user","content":"x\\"}]}\n',
    b'{"messages":[{"role":"user","content":"x\\x41"}]}\n',
    b'{"messages":[{"role":"user","content":"x\\u12g4"}]}\n',
    b'{"messages":[{"role":"user","content":"x\\u123"}]}\n',
    b'{"messages":[{"role":"user","content":"x\\ud83d"}]}\n',
    b'{"messages":[{"role":"user","content":"x\\ud83dxx"}]}\n',
    b'{"messages":[{"role":"user","content":"x\\ud83d\\u0041"}]}\n',
    b'{"messages":[{"role":"user","content":"x\\ude00"}]}\n',
    b"\xef\xbb\xbf" + b'{"messages":[{"role":"user","content":"x"}]}\n',
    *(b'{"messages":[{"role":"user","content":"x%b"}]}\n' % bad for bad in (b"\x80", b"\xc3", b"\xc0\x80", b"\xc3x")),
    *(
        b'{"messages":[{"role":"user","content":"x%b"}]}\n' % bad
        for bad in (b"\xe2\x82", b"\xe0\x80\x80", b"\xed\xa0\x80")
    ),
    *(b'{"messages":[{"role":"user","content":"x%b"}]}\n' % bad for bad in (b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80")),
    *(
        b'{"messages":[{"role":"user","content":"x%b"}]}\n' % bad
        for bad in (b"\xf5\x80\x80\x80", b"\xff", b"\xf0\x9f\x99")
    ),
]


@pytest.mark.parametrize("line", REFUSED)
def test_whatever_is_not_a_plain_conversation_goes_the_usual_way(line: bytes):
    assert recognised(line) == []


def test_a_line_after_one_that_is_refused_is_recognised():
    good = line_of(SHORT, LONG)
    data = b"".join(refused.rstrip(b"\n") + b"\n" + good for refused in REFUSED)
    found = [data[start:stop] for start, stop, *_ in recognised(data)]
    assert found.count(good) == len(REFUSED)
    assert len(found) == len(REFUSED) + 1  # of one, only the line feed was missing
    assert recognised(data, len(good) - 1) == [] or all(len(line) < len(good) for line in found if line != good)


@given(st.randoms(use_true_random=False))
def test_what_is_recognised_is_json_that_the_exact_parser_takes(dice: random.Random):
    line = bytearray(line_of(SHORT, LONG, {"role": "user", "content": 'é"\\\n🙂'}, ensure_ascii=dice.random() < 0.5))
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(line))
        line[place : place + dice.randrange(3)] = bytes(
            dice.choices(b'{}[]",:\\ un0\xc3\xa9\xf0\n\r', k=dice.randrange(3))
        )
    for start, stop, _, count, *_ in recognised(bytes(line)):
        text = bytes(line[start:stop]).decode()
        document = jsonspan.parse(text)
        assert not document.problems
        record = json.loads(text)
        assert list(record) == ["messages"]
        assert [sorted(message) for message in record["messages"]] == [["content", "role"]] * count


def lines_of_many_kinds(dice: random.Random, count: int) -> bytes:
    lines = []
    for _ in range(count):
        kind = dice.random()
        if kind < 0.7:
            words = [*SIGNS, ",", "e"] if dice.random() < 0.2 else ["word ", "Été ", "數據", "So.\n", '"q" ', "\\a"]
            texts = ["".join(dice.choices(words, k=dice.choice([1, 3, 40]))) for _ in "ab"]
            messages = [
                {"role": role, "content": text} for role, text in zip(("user", "assistant"), texts, strict=True)
            ]
            messages = messages * dice.choice([1, 1, 2]) if dice.random() < 0.9 else messages[::-1]
            line = line_of(*messages, ensure_ascii=dice.random() < 0.3)
        elif kind < 0.9:
            line = json.dumps(mutated(dice.choice(VALID), dice)).encode() + b"\n"
        else:
            line = dice.choice([*REFUSED, b"\n", b"{\n", b'"messages": 1\n', b"}\n"])
        lines.append(line.replace(b"\n", b"\r\n") if dice.random() < 0.05 else line)
    return b"".join(lines)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "settings",
    [
        Settings(max_findings=0),
        Settings(max_findings=0, select=("JL1", "JL2")),
        Settings(max_findings=0, select=("JL0", "JL8")),
        Settings(max_findings=0, model="gpt-4o-mini", max_tokens=100),
    ],
)
def test_the_report_is_the_same_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, settings):
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines_of_many_kinds(random.Random(seed), 700))
    monkeypatch.setattr(block, "SMALL_FILE_LINES", 3)
    passed: list[block.Run] = []
    book_run = block._Checker.book_run
    monkeypatch.setattr(block._Checker, "book_run", lambda self, run: (passed.append(run), book_run(self, run)))
    with_it = check_file(path, settings)
    assert sum(run.lines for run in passed) > 100
    if settings.model:
        assert max(run.last_line_bytes for run in passed) > compile_plan(settings).sure_bytes
        assert with_it.summary["by_rule"]["over-length"] > 5
    monkeypatch.setattr(native, "load", lambda: None)
    without = check_file(path, settings)
    assert with_it.to_dict() == without.to_dict()
