"""Lines that a few characters keep from being records: which these are."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jsonl_lint import Finding, Settings, check_file, check_record
from jsonl_lint.jsonspan import JsonSyntaxError, is_json, parse, read_faultless
from jsonl_lint.jsonspan.parser import parse_changed
from jsonl_lint.jsonspan.slips import MOST_CHARACTERS, MOST_TRIES, Slip, slips
from jsonl_lint.rules.syntax.invalid_json import InvalidJson

RECORD = '{"messages": [{"role": "user", "content": "Hi, you"}, {"role": "assistant", "content": "Ho", "weight": 1}]}'


def told(text: str) -> tuple[Slip, ...]:
    with pytest.raises(JsonSyntaxError) as raised:
        parse(text)
    return slips(text, raised.value)


def without(text: str, found: tuple[Slip, ...]) -> str:
    for start, end, new in reversed(found):
        text = text[:start] + new + text[end:]
    return text


@pytest.mark.parametrize(
    ("broken", "meant"),
    [
        ('{"a": "say "hi" now"}', r'{"a": "say \"hi\" now"}'),
        ('{"a": "say "hi", now"}', r'{"a": "say \"hi\", now"}'),
        ('{"a": ["say "hi", now", 1]}', r'{"a": ["say \"hi\", now", 1]}'),
        (r'{"a": "C:\Users\d"}', r'{"a": "C:\\Users\\d"}'),
        (r'{"a": "it\'s"}', r'{"a": "it' "'" r's"}'),
        ('{"a": 1 "b": 2}', '{"a": 1, "b": 2}'),
        ('{"a": [{"b": 1} {"b": 2}]}', '{"a": [{"b": 1}, {"b": 2}]}'),
        ('{"a": ["b" "c"]}', '{"a": ["b", "c"]}'),
        ('{"a": 1; "b": 2}', '{"a": 1, "b": 2}'),
        ('{"a": 1， "b"：2}', '{"a": 1, "b":2}'),
        ('{"a" 1}', '{"a": 1}'),
        ('{"a" = 1}', '{"a" : 1}'),
        ('{a: 1, b_c: {"d": 2}}', '{"a": 1, "b_c": {"d": 2}}'),
        ("{“a”: “b”}", '{"a": "b"}'),
        ('{"a": [1,, 2]}', '{"a": [1, 2]}'),
        ('{"a": 1,, "b": 2}', '{"a": 1, "b": 2}'),
        ('{"a": undefined}', '{"a": null}'),
        ('{"a": [{"b": 1}}', '{"a": [{"b": 1}]}'),
        ('{"a": [{"b": 1]}', '{"a": [{"b": 1}]}'),
        ('{"a": [1]}]}', '{"a": [1]}'),
        ('{"a": [1]}, "b": 2}', '{"a": [1], "b": 2}'),
        ('{"a": [{"b": 1', '{"a": [{"b": 1}]}'),
        ("{a: [1", '{"a": [1]}'),
        ('{"a": [{"b": "never closed}]}', '{"a": [{"b": "never closed"}]}'),
        ('"a": [1], "b": 2}', '{"a": [1], "b": 2}'),
        ('{"a": [1]};', '{"a": [1]}'),
        ('[{"a": [1]}', '{"a": [1]}'),
    ],
)
def test_what_is_meant(broken, meant):
    found = told(broken)
    assert without(broken, found).replace(" ", "") == meant.replace(" ", "")
    assert isinstance(parse(without(broken, found)).root.value, dict)


@pytest.mark.parametrize(
    "broken",
    [
        "Here are the records:",
        '{"a": 007}',
        '{"a": "say "hi": now"}',
        '["a" "b"]',
        '{"a": "b',
        '{"a": "b" c',
        "{'a': “b”}",
        '{"a": ' + '"b" c, ' * MOST_TRIES + "1}",
        '{"a": "b" ' + " " * MOST_CHARACTERS + '"c": 1}',
    ],
)
def test_where_it_cannot_be_told(broken):
    assert told(broken) == ()


@given(
    st.lists(
        st.tuples(st.integers(0, len(RECORD)), st.sampled_from(['"', "\\", ",", ":", "}", "]", "”", ""])), max_size=4
    )
)
def test_a_line_without_its_slips_is_a_record(changes):
    broken = RECORD
    for place, put in changes:
        broken = broken[:place] + put + broken[place + (not put) :]
    try:
        parse(broken)
    except JsonSyntaxError as error:
        found = slips(broken, error)
        assume(found)
        assert all(one.end <= other.start for one, other in pairwise(found))
        assert isinstance(parse(without(broken, found)).root.value, dict)


changes = st.tuples(st.integers(0, len(RECORD)), st.integers(0, 9), st.sampled_from(['"', "\\", ",", "}", "NaN", ""]))


@given(changes, changes)
def test_reading_a_changed_text_gives_what_reading_it_anew_gives(first, second):
    (at, size, put), (later, other_size, other) = first, second
    broken = RECORD[:at] + put + RECORD[at + size :]
    changed = broken[:later] + other + broken[later + other_size :]
    assume(not is_json(changed))
    before = error_in(lambda: parse(broken))
    assume(isinstance(before, JsonSyntaxError))
    assert seen(error_in(lambda: parse_changed(changed, later, before))) == seen(error_in(lambda: parse(changed)))


def error_in(read):
    try:
        return read()
    except JsonSyntaxError as error:
        return error


def seen(found):
    if isinstance(found, JsonSyntaxError):
        return found.kind, found.position, found.reason, found.expected, found.problems
    return repr(found.root.value), found.root.end, found.problems


def test_what_comes_before_a_slip_is_not_read_again(monkeypatch):
    read = []
    monkeypatch.setattr(
        "jsonl_lint.jsonspan.parser.read_faultless", lambda text, at: read.append(at) or read_faultless(text, at)
    )
    broken = RECORD.replace("Ho", 'a "b" c')
    first = broken.index('{"role"')
    assert len(told(broken)) == 2
    assert read.count(first) == 1


@pytest.mark.parametrize("hostile", ['{"a": "' + "}" * 60_000 + "x", '{"a": 1 # ' + '\\"' * 60_000])
def test_hostile_lines_do_not_hang(hostile):
    told(hostile)


def of(text: str) -> Finding:
    (finding,) = check_record(text.encode(), Settings(select=("invalid-json",)))
    return finding


def test_the_advice_names_them():
    quotes = of('{"messages": [{"role": "user", "content": "a "b" c "d" e"}]}')
    assert quotes.help == "Insert `\\` at columns 46, 48, 52, 54: then the line is a record."
    assert of("{“a”: 1}").help == (
        'Write `"` for `“` at column 2, write `"` for `”` at column 4: then the line is a record.'
    )
    assert of('{"a": [1]}]').help == "Delete `]` at column 11: then the line is a record."
    assert of('{"a": "' + 5 * '" b' + '" c"}').help.startswith("Insert `\\` at columns 8, 11, 14, 17 and ")
    assert of("What else?").help.startswith("Write records with a JSON library")
    assert quotes.fix is None


def test_brackets_may_be_all_that_is_missing():
    (finding,) = check_record(b'{"messages": [{"role": "user", "content": "Hi"}', Settings(select=("truncated-json",)))
    assert finding.help.startswith("If nothing more is missing, insert `]}` at column 48; else write the record again ")


def test_findings_that_are_only_counted_are_not_puzzled_over(tmp_path, monkeypatch):
    asked, recognised = [], []
    recognise = InvalidJson.recognise
    monkeypatch.setattr("jsonl_lint.rules.syntax.invalid_json.slips", lambda text, error: asked.append(text) or ())
    monkeypatch.setattr(
        InvalidJson, "recognise", lambda self, text, error: recognised.append(text) or recognise(self, text, error)
    )
    path = tmp_path / "a.jsonl"
    path.write_text('{"a" 1}\n' * 5000)
    report = check_file(path, Settings(select=("invalid-json",), max_findings=3, jobs=1))
    assert report.summary["by_rule"] == {"invalid-json": 5000}
    assert 3 <= len(asked) == len(recognised) < 5000


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"text": "abc}', "invalid-json"),
        ('{"messages": [{"role": "user", "content": "abc} ] }', "invalid-json"),
        ('{"messages": [{"role": "user", "content": "use {x}', "truncated-json"),
        ('{"messages": [{"tool_calls": [{"function": {"arguments": "{\\"city\\": \\"Rome\\"}', "truncated-json"),
        ('{"messages": [{"role": "user", "content": "see [1]', "truncated-json"),
        ('{"text": "abc', "truncated-json"),
    ],
)
def test_a_text_that_ends_inside_a_string_lacks_a_quote_only_if_everything_else_is_closed(text: str, rule: str):
    (finding,) = check_record(text)
    assert finding.rule == rule
