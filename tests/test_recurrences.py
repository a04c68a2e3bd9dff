"""Numbers that stand in several places are found, whatever is held in memory and however they are divided on disk."""

from __future__ import annotations

import os
import sys
import tempfile
from array import array
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint import Settings, UserError, check_records
from jsonl_lint.repeats import recordkeys, recurrences
from jsonl_lint.repeats.numberfile import NumberFile
from jsonl_lint.repeats.recurrences import Recurrences

NUMBERS = st.integers(0, 9) | st.sampled_from([1 << 63, (1 << 64) - 1, 1 << 58, 1 << 52]) | st.integers(0, 2**64 - 1)


@given(
    st.lists(st.tuples(st.integers(1, 3), NUMBERS), max_size=120),
    *(st.sampled_from([1, 2, 5, 1 << 16]), st.sampled_from([1, recurrences._MULTIPLIER]), st.integers(1, 3)),
)
@example([(1, number % 7) for number in range(100)], 2, 1, 1)
@example([(1, 7)] * 100, 1, 1, 3)
def test_each_recurrence_is_found_in_order(
    steps: list[tuple[int, int]], most_held: int, multiplier: int, found_rows: int
):
    rows = []
    place = 0
    for step, number in steps:
        place += step
        rows.append((place, number))
    numbers = [number for _, number in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurrences, "MOST_HELD", most_held)
        patch.setattr(recurrences, "_MULTIPLIER", multiplier)  # 1: small numbers stay in one part to the last
        patch.setattr(recurrences, "_FOUND_ROWS", found_rows)
        found = Recurrences()
        for place, number in rows:
            found.add(place, number)
        expected = [(place, rows[numbers.index(number)][0]) for place, number in rows if numbers.count(number) > 1]
        assert list(found) == expected
        assert list(found) == expected


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device without room is needed")
def test_a_full_disk_gives_one_clear_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: open("/dev/full", "r+b"))  # noqa: SIM115
    monkeypatch.setattr(recordkeys, "SPILL_KEYS", 1)
    with pytest.raises(UserError, match=r"no temporary file can be written in .*: no space left on device"):
        list(check_records([{"text": "a"}] * 3, Settings(select=("JL80",))))


def test_where_no_temporary_file_can_be_made_it_is_said(monkeypatch: pytest.MonkeyPatch):
    def fail() -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    with pytest.raises(UserError, match="no temporary file can be made: no usable temporary directory"):
        NumberFile().append(array("Q", [1]))


def test_threads_read_the_same_file_without_disturbing_each_other():
    file = NumberFile()
    file.append(array("Q", range(3_000)))

    def read(start: int) -> bool:
        return all(file.read(start, 5).tolist() == list(range(start, start + 5)) for _ in range(3_000))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(read, (0, 700, 1_500, 2_900)))
    finally:
        sys.setswitchinterval(before)
