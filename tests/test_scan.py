"""The scan lets every record through that a text rule reports, in whatever way its characters are spelled."""

from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Settings, check_file, check_record
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.plans.prefilter import compile_prefilters
from jsonl_lint.records.texts import ends_in_loop, placed_texts, texts_of
from jsonl_lint.rule import TextRule

EVERY = compile_plan(Settings(extend_select=("ALL",)))
SCAN = EVERY.scan
assert SCAN is not None
SIGNS = [
    *(
        "<|im_end|>",
        "[INST]",
        "</s>",
        "<think>",
        "&amp;",
        "<br>",
        "a\\nB",
        "null",
        " N/A\n",
        "<noinput>",
        "\ufffd",
        "\x00",
    ),
    *(
        "\x7f",
        "\x85",
        "\u200b",
        "\U000e0041",
        "Ã©",
        "â€™",
        "ðŸ™‚",
        "\ufeff",
        "AKIAQ3EGZ7RMWT5KX2LN",
        " the",
        ",",
        "ha" * 150,
    ),
    *(
        "sk-a8Kd03LmZq7XwP2RtVb9NcYs5HgJf1EuTiO4xMk6QzWrDpSv",
        "-----BEGIN PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEA7c9Qk2Zp",
        "SG." + "gKY8Q06JRtagIdo5PSxghG.qt4rRG3IUrFfKkFEB3q1msC0SORVcnQPAFmUHxxf9wx",
    ),
    *(
        "anna.meyer@gmx.de",
        "DE89 3704 0044 0532 0130 00",
        "GB29NWBK60161331926819",
        "4539 1488 0343 6467",
        "4539148803436467",
        "3782-822463-10005",
        "219-09-9999",
        "+49 89 1234 5678",
        "+1 (212) 555.0123",
    ),
    *(
        "I'm sorry, but I can't help with that.",
        "Sorry, I can’t assist.",
        "As an AI language model, I don't know.",
        "I CANNOT provide that.",
        "icant help",
        "I am unable to help.",
        "I’m not able to answer.",
        "Unfortunately, I won't do that.",
    ),
]
PIECES = st.lists(st.sampled_from([*SIGNS, "word ", "é", "數據", "\n", '"', "\\", "x" * 90]), max_size=5).map("".join)
ROLES = st.sampled_from(["system", "user", "assistant"])
MESSAGES = st.lists(st.fixed_dictionaries({"role": ROLES, "content": PIECES}), min_size=1, max_size=4)
RECORDS = st.one_of(
    MESSAGES.map(lambda found: {"messages": found}),
    PIECES.map(lambda text: {"text": text}),
    st.tuples(MESSAGES, PIECES).map(lambda both: {"messages": both[0], "tools": [], "note": [both[1]]}),
)


def escaped(text: str, share: int) -> str:
    """JSON in which every nth character of a string that has no escape yet is spelled as one, and `/` as `\\/`."""
    counter = iter(range(1 << 30))

    def spelled(match: re.Match[str]) -> str:
        whole = match.group()
        if len(whole) > 1 or whole == '"' or next(counter) % share:
            return whole.replace("/", "\\/") if len(whole) == 1 else whole
        return "".join(f"\\u{code:04x}" for code in _units(whole))

    return re.sub(r"\\u....|\\.|[^\\]", lambda match: spelled(match), text)


def _units(character: str) -> list[int]:
    raw = character.encode("utf-16-be")
    return [int.from_bytes(raw[index : index + 2], "big") for index in range(0, len(raw), 2)]


def reported(record: dict[str, object]) -> set[str]:
    """The text rules that report the record if each of them sees it."""
    view = EVERY.record(record, "chat", "chat", "chat")
    rules = [rule for rule in EVERY.rules.values() if isinstance(rule, TextRule)]
    return {rule.name for rule in rules if any(True for _ in rule.check(view))}


@given(RECORDS)
def test_a_rule_that_would_report_a_record_is_asked(record):
    texts = texts_of(record)
    plain = set(record) == {"messages"}
    lasts = texts[-1:] if plain else texts
    if plain:
        texts = [message["content"] for message in record["messages"]]
        lasts = texts[-1:]
    assert reported(record) <= {rule.name for rule in SCAN.concerned(texts, lasts)}


@given(RECORDS)
def test_places_do_not_change_the_texts(record):
    assert sorted(texts_of(record)) == sorted(text for _, text, _ in placed_texts(record))


@given(RECORDS, st.integers(1, 7), st.booleans())
def test_the_short_cut_passes_over_nothing_however_it_is_spelled(record, share, ascii_only):
    filters = compile_prefilters(SCAN.rules)
    assert filters is not None
    text = json.dumps(record, ensure_ascii=ascii_only)
    strings = re.compile(r'"(?:[^"\\]|\\.)*"')
    line = strings.sub(lambda match: '"' + escaped(match.group()[1:-1], share) + '"', text)
    assert json.loads(line) == record
    texts = texts_of(record)
    marked = 0
    for _, rules in filters.plain(line.encode()) + filters.hidden(line.encode()):
        marked |= rules
    assert reported(record) <= {rule.name for rule in SCAN.concerned(texts, texts, marked)}
    assert texts == texts_of(json.loads(line))


@pytest.mark.parametrize(
    "text",
    [
        "A risk-averse, task-based view of scikit-learn.",
        "See https://a.b/c?d=e&f=1#g_h.",
        'Well, done!\nis it "fine": yes; no?\n- one\n\t{x} [y] (z)\r\n`c` $5 #1 @me 1.5',
    ],
)
def test_ordinary_words_are_no_marks(text: str):
    by_default = compile_plan().scan
    assert by_default is not None
    filters = compile_prefilters(by_default.rules)
    assert filters is not None
    assert filters.plain(json.dumps({"text": text}).encode()) == []


def assert_the_same_without_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(max_findings=0, extend_select=("JL7",))
    with_it = check_file(path, settings)
    monkeypatch.setattr("jsonl_lint.plans.scan.compile_prefilters", lambda rules: None)
    without = check_file(path, settings)
    assert with_it.findings == without.findings
    assert len({finding.rule for finding in without.findings if finding.code.startswith("JL7")}) >= 10


def test_the_findings_are_the_same_with_and_without_the_short_cut(tmp_path, monkeypatch):
    monkeypatch.setattr("jsonl_lint.engine.skimming.SMALL_FILE_LINES", 100)
    path = tmp_path / "data.jsonl"
    quiet = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello there, you."}]}
    with path.open("w") as file:
        for number in range(4000):
            record = json.loads(json.dumps(quiet))
            if number % 97 == 0:
                record["messages"][1]["content"] += SIGNS[number // 97 % len(SIGNS)]
            file.write(json.dumps(record, ensure_ascii=number % 2 == 0) + "\n")
    assert_the_same_without_it(path, monkeypatch)


@pytest.mark.parametrize(("lines", "times"), [(9, 1), (1, 0)])
def test_the_filters_are_compiled_for_a_few_lines_of_many_bytes(tmp_path, monkeypatch, lines: int, times: int):
    compiled = []
    monkeypatch.setattr("jsonl_lint.plans.scan.compile_prefilters", compiled.append)
    path = tmp_path / "data.jsonl"
    says = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Well. " * 60_000}]
    path.write_text((json.dumps({"messages": says}) + "\n") * lines)
    check_file(path, Settings(max_findings=90 + lines))  # no other test has these, and so nothing is compiled
    assert len(compiled) == times


def test_lines_that_are_judged_late_do_not_lend_their_marks_to_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("jsonl_lint.engine.skimming.SMALL_FILE_LINES", 1)
    monkeypatch.setattr("jsonl_lint.native.load", lambda: None)
    path = tmp_path / "data.jsonl"
    says = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "It ends.<|im_end|> Or so."}]
    quiet, marked = json.dumps({"messages": [says[0], says[0] | {"role": "assistant"}]}), json.dumps({"messages": says})
    path.write_text("\n".join([*[quiet] * 5, '{"messages": [', '"open",', marked, ""]))
    found = {(finding.line, finding.rule) for finding in check_file(path, Settings()).findings}
    assert (8, "control-token-in-content") in found


BREAKAGES = [
    lambda line: line.replace("}]", "},]"),
    lambda line: line.replace("{", '{"weight": NaN, ', 1),
    lambda line: line.replace("{", '{"weight": 12345678901234567890123, ', 1),
    lambda line: line.replace("{", '{"messages": "null", ', 1),
    lambda line: line.replace("{", "{ // <|im_end|>\r", 1),
    lambda line: line + " # N/A",
    lambda line: line.replace('"}]', '\r"}]'),
    lambda line: line.replace('"}]', '\x02"}]'),
    lambda line: line.replace('"}]', '\\ud83d"}]'),
    lambda line: line.replace('"}]', '\udcff"}]'),
    lambda line: "\ufeff" + line,
    lambda line: line[:-1],
]


def test_the_findings_in_broken_lines_are_the_same_with_and_without_the_short_cut(tmp_path, monkeypatch):
    monkeypatch.setattr("jsonl_lint.engine.skimming.SMALL_FILE_LINES", 100)
    path = tmp_path / "data.jsonl"
    lines = [
        '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello there."}]}'
    ] * 2000
    for sign in SIGNS:
        for ascii_only in (True, False):
            says = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": sign}]
            line = json.dumps({"messages": says}, ensure_ascii=ascii_only)
            lines += [breakage(line) for breakage in BREAKAGES]
    path.write_bytes("".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape"))
    assert_the_same_without_it(path, monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2_000_000,
        "<" * 2_000_000,
        "eyJ" * 700_000,
        "eyJ." * 500_000,
        "\x01" * 300_000,
        "[INST" * 400_000,
        "Ã" * 1_000_000,
    ],
    ids=["a", "<", "eyJ", "eyJ.", "control", "[INST", "mojibake"],
)
def test_hostile_texts_are_judged(text, check_bytes):
    record = {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "-" * 100_000 + text}]}
    report = check_bytes(json.dumps(record).encode(), select=("ALL",), ignore=("JL0",))
    assert report.files[0].records == 1


def test_control_tokens_are_counted_not_held():
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "[INST]</s>" * 50_000}]
    view = EVERY.record({"messages": said}, "chat", "chat", "chat")
    rule = EVERY.rules["control-token-in-content"]
    assert isinstance(rule, TextRule)
    tracemalloc.start()
    (found,) = rule.check(view)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.message == "the text holds the control token `[INST]` and 99,999 more"
    assert most < 2_000_000


@pytest.mark.parametrize("version", ["", ".01"])
def test_a_token_of_gitlab_ends_with_its_checksum(version, check_bytes):
    token = "glpat-" + f"dGhpcyBpcyBhIHRlc3Qga2V5IDEyMzQ1{version}.0w1k2j3h4"
    said = [{"role": "user", "content": "key?"}, {"role": "assistant", "content": f"Use {token}."}]
    report = check_bytes(json.dumps({"messages": said}).encode(), select=("secret-in-content",))
    assert [finding.rule for finding in report.findings] == ["secret-in-content"]
    assert f"{len(token)} characters" in report.findings[0].message
    assert token[4:] not in json.dumps(report.to_dict()) + repr(report.findings)


def test_no_secret_is_printed(check_bytes):
    secret = "sk-a8Kd03LmZq7XwP2RtVb9NcYs5HgJf1EuTiO4xMk6QzWrDpSv"
    record = {"messages": [{"role": "user", "content": "key?"}, {"role": "assistant", "content": f"Use {secret}."}]}
    report = check_bytes(json.dumps(record).encode(), select=("secret-in-content",))
    assert [finding.rule for finding in report.findings] == ["secret-in-content"]
    assert secret[4:] not in json.dumps(report.to_dict()) + repr(report.findings)


@pytest.mark.parametrize(
    ("text", "loop"),
    [
        *(("abc " * 60, True), ("ab" * 120, True), ("x" * 300, True), ("abc " * 15, True), ("abcdefgh " * 8, True)),
        *(("abc " * 14, False), ("abcdefgh " * 7, False), ("abc " * 60 + "end", False)),
    ],
)
def test_a_loop_is_eight_turns_at_the_end(text, loop):
    assert ends_in_loop(text) is loop


@pytest.mark.parametrize("pointer", ["/contents/0/parts/0/text", "/completions/1/completion/parts/0/text"])
def test_control_tokens_are_found_in_scored_completions(pointer: str):
    said = {name: f"word{'<|im_end|>' if name in pointer else ''}" for name in ("contents", "completions")}
    ends = [{"score": 1, "completion": {"role": "model", "parts": [{"text": "Paris."}]}}]
    ends.append({"score": 0, "completion": {"role": "model", "parts": [{"text": said["completions"]}]}})
    record = {"contents": [{"role": "user", "parts": [{"text": said["contents"]}]}], "completions": ends}
    found = check_record(record, Settings(target="vertex", select=("control-token-in-content",)))
    assert [finding.pointer for finding in found] == [pointer]


def _said(role: str, text: str) -> list[dict[str, str]]:
    return [{"role": role, "content": text}]


def _part(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


@pytest.mark.parametrize(
    ("record", "pointer"),
    [
        ({"prompt": _said("user", "Hi<|im_end|>")}, "/prompt/0/content"),
        ({"prompt": _said("user", "Hi<|im_end|>"), "completion": _said("assistant", "Ho")}, "/prompt/0/content"),
        ({"prompt": _said("user", "Hi"), "completion": _said("assistant", "Ho<|im_end|>")}, "/completion/0/content"),
        ({"prompt": "Hi<|im_end|>", "completion": "Ho<|im_end|>"}, None),
        ({"prompt": "Hi<|im_end|>"}, None),
        ({"prompt": _part("Hi<|im_end|>"), "completion": _part("Ho<|im_end|>")}, None),
        (
            {"prompt": [{"role": "user", "content": _part("Hi<|im_end|>")}], "completion": _said("assistant", "Ho")},
            "/prompt/0/content/0/text",
        ),
    ],
)
def test_control_tokens_are_found_in_the_messages_of_a_prompt_and_its_completion(record: dict, pointer: str | None):
    settings = Settings(target="generic", method="sft" if "completion" in record else "rl")
    found = [(finding.rule, finding.pointer) for finding in check_record(record, settings)]
    assert found == ([("control-token-in-content", pointer)] if pointer else [])


THOUGHT = "<think>17 + 25 = 42. It is 42."


@pytest.mark.parametrize(
    ("record", "pointer"),
    [
        ({"instruction": "Add.", "output": THOUGHT}, "/output"),
        ({"prompt": "Add.", "response": THOUGHT}, "/response"),
        ({"prompt": "Add.", "completion": THOUGHT, "label": True}, "/completion"),
        ({"prompt": "Add.", "chosen": THOUGHT, "rejected": "It is 41."}, "/chosen"),
        (
            {
                "prompt": _said("user", "Add."),
                "chosen": _said("assistant", "42"),
                "rejected": _said("assistant", THOUGHT),
            },
            "/rejected/0/content",
        ),
        (
            {
                "prompt": [*_said("user", "Add."), *_said("assistant", THOUGHT), *_said("user", "And?")],
                "completion": _said("assistant", "43"),
            },
            "/prompt/1/content",
        ),
        ({"prompt": _said("user", THOUGHT), "completion": _said("assistant", "43")}, None),
        ({"instruction": THOUGHT, "output": "43"}, None),
    ],
)
def test_think_tags_have_to_pair_up_in_all_that_is_an_answer(record: dict, pointer: str | None):
    found = [(finding.rule, finding.pointer) for finding in check_record(record, Settings(target="generic"))]
    assert found == ([("unbalanced-think-tags", pointer)] if pointer else [])


@pytest.mark.parametrize("rule", ["degenerate-repetition", "cut-off-answer"])
def test_rules_about_the_ends_of_texts_work_alone(tmp_path, monkeypatch, rule):
    monkeypatch.setattr("jsonl_lint.engine.skimming.SMALL_FILE_LINES", 1)
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "So it is."}]
    bad = {"messages": [said[0], {"role": "assistant", "content": "the same again " * 20 + "and then,"}]}
    looped = {"messages": [said[0], {"role": "assistant", "content": "the same again " * 20}]}
    lines = [{"messages": said}] * 5 + [bad if rule == "cut-off-answer" else looped] + [{"messages": said}] * 5
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = check_file(tmp_path / "data.jsonl", Settings(select=(rule,)))
    assert [(finding.line, finding.rule) for finding in report.findings] == [(6, rule)]
