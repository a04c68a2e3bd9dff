"""What the C code says of the slips in a line is what the exact parser says."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mutants import mutated
from jsonl_lint import jsonspan
from jsonl_lint.engine.judging.sketches import invalid_utf8_sketch, problem_sketch
from jsonl_lint.engine.judging.texts import readable
from jsonl_lint.engine.skimming.slips import PLACED, record_with, sketches_of, slips_in
from jsonl_lint.jsonspan import decode, parse
from jsonl_lint.native.places import PlaceFinder
from jsonl_lint.native.recogniser import HAS_SLIPS, SLIPS, Entry, Found
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.rule import Sketch
from tests.compiled import COMPILED, recogniser_of
from tests.test_jsonspan import walk
from tests.test_skim import DICE, RECORDS, STYLES, line_of, slipped

pytestmark = COMPILED

PLAN = compile_plan()
DEEP = 64


def recognised(data: bytes) -> tuple[list[Entry], Found]:
    found = recogniser_of(PLAN, tolerated=sum(SLIPS[rule] for rule in PLACED)).skim(data, 1 << 20, [], texts=False)
    return [entry for entry in found.entries if entry.why & HAS_SLIPS], found


@given(st.lists(st.sampled_from(RECORDS), min_size=20, max_size=20), DICE, STYLES, st.booleans())
def test_slips_are_those_of_the_exact_parser(finder: PlaceFinder, chosen, dice: random.Random, style, ascii_only):
    lines = [line_of(mutated(record, dice), separators=style, ensure_ascii=ascii_only) for record in chosen]
    data = b"".join(slipped(line, dice) for line in lines if len(line) > 10)
    entries, found = recognised(data)
    for entry in entries:
        line = data[entry.start : entry.end]
        slips = slips_in(finder, line, found.slips_of(entry))
        assert slips is not None
        text = decode(line.rstrip(b"\r\n"))
        document = parse(readable(text))
        assert list(sketches_of(PLAN, slips)) == expected(text, document)
        assert repr(record_with(slips)) == repr(document.root.value)


def expected(text: str, document: jsonspan.Document) -> list[Sketch]:
    first, count = jsonspan.surrogates(text)
    of_bytes = [invalid_utf8_sketch(text, first, count)] if count else []
    return of_bytes + [problem_sketch(PLAN, problem, text) for problem in document.problems]


@pytest.mark.parametrize(
    "text", [b"\\ud83d\t", b"\t\\ud83d", b"\\ud83d\t\xe9", b"\t\xe9", b"\t\\ud83d\t\\ude42\\ude42"]
)
def test_slips_of_one_string_are_in_the_order_of_the_exact_parser(finder: PlaceFinder, text: bytes):
    line = b'{"text": "%b", "more": ["%b",]}\n' % (text, text)
    (entry,), found = recognised(line)
    slips = slips_in(finder, line, found.slips_of(entry))
    assert slips is not None
    text_of_line = decode(line.rstrip())
    assert list(sketches_of(PLAN, slips)) == expected(text_of_line, parse(readable(text_of_line)))


def test_a_string_of_nothing_but_halves_of_pairs_does_not_hang(finder: PlaceFinder):
    halves = 170_000
    line = b'{"text": "%b"}\n' % (b"\\ud83d" * halves)
    (entry,), found = recognised(line)
    slips = slips_in(finder, line, found.slips_of(entry))
    assert slips is not None
    assert record_with(slips) == {"text": "\ufffd" * halves}


@given(DICE, st.sampled_from(RECORDS), STYLES)
def test_the_pointer_to_a_byte_is_that_of_the_value_there(finder: PlaceFinder, dice: random.Random, record, style):
    line = line_of(record, separators=style)
    places = [
        (pointer, len(line.decode()[: node.start].encode()), node.value) for pointer, node in walk(parse(line.decode()))
    ]
    for pointer, start, value in dice.sample(places, min(len(places), 9)):
        assert finder.around(line, start) == pointer
        if isinstance(value, str):
            assert finder.around(line, start + 1 + dice.randrange(len(json.dumps(value)) - 1)) == pointer


def test_what_is_nested_too_deep_has_no_pointer(finder: PlaceFinder):
    for depth in (1, DEEP - 1, DEEP, 500):
        line = b"[" * depth + b"1" + b"]" * depth
        assert finder.around(line, depth) == ((0,) * depth if depth < DEEP else None)


@pytest.mark.parametrize(
    "line", [b"", b"}", b"]]]", b"}{", b'"', b',,"', b'{"a":', b'{"a', b'{"a" ', b"[[,", b'{"a":1}}}1']
)
def test_any_bytes_have_some_pointer(finder: PlaceFinder, line: bytes):
    for offset in (0, len(line), len(line) + 9):
        assert finder.around(line, offset) is not None
