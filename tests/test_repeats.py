"""Records that `fix` has written before are recognised, whether Python or the C code holds their digests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Settings, fix_file, native
from jsonl_lint.fixer import repeats
from jsonl_lint.native import digests
from tests.conftest import chat, line_of

compiled = pytest.mark.skipif(native.load() is None, reason="the package was built without a C compiler")

HALVES = st.sampled_from([1, 2, 1 << 12, (1 << 12) + 1, (1 << 64) - 1]) | st.integers(1, (1 << 64) - 1)
SOME = st.builds(lambda first, second: first.to_bytes(8, "little") + second.to_bytes(8, "little"), HALVES, HALVES)


@compiled
@given(st.lists(st.lists(SOME, max_size=9), max_size=30), st.sampled_from([1, 2, 8, 1 << 12]))
def test_a_table_knows_what_a_set_knows(batches: list[list[bytes]], places: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "_FIRST_PLACES", places)
        table = digests.DigestTable(native.load())  # type: ignore[arg-type]
    known: set[bytes] = set()
    for batch in batches:
        again = []
        for index, digest in enumerate(batch):
            if digest in known:
                again.append(index)
            known.add(digest)
        assert table.add(batch) == again
        assert table.size == len(known)


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("few", [0, 3, 10_000])
@pytest.mark.parametrize("is_compiled", [pytest.param(True, marks=compiled), False])
def test_repeated_records_are_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, unsafe: bool, few: int, is_compiled: bool
):
    monkeypatch.setattr(repeats, "FEW", few)
    if not is_compiled:
        monkeypatch.setattr(native, "load", lambda: None)
    distinct = [line_of(chat(f"What is {number}?", "It is.")) for number in range(200)]
    misspelt = [line.replace(b'"user"', b'"User"') for line in distinct[:50]]
    path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(b"".join([*distinct, b"\n", *misspelt, *distinct[:7], b"\n"]))
    result = fix_file(path, out, Settings(unsafe_fixes=unsafe))
    repeated = {rule: count for (rule, _), count in result.counts.items()}.get("duplicate-record", 0)
    assert (result.fixed.get("duplicate-record", 0), repeated) == ((57, 0) if unsafe else (0, 57))
    assert result.fixed.get("unknown-role", 0) == (0 if unsafe else 50)  # a record that is dropped is not repaired
    assert out.read_bytes() == b"".join(distinct if unsafe else [*distinct, *distinct[:50], *distinct[:7]])
