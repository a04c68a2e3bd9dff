"""Verbs become the smallest edits: commas and spacing are right, everything else stays byte for byte."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint.jsonspan import ByteOffsets
from jsonl_lint.repair import (
    CopyRecord,
    Delete,
    DropRecord,
    EditText,
    Insert,
    Join,
    Move,
    Piece,
    Quote,
    Rename,
    Replace,
    Substitute,
    Unquote,
    Wrap,
    as_json,
)
from jsonl_lint.repair.joining import joined, joining_edits
from jsonl_lint.repair.splice import PlaceNotFoundError, Splicer, TextEdit, apply, byte_edits
from tests.conftest import edited

A = ("a",)


def changed(text, *verbs, end="\n"):
    return apply(text + end, Splicer(text, end).edits(verbs)).removesuffix(end)


@pytest.mark.parametrize(
    ("before", "verbs", "after"),
    [
        ('{"a": 1, "b": 2}', [Replace(A, "[]")], '{"a": [], "b": 2}'),
        ('{"a": 1, "b": 2}', [Rename(A, "c")], '{"c": 1, "b": 2}'),
        ('{"a": 1, "b": 2}', [Rename(A, '"é')], '{"\\"é": 1, "b": 2}'),
        ('{"a": 1, "b": 2, "c": 3}', [Delete(A)], '{"b": 2, "c": 3}'),
        ('{"a": 1, "b": 2, "c": 3}', [Delete(("b",))], '{"a": 1, "c": 3}'),
        ('{"a": 1, "b": 2, "c": 3}', [Delete(("c",))], '{"a": 1, "b": 2}'),
        ('{"a": 1, "b": 2, "c": 3}', [Delete(("c",)), Delete(("b",))], '{"a": 1}'),
        ('{"a": 1, "b": 2, "c": 3}', [Delete(A), Delete(("c",))], '{"b": 2}'),
        ('{"a": 1, "b": 2}', [Delete(A), Delete(("b",))], "{}"),
        ('{ "a":1 }', [Delete(A)], "{}"),
        ('{"a": 1,}', [Delete(A)], "{}"),
        ('{"a": 1 , "b":2}', [Delete(("b",))], '{"a": 1}'),
        ('{"a": [1, 2, 3]}', [Delete(("a", 1))], '{"a": [1, 3]}'),
        ('{"a": [1, 2, 3]}', [Delete(("a", 1)), Delete(("a", 2))], '{"a": [1]}'),
        ('{"a": 1}', [Insert((), "b", "2")], '{"a": 1, "b": 2}'),
        ('{"a":1}', [Insert((), "b", "2")], '{"a":1,"b":2}'),
        ('{"a": 1}', [Insert((), "b", "2", first=True)], '{"b": 2, "a": 1}'),
        ('{"a":1 , "c":3}', [Insert((), "b", "2")], '{"a":1 , "c":3 , "b":2}'),
        ('{"a": {}}', [Insert(A, "b", "2")], '{"a": {"b": 2}}'),
        ('{"a":[]}', [Insert(A, 0, "2")], '{"a":[2]}'),
        ('{"a":[1,3]}', [Insert(A, 1, "2")], '{"a":[1,2,3]}'),
        ('{"a": [1, 2]}', [Insert(A, 2, "3")], '{"a": [1, 2, 3]}'),
        ('{"a": [1, 2]}', [Insert(A, 0, "0")], '{"a": [0, 1, 2]}'),
        ('{"a": [1, 2, 3]}', [Move(("a", 2), A, 0)], '{"a": [3, 1, 2]}'),
        ('{"a": [1, 2, 3]}', [Move(("a", 1), A, 0)], '{"a": [2, 1, 3]}'),
        ('{"a": {"b": 1.50}}', [Quote(A)], '{"a": "{\\"b\\": 1.50}"}'),
        ('{"a": "{\\"b\\": 1.50}"}', [Unquote(A)], '{"a": {"b": 1.50}}'),
        ('{"a": " {\\n \\"b\\": 1\\n}"}', [Unquote(A)], '{"a": {"b": 1}}'),
        ('{"a": "\\u00e9xy"}', [EditText(A, (Piece(0, 1, "è"),))], '{"a": "\\u00e8xy"}'),
        ('{"a": "éxy\\u0041"}', [EditText(A, (Piece(0, 1, "è"), Piece(2, 4, '"')))], '{"a": "èx\\""}'),
        ('{"a": 1.50, "b": {}}', [Move(A, ("b",), "a")], '{"b": {"a": 1.50}}'),
        ('{"b": {"c": 1}, "a": [ 1 ]}', [Move(A, ("b",), "a")], '{"b": {"c": 1, "a": [ 1 ]}}'),
        ('{"a": "\\u00e9"}', [Wrap(A, "[", "]")], '{"a": ["\\u00e9"]}'),
        ('{"a": "x", "b": "\\u00e9"}', [Join(A, ("b",), "\n"), Delete(("b",))], '{"a": "x\\n\\u00e9"}'),
        ('{"a": 1, }', [Substitute(7, 8, "")], '{"a": 1 }'),
        ('{"a": 1}', [CopyRecord((Replace(A, "0"),))], '{"a": 0}\n{"a": 1}'),
    ],
)
def test_a_verb_changes_only_what_it_names(before, verbs, after):
    assert changed(before, *verbs) == after


def test_a_dropped_record_takes_its_line_end_along():
    assert Splicer("{}", "\r\n").edits([DropRecord()]) == [TextEdit(0, 4, "")]


def test_a_copy_without_a_line_end_gets_one():
    assert apply("{}", Splicer("{}").edits([CopyRecord(())])) == "{}\n{}"


@pytest.mark.parametrize(
    "verbs",
    [
        [Delete(("x",))],
        [Delete(("b", 5))],
        [Replace(("b", 0, "x"), "1")],
        [Insert(A, "x", "1")],
        [Insert(("b",), "x", "1")],
        [Insert((), 0, "1")],
        [Join(A, ("b",), "")],
        [Replace(A, "1"), Replace(A, "2"), Delete(A)],
    ],
)
def test_a_place_that_is_not_there_is_an_error(verbs):
    with pytest.raises(PlaceNotFoundError):
        Splicer('{"a": 1, "b": [2]}').edits(verbs)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)
records = st.dictionaries(st.sampled_from("abcd"), values, min_size=1, max_size=4)
spellings = st.sampled_from([{}, {"separators": (",", ":")}, {"separators": (" , ", " : ")}, {"ensure_ascii": False}])


@given(records, spellings, st.data())
def test_deleting_any_members_leaves_the_others(record, spelling, data):
    keys = data.draw(st.lists(st.sampled_from(sorted(record)), unique=True))
    left = {key: value for key, value in record.items() if key not in keys}
    assert json.loads(changed(json.dumps(record, **spelling), *[Delete((key,)) for key in keys])) == left


@given(st.lists(values, max_size=6), spellings, st.data())
def test_deleting_and_inserting_items(items, spelling, data):
    doomed = data.draw(st.sets(st.sampled_from(range(len(items))))) if items else set()
    left = [item for index, item in enumerate(items) if index not in doomed]
    text = changed(json.dumps({"a": items}, **spelling), *[Delete(("a", index)) for index in sorted(doomed)])
    assert json.loads(text) == {"a": left}
    at = data.draw(st.integers(0, len(left)))
    value = data.draw(values)
    assert json.loads(changed(text, Insert(A, at, as_json(value)))) == {"a": [*left[:at], value, *left[at:]]}


@given(st.text(max_size=12), st.data())
def test_byte_edits_are_the_same_edits(text, data):
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    edits = [TextEdit(*places, "é")]
    raw = text.encode("utf-8", "surrogateescape") if text.isascii() else text.encode("utf-8", "replace")
    text = raw.decode()
    assert edited(raw, byte_edits(ByteOffsets(text), edits, 10), 10).decode() == apply(text, edits)


def test_byte_offsets_of_a_long_text():
    text = "a\u00e9\udcff\U0001f680" * 5_000
    offsets = ByteOffsets(text)
    for position in (0, 1, 4_095, 4_096, 4_097, 8_192, 19_999, 20_000, 3):
        assert offsets.at(position) == len(text[:position].encode("utf-8", "surrogateescape"))


SPACES = st.sampled_from(["", " ", "\n", "\n  ", "\t\n", " \r\n\t", "\n\n", "\n \n"])


@given(records, st.tuples(SPACES, SPACES, SPACES, SPACES), st.sampled_from(["", "\n", "\r\n", "\n\n", " \n"]))
def test_records_without_errors_are_joined_like_others(record, spaces, end):
    first, *separators, last = spaces
    text = json.dumps({"a": record}, separators=(separators[0] + "," + last, ":" + separators[1]))
    lines = [*BytesIO(f"{first}{text[:-1]}{last}}}{end}".encode())]
    quickly = joining_edits(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jsonl_lint.jsonspan.strict.is_json", lambda _: False)
        assert joining_edits(lines) == quickly


@given(records, st.sampled_from([1, 4, "\t", 0]), st.sampled_from(["\n", "\r\n"]))
def test_joining_the_lines_of_a_record_spells_it_on_one(record, indent, end):
    lines = [line.encode() + end.encode() for line in json.dumps(record, indent=indent).split("\n")]
    assert edited(b"".join(lines), joining_edits(lines)).decode() == json.dumps(record) + end
    assert joined(lines).decode() == json.dumps(record) + end


def test_blank_lines_and_line_breaks_in_strings_are_joined_too():
    lines = [b'{"a":\n', b"  \n", b"\n", b'  "x\r\n', b"\n", b'y"\n', b"}\n"]
    assert joined(lines) == b'{"a": "x\\r\\n\\ny"}\n'


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "é", "\n", '"', "\\", "🙂", "\ud83d", "\udc00"]), st.booleans()), max_size=12
    ),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.text(max_size=2)), max_size=3),
)
def test_pieces_of_a_text_change_and_nothing_else_does(spelled, wanted):
    literal = "".join(json.dumps(character, ensure_ascii=escaped)[1:-1] for character, escaped in spelled)
    text = json.loads(f'"{literal}"', strict=False)
    pieces, last = [], 0
    for start, size, more in sorted(wanted):
        start, end = min(start, len(text)), min(start + size, len(text))
        if start >= last:
            pieces.append(Piece(start, end, more))
            last = end + (start == end)
    expected = text
    for piece in reversed(pieces):
        expected = expected[: piece.start] + piece.text + expected[piece.end :]
    after = changed(f'{{"a": "{literal}"}}', EditText(A, tuple(pieces)))
    found = json.loads(after, strict=False)["a"]
    assert found.encode("utf-16", "surrogatepass") == expected.encode("utf-16", "surrogatepass")


def test_only_texts_have_pieces():
    for verb in (EditText(A, (Piece(0, 1, ""),)), Unquote(A), Join(A, A, "")):
        with pytest.raises(PlaceNotFoundError):
            changed('{"a": 1}', verb)
