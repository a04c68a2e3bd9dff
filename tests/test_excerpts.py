"""The clipped piece of a line around a finding: right place, never much of the data, no secret."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Settings, check_record, secrets
from jsonl_lint.engine.excerpts import MOST_SHOWN, context_of
from jsonl_lint.jsonspan import decode, encode
from jsonl_lint.rules.conversation.unknown_role import UnknownRole
from jsonl_lint.wording import around, excerpt, masked, printable
from tests.conftest import chat, line_of
from tests.reporting import FORMATS, events_of, report_of

KEY = "sk-abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"


@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 400), st.booleans())
def test_the_place_is_marked_and_what_is_shown_is_bounded(line: bytes, start: int, size: int, sensitive: bool):
    text = decode(line)
    start = min(start, len(text))
    end = min(start + size, len(text))
    byte_start = len(encode(text[:start]))
    context = context_of(text, start, end, byte_start, len(line), sensitive=sensitive)
    assert context.text.isprintable()
    assert len(context.text) <= 6 * MOST_SHOWN + 2
    assert 0 <= context.start <= context.end <= len(context.text)
    assert line[context.byte_start : context.byte_end] == encode(text[start:end])
    marked = context.text[context.start : context.end]
    if sensitive:
        assert set(marked) <= {"*"}
    elif end - start < 20 and text.isprintable() and masked(text) == text:
        assert marked == text[start:end]


@given(st.text(max_size=200))
def test_masking_keeps_places(text: str):
    assert len(masked(text)) == len(text)


kinds_of_secrets = st.sampled_from([kind.whole for kind in (*secrets._KINDS, *secrets._INSIDE)])
begun = st.sampled_from(
    ["-----BEGIN PRIVATE KEY-----\nab", "://:p@h", '{"at":"x://u:', "://u:12345678", "#" * 32 + "@"]
)


@given(st.text(max_size=9), kinds_of_secrets.flatmap(st.from_regex) | begun | st.text(), st.integers(0, 400))
def test_only_texts_with_nothing_to_mask_are_passed_over(before: str, secret: str, cut: int):
    text = before + secret[: cut or None]
    shown = secrets.without_secrets(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "_MAY_BE_MASKED", re.compile(""))
        assert secrets.without_secrets(text) == shown


ADDRESS = "postgres://svc:" + "q7Lw2Bv9Nz" + "@db.acme.io/x"


def test_the_password_in_an_address_is_masked():
    assert masked(f'"{ADDRESS}"') == f'"postgres://svc:{"*" * 10}@db.acme.io/x"'
    assert masked("http://localhost:8080/ of a@b.io") == "http://localhost:8080/ of a@b.io"
    assert masked('{"at": "http://localhost:8080", "of": "a@b.io"') == '{"at": "http://localhost:8080", "of": "a@b.io"'


@pytest.mark.parametrize("password", ["p@q7Lw2B", "q7Lw:2Bv9", "q7(Lw)2Bv9", "q7Lw2Bv9^%"])
def test_a_password_is_masked_whole_whatever_characters_it_has(password: str):
    address = "postgres://svc:%s@db.acme.io/x"
    assert masked(address % password) == address % ("*" * len(password))
    assert excerpt(address % password) == f'"{address % ("*" * len(password))}"'


@pytest.mark.parametrize("shown", range(40, 90))
@pytest.mark.parametrize(
    "name", ["AWS_SEC" + "RET_ACCESS_KEY=", "https://hooks.slack" + ".com/services/T8Q2M4XKP/B7W3N5RZL/"]
)
def test_a_secret_behind_a_name_is_masked_where_it_is_cut_off(name: str, shown: int):
    text = f"{name}{'q7Lw2Bv9' * 5}"
    assert not re.search("q7Lw2|2Bv9", excerpt(text, shown))
    assert not re.search("q7Lw2|2Bv9", "".join(around(f'{{"a": "{text}"}}', 3, shown)))


@pytest.mark.parametrize("shown", range(20, 60))
def test_a_password_is_masked_where_its_address_is_cut_off(shown: int):
    password = "q7Lw.2Bv9!" * 9
    text = f"postgres://svc:{password}@db.acme.io"
    assert "2Bv" not in excerpt(text, shown)
    assert "2Bv" not in "".join(around(f'{{"a": "{text}"}}', 3, shown))


@pytest.mark.parametrize("before", range(10, 60))
def test_a_password_is_masked_where_what_is_shown_begins_inside_it(before: int):
    line = f"postgres://svc:{'q7Lw.2Bv9!' * 9}@db.acme.io {'x ' * 30}"
    place = line.index("@") + before
    assert "2Bv" not in "".join(around(line, place, before))
    assert "2Bv" not in context_of(line, place, place + 1, place, len(line), sensitive=False).text


def test_the_password_in_an_address_is_not_shown_beside_another_finding(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat(ADDRESS, "")) + line_of({**chat("a", "b"), ADDRESS: 1}))
    for name in sorted({*FORMATS} - {"json", "jsonl"}):
        assert "q7Lw2Bv9Nz" not in report_of(name, events_of(path)), name


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        "A" * 40,
        "eyJhbGciOiJIUzI1NiJ9",
        "0123456789abcdef0123456789abcdef",
        "/v1/wJalrXUtnFEMI/K7MDENG",
        "8d0e7a66-1b7c-4f2e-9a55-0c7d1e2f3a4b",
        "password=correcthorse123",
        "1234-5678-9012-3456-7890",
        "glpat-" + "dGhpcyBpcyBhIHRlc3Qga2V5IDEyMzQ1.01.0w1k2j3h4",
    ],
)
def test_what_looks_like_a_secret_is_masked(secret: str):
    assert masked(f'"{secret}"') == f'"{"*" * len(secret)}"'


@pytest.mark.parametrize(
    "text",
    [
        '{"messages": [{"role"',
        "conflicting_reasoning_content",
        "parallel-tool-calls-x",
        "/v1/chat/completions",
        "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
        "mistralai/Mixtral-8x7B-Instruct-v0.1",
        "claude-3-5-sonnet-20241022",
        "request-number-00001-of-20260101",
        "getTheCurrentWeatherForecast",
        "get_the_current_weather.forecasts",
        "-" * 40,
    ],
)
def test_names_stay(text: str):
    assert masked(text) == text


LONG = 'It is "so". \n\U0001f600 é ' * 40

PARTS = [
    ("control-character", "a\x91b", "\x91"),
    ("control-token-in-content", "a <|im_end|> b", "<|im_end|>"),
    ("cut-off-answer", "it is of the", "the"),
    ("degenerate-repetition", "no. " * 30, ("no. " * 30)[-60:]),
    ("invisible-character", "\U0001f3f4\U000e0067\U000e007f a\u200bb", "\u200b"),
    ("markup-residue", "a&nbsp;b", "&nbsp;"),
    ("mojibake", "fiancÃ© is", "Ã©"),
    ("replacement-character", "a\ufffdb", "\ufffd"),
    ("unbalanced-think-tags", "<think>a</think> <think> b", "<think>"),
]


@pytest.mark.parametrize(("rule", "end", "part"), PARTS, ids=[each[0] for each in PARTS])
@pytest.mark.parametrize("escaped", [False, True])
def test_the_excerpt_shows_which_part_of_a_long_text_is_meant(rule: str, end: str, part: str, escaped: bool):
    line = json.dumps(chat("Say it.", LONG + end), ensure_ascii=escaped)
    (found,) = [finding for finding in check_record(line.encode()) if finding.rule == rule]
    context = found.context
    assert context is not None
    assert json.loads(line)["messages"][1]["content"].endswith(end)
    spelled = json.dumps(part, ensure_ascii=escaped)[1:-1]
    assert context.text[context.start : context.end] == printable(spelled)
    assert line[found.column - 1 : found.end_column - 1] == json.dumps(LONG + end, ensure_ascii=escaped)


def test_the_excerpt_shows_where_a_line_break_is_spelled_out():
    found = check_record(line_of(chat("Say it.", "It is so. " * 40 + r"Go on:\n1. Rise\n2. Shine")))
    (context,) = [finding.context for finding in found if finding.rule == "literal-escape"]
    assert context is not None
    assert context.text[context.start : context.end] == r"\\n1"


@pytest.mark.parametrize(
    "secret", ["eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiI5OTk5In0" * 40, f"postgres://svc:{'q7Lw2Bv9!' * 9}@db.io"]
)
def test_a_secret_is_masked_in_which_an_excerpt_from_inside_a_text_begins(secret: str):
    found = check_record(line_of(chat("Say it.", f"{'It is so. ' * 40}{secret}\u200b, and so on.")))
    (context,) = [finding.context for finding in found if finding.rule == "invisible-character"]
    assert context is not None
    assert "u200b" in context.text
    assert not any(secret[at : at + 6] in context.text for at in range(20, len(secret) - 12))


@pytest.mark.parametrize("secret", [KEY, "AKIA" + "Q3EGHIJ7KLMNOP2R", "q7Lw.2Bv9!"])
def test_the_excerpt_shows_where_a_secret_is_and_not_what_it_is(secret: str):
    told = secret if len(secret) > 10 else f"postgres://svc:{secret}@db.acme.io/x"
    found = check_record(line_of(chat("Say it.", f"{'It is so. ' * 40}The key is {told}, and so on.")))
    (context,) = [finding.context for finding in found if finding.rule == "secret-in-content"]
    assert context is not None
    assert context.text[context.start : context.end] == "*" * len(secret)
    assert secret[4:] not in context.text
    assert "key is" in context.text[: context.start]


SPELLINGS = [
    ("PHP", lambda text: text.replace("/", r"\/")),
    ("net", lambda text: text.replace("+", r"\u002B")),
    (
        "any",
        lambda text: re.sub(
            "[A-Za-y]", lambda match: f"\\u{ord(match[0]):04x}" if ord(match[0]) % 5 else match[0], text
        ),
    ),
]
BODY = "9NzK+4Tx8Rm/q7Lw2Bv5HjWc3Yp6Gd1FsQ" * 3


@pytest.mark.parametrize("spelled", [each[1] for each in SPELLINGS], ids=[each[0] for each in SPELLINGS])
@pytest.mark.parametrize(
    "secret",
    [
        f"-----BEGIN PRIVATE KEY-----{BODY}-----END PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{BODY}{BODY[:12]}\n{BODY[:9]}\n-----END PRIVATE KEY-----",
        f"AWS_SECRET_ACCESS_KEY={BODY[:40]}",
        f"AccountKey={BODY[:86]}==",
    ],
)
@pytest.mark.parametrize("finding", ["\u200b", ""])
def test_a_secret_is_masked_however_it_is_escaped(secret: str, finding: str, spelled: Any):
    line = line_of(chat("Say it.", f"{finding}{secret}, {finding}and so on.")).decode()
    at = line.index(json.dumps(secret)[1:-1])
    size = len(json.dumps(secret)) - 2
    line = line[:at] + spelled(line[at : at + size]).replace("\\\\u006e", r"\n") + line[at + size :]
    shown = [found.context.text for found in check_record(line) if found.context is not None]
    assert shown
    for text in shown:
        plain = re.sub(r"\\u00(..)", lambda match: chr(int(match[1], 16)), text).replace(r"\/", "/")
        assert not any(BODY[start : start + 6] in plain for start in range(34))


def test_the_end_of_a_private_key_is_masked_although_its_beginning_is_not_shown():
    key = "-----BEGIN PRIVATE KEY-----\n" + f"{BODY[:64]}\n" * 20 + BODY[40:52]
    found = check_record(line_of(chat("Say it.", f"{key}\u200b")))
    (context,) = [finding.context for finding in found if finding.rule == "invisible-character"]
    assert context is not None
    assert BODY[40:46] not in context.text


def test_a_name_with_an_escape_stays():
    assert masked(r"meta-llama\/Meta-Llama-3.1-8B-Instruct-Turbo") == r"meta-llama\/Meta-Llama-3.1-8B-Instruct-Turbo"
    assert masked(r"\u003cb\u003eA name\u003c\/b\u003e of \/v1\/chat\/completions") == (
        r"\u003cb\u003eA name\u003c\/b\u003e of \/v1\/chat\/completions"
    )


def test_the_end_of_a_secret_is_not_quoted_where_an_answer_ends_with_it():
    (found,) = check_record(line_of(chat("Say it.", f"It is {TOKENS[1]},")), Settings(select=("cut-off-answer",)))
    assert found.message == f"the answer ends with `{'*' * 19},`"


def test_a_placeholder_in_an_answer_is_quoted_as_it_is():
    (found,) = check_record(line_of(chat("Say it.", "As a template has it: {value},")), Settings(select=("JL710",)))
    assert found.message == "the answer ends with `{value},`"


def test_a_secret_beside_another_finding_is_not_shown(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat(f"my key is {KEY}", "")) + line_of(chat(f"x{KEY * 30}", "")))
    for name in ("full", "html"):
        report = report_of(name, events_of(path))
        assert "empty-content" in report
        assert KEY[5:15] not in report


TOKENS = [
    "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz01234567"[:34],
    "AKIA" + "Q3EGHIJ7KLMNOP2R",
    "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5q" * 4,
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_secret_that_is_out_of_place_is_not_quoted(name: str, token: str, tmp_path: Path):
    answer = {"role": "assistant", "content": "b"}
    records: list[Any] = [
        token,
        {"messages": [{"role": token, "content": "a"}, answer], "weight": token},
        {"messages": [{"role": "user", "content": {token: 1}}, {**answer, "weight": token, "name": {"a": token}}]},
        {"messages": [token, answer], "tools": token},
        {"custom_id": token, "url": token, "method": token, "body": {"model": token, "messages": token}},
    ]
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(map(line_of, records)))
    report = report_of(name, events_of(path))
    assert "not-an-object" in report
    assert token[:24] not in report


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("shown", range(1, 30))
def test_a_secret_is_not_quoted_where_the_quotation_is_cut_off_inside_it(shown: int, token: str):
    quoted = excerpt("x " * 100 + token, 200 + shown)
    assert len(quoted) == 202 + min(shown, len(token))
    assert not any(token[start : start + 6] in quoted for start in range(8, len(token) - 6))


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("name", sorted({*FORMATS} - {"json", "jsonl"}))
def test_a_secret_that_is_a_key_is_not_in_the_pointers_that_people_see(name: str, token: str, tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of({**chat("a", "b"), token: 1}) + line_of({**chat("c", "d"), "x " * 90 + token: 1}))
    report = report_of(name, events_of(path))
    assert "extra-key" in report
    assert token[:24] not in report


@pytest.mark.parametrize("name", sorted({*FORMATS} - {"json", "jsonl"}))
def test_a_private_key_that_is_out_of_place_is_not_shown(name: str, tmp_path: Path):
    body = "MIIEowIBAAKCAQEA7c9Qk2Zpq8Kd03Lm" * 2
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n{body}\n-----END RSA PRIVATE KEY-----"
    path = tmp_path / "data.jsonl"
    answer = {"role": "assistant", "content": "b"}
    path.write_bytes(
        line_of({**chat("a", "b"), key: 1}) + line_of({"messages": [{"role": key, "content": ""}, answer]})
    )
    report = report_of(name, events_of(path))
    assert "extra-key" in report
    assert not re.search("MIIE|q8Kd0", report)


@pytest.mark.parametrize("name", ["sarif", "rdjson"])
def test_a_fix_that_writes_a_secret_is_not_in_a_report_that_is_uploaded(name: str, tmp_path: Path):
    path = tmp_path / "data.jsonl"
    merged = [
        {"role": "user", "content": "a"},
        {"role": "user", "content": "%s"},
        {"role": "assistant", "content": "b"},
    ]
    line = json.dumps({"messages": merged}) + "\n" + json.dumps(json.dumps({"text": "%s"})) + "\n"
    for text, is_shown in (("x", True), (TOKENS[0], False)):
        path.write_text(line.replace("%s", text))
        report = report_of(name, events_of(path))
        assert (json.dumps(json.dumps({"text": text})) in report) == is_shown
        assert TOKENS[0] not in report


def test_a_rule_can_hide_its_places(monkeypatch: pytest.MonkeyPatch):
    line = json.dumps({"messages": [{"role": "hunter2", "content": "x"}]})
    shown = [finding.context.text for finding in check_record(line) if finding.rule == "unknown-role"]
    monkeypatch.setattr(UnknownRole, "sensitive", True)
    hidden = [finding.context.text for finding in check_record(line) if finding.rule == "unknown-role"]
    assert shown == [line]
    assert hidden == [line.replace('"hunter2"', "*" * 9)]


def test_only_a_place_in_one_line_has_surroundings():
    assert check_record({"messages": []})[0].context is None
    assert check_record("")[0].context is None
    assert check_record('{"messages": []}')[0].context is not None


# --- `full` ----------------------------------------------------------------------------------------------------------


def test_full_shows_the_place_with_carets(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"messages": [{"role": "漢字", "content": "x"}]}\n' + '{"text": "a"')
    lines = report_of("full", events_of(path), quiet=True).split("\n")
    at = lines.index('      | {"messages": [{"role": "漢字", "content": "x"}]}')
    assert lines[at + 1] == "      | " + " " * 23 + "^" * 6
    assert lines[at + 2] == "    severity: error"
    assert lines[at + 3].startswith("    effect: ")
    assert lines[at + 4].startswith("    help: ")
    end = lines.index('      | {"text": "a"')
    assert lines[end + 1] == "      | " + " " * 12 + "^"
