"""The C code finds the same places of values as the parser, in any spelling, and never reads beyond the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Settings, jsonspan
from jsonl_lint.api import check_events, check_file
from jsonl_lint.checks.file import Extras
from jsonl_lint.engine import skimming
from jsonl_lint.engine.judging.findings import MOST_WALKS
from jsonl_lint.jsonspan import decode, locate, parse
from jsonl_lint.model import Pointer
from jsonl_lint.native.places import PlaceFinder
from tests.compiled import COMPILED
from tests.test_jsonspan import spelled, walk

pytestmark = COMPILED


def expected(text: str, pointer: Pointer, *, key: bool) -> tuple[int, int, int]:
    place = locate(text, pointer, key=key)
    return place.start, place.end, len(text[: place.start].encode())


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[Pointer]:
    """The pointers of which the places are asked for from now on."""
    pointers: list[Pointer] = []
    place = PlaceFinder.place

    def noted(self: PlaceFinder, line: bytes, pointer: Pointer, *, key: bool) -> Any:
        pointers.append(pointer)
        return place(self, line, pointer, key=key)

    monkeypatch.setattr(PlaceFinder, "place", noted)
    return pointers


@given(case=spelled(), ending=st.sampled_from(["", "\n", "\r\n", " \t\n"]))
def test_places_are_those_that_locate_finds(finder: PlaceFinder, case: tuple[str, Any], ending: str):
    text, _ = case
    line = (text + ending).encode()
    for pointer, node in walk(parse(text)):
        names: list[str | int] = [*(member.key for member in node.members or ()), "no such key", 0, 99]
        for name in names:
            for at, key in (((*pointer, name), True), ((*pointer, name), False), ((*pointer, name, "deeper"), True)):
                place = finder.place(line, at, key=key)
                assert place in (expected(text, at, key=key), None)
                assert place is not None or "\\" in text, "only a key with an escape is not compared"


@given(line=st.binary(max_size=40) | st.text('{}[]",:\\ a0', max_size=40).map(str.encode))
@pytest.mark.parametrize("pointer", [(), ("a",), (0,), ("a", 0, "a"), (0, "a", 1), ("",)])
def test_of_what_is_no_json_a_place_in_the_line_is_told_or_none(finder: PlaceFinder, line: bytes, pointer: Pointer):
    place = finder.place(line, pointer, key=True)
    if place is not None:
        start, end, offset = place
        assert 0 <= start <= end <= len(decode(line))
        assert 0 <= offset <= len(line)


def test_more_pointers_than_are_remembered(finder: PlaceFinder):
    line = b"[" + b",".join(b"%d" % number for number in range(3_000)) + b"]"
    assert [finder.place(line, (index,), key=False) for index in (0, 2_999)] == [(1, 2, 1), (13_886, 13_890, 13_886)]
    for index in range(3_000):
        assert finder.place(line, (index,), key=False)
    assert finder.place(line, (0,), key=False) == (1, 2, 1)


@pytest.mark.parametrize("shown", [False, True], ids=["places only", "with edits and surroundings"])
def test_the_findings_are_the_same_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_for: list[Pointer], shown: bool
):
    data = tmp_path / "data.jsonl"
    asked, said = '{"role": "user", "content": "Wie wäre 1 ≠ 2?"}', '{"role": "assistant", "content": "Gut."}'
    bad = [
        f'{{"messages": [{asked}, {{"role": "assistant", "content": null}}]}}',
        f'{{"messages": [{asked}, {{"role": "bot", "content": "\\u00e4"}}], "é": 1}}',
        f'{{"messages": [{asked}, {said}], "weight": -1.5e3}}',
        f'{{"messages": [{asked}, {{"content": "no role"}}, {said}, {said}]}}',
        f'{{"messages": [ {asked} , {{"role": 7, "content": 8, "ro\\u006ce": 9}}]}}',
    ]
    clean = f'{{"messages": [{asked}, {said}]}}'
    data.write_text("".join(f"{clean}\n" * 9 + f"{line}\n" for line in bad * 60), encoding="utf-8")
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 0)

    def found() -> list[Any]:
        return list(check_events([str(data)], Settings(max_findings=0), extras=Extras(shown, shown)))

    with_it = found()
    assert len(asked_for) >= 60
    monkeypatch.setattr(PlaceFinder, "place", lambda *_, **__: None)
    assert found() == with_it


@pytest.mark.parametrize(("defects", "walks"), [(MOST_WALKS, MOST_WALKS), (MOST_WALKS + 1, 0)])
def test_many_findings_of_one_record_share_a_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_for: list[Pointer], defects: int, walks: int
):
    data = tmp_path / "data.jsonl"
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    bad = [{"content": "no role"}] * defects
    data.write_text("".join(json.dumps({"messages": each}) + "\n" for each in [messages] * 5 + [[*bad, *messages]]))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 0)
    settings = Settings(select=("missing-role", "duplicate-key"))
    assert len(list(check_file(data, settings))) == defects
    assert len(asked_for) == walks


def test_many_findings_of_a_skimmed_line_share_a_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = tmp_path / "data.jsonl"
    bad = [{"role": "user", "content": ""}, {"role": "assistant", "content": ""}]
    data.write_text("".join(json.dumps({"messages": bad * pairs}) + "\n" for pairs in (1, 1, 20, 20)))
    walks = []

    def noted(*args: Any, **options: Any) -> Any:
        walks.append(args)
        return locate(*args, **options)

    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 0)
    monkeypatch.setattr(jsonspan, "locate", noted)
    settings = Settings(select=("empty-content", "duplicate-key"))
    assert len(list(check_file(data, settings))) == 84
    assert not walks
