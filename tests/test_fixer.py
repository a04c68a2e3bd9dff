"""Fixing keeps its promises for any bytes: nothing lost, nothing new, nothing touched unasked, all undone."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.mutants import mutated
from jsonl_lint import Settings, UserError, check_file, check_record, fix_file, fix_record, undo_file
from jsonl_lint.fixer import mend
from jsonl_lint.fixer.judge import Judge, Judged
from jsonl_lint.fixer.lines import LineFixer
from jsonl_lint.fixer.patch import Change, Patch
from jsonl_lint.fixer.records import RecordFixer
from jsonl_lint.fixer.sinks import Changes, Part
from jsonl_lint.model import Severity
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.repair.splice import Splicer
from jsonl_lint.rule import FileRule, SyntaxRule
from jsonl_lint.target import target_names
from tests.conftest import GOOD, NO_MESSAGES, ROOT, chat, chat_like, edited, line_of, takes_linear_time

HIDING = {name for name, rule in all_rules().items() if isinstance(rule, SyntaxRule)}
HIDING |= {"double-encoded-record", "pretty-printed-json", "json-array-file", "utf16-file", "cr-line-endings"}
HIDING |= {"unescaped-control-character"}  # a raw line break hides the record as well
HIDING |= {"invalid-tool-call", "invalid-tool-definition", "message-not-object", "messages-not-array"}
HIDING |= {"renamed-output-key", "tools-not-array"}
ABOUT_FORMATS = {"mixed-formats", *(name for name, rule in all_rules().items() if isinstance(rule, FileRule))}
MULTIPLYING = {"untrained-earlier-turns"}

mutations = st.sampled_from(
    [
        (b'"}', b'",}'),
        (b"}]", b"},]"),
        (b'"user"', b'"User"'),
        (b'"user"', b"'user'"),
        (b"text", b"te\txt"),
        (b"text", b"te\nxt"),
        (b"text", b"te\xffxt"),
        (b"text", b"\\ud83d"),
        (b"{", b"{\n"),
        (b", ", b",\n"),
        (b"\n", b"\r\n"),
        (b"\n", b"\n \n"),
        (b"\n", b""),
        (b"\n", b" // note\n"),
        (b"1", b"NaN"),
        (b"null", b"None"),
        (b"{", b"\xef\xbb\xbf{"),
        (b'{"', b'{"role": "user", "'),
        (b"", b""),
    ]
)
records = st.builds(line_of, chat_like) | st.just(GOOD) | st.just(line_of({"messages": []}))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Records, most of them with a defect, in a file that may have others."""
    lines = []
    for line in draw(st.lists(records, min_size=1, max_size=5)):
        old, new = draw(mutations)
        times = draw(st.integers(1, 2))
        lines.append(line.replace(old, new, times) if old else line)
    data = b"".join(lines)
    kind = draw(st.sampled_from(["", "", "", "", "array", "bom", "utf-16", "cr", "one line"]))
    if kind == "array":
        indent = draw(st.sampled_from([None, 1]))
        items = [json.dumps(item, indent=indent) for item in draw(st.lists(chat_like, min_size=1, max_size=3))]
        return ("[" + ",\n".join(items) + "]\n").encode()
    if kind == "bom":
        return b"\xef\xbb\xbf" + data
    if kind == "utf-16":
        return data.decode("utf-8", "replace").encode("utf-16")
    if kind == "cr":
        return data.replace(b"\n", b"\r")
    return data.replace(b"\n", b" ") if kind == "one line" else data


subsets = st.just(()) | st.lists(st.sampled_from(sorted(all_rules())), min_size=1, max_size=8).map(tuple)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files(), subsets, st.booleans())
def test_fixing_keeps_its_promises(tmp_path: Path, data: bytes, select: tuple[str, ...], unsafe: bool):
    keeps_its_promises(tmp_path, data, Settings(select=select, unsafe_fixes=unsafe, format="chat"))


CORPUS = sorted(
    {
        line + b"\n"
        for path in (ROOT / "fixtures").glob("*/*.jsonl")
        for line in path.read_bytes().split(b"\n")
        if 0 < len(line) < 3000 and b"\x00" not in line
    }
)
"""What rules find, and near misses, in all formats."""
TARGETS = target_names()


@st.composite
def fixture_files(draw: st.DrawFn) -> bytes:
    """Records of any format, as they are or with something changed in them."""
    lines = []
    dice = draw(st.randoms(use_true_random=False))
    for line in draw(st.lists(st.sampled_from(CORPUS), min_size=1, max_size=4)):
        changed = line
        kind = draw(st.sampled_from(["", "", "bytes", "value", "value"]))
        if kind == "bytes":
            old, new = draw(mutations)
            changed = line.replace(old, new, 1) if old else line
        elif kind == "value":
            with contextlib.suppress(ValueError, RecursionError):
                record = json.loads(line)
                changed = line_of(mutated(record, dice)) if isinstance(record, dict) else line
        lines += [changed] * draw(st.sampled_from([1, 1, 1, 2]))
    return b"".join(lines)


some_settings = st.builds(
    Settings,
    target=st.sampled_from(TARGETS),
    select=subsets,
    unsafe_fixes=st.booleans(),
    method=st.sampled_from(["sft", "sft", "dpo", "rl"]),
)


def promises_of_fixtures(examples: int) -> Callable[..., None]:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(data=fixture_files(), chosen=some_settings)
    def promised(tmp_path: Path, data: bytes, chosen: Settings) -> None:
        keeps_its_promises(tmp_path, data, chosen)

    return promised


def test_fixing_any_format_for_any_target_keeps_its_promises(tmp_path: Path):
    promises_of_fixtures(150)(tmp_path=tmp_path)


@pytest.mark.parametrize("target", ["together", "openai", "generic"])
@pytest.mark.parametrize("unsafe", [False, True])
def test_records_are_repaired_as_if_each_were_judged_by_itself_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, unsafe: bool
):
    path, chosen = tmp_path / "in.jsonl", Settings(target=target, unsafe_fixes=unsafe)
    path.write_bytes(b"\xef\xbb\xbf" + b"".join(CORPUS))

    def results() -> tuple[bytes, bytes]:
        out, log = tmp_path / "out.jsonl", tmp_path / "log.jsonl"
        fix_file(path, out, chosen, changes=log)
        return out.read_bytes(), log.read_bytes()

    known = results()
    monkeypatch.setattr(RecordFixer, "first_try", lambda *_: None)
    assert results() == known


_AMONG_BLANKS = [
    *(GOOD, b'{"messages": [{"role": "user", "content": "cut', b'{"role": "user"}\n', b"junk\n", b"[1]\n", NO_MESSAGES),
    *(b"{\n", b'"messages": []\n', b"}\n", b"\xef\xbb\xbf\n", b"\xe3\x80\x80\n"),
]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([*_AMONG_BLANKS, *[b"\n", b" \t\n", b"\r\n", b"\n\n\n"] * 4])).map(b"".join),
    st.sampled_from([b"", b" ", b"\n"]),
    st.booleans(),
)
def test_blank_lines_are_deleted_together_as_if_each_were_a_record(tmp_path: Path, data: bytes, end: bytes, crlf: bool):
    (tmp_path / "in.jsonl").write_bytes((data.replace(b"\n", b"\r\n") if crlf else data) + end)

    def results() -> tuple[object, ...]:
        out, log, pieces = tmp_path / "out.jsonl", tmp_path / "log.jsonl", []
        result = fix_file(tmp_path / "in.jsonl", out, changes=log, diff=pieces.append)
        return result, out.read_bytes(), log.read_bytes(), b"".join(pieces)

    with pytest.MonkeyPatch.context() as patch:
        together = results()
        patch.setattr(LineFixer, "_deleted_blanks", lambda *_: ())
        assert results() == together


def test_blank_lines_are_not_repaired_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "in.jsonl").write_bytes(GOOD + b"\n" * 5_000 + GOOD + b"  \n" * 5_000)
    made = {"edits": 0, "mend": 0}

    def counted(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def work(*given: Any) -> Any:
            made[name] += 1
            return real(*given)

        monkeypatch.setattr(owner, name, work)

    counted(Splicer, "edits")
    counted(mend.Mender, "mend")
    result = fix_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert result.fixed["blank-line"] == 10_000
    assert made["edits"] < 20 > made["mend"]


@pytest.mark.parametrize("key", ["prompt", "completion", "chosen", "rejected"])
def test_null_becomes_an_empty_text_in_whatever_list_of_messages_it_is(key: str):
    keys = ("prompt", "completion") if key == "completion" else ("prompt", "chosen", "rejected")
    record: dict[str, Any] = {name: [{"role": "assistant", "content": f"About {name}."}] for name in keys}
    record["prompt"][0]["role"] = "user"
    record[key][0]["content"] = None
    result = fix_record(record, Settings(target="generic"))
    assert result.fixed == {"null-content": 1}
    assert result.outcome[0][key][0]["content"] == ""


def test_lines_of_a_record_that_stays_spread_get_one_line_end(tmp_path: Path):
    keeps_its_promises(tmp_path, b"[\n    }\r\n", Settings())
    assert (tmp_path / "b.jsonl").read_bytes() == b"[\n    }\n"


def test_repeated_records_that_may_be_parts_of_another_are_said_to_be_uncounted(tmp_path: Path):
    record = line_of({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]})
    data = b'"type": "string"\n' + record + record
    keeps_its_promises(tmp_path, data, Settings(target="anthropic", select=("duplicate-record",)))
    assert (tmp_path / "b.jsonl").read_bytes() == data


def test_no_record_begins_where_a_comment_was(tmp_path: Path):
    data = b'"a": 1\n/**/{\n"messages": []}\n'
    keeps_its_promises(tmp_path, data, Settings(target="anthropic", unsafe_fixes=True))
    assert (tmp_path / "b.jsonl").read_bytes() == data


@pytest.mark.parametrize("line", ['{"text": # fff, "weight": 1}', '{"text": "a", // "weight": 1}', '{"text": "a" # }'])
def test_what_a_comment_holds_of_its_record_is_not_deleted(line: str):
    assert fix_record(line, Settings(unsafe_fixes=True)).outcome == (line,)
    (fixed,) = fix_record('{"text": "a"} // ' + line, Settings(unsafe_fixes=True)).outcome
    assert fixed == '{"text": "a"} '


def test_without_a_comment_its_line_ends_as_before(tmp_path: Path):
    keeps_its_promises(tmp_path, b'{"text": "a"}\r// b\n{"text": "c"}\n', Settings(unsafe_fixes=True))
    assert (tmp_path / "b.jsonl").read_bytes() == b'{"text": "a"}\n{"text": "c"}\n'


def test_two_repairs_may_each_leave_what_they_say(tmp_path: Path):
    data = line_of(chat("a", None)) + b'{"messages": [{"role": "user", "content": "\\udfff"}]}\n'
    rules = ("null-content", "empty-content", "lone-surrogate", "replacement-character")
    keeps_its_promises(tmp_path, data, Settings(select=rules, unsafe_fixes=True))


@pytest.mark.slow
def test_fixing_thousands_of_files_keeps_its_promises(tmp_path: Path):
    promises_of_fixtures(5000)(tmp_path=tmp_path)


def _without(counts: Mapping[tuple[str, Severity], int], rules: set[str]) -> dict[tuple[str, Severity], int]:
    return {key: count for key, count in counts.items() if key[0] not in rules}


def keeps_its_promises(tmp_path: Path, data: bytes, chosen: Settings) -> None:
    source, fixed, again = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "c.jsonl"
    source.write_bytes(data)
    chosen = replace(chosen, max_findings=0)
    try:
        before = check_file(source, chosen)
        result = fix_file(source, fixed, chosen, changes=tmp_path / "changes")
    except UserError:  # the rule about the file's encoding or layout is not selected
        return
    assert result.records + result.added == result.written + result.rejected + result.deleted
    after = check_file(fixed, chosen)
    assert fixed.read_bytes() == data or result.changed
    counts = Counter({key: count for file in after.files for key, count in file.counts.items()})
    compared = {name for name, rule in all_rules().items() if rule.code.startswith("JL8")} - {"duplicate-record"}
    compared |= set(result.uncounted)  # of lines that may be parts of a spread record, and it says so
    if result.fixed.get("duplicate-record"):  # another format may be that of most records now
        compared |= ABOUT_FORMATS
    alike = before.files[0].format == after.files[0].format and not any(key[0] == "json-array-file" for key in counts)
    if not result.deleted or alike:  # else records are meant as others now, or what is left looks like an array
        assert _without(counts, compared) == _without(result.counts, compared)
    _nothing_new(before, after, result)
    second = fix_file(fixed, again, chosen)
    assert again.read_bytes() == fixed.read_bytes(), second
    assert not second.changed
    undo_file(tmp_path / "changes", fixed, again)
    assert again.read_bytes() == data
    if not HIDING & {finding.rule for finding in before.findings} and data[:2] not in (b"\xff\xfe", b"\xef\xbb"):
        _untouched_lines_are_there(data, before, fixed.read_bytes())


def _nothing_new(before, after, result):
    old = Counter(finding.rule for finding in before.findings)
    if before.files[0].format != after.files[0].format or any(map(_hides, before.findings)):
        return  # records that can be read now are judged, and compared with the others
    new = Counter(finding.rule for finding in after.findings)
    for left in {left for rule in result.fixed for left in all_rules()[rule].leaves}:
        del new[left]
    about_files = {"empty-file", "too-few-records", "mixed-line-endings", "wrong-extension"}
    about_files |= {name for name, rule in all_rules().items() if rule.code.startswith("JL8")}
    for rule, count in new.items():
        if rule not in about_files:
            assert count <= old[rule] or (MULTIPLYING & set(result.fixed) and old[rule]), rule


def _hides(finding):
    """Whether repairing the finding lets something be read that nobody has read before."""
    if finding.rule in mend._REVEALING and finding.fix:
        return any(edit.content for edit in finding.fix.edits)
    return finding.rule in HIDING


def _untouched_lines_are_there(data, before, fixed):
    """Lines without a finding stand in the output, in their order, byte for byte.

    A record that equals one that has been repaired before it is a duplicate, and may be gone.
    """
    found = {line for finding in before.findings for line in range(finding.line, finding.end_line + 1)}
    if any(finding.rule in ("mixed-line-endings", "utf8-bom") for finding in before.findings):
        return
    output = fixed.split(b"\n")
    passed = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        if number not in found and line and line not in output[:passed]:
            passed = output.index(line, passed) + 1


def test_a_spread_record_after_one_that_is_cut_off_is_joined_and_not_deleted(tmp_path):
    data = b'{"messages": [{"role": "user",\n{\n"messages": []}\n' + GOOD
    keeps_its_promises(tmp_path, data, Settings(unsafe_fixes=True))
    assert b'\n{"messages": []}\n' in (tmp_path / "b.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("following", "stays"),
    [
        (b'  {"text": "x"}\n', True),
        (b"}, {\n", True),
        (GOOD, False),
        (b"", False),
        (json.dumps(GOOD.decode()).encode() + b"\n", False),
    ],
)
def test_a_blank_line_stays_if_it_keeps_a_record_that_is_cut_off_apart(tmp_path, following, stays):
    data = b'{"messages": [{"role": "user",\n\n' + following
    keeps_its_promises(tmp_path, data, Settings())
    assert (b"\n\n" in (tmp_path / "b.jsonl").read_bytes()) is stays


def test_untouched_bytes_of_a_record_stay(tmp_path):
    user = b'{"content": "\\u00e9\\/ \xc3\xa9","role":"User"}'
    line = b'{ "messages" :[' + user + b',{"role" : "assistant","content":"1.50"}] }\r\n'
    result = fix_record(line)
    assert result.outcome == (line.replace(b'"User"', b'"user"'),)


@pytest.mark.parametrize("kind", [bytes, str, dict])
def test_a_record_is_handed_back_as_it_came(kind):
    record = chat("Hello", "Hi")
    record["messages"][0]["role"] = "User"
    text = json.dumps(record)
    given_as = {bytes: text.encode(), str: text, dict: record}[kind]
    (fixed,) = fix_record(given_as).outcome
    assert type(fixed) is kind
    assert (fixed if kind is dict else json.loads(fixed)) == chat("Hello", "Hi")
    clean = chat()
    assert fix_record(clean).outcome[0] is clean
    assert fix_record({"messages": []}, Settings(unsafe_fixes=True)).outcome == ()


def test_a_fix_that_would_bring_a_finding_is_refused_and_named():
    message = b'{"role": "user", "content": "Hi"}'
    line = (
        b'{"custom_id": "a", "params": {"model": "claude-sonnet-4-5", "max_tokens": NaN, "messages": [%s]}}' % message
    )
    result = fix_record(line, Settings(target="anthropic", unsafe_fixes=True))
    assert result.outcome == (line,)
    assert [(refusal.rule, refusal.line) for refusal in result.refused] == [("non-finite-number", 1)]
    assert "invalid-body" in result.refused[0].reason


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
@pytest.mark.parametrize("place", ["first", "inside", "last"])
def test_a_weight_that_is_not_finite_is_left_out(number: str, place: str):
    """Null, which other such numbers become, is no weight either."""
    weight, role, content = f'"weight" : {number}', '"role": "assistant"', '"content":"Hi"'
    order = {"first": (weight, role, content), "inside": (role, weight, content), "last": (role, content, weight)}
    before = '{"messages": [{"role": "user", "content": "Hello"}, {'
    line = before + " , ".join(order[place]) + '}], "weight": ' + number + "}"
    assert fix_record(line, Settings(unsafe_fixes=True)).outcome == (f"{before}{role} , {content}}}]}}",)


def test_a_fix_may_lean_on_the_fix_of_what_it_brings_about():
    roles = ["user", "system", "user", "assistant"]
    record = {"messages": [{"role": role, "content": role} for role in roles]}
    (fixed,) = fix_record(record, Settings(unsafe_fixes=True)).outcome
    assert [message["role"] for message in fixed["messages"]] == ["system", "user", "assistant"]


def test_a_split_conversation_trains_each_answer():
    turns = [{"role": "user", "content": "1"}, {"role": "assistant", "content": "2", "reasoning": "r"}]
    fixed = fix_record({"messages": turns + turns}, Settings(unsafe_fixes=True)).outcome
    assert [len(record["messages"]) for record in fixed] == [2, 4]
    assert fixed[1]["messages"][1]["weight"] == 0
    assert "weight" not in fixed[0]["messages"][1]


@pytest.mark.parametrize("begins", [[], [{"role": "system", "content": "s"}]], ids=["greeting", "system"])
def test_no_record_is_split_off_for_a_greeting(begins):
    greeting = {"role": "assistant", "content": "Hello."}
    first, second = ({"role": "assistant", "content": text, "reasoning": "Hm."} for text in ("b", "d"))
    asked = [{"role": "user", "content": text} for text in ("a", "c")]
    record = {"messages": [*begins, greeting, asked[0], first, asked[1], second]}
    before = [*begins, {**greeting, "weight": 0}, asked[0]]
    result = fix_record(record, Settings(unsafe_fixes=True))
    assert [each["messages"] for each in result.outcome] == [
        [*before, first],
        [*before, {**first, "weight": 0}, asked[1], second],
    ]
    (alone,) = fix_record({"messages": [*begins, greeting, asked[0], first]}, Settings(unsafe_fixes=True)).outcome
    assert alone["messages"] == [*before, first]


@pytest.mark.parametrize("more", [b" // note", b",", b" "])
def test_a_record_that_was_encoded_twice_may_have_other_defects(more):
    line = json.dumps(GOOD.decode().strip()).encode()
    for mark in (b"", b"\xef\xbb\xbf"):
        (fixed,) = fix_record(mark + line + more, Settings(unsafe_fixes=True)).outcome
        assert fixed.strip() == GOOD.strip()


def test_a_record_that_was_encoded_twice_is_decoded_whatever_else_is_wrong_with_it():
    inside = GOOD.decode().strip()[:-1] + ', "tools": {"a": 1}}'
    result = fix_record(json.dumps(inside).encode() + b",")
    assert result.outcome == (inside.encode(),)
    assert {rule for rule, _ in result.counts} == {"tools-not-array"}


@pytest.mark.parametrize(
    ("values", "safe"),
    [
        (('"caf\\u00e9"', '"café"'), True),
        (('{"a": [1, 2]}', '{"a":[1,2]}'), True),
        (("1", "1.0"), False),
        (("1", "true"), False),
        (("0.10000000000000000001", "0.1"), False),
        (('"\\ud83d"', '"\\uD83D"'), False),
        (('{"a": 1, "a": 2}', '{"a":1,"a":2}'), False),
        (("[" * 900 + "]" * 900, "[" * 900 + " " + "]" * 900), True),
    ],
)
def test_a_repeated_key_is_dropped_safely_if_its_values_are_equal(values: tuple[str, str], safe: bool):
    one, other = values
    line = '{"text": "some text", "k": ' + one + ', "k": ' + other + "}"
    chosen = Settings(select="duplicate-key")
    fixed = '{"text": "some text", "k": ' + other + "}"
    assert fix_record(line, chosen).outcome == (fixed if safe else line,)


@pytest.mark.parametrize("empty", ["null", '""', '" "', "[ ]", "{}"])
@pytest.mark.parametrize("full", ['"said"', "0", "false", "[null]"])
def test_of_a_repeated_key_the_only_value_that_is_not_empty_is_kept(empty: str, full: str):
    def line(*values: str) -> str:
        return '{"text": "some text"' + "".join([f' ,\t"k": {value}' for value in values]) + "}"

    chosen = Settings(select="duplicate-key", unsafe_fixes=True)
    for values in ((full, empty), (empty, full), (full, empty, empty), (empty, full, empty)):
        assert fix_record(line(*values), chosen).outcome == (line(full),), values
    assert fix_record(line(full, empty), Settings(select="duplicate-key")).outcome == (line(full, empty),)


@pytest.mark.parametrize(("values", "left"), [(range(100), [99]), ([1] * 100, [1]), ([1, 1, 2, 2, 1], [1, 2, 1])])
def test_a_key_that_is_repeated_many_times_is_dropped_as_often(values: Sequence[int], left: list[int]):
    def line(numbers: Sequence[int]) -> str:
        return '{"text": "some text", ' + ", ".join([f'"k": {number}' for number in numbers]) + "}"

    chosen = Settings(select="duplicate-key", unsafe_fixes=len(left) == 1)
    result = fix_record(line(values), chosen)
    assert result.outcome == (line(left),)
    assert result.fixed["duplicate-key"] == len(values) - len(left)


def test_half_a_surrogate_pair_becomes_the_replacement_character_whoever_says_it():
    line = rb'{"messages": [{"role": "user", "content": "a\ud83d"}, {"role": "assistant", "content": "\ude00b"}]}'
    result = fix_record(line, Settings(unsafe_fixes=True))
    assert result.outcome == (line.replace(rb"\ud83d", rb"\ufffd").replace(rb"\ude00", rb"\ufffd"),)
    assert {rule for rule, _ in result.counts} == {"replacement-character"}


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999"])
def test_what_is_no_number_does_not_become_its_text(number: bytes):
    line = b'{"text": ' + number + b"}"
    chosen = Settings(ignore=("placeholder-content",))
    assert fix_record(line, chosen).outcome == (line,)
    assert [finding.fix for finding in check_record(line, chosen) if finding.rule == "wrong-type"] == [None]


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_safe_fix_goes_before_an_unsafe_one_of_the_same_place(unsafe: bool):
    fixed = fix_record(b'{"text": ' + b"7" * 400 + b"}", Settings(unsafe_fixes=unsafe))
    assert fixed.outcome == (b'{"text": "' + b"7" * 400 + b'"}',)


def test_the_edits_in_a_report_are_the_fix():
    record = {"messages": chat()["messages"], "id": 1, "\u00e9": [2], "source": {"a": "b"}}
    for line in (line_of(record), line_of({"id": 0, **record}), json.dumps(record, separators=(",", ":")).encode()):
        edits = [edit for finding in check_record(line) for edit in finding.fix.edits]
        (fixed,) = fix_record(line, Settings(unsafe_fixes=True)).outcome
        assert edited(line, edits) == fixed


def test_no_safe_fix_hides_bytes_that_are_not_utf8():
    line = json.dumps(GOOD.decode().strip()).encode().replace(b"Hello", b"\xe9")
    assert fix_record(line).outcome == (line,)
    (fixed,) = fix_record(line, Settings(unsafe_fixes=True)).outcome
    assert fixed == GOOD.strip().replace(b"Hello", "é".encode())


MARK = b"\xef\xbb\xbf"
PRETTY = json.dumps(json.loads(GOOD), indent=1).encode() + b"\n"


@pytest.mark.parametrize("marks", [1, 2, 40])
def test_marks_before_a_record_that_is_spread_over_lines(tmp_path, marks):
    source, fixed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for before in (b"", line_of(chat("x", "y"))):
        source.write_bytes(before + MARK * marks + PRETTY)
        found = [(finding.rule, finding.end_line - finding.line) for finding in check_file(source).findings]
        assert ("pretty-printed-json", PRETTY.count(b"\n") - 1) in found
        result = fix_file(source, fixed)
        assert result.counts == {}
        assert fixed.read_bytes() == before + GOOD


OTHERWISE = {
    "UTF-16-LE": NO_MESSAGES + GOOD.decode().encode("utf-16-le"),
    "lines that end with carriage returns": NO_MESSAGES + b"a\rb\rc",
    "a Git LFS pointer": NO_MESSAGES + b"version https://git-lfs.github.com/spec/v1\n",
    "binary data": NO_MESSAGES + b"%PDF-1.7\n",
    "one JSON array": NO_MESSAGES + b"[" + GOOD.strip() + b", " + GOOD.strip() + b"]\n",
}


@pytest.mark.parametrize("kind", OTHERWISE)
def test_nothing_goes_that_keeps_the_rest_from_being_read_as_something_else(tmp_path, kind):
    source, fixed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_bytes(OTHERWISE[kind])
    result = fix_file(source, fixed, Settings(unsafe_fixes=True))
    assert fixed.read_bytes() == source.read_bytes()
    (refused,) = result.refused
    assert refused == (1, "empty-messages", f"what remains would be read as {kind}")
    source.write_bytes(GOOD + OTHERWISE[kind])
    assert fix_file(source, fixed, Settings(unsafe_fixes=True)).fixed["empty-messages"] == 1


@pytest.mark.parametrize(
    ("source", "fixed"),
    [
        (b"[\n" + GOOD * 2, b"[\n" + GOOD),
        (b"[\n" + GOOD * 2 + b"]\n", b"[\n" + GOOD * 2 + b"]\n"),
        (b"[[" + GOOD.strip() + b"]]\n", b"[[" + GOOD.strip() + b"]]\n"),
        (b"[" + GOOD.strip() + b"]\n" + NO_MESSAGES, b"[" + GOOD.strip() + b"]\n" + NO_MESSAGES),
        (b"[\n" + GOOD + b"]\n", GOOD),
    ],
    ids=["opened", "opened and closed", "twice", "on its line", "an array"],
)
def test_a_bracket_before_records_does_not_make_an_array_of_what_remains(tmp_path, source: bytes, fixed: bytes):
    paths = [tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl")]
    paths[0].write_bytes(source)
    for before, after in pairwise(paths):
        fix_file(before, after, Settings(unsafe_fixes=True))
        assert after.read_bytes() == fixed


def test_a_broken_text_after_what_was_left_open_is_joined_at_once(tmp_path):
    paths = [tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl")]
    paths[0].write_bytes(b'{\n{\n "content":"x"},\n{\n"content":"a \nb"},\n')
    for before, after in pairwise(paths):
        fix_file(before, after, Settings(unsafe_fixes=True))
        assert after.read_bytes() == b'{\n{"content":"x"}\n{"content":"a \\nb"}\n'


HALVES = (b'{"messages": [{"role": "user", "content": "a\n', b'b"}, {"role": "assistant", "content": "c"}]}\n')


@pytest.mark.parametrize("between", [GOOD, GOOD + GOOD, NO_MESSAGES, b"hello\n" + GOOD + b"\n"])
def test_no_record_is_deleted_between_the_halves_of_another(tmp_path, between: bytes):
    paths = [tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl")]
    paths[0].write_bytes(GOOD + between.join(HALVES) + GOOD)
    result = fix_file(paths[0], paths[1], Settings(unsafe_fixes=True), changes=tmp_path / "changes")
    rule = "empty-messages" if between == NO_MESSAGES else "duplicate-record"
    assert [(line, name) for line, name, _ in result.refused] == [(3 + between.startswith(b"hello"), rule)]
    assert sum(number for (name, _), number in result.counts.items() if name == rule) == 1
    assert result.deleted == between.count(b'{"messages'), "the others"
    undo_file(tmp_path / "changes", paths[1], tmp_path / "d.jsonl")
    assert (tmp_path / "d.jsonl").read_bytes() == paths[0].read_bytes()
    fix_file(paths[1], paths[2], Settings(unsafe_fixes=True))
    assert paths[1].read_bytes() == paths[2].read_bytes()


def test_no_record_is_deleted_after_lines_that_are_no_json_together(tmp_path):
    source, fixed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_bytes(GOOD + b'{"b": "{\n},\n' + NO_MESSAGES + b'b"},\n')
    result = fix_file(source, fixed, Settings(unsafe_fixes=True))
    assert (result.deleted, fixed.read_bytes()) == (0, source.read_bytes())


@pytest.mark.parametrize("between", [b"", b'{"a": 1}\n{"a": 2}\n{"a": 3}\n', line_of(chat("d", "e"))])
def test_records_are_deleted_again_once_one_follows_that_is_whole(tmp_path, between: bytes):
    source = tmp_path / "a.jsonl"
    source.write_bytes(GOOD + HALVES[0] + (between or GOOD) + GOOD + NO_MESSAGES + GOOD)
    assert fix_file(source, None, Settings(unsafe_fixes=True)).deleted == 3


def test_a_mark_stays_where_the_rest_would_be_read_as_utf16(tmp_path):
    source = tmp_path / "a.jsonl"
    source.write_bytes(MARK + GOOD.decode().encode("utf-16-le"))
    result = fix_file(source, tmp_path / "b.jsonl")
    assert not result.changed
    assert [refusal.rule for refusal in result.refused] == ["utf8-bom"]


def test_records_made_by_splitting_are_compared_as_well(tmp_path):
    turns = [{"role": "user", "content": "1"}, {"role": "assistant", "content": "2", "reasoning": "r"}]
    short, long = line_of({"messages": turns}), line_of({"messages": turns * 2})
    whole = long.replace(b'"reasoning": "r"}', b'"reasoning": "r", "weight": 0}', 1)
    source, fixed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for data, expected in ((short + long, short + whole), (long + short, short + whole), (long * 2, short + whole)):
        source.write_bytes(data)
        result = fix_file(source, fixed, Settings(unsafe_fixes=True), changes=tmp_path / "changes")
        assert fixed.read_bytes() == expected
        assert result.records + result.added == result.written + result.deleted
        assert result.fixed["duplicate-record"]
        undo_file(tmp_path / "changes", fixed, tmp_path / "c.jsonl")
        assert (tmp_path / "c.jsonl").read_bytes() == data


def test_what_was_wrong_with_a_dropped_record_does_not_remain(tmp_path):
    source = tmp_path / "a.jsonl"
    source.write_bytes(GOOD + b'{"a": 1}\n' * 3)
    result = fix_file(source, None, Settings(unsafe_fixes=True))
    assert (result.fixed, result.deleted) == ({"duplicate-record": 2}, 2), "what `a` was meant to be stays"
    assert set(result.counts.values()) == {1}


@pytest.mark.parametrize(
    "record",
    [
        {"mesages": chat()["messages"]},
        {"prompt": "a", "completon": "b"},
        {"messages": [{"role": "user", "contnet": "a"}, {"role": "assistant", "content": "b"}]},
        {"messages": [{"rol": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "toolcal": [1]}]},
        {"messages": [{"speaker": "human", "said": "a"}, {"speaker": "gpt", "said": "b"}]},
    ],
)
def test_no_fix_drops_what_a_misspelt_key_holds(record):
    settings = Settings(unsafe_fixes=True, extend_select=("extra-message-key",))
    assert fix_record(record, settings).outcome == (record,)


def test_settings_reclassify_fixes():
    line = b'{"messages": [{"role": "User", "content": "a"}, {"role": "assistant", "content": "b"}], "id": 1}'
    dropped = fix_record(line, Settings(extend_safe_fixes=("extra-key",)))
    assert set(dropped.fixed) == {"extra-key", "unknown-role"}
    assert set(fix_record(line, Settings(extend_unsafe_fixes=("JL2",))).fixed) == set()
    kept = fix_record(line, Settings(unsafe_fixes=True, unfixable=("extra-key",)))
    assert set(kept.fixed) == {"unknown-role"}


def test_more_problems_than_the_parser_notes_at_once_are_all_fixed():
    line = GOOD.replace(b"]}", b'], "tools": [' + b"[1,]," * 2500 + b"1]}")
    (fixed,) = fix_record(line, Settings(select="trailing-comma")).outcome
    assert fixed == line.replace(b",]", b"]")


@pytest.mark.parametrize(("problems", "rounds"), [(24_000, 25), (26_000, 2)])
def test_problems_that_are_too_many_for_all_rounds_are_not_fixed_for_a_while_first(
    monkeypatch: pytest.MonkeyPatch, problems: int, rounds: int
):
    line = GOOD.replace(b"]}", b'], "tools": [' + b"[1,]," * problems + b"1]}")
    settle, steps = mend.Mender._step, []
    monkeypatch.setattr(mend.Mender, "_step", lambda *given: (steps.append(1), settle(*given))[1])
    result = fix_record(line, Settings(select="trailing-comma"))
    (fixed,) = result.outcome
    assert len(steps) == rounds
    assert fixed == (line.replace(b",]", b"]") if rounds == 25 else line)
    reasons = [] if rounds == 25 else ["there are still fixes to apply after 25 rounds"]
    assert [each.reason for each in result.refused] == reasons


def test_what_can_be_kept_is_not_dropped():
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": {"a": 1}}}
    result = {"role": "function", "name": "f", "content": "r"}
    record = {"messages": [{"role": "user", "content": "q"}, call, result, {"role": "assistant", "content": "a"}]}
    record["functions"] = [{"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}]
    fixed = fix_record(record, Settings(unsafe_fixes=True))
    (after,) = fixed.outcome
    (tool_call,) = after["messages"][1]["tool_calls"]
    assert tool_call["function"] == {"name": "f", "arguments": '{"a": 1}'}
    assert after["messages"][2]["tool_call_id"] == tool_call["id"]
    assert after["tools"] == [{"type": "function", "function": record["functions"][0]}]
    assert fixed.counts == {}
    record["messages"][2]["name"] = "g"  # whose result is it?
    assert "functions" in fix_record(record, Settings(unsafe_fixes=True)).outcome[0]


REQUEST = line_of({"custom_id": "a", "body": {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}})


def test_a_repeated_id_gets_one_that_is_free(tmp_path):
    source, fixed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    broken = REQUEST.replace(b"}]}}", b"}],}}")
    source.write_bytes(REQUEST + REQUEST.replace(b'"a"', b'"a_dup2"') + broken + REQUEST[:-1] + REQUEST)
    chosen = Settings(unsafe_fixes=True, ignore="unknown-model")
    result = fix_file(source, fixed, chosen)
    ids = [json.loads(line)["custom_id"] for line in fixed.read_bytes().splitlines()]
    assert ids == ["a", "a_dup2", "a_dup3", "a_dup4", "a_dup5"]
    assert result.fixed["duplicate-custom-id"] == 3
    assert result.counts == {}


def test_a_request_keeps_the_key_that_shows_what_it_is():
    foreign = b', "method": "POST"}'
    for line, left in ((REQUEST.strip(), True), (REQUEST.strip().replace(b'"custom_id": "a", ', b""), False)):
        with_method = line[:-1] + foreign
        (fixed,) = fix_record(with_method).outcome
        assert (fixed == line) is left
        assert (fixed == with_method) is not left


@pytest.mark.parametrize(
    ("key", "value", "safe"),
    [
        ("method", "POST", True),
        ("method", "post", True),
        ("method", "GET", False),
        ("method", 1, False),
        ("url", "/v1/chat/completions", True),
        ("url", "https://api.openai.com/v1/chat/completions", True),
        ("url", "/v1/completions", False),
        ("url", "/v1/embeddings", False),
        ("url", None, False),
    ],
)
def test_what_only_a_foreign_key_says_is_not_dropped_safely(key: str, value: object, safe: bool):
    line = REQUEST.strip()[:-1] + f', "{key}": {json.dumps(value)}}}'.encode()
    assert fix_record(line).outcome == (REQUEST.strip() if safe else line,)
    assert fix_record(line, Settings(unsafe_fixes=True)).outcome == (REQUEST.strip(),)


def test_a_safe_fix_does_not_hide_that_requests_go_to_several_endpoints(tmp_path: Path):
    chat_url, other_url = (f', "url": "/v1/{name}"}}\n'.encode() for name in ("chat/completions", "embeddings"))
    source, fixed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_bytes(REQUEST.strip()[:-1] + chat_url + REQUEST.strip().replace(b'"a"', b'"b"')[:-1] + other_url)
    assert "mixed-endpoints" in {finding.rule for finding in check_file(source)}
    fix_file(source, fixed)
    assert b"embeddings" in fixed.read_bytes()


def test_an_id_that_would_become_too_long_is_refused(tmp_path):
    source = tmp_path / "a.jsonl"
    source.write_bytes(REQUEST.replace(b'"a"', b'"' + b"a" * 64 + b'"') * 2)
    rejects = tmp_path / "rejects"
    result = fix_file(source, tmp_path / "b.jsonl", Settings(unsafe_fixes=True, ignore="JL6"), rejects=rejects)
    assert (result.rejected, result.counts) == (1, {})
    assert "custom-id-too-long" in result.refused[0].reason


changes = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), st.binary(max_size=3)), max_size=4)


@given(st.binary(max_size=12), st.lists(changes, max_size=3))
def test_edits_upon_edits_are_changes_of_the_original(original, rounds):
    patch, text = Patch(original), original
    for number, edits in enumerate(rounds):
        chosen, position = [], 0
        for start, size, content in sorted(edits):
            start, end = min(start, len(text)), min(start + size, len(text))
            if start >= position:
                chosen.append(Change(start, end, content, (str(number),)))
                position = end
        for edit in reversed(chosen):
            text = text[: edit.start] + edit.content + text[edit.end :]
        patch = patch.changed(chosen)
        assert patch.text == text
    position = -1
    for change in patch.changes:
        assert change.start > position
        assert change.rules
        assert original[change.start : change.end] != change.content
        position = change.end


@pytest.mark.parametrize(("before", "after"), [(b"}]}", b"}],}"), (b"}]}", b"},]}"), (b"}]}", b"}]},")])
def test_a_python_literal_may_have_a_comma_too_many(before, after):
    line = GOOD.replace(b'"', b"'").replace(before, after)
    (fixed,) = fix_record(line, Settings(unsafe_fixes=True)).outcome
    assert fixed == GOOD


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("invalid-utf8", b"a\xff"),
        ("unescaped-control-character", b"a\x01"),
        ("lone-surrogate", b"\\ud83d "),
        ("control-character", b"a\\u0001"),
        ("mojibake", "\u00c3\u00a9 ".encode()),
        ("literal-escape", b"One.\\\\n"),
    ],
)
def test_a_line_with_too_many_places_to_repair_is_left_as_it_is(
    rule: str, text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("jsonl_lint.repair.MOST_PLACES", 3)
    settings = Settings(select=(rule,), unsafe_fixes=True)
    source, result = tmp_path / "data.jsonl", tmp_path / "fixed.jsonl"
    for times, fixed in ((3, True), (4, False)):
        line = line_of(chat("Hi", "XX")).replace(b"XX", text * times + b"B")
        source.write_bytes(line)
        (finding,) = check_file(source, settings).findings
        assert (finding.fix is not None and len(finding.fix.edits) == 3) is fixed
        fix_file(source, result, settings)
        assert (result.read_bytes() != line) is fixed


@pytest.mark.parametrize(
    ("rule", "nothing_else", "some"),
    [("control-character", "\x1b[0m\x7f ", "\x1b[0mYes"), ("literal-escape", "\\n \\r\\n", "\\n\\nYes")],
)
def test_no_fix_is_promised_for_a_text_of_nothing_but_defects(tmp_path: Path, rule: str, nothing_else: str, some: str):
    source = tmp_path / "data.jsonl"
    source.write_bytes(line_of(chat("Hi", nothing_else)) + line_of(chat("Hi", some)))
    empty, other = check_file(source, Settings(select=(rule,))).findings
    assert empty.fix is None
    assert other.fix is not None


@pytest.mark.parametrize("most", ["MOST_FOR_TRIALS", "MOST_FOR_LOOKAHEAD"])
def test_a_record_with_very_many_findings_takes_a_bounded_effort(monkeypatch: pytest.MonkeyPatch, most: str):
    calls = [
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "g", "content": "x"},  # answers no call, so that none can be written anew
    ]
    messages = [{"role": "user", "content": "a"}, *calls * 8, {"role": "assistant", "content": "b"}]
    data = line_of({"messages": messages, "functions": [{"name": "f"}]})
    examined: list[int] = []
    judge = Judge.judge

    def counted(self: Judge, data: bytes) -> Judged:
        examined.append(len(data))
        return judge(self, data)

    monkeypatch.setattr(Judge, "judge", counted)
    fix_record(data, Settings(unsafe_fixes=True))
    trials, examined[:] = len(examined), []
    monkeypatch.setattr(mend, most, 3)
    hasty = fix_record(data, Settings(unsafe_fixes=True))
    assert len(examined) < trials / 2
    assert hasty.refused


def test_a_single_fix_is_also_applied_to_a_record_of_many_megabytes():
    long = {"role": "User", "content": "word " * 1_000_000}
    data = line_of({"messages": [long, {"role": "assistant", "content": "Yes.\x07"}]})
    result = fix_record(data, Settings(unsafe_fixes=True))
    assert result.outcome == (data.replace(b"User", b"user").replace(b"\\u0007", b""),)
    assert fix_record(data, Settings()).outcome == (data.replace(b"User", b"user"),)


def test_a_line_with_many_records_is_split_in_linear_time(tmp_path):
    data, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"

    def split(count: int) -> None:
        data.write_text(" ".join(f'{{"text": "één {number}"}}' for number in range(count)))
        result = fix_file(data, out, Settings(target="generic"))
        assert (result.written, result.added) == (count, count - 1)
        assert out.read_text().count("\n") == count - 1

    assert takes_linear_time(split, 10_000)


def test_a_single_record_has_the_format_that_a_check_gives_it():
    answer = [{"role": "assistant", "content": "Spoon."}]
    pair = {"input": {"messages": []}, "preferred_output": answer, "non_preferred_output": answer, "messages": answer}
    settings = Settings(method="dpo", ignore=("JL5",))
    found = {finding.rule for finding in check_record(pair, settings)}
    assert {rule for rule, _ in fix_record(pair, settings).counts} == found


def test_many_changes_of_one_record_are_logged_in_linear_time(tmp_path):
    def change(count: int) -> None:
        changes = tuple(Change(start, start + 1, b"", ("rule",)) for start in range(0, 200 * count, 200))
        with open(tmp_path / "log", "wb") as log:
            Changes(log, "a.jsonl", "b.jsonl").change(Part(7, 0, Patch(b"\n" + b"ab" * 100 * count, changes)))
        lines = [json.loads(line)["line"] for line in (tmp_path / "log").read_bytes().splitlines()]
        assert lines == [7] + [8] * (count - 1)

    assert takes_linear_time(change, 10_000)


TALK = b'{"messages": [{"role": "user", "content": "How high?"}, {"role": "assistant", "content": "So high."}]%s}\n'
CALLING = b'{"role": "assistant", "content": NaN, "tool_calls": [{"id": "a", "type": "function", "function": {}}]}'


@pytest.mark.parametrize("target", ["together", "openai", "mistral"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TALK.replace(b'"How high?"', b"NaN") % b"", b'"content": ""}, {'),
        (TALK.replace(b'"So high."', b"Infinity") % b"", b'"content": ""}]}'),
        (TALK.replace(b'"user"', b"-Infinity") % b"", b'"role": null,'),
        (TALK % b', "tools": 1e999', b'"tools": null}'),
        (TALK.replace(b'"content": "So', b'"tool_calls": NaN, "content": "So') % b"", b'"tool_calls": null,'),
        (TALK.replace(b'"content": "How', b'"tool_call_id": NaN, "content": "How') % b"", b'"tool_call_id": null,'),
        (TALK.replace(b'{"role": "assistant"', CALLING + b', {"role": "assistant"') % b"", b'"content": null'),
    ],
)
def test_a_number_that_is_not_finite_is_repaired_wherever_a_fix_is_promised(before: bytes, after: bytes, target: str):
    settings = Settings(target=target, select=("ALL",), ignore=("extra-message-key",), unsafe_fixes=True)
    (promised,) = [finding for finding in check_record(before, settings) if finding.rule == "non-finite-number"]
    assert promised.fix is not None
    fixed = fix_record(before, settings)
    assert after in fixed.outcome[0]
    assert fixed.fixed["non-finite-number"] == 1
    assert not fixed.refused
    assert not fix_record(fixed.outcome[0], settings).changed


@pytest.mark.parametrize("bound", ["maximum", "exclusiveMinimum", "multipleOf", "maxLength"])
def test_a_bound_that_is_not_finite_bounds_nothing_and_is_left_out(bound: str):
    schema = '{"type": "object", "properties": {"a": {"type": "number", "%s": %s}}}'
    tool = ', "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": %s}}]'
    before = TALK % (tool % (schema % (bound, "Infinity"))).encode()
    (found,) = check_record(before)
    assert found.fix is not None
    assert found.fix.title == f"Leave the key `{bound}` out"
    (after,) = fix_record(before, Settings(unsafe_fixes=True)).outcome
    assert after == before.replace(f', "{bound}": Infinity'.encode(), b"")
    assert not check_record(after)


@pytest.mark.parametrize("role", ["function", "observation", "tool_response"])
def test_a_result_without_a_call_has_no_fix_that_would_be_refused(role: str):
    result = {"role": role, "name": "f", "content": "3"}
    record = {"messages": [{"role": "user", "content": "q"}, result, {"role": "assistant", "content": "a"}]}
    settings = Settings(unsafe_fixes=True)
    assert [finding.fix for finding in check_record(record, settings) if finding.rule == "unknown-role"] == [None]
    assert not fix_record(record, settings).refused
    result["tool_call_id"] = "a"
    (found,) = [finding for finding in check_record(record, settings) if finding.rule == "unknown-role"]
    assert found.fix is not None
    assert fix_record(record, settings).fixed["unknown-role"] == 1


def test_what_an_empty_answer_is_to_mean_is_not_dropped():
    record = {
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "", "reasoning": "because"}]
    }
    settings = Settings(target="openai", unsafe_fixes=True)
    (found,) = [finding for finding in check_record(record, settings) if finding.rule == "extra-message-key"]
    assert found.fix is None
    record["messages"][1]["content"] = "a"
    assert fix_record(record, settings).fixed == {"extra-message-key": 1}


def test_an_id_that_is_a_number_becomes_a_text_also_where_it_matches_no_call():
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    talk = [{"role": "user", "content": "q"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    result = {"role": "tool", "tool_call_id": 7, "content": "r"}
    record = {"messages": [*talk, result, {"role": "assistant", "content": "a"}]}
    assert fix_record(record, Settings(select=("wrong-type", "unmatched-tool-result"))).fixed == {"wrong-type": 1}
