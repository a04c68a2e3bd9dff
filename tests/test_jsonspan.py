"""The exact parser: it agrees with the fast ones on what JSON is, and knows every place."""

from __future__ import annotations

import doctest
import json
import math
import re
from collections.abc import Iterator
from typing import Any

import jiter
import orjson
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from jsonl_lint import jsonspan
from jsonl_lint.jsonspan import Document, JsonSyntaxError, Node, Nodes, Problem, locate, parse, whole
from jsonl_lint.jsonspan.parser import MAX_DEPTH
from jsonl_lint.jsonspan.places import Place, children
from jsonl_lint.model import Pointer
from tests.conftest import takes_linear_time

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.text("ab\"\\/\n\t\x00\x7f\u2028\u00e9\U0001f600'{}[],:", max_size=12),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=6) | st.sampled_from(["a", "b/c"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, Any]:
    """A JSON text in one of the spellings that writers use, and its value."""
    value = draw(values)
    if draw(st.booleans()):
        text = orjson.dumps(value, option=draw(st.sampled_from([0, orjson.OPT_INDENT_2]))).decode()
    else:
        separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), ("\t,\r\n", "\n:\n")]))
        indent = draw(st.sampled_from([None, 0, 2, "\t"]))
        text = json.dumps(value, separators=separators, indent=indent, ensure_ascii=draw(st.booleans()))
    edge = st.sampled_from(["", " ", "\n", "\r", "\t \n"])
    return draw(edge) + text + draw(edge), value


def same(left: Any, right: Any) -> bool:
    """Equal, and of equal types all the way down; an integer and a float differ."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    return left == right


def walk(document: Document) -> Iterator[tuple[Pointer, Node]]:
    """Every node with its pointer, outermost first."""
    waiting: list[tuple[Pointer, Node]] = [((), document.root)]
    for pointer, node in waiting:
        children(document.text, node)
        yield pointer, node
        waiting += [((*pointer, index), item) for index, item in enumerate(node.items or ())]
        waiting += [((*pointer, member.key), member.node) for member in node.members or ()]


@given(spelled())
def test_a_written_value_is_read_back_with_the_place_of_every_part(case: tuple[str, Any]):
    text, value = case
    document = parse(text)
    assert same(document.root.value, value)
    assert [problem for problem in document.problems if problem.kind != "imprecise-number"] == []
    for _, node in walk(document):
        assert same(json.loads(text[node.start : node.end]), node.value)
        for member in node.members or ():
            assert json.loads(text[member.start : member.end]) == member.key


@given(spelled())
def test_locate_finds_the_places_that_parse_finds(case: tuple[str, Any]):
    text, _ = case
    document = parse(text)
    nodes = Nodes(document)
    for pointer, node in walk(document):
        assert nodes.at(pointer) == (node, True)
        assert locate(text, pointer) == Place(node.start, node.end, True)
        for member in node.members or ():
            place = locate(text, (*pointer, member.key), key=True)
            assert (place.start, place.end) == (member.start, member.end)
        for missing in ("no such key", 99):
            assert nodes.at((*pointer, missing, "deeper")) == (node, False)
            assert locate(text, (*pointer, missing, "deeper")) == Place(node.start, node.end, False)


@given(spelled())
def test_a_text_that_is_known_to_be_valid_need_not_be_parsed_for_its_places(case: tuple[str, Any]):
    text, value = case
    for (pointer, node), (parsed_pointer, parsed) in zip(walk(whole(text, value)), walk(parse(text)), strict=True):
        assert (pointer, node.start, node.end) == (parsed_pointer, parsed.start, parsed.end)
        assert same(node.value, parsed.value)


@given(spelled())
def test_a_glance_finds_the_place_that_looking_into_everything_finds(case: tuple[str, Any]):
    text, value = case
    for pointer, _ in [*walk(parse(text)), (("a", 0, "b"), None), ((0, "a"), None)]:
        glanced, looked = (Nodes(whole(text, value), unique=unique) for unique in (True, False))
        node, found = glanced.at(pointer)
        other, expected = looked.at(pointer)
        assert (node.start, node.end, found) == (other.start, other.end, expected)
        assert same(node.value, other.value)
        assert glanced.place(pointer, key=True) == looked.place(pointer, key=True)
        assert places_in(node) == places_in(other)


def test_more_than_a_few_glances_look_into_the_whole_text():
    nodes = Nodes(whole('{"a": [{"b": 1}]}', {"a": [{"b": 1}]}), unique=True)
    assert [nodes.at(("a", 0, "b"))[0].start, nodes.at(("a", 0))[0].start] == [13, 7]
    assert nodes.document.root.members is None
    assert nodes.at(("a",))[0].start == 6
    assert nodes.document.root.members is not None


def places_in(node: Node) -> list[tuple[int, int]]:
    """Where the children of a container stand."""
    items = [(item.start, item.end) for item in node.items or ()]
    return items + [(member.start, member.node.end) for member in node.members or ()]


@given(st.text(st.characters(categories=["Cs", "L", "S"]), max_size=30))
@example("\ud800" * 3 + "x\ud800" * 9)
def test_surrogates_are_found_and_replaced_one_by_one(text: str):
    places = [at for at, ch in enumerate(text) if "\ud800" <= ch <= "\udfff"]
    assert jsonspan.surrogates(text) == (places[0] if places else -1, len(places))
    assert jsonspan.without_surrogates(text) == re.sub("[\ud800-\udfff]", "\ufffd", text)


# --- agreement with other parsers ------------------------------------------------------------------------------------


CHARACTERS = "{}[]:,\"'\\/#*-+.eE0123456789 \t\r\n\x00\x0b\ufeff\u2028\x7ftfnNIT"
WORDS = ["NaN", "Infinity", "-Infinity", "-NaN", "true", "null", "None", "//", "/*", "*/", '""', '"a":1', "1e999", ",,"]
WORDS += ["\\ud83d", "\\udc00", "\\u00e9", "\\u12", "\\x", "12345678901234567890123", "0.12345678901234567890"]


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A JSON text with a few characters deleted, inserted, replaced or doubled."""
    text = draw(spelled())[0]
    bits = st.sampled_from([*CHARACTERS, *WORDS])
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 4)))
        way = draw(st.sampled_from(["delete", "insert", "replace", "double", "cut"]))
        if way == "insert":
            text = text[:start] + draw(bits) + text[start:]
        elif way == "cut":
            text = text[:start]
        else:
            middle = {"delete": "", "replace": draw(bits), "double": text[start:end] * 2}[way]
            text = text[:start] + middle + text[end:]
    return text


texts = st.one_of(broken(), st.text(max_size=20), st.text('{}[]",:0123456789.eE-+truefalsn\\u \n', max_size=16))


def kinds_of(text: str) -> set[str]:
    """The kinds of problems, with the kind of the syntax error where there is one."""
    try:
        problems = parse(text).problems
    except JsonSyntaxError as error:
        return {problem.kind for problem in error.problems} | {f"syntax: {error.kind}"}
    return {_kind(problem) for problem in problems}


def _kind(problem: Problem) -> str:
    """Parsers differ on the words for numbers that are not finite, and on figures too large for a float."""
    if problem.kind == "non-finite-number":
        return problem.detail if problem.detail[-1].isalpha() else "overflow"
    return problem.kind


def accepts(parser: Any, data: bytes | str) -> bool:
    try:
        parser(data)
    except ValueError:
        return False
    except RecursionError:
        assume(False)
    return True


def by_jiter(data: bytes) -> Any:
    return jiter.from_json(data, catch_duplicate_keys=True, allow_inf_nan=False)


def by_stdlib(text: str) -> Any:
    return json.loads(text, parse_int=str)  # without the limit of 4,300 digits


def agree(text: str) -> None:
    """What each parser passes is told apart from JSON by the documented gates, and by nothing else."""
    kinds = kinds_of(text)
    data = text.encode()
    assert accepts(orjson.loads, data) == (kinds <= {"duplicate-key", "imprecise-number"}), kinds
    if nesting_of(text) <= 200:
        assert accepts(by_jiter, data) == (kinds <= {"imprecise-number", "overflow"}), kinds
    lenient = {"duplicate-key", "imprecise-number", "lone-surrogate", "overflow", "NaN", "Infinity", "-Infinity"}
    if not text.startswith("\ufeff"):
        assert accepts(by_stdlib, text) == (kinds <= lenient), kinds


def nesting_of(text: str) -> int:
    return max(text.count("["), text.count("{"), text.count("[") + text.count("{"))


@given(texts)
@example("\ufeff{}")
@example('{"a":1,"\\u0061":2}')
@example("1e999")
@example("9" * 309)
@example('"\\udc00\\ud83d\\ude00"')
@example("[" * 150 + "]" * 150)
@settings(max_examples=500)
def test_all_parsers_agree(text: str):
    agree(text)


@pytest.mark.slow
@given(texts)
@settings(max_examples=20_000)
def test_all_parsers_agree_long(text: str):
    agree(text)


@given(texts | broken().map(lambda text: f'{{"messages": [{text}, {{"role": "user"}}, {text}], "a": {text}}}'))
@example('["\\ud83d\\ude00"]')
@example('["\\ude00\\ud83d"]')
@example('["\\ud83d\\ud83d\\ude00"]')
@example('["\\\\ud83d\\ude00"]')
@example('{"a": 1, "b": "x", "a": "y", "c": [], "b": {}}')
@settings(max_examples=150)
def test_reading_many_values_in_one_go_changes_nothing(text: str):
    at_once = outcome(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jsonl_lint.jsonspan.parser.SHORTCUT_DEPTHS", ())
        patch.setattr("jsonl_lint.jsonspan.parser.Parser.plain_children", lambda self, position: (None, position))
        assert outcome(text) == at_once


def outcome(text: str) -> Any:
    """All that the exact parser says of a text."""
    try:
        document = parse(text)
    except JsonSyntaxError as error:
        return error.kind, error.position, error.reason, error.problems
    return repr(document.root.value), document.problems, [(p, node.start, node.end) for p, node in walk(document)]


@given(
    st.binary(max_size=24)
    | texts.map(str.encode).flatmap(
        lambda data: st.builds(_spoil, st.just(data), st.integers(0, 64), st.integers(128, 255))
    )
)
def test_bytes_are_decoded_without_loss_and_never_crash(data: bytes):
    text = jsonspan.decode(data)
    assert jsonspan.encode(text) == data
    kinds = kinds_of(text)
    if accepts(orjson.loads, data):
        assert kinds <= {"duplicate-key", "imprecise-number"}
    if not kinds and text.isprintable() and all(not 0xD800 <= ord(ch) <= 0xDFFF for ch in text):
        assert accepts(orjson.loads, data)


def _spoil(data: bytes, place: int, byte: int) -> bytes:
    return data[:place] + bytes([byte]) + data[place:]


@pytest.mark.parametrize(("depth", "accepted"), [(200, True), (201, True), (MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
@pytest.mark.parametrize(("opener", "closer"), [("[", "]"), ('{"a":', "}")])
def test_depth_limit_is_that_of_orjson(depth: int, accepted: bool, opener: str, closer: str):
    text = opener * depth + ("1" if opener != "[" else "") + closer * depth
    assert accepts(orjson.loads, text.encode()) is accepted
    assert kinds_of(text) == (set() if accepted else {"syntax: too-deep"})


def test_a_hundred_thousand_brackets_are_too_deep_and_no_crash():
    for text in ("[" * 100_000, '{"a":' * 100_000, '[{"a":' * 100_000):
        assert kinds_of(text) == {"syntax: too-deep"}


def test_locate_works_beside_and_above_deep_values():
    text = '{"deep":' + "[" * 900 + "]" * 900 + ',"b":1}'
    assert locate(text, ("deep",)) == Place(8, 8 + 1800, True)


# --- problems and their places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "marked", "pointer"),
    [
        ('{"a": 1,}', "trailing-comma", ",", ()),
        ('{"a": [1, 2 , ]}', "trailing-comma", ",", None),
        ('{"a": 1},', "trailing-comma", ",", ()),
        ('{"a": 1} ,,  ', "trailing-comma", ",", ()),
        ('["x\ty"]', "unescaped-control-character", "\t", (0,)),
        ('{"a": {"b": "\x00"}}', "unescaped-control-character", "\x00", ("a", "b")),
        ('{"a\n": 1}', "unescaped-control-character", "\n", None),
        ('{"a": [0, NaN]}', "non-finite-number", "NaN", ("a", 1)),
        ("-Infinity", "non-finite-number", "-Infinity", ()),
        ('{"a": 1e999}', "non-finite-number", "1e999", ("a",)),
        ('{"a": -1.0E+400}', "non-finite-number", "-1.0E+400", ("a",)),
        ('{"a": 18446744073709551616}', "imprecise-number", "18446744073709551616", ("a",)),
        ('{"a": -9223372036854775809}', "imprecise-number", "-9223372036854775809", ("a",)),
        ('{"a": 0.123456789012345678}', "imprecise-number", "0.123456789012345678", ("a",)),
        ('{"a": "x\\ud83d"}', "lone-surrogate", "\\ud83d", ("a",)),
        ('{"a": ["\\ud83d\\ude00 \\ude00"]}', "lone-surrogate", "\\ude00", ("a", 0)),
        ('{"\\ud83d": 1}', "lone-surrogate", "\\ud83d", None),
        ('{"a": 1} // why', "comment-in-json", "// why", ()),
        ('{"a": /* why */ 1}', "comment-in-json", "/* why */", None),
        ('# why\n{"a": 1}', "comment-in-json", "# why", ()),
        ('{"a": {"b": 1, "b": 2}}', "duplicate-key", '"b"', ("a", "b")),
        ('[{"a": 1, "\\u0061": 2}]', "duplicate-key", '"\\u0061"', (0, "a")),
    ],
)
def test_a_problem_is_named_and_placed(text: str, kind: str, marked: str, pointer: Pointer | None):
    problems = parse(text).problems
    assert [problem.kind for problem in problems] == [kind]
    (problem,) = problems
    assert text[problem.start : problem.end] == marked
    if pointer is not None:
        assert problem.pointer == pointer


@pytest.mark.parametrize(
    "number", ["18446744073709551615", "-9223372036854775808", "0.1234567890123456", "1e308", "1e-999", "-0"]
)
def test_numbers_that_are_kept_whole_are_no_problem(number: str):
    assert kinds_of(number) == set()


def test_both_places_of_a_key_that_stands_twice():
    text = '{"x": {"k": 1, "b": 2, "k": {"k": 3}, "k": 4}, "k": 5}'
    problems = parse(text).problems
    assert [problem.kind for problem in problems] == ["duplicate-key"] * 2
    places = [int(place) for problem in problems for place in problem.detail.split(",")]
    assert places[0] == text.index('"k"')
    assert places[1] == places[2]
    assert [text[place : place + 3] for place in places] == ['"k"'] * 4
    assert places[2] < places[3]
    assert [problem.pointer for problem in problems] == [("x", "k")] * 2
    assert parse(text).root.value == {"x": {"k": 4, "b": 2}, "k": 5}


def test_an_escaped_key_equals_the_plain_one():
    text = '{"a": 1, "\\u0061": 2}'
    (problem,) = parse(text).problems
    assert problem.detail == "1,9"
    assert text[problem.start : problem.end] == '"\\u0061"'


def test_one_hundred_thousand_equal_keys_take_no_quadratic_time():
    document = parse("{" + ",".join(['"a":1'] * 100_000) + "}")
    assert document.root.value == {"a": 1}
    assert len(document.problems) == jsonspan.MAX_PROBLEMS


@pytest.mark.parametrize(
    ("begin", "part", "end"),
    [
        ('{"a": [', '{"b": 1,},', "0]}"),
        ('{"a": [', '"\t",', "0]}"),
        ('{"a": {', '"k%d": {"b": 1,},', '"b": 0}}'),
        ("", '{"b": 1,} ', "{}"),
    ],
    ids=["items", "strings", "members", "values"],
)
def test_any_number_of_problems_takes_linear_time(begin, part, end):
    """The errors of the C scanner count the lines before them."""

    def read(count: int) -> None:
        parts = [part % number if "%" in part else part for number in range(count)]
        text = "".join([begin, *parts, end])
        if begin:
            assert len(jsonspan.parse(text).problems) == jsonspan.MAX_PROBLEMS
        else:
            assert len(jsonspan.gaps(text)) == count

    assert takes_linear_time(read, 20_000)


@pytest.mark.parametrize(
    ("text", "kind", "position"),
    [
        ("", "no-value", 0),
        (" \t", "no-value", 2),
        ('{"a": 1', "truncated", 7),
        ('{"a": [1, 2', "truncated", 11),
        ('{"a":', "truncated", 5),
        ('{"a"', "truncated", 4),
        ('{"a": 1,', "truncated", 8),
        ('{"a": tru', "truncated", 9),
        ('{"a": -', "truncated", 7),
        ('{"a": 1.', "truncated", 8),
        ('{"a": 1e+', "truncated", 9),
        ('{"a": "x', "unterminated-string", 6),
        ('{"a": "x\\', "unterminated-string", 6),
        ('{"a": "\\u00', "unterminated-string", 6),
        ('{"a": "\\u0041', "unterminated-string", 6),
        ('{"a": "\\u004x', "invalid", 7),
        ('{"a', "unterminated-string", 1),
        ('{"a": 1} {"b": 2}', "extra-data", 9),
        ("{}}", "extra-data", 2),
        ("{'a': 1}", "python-literal", 1),
        ('{"a": True}', "python-literal", 6),
        ('{"a": None}', "python-literal", 6),
        ('{"a": "x\\q"}', "invalid", 8),
        ('{"a": "say "no""}', "invalid", 12),
        ('{"a" 1}', "invalid", 5),
        ("{a: 1}", "invalid", 1),
        ("[1, , 2]", "invalid", 4),
        ("[01]", "invalid", 1),
        ("[+1]", "invalid", 1),
        ("[.5]", "invalid", 1),
        ("[nul]", "invalid", 1),
        ('["a" "b"]', "invalid", 5),
        ('["a": 1]', "invalid", 4),
        ("hello", "invalid", 0),
        ("\ufeff{}", "invalid", 0),
    ],
)
def test_a_syntax_error_says_what_and_where(text: str, kind: str, position: int):
    with pytest.raises(JsonSyntaxError) as caught:
        parse(text)
    assert (caught.value.kind, caught.value.position) == (kind, position)
    assert caught.value.reason


def test_problems_before_a_syntax_error_are_kept():
    with pytest.raises(JsonSyntaxError) as caught:
        parse('{"a": NaN, "b": [1,], "c" 1}')
    assert [problem.kind for problem in caught.value.problems] == ["non-finite-number", "trailing-comma"]


def test_examples_in_the_module():
    assert doctest.testmod(jsonspan.parser).failed == 0


# --- Python literals -------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["'", '"', "\\", "True", "None", "a", " ", ",", "{", "}", ":", "\n", "\\x41", "é"])))
@example(["\\", "'"] * 150 + ["'a'"])
def test_the_respellings_are_what_a_literal_is_read_with(pieces: list[str]):
    line = "{'a': '" + "".join(pieces) + "'}"
    spelled, at = "", 0
    for start, end, text in jsonspan.respellings(line):
        spelled += line[at:start] + text
        at = end
    held = jsonspan.read_literal(line)
    assert held in (None, spelled + line[at:])
    if held is not None:
        places = range(len(held) + 1)
        inside = jsonspan.places_in_literal(line, places)
        assert inside == sorted(inside)
        assert (inside[0], inside[-1]) == (0, len(line))
        assert jsonspan.places_in_literal(line, places[::3]) == inside[::3]


def test_a_place_inside_a_string_of_a_literal_is_that_of_its_character():
    line = """['a"b\\'c\\x41d\\\\e"', 'f', "g'h\\x00i", None]"""
    held = jsonspan.read_literal(line)
    assert held is not None
    places = [held.index(letter) for letter in "abcdefghi"]
    assert jsonspan.places_in_literal(line, places) == [line.index(letter) for letter in "abcdefghi"]


def test_many_places_inside_a_string_of_a_literal_take_linear_time():
    def place(count: int) -> None:
        line = f"""['{"a" * count}', '{'"' * count}']"""
        held = jsonspan.read_literal(line)
        assert held is not None
        assert len(jsonspan.places_in_literal(line, range(len(held)))) == len(held)

    assert takes_linear_time(place, 2_000)


@given(st.recursive(scalars, lambda values: st.lists(values) | st.dictionaries(st.text(), values)))
def test_what_python_writes_is_read(value: Any):
    held = jsonspan.read_literal(str([value]))
    assert held is not None
    assert json.loads(held) == json.loads(json.dumps([value]))


@pytest.mark.parametrize("piece", ["'", '"', "\\\\"])
def test_a_literal_of_very_many_pieces_is_not_read(piece: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jsonspan.pythonliteral, "MOST_PIECES", 20)
    other = "'" if piece == '"' else '"'
    assert jsonspan.read_literal(str({"a": piece * 2})) is not None
    assert jsonspan.read_literal(f"[{', '.join([f'{other}{piece}{other}'] * 20)}]") is None
