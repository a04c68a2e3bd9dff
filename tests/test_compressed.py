"""Compressed files: the report of what they hold, in bounded memory, and one clear error for what is damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Report, Settings, UnreadableInputError, check_file, check_paths, fix_file
from jsonl_lint.cli import run
from jsonl_lint.files.compressed import COMPRESSIONS, LARGEST_WINDOW, Unpacked
from jsonl_lint.files.inputs import DATA_SUFFIXES, expand_paths
from tests.conftest import GOOD, ROOT, chat, found, line_of
from tests.test_ranges import mixed_lines
from tests.test_source import has_proc, measured

Pack = Callable[[bytes], bytes]


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


PACKERS: dict[str, Pack] = {".gz": gz, ".zst": zstd, ".bz2": bz2.compress, ".xz": lzma.compress}
NAMES = {compression.suffix: compression.name for compression in COMPRESSIONS}
every = pytest.mark.parametrize(("suffix", "pack"), PACKERS.items(), ids=PACKERS.keys())

SKIPPABLE = b"\x53*M\x18" + (5).to_bytes(4, "little") + b"hello"
"""A zstd frame that says nothing (RFC 8878, section 3.1.2)."""


def unpack(data: bytes, suffix: str) -> bytes:
    (compression,) = [item for item in COMPRESSIONS if item.suffix == suffix]
    return Unpacked(io.BytesIO(data), "data.jsonl" + suffix, compression).read()


def without_names(report: Report) -> dict[str, Any]:
    """The report, but for what the file's name and its compression say."""
    entry = report.to_dict()
    entry["files"] = [{**file, "path": "", "compression": None} for file in entry["files"]]
    entry["findings"] = [{**finding, "path": ""} for finding in entry["findings"]]
    return entry


# --- the same report -------------------------------------------------------------------------------------------------


@every
def test_a_compressed_file_has_the_report_of_what_it_holds(suffix: str, pack: Pack, tmp_path: Path):
    data = mixed_lines(600)
    plain, packed = tmp_path / "data.jsonl", tmp_path / ("data.jsonl" + suffix)
    plain.write_bytes(data)
    packed.write_bytes(pack(data))
    settings = Settings(ignore=("wrong-extension",), jobs=2)
    report = check_file(packed, settings)
    assert without_names(report) == without_names(check_file(plain, settings))
    assert report.files[0].bytes == len(data)
    assert report.to_dict()["files"][0]["compression"] == NAMES[suffix]
    assert "compression" not in check_file(plain, settings).to_dict()["files"][0]


@every
def test_a_target_that_wants_jsonl_says_what_to_do(suffix: str, pack: Pack, tmp_path: Path):
    path = tmp_path / ("data.jsonl" + suffix)
    path.write_bytes(pack(GOOD))
    report = check_file(path)
    assert found(report) == [(1, "wrong-extension")]
    assert f"`{suffix}`" in report.findings[0].message
    assert report.findings[0].help == "Decompress the file before it is uploaded."


@every
def test_members_one_after_the_other_and_zeros_behind_them(suffix: str, pack: Pack, tmp_path: Path):
    lines = [GOOD, line_of({"messages": []}), GOOD * 20_000, b"", GOOD.rstrip()]
    data = b"".join(pack(line) for line in lines)
    assert unpack(data, suffix) == unpack(data + b"\x00" * 70_000, suffix) == b"".join(lines)


def test_frames_of_zstd_that_are_to_be_skipped(tmp_path: Path):
    path = tmp_path / "data.jsonl.zst"
    path.write_bytes(SKIPPABLE + zstd(GOOD) + SKIPPABLE + zstd(GOOD))
    assert check_file(path).files[0].records == 2


@pytest.mark.parametrize("library", ["isal.isal_zlib", "zlib"])
@given(st.lists(st.binary(max_size=300).map(lambda part: part * 700), max_size=3))
def test_gzip_is_read_alike_with_and_without_isal(library: str, parts: list[bytes]):
    data = b"".join(map(gz, parts))
    with pytest.MonkeyPatch.context() as patch:
        if library == "zlib":
            patch.setitem(sys.modules, "isal.isal_zlib", None)
        assert unpack(data, ".gz") == b"".join(parts)


@every
@given(st.lists(st.binary(max_size=300).map(lambda part: part * 3_000), min_size=1, max_size=3))
def test_whatever_was_packed_comes_back(suffix: str, pack: Pack, parts: list[bytes]):
    assert unpack(b"".join(map(pack, parts)), suffix) == b"".join(parts)


@every
def test_standard_input_may_be_compressed(suffix: str, pack: Pack, tmp_path: Path):
    command = [sys.executable, "-m", "jsonl_lint", "-", "--output-format", "json"]
    done = subprocess.run(command, input=pack(GOOD + b"\n"), capture_output=True, cwd=ROOT, check=False)
    report = json.loads(done.stdout)
    assert [finding["rule"] for finding in report["findings"]] == ["blank-line"]
    assert (done.returncode, done.stderr) == (0, b"")
    assert report["files"][0]["compression"] == NAMES[suffix]


def test_standard_input_that_is_no_real_file(monkeypatch: pytest.MonkeyPatch):
    stream = io.TextIOWrapper(io.BytesIO(gz(GOOD)))
    monkeypatch.setattr(sys, "stdin", stream)
    assert check_file("-").files[0].records == 1
    assert not stream.buffer.closed


def test_folders_and_globs_find_compressed_files(tmp_path: Path):
    for name in ["a.jsonl", "b.jsonl.gz", "c.NDJSON.ZST", "d.json.gz", "e.gz", ".f.jsonl.gz"]:
        (tmp_path / name).write_bytes(GOOD)
    assert [Path(path).name for path in expand_paths([str(tmp_path)])] == [
        "a.jsonl",
        "b.jsonl.gz",
        "c.NDJSON.ZST",
    ]
    assert len(DATA_SUFFIXES) == 10


def test_the_command_line_says_what_offsets_mean(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gz(GOOD))
    assert run([str(path), "-v", "-q", "--ignore", "wrong-extension"]) == 0
    assert "1 record, format chat, gzip-compressed: offsets are those of what it holds" in capsys.readouterr().err


# --- what cannot be read ---------------------------------------------------------------------------------------------


def reasons(path: Path, data: bytes, **settings: Any) -> list[str]:
    """The errors of a file between two good ones, which are checked all the same."""
    before, after = path.parent / "before.jsonl", path.parent / "after.jsonl"
    before.write_bytes(GOOD)
    after.write_bytes(GOOD)
    path.write_bytes(data)
    report = check_paths([before, path, after], Settings(**settings))
    assert [file.path for file in report.files if file.path != str(path)] == [str(before), str(after)]
    assert {error.path for error in report.input_errors} <= {str(path)}
    return [error.reason for error in report.input_errors]


@every
def test_a_file_that_is_cut_off(suffix: str, pack: Pack, tmp_path: Path):
    data = pack(mixed_lines(600))
    for size in (len(data) // 2, len(data) - 1, 12):
        assert reasons(tmp_path / ("x.jsonl" + suffix), data[:size]) == [
            f"cut off: the {NAMES[suffix]} data ends too early"
        ]


@every
def test_what_was_read_before_the_damage_is_reported(suffix: str, pack: Pack, tmp_path: Path):
    path = tmp_path / ("x.jsonl" + suffix)
    path.write_bytes(pack(b"\n" * 2 + GOOD * 4_000) + pack(GOOD)[:-3])
    report = check_paths([path])
    assert len(report.input_errors) == 1
    assert (1, "blank-line") in found(report)
    assert report.summary["by_rule"] == {"blank-line": 2, "wrong-extension": 1}


@every
def test_a_file_that_is_damaged(suffix: str, pack: Pack, tmp_path: Path):
    data = bytearray(pack(mixed_lines(600)))
    data[len(data) // 2 : len(data) // 2 + 40] = b"\xa5" * 40
    (reason,) = reasons(tmp_path / ("x.jsonl" + suffix), bytes(data))
    assert reason.startswith((f"damaged: the {NAMES[suffix]} data cannot be decompressed", "cut off"))


@every
@given(place=st.integers(0, 400), noise=st.binary(min_size=1, max_size=8))
def test_damage_never_ends_in_a_traceback(
    suffix: str, pack: Pack, place: int, noise: bytes, tmp_path_factory: pytest.TempPathFactory
):
    data = bytearray(pack(GOOD * 3))
    place %= len(data)
    data[place : place + len(noise)] = noise
    path = tmp_path_factory.getbasetemp() / ("damaged.jsonl" + suffix)
    path.write_bytes(data)
    report = check_paths([path])
    assert len(report.files) + len(report.input_errors) >= 1


@every
def test_bytes_that_do_not_belong_there(suffix: str, pack: Pack, tmp_path: Path):
    for rest in (b"and more", b"x", b"\x00" * 4 + GOOD * 50):
        (reason,) = reasons(tmp_path / ("x.jsonl" + suffix), pack(GOOD) + rest)
        assert reason == f"damaged: behind the {NAMES[suffix]} data stands something else"


@every
def test_a_name_that_contradicts_the_content(suffix: str, pack: Pack, tmp_path: Path):
    path = tmp_path / ("x.jsonl" + suffix)
    assert reasons(path, GOOD) == [f"its name ends in {suffix}, but it is not {NAMES[suffix]}-compressed"]
    assert reasons(path, b"") == [f"its name ends in {suffix}, but it is not {NAMES[suffix]}-compressed"]
    other, name = (bz2.compress, "bzip2") if suffix == ".gz" else (gz, "gzip")
    assert reasons(path, other(GOOD)) == [f"its name ends in {suffix}, but it is {name}-compressed"]
    said = f"not JSONL: the file is {NAMES[suffix]}-compressed, so its name has to end in {suffix}"
    assert reasons(tmp_path / "x.jsonl", pack(GOOD)) == [said]


@every
def test_what_is_inside_must_be_text(suffix: str, pack: Pack, tmp_path: Path):
    path = tmp_path / ("x.jsonl" + suffix)
    assert reasons(path, pack(gz(GOOD))) == ["not JSONL: the file is gzip-compressed"]
    assert reasons(path, pack(bytes(range(256)) * 64)) == ["not JSONL: the file is binary"]


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert reasons(tmp_path / "x.jsonl.zst", zstd(GOOD)) == [
        "zstd-compressed; to check it needs: pip install 'jsonl-lint[compressed]'"
    ]
    monkeypatch.setitem(sys.modules, "lzma", None)
    assert reasons(tmp_path / "x.jsonl.xz", lzma.compress(GOOD)) == [
        "xz-compressed; to check it needs: a Python with lzma"
    ]


@every
def test_what_was_found_before_the_break_is_counted(
    suffix: str, pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / ("x.jsonl" + suffix)
    data = pack(b"".join(line_of(chat(random.randbytes(200).hex(), "Yes."))[:-1] + b",\n" for _ in range(9_000)))
    path.write_bytes(data[: len(data) * 2 // 3])
    report = check_paths([path], Settings(max_findings=0))
    (file,), (error,) = report.files, report.input_errors
    assert error.reason == f"cut off: the {NAMES[suffix]} data ends too early"
    assert sum(file.counts.values()) == len(report.findings) > 1_000
    assert file.records - file.valid_records == report.summary["by_rule"]["trailing-comma"]
    assert run([str(path), "--output-format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["summary"] == report.summary
    assert run([str(path), "--output-format", "markdown", "-q"]) == 2
    page = capsys.readouterr().out
    assert "no findings" not in page
    assert "not checked" in page
    names = [str(tmp_path / f"{number}.part") for number in (1, 2)]
    for number, name in enumerate(names, 1):
        run([str(path), "--part", f"{number}/2", "--output-file", name])
    capsys.readouterr()
    assert run([str(path)]) == 2
    alone = capsys.readouterr()
    assert run(["merge", *names]) == 2
    assert capsys.readouterr() == alone


def test_a_single_file_raises_and_the_command_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gz(GOOD)[:-4])
    with pytest.raises(UnreadableInputError, match="cut off"):
        check_file(path)
    assert run([str(path), "-q"]) == 2
    assert capsys.readouterr().err == f"jsonl-lint: {path}: cut off: the gzip data ends too early\n"


FIXES = ["--unsafe-fixes", "--ignore", "wrong-extension"]


@every
def test_a_compressed_file_is_fixed_in_place_and_undone(suffix: str, pack: Pack, tmp_path: Path):
    path = tmp_path / ("x.jsonl" + suffix)
    other = GOOD.replace(b"Hi", b"Bye")
    data = GOOD.replace(b'"user"', b'"User"') + b"\n" + other
    path.write_bytes(pack(data))
    log = tmp_path / "changes.jsonl"
    assert run(["fix", str(path), "--in-place", *FIXES, "--changes", str(log)]) == 0
    assert unpack(path.read_bytes(), suffix) == GOOD + other
    restored = tmp_path / ("restored.jsonl" + suffix)
    assert run(["fix", "--undo", str(log), str(path), "-o", str(restored)]) == 0
    assert unpack(restored.read_bytes(), suffix) == data
    before = path.read_bytes()
    assert run(["fix", str(path), "--in-place", *FIXES]) == 0  # nothing to fix: not even packed anew
    assert path.read_bytes() == before


@every
def test_what_is_fixed_is_compressed_as_its_name_says(
    suffix: str, pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path, out = tmp_path / "x.jsonl.gz", tmp_path / ("out.jsonl" + suffix)
    bad = GOOD.replace(b"Hi", b"Hi \\ud83d") + b"[]\n"
    path.write_bytes(gz(b"\n" + bad + GOOD * 5000))
    rejects = tmp_path / ("rejects.jsonl" + suffix)
    assert run(["fix", str(path), "-o", str(out), "--rejects", str(rejects), "--ignore", "wrong-extension"]) == 0
    rejected = unpack(rejects.read_bytes(), suffix)
    assert rejected == b"[]\n"
    assert "5,002 records in = 5,001 out, 1 rejected, 0 deleted" in capsys.readouterr().out
    assert unpack(out.read_bytes(), suffix).count(b"\n") == 5001
    chosen = Settings(ignore=("wrong-extension",))
    result = fix_file(path, out, chosen, rejects=rejects)
    assert check_file(out, chosen).files[0].counts == result.counts


def test_a_compressed_log_cannot_grow(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gz(GOOD))
    assert run(["fix", str(path), "--in-place", "--changes", str(tmp_path / "log.gz")]) == 2
    assert "cannot be compressed files" in capsys.readouterr().err


def test_without_the_library_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = tmp_path / "x.jsonl"
    path.write_bytes(GOOD)
    assert run(["fix", str(path), "-o", str(tmp_path / "out.jsonl.zst")]) == 2
    assert "to write zstd it needs: pip install 'jsonl-lint[compressed]'" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["x.jsonl"]


# --- memory ----------------------------------------------------------------------------------------------------------


def bomb_of_gzip(path: Path, line: bytes, count: int) -> Path:
    packer = zlib.compressobj(9, wbits=31)
    with path.open("wb") as file:
        for _ in range(count):
            file.write(packer.compress(line))
        file.write(packer.flush())
    return path


def bomb_of_zstd(path: Path, blocks: int) -> Path:
    """One frame of blocks of a repeated byte (RFC 8878, section 3.1.1.2.2): four bytes become 128 KiB."""
    size = 128 << 10
    header = b"\x28\xb5\x2f\xfd" + b"\x00" + b"\x38"  # no checksum, no size; a window of 128 KiB
    block = lambda last: (last | 1 << 1 | size << 3).to_bytes(3, "little") + b"x"  # noqa: E731
    path.write_bytes(header + block(0) * (blocks - 1) + block(1))
    return path


@has_proc
def test_a_bomb_of_lines_takes_little_memory(tmp_path: Path):
    size = 300 << 20
    path = bomb_of_gzip(tmp_path / "x.jsonl.gz", b'"' + b" " * ((1 << 20) - 2) + b"\n", 300)
    assert path.stat().st_size < 1 << 20
    shown, peak = measured(path)
    assert shown.startswith(f"300 {size} ")
    assert peak < 70


@has_proc
def test_a_bomb_of_one_line_takes_no_more_than_the_limit(tmp_path: Path):
    path = bomb_of_gzip(tmp_path / "x.jsonl.gz", b"x" * (1 << 20), 300)
    shown, peak = measured(path)
    assert shown == f"1 {300 << 20} [('record-too-large', 1), ('wrong-extension', 1)]"
    assert peak < 60 + 64


@has_proc
def test_a_bomb_of_zstd_takes_little_memory(tmp_path: Path):
    path = bomb_of_zstd(tmp_path / "x.jsonl.zst", 2_400)
    assert path.stat().st_size < 10_000
    shown, peak = measured(path)
    assert shown == f"1 {300 << 20} [('record-too-large', 1), ('wrong-extension', 1)]"
    assert peak < 60 + 64 + 32


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        (".xz", lzma.compress(GOOD, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2 * LARGEST_WINDOW}])),
        (".zst", b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([(28 - 10) << 3]) + b"\x01\x00\x00"),
    ],
    ids=["xz", "zst"],
)
def test_data_that_wants_much_memory_is_refused(suffix: str, data: bytes, tmp_path: Path):
    (reason,) = reasons(tmp_path / ("x.jsonl" + suffix), data)
    assert reason.startswith("damaged: ")
    assert "memory" in reason.lower()


def test_nothing_is_imported_for_plain_files():
    script = (
        "import sys, jsonl_lint; before = set(sys.modules); jsonl_lint.check_file('fixtures/sample.jsonl');"
        "print({'isal', 'bz2', 'lzma', 'zstandard', 'fsspec', 'gzip', 'jsonl_lint.files.remote'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "set()\n"


def test_every_compression_has_its_own_beginning():
    packed = {suffix: pack(json.dumps(chat()).encode()) for suffix, pack in PACKERS.items()}
    for compression in COMPRESSIONS:
        begins = [suffix for suffix, data in packed.items() if data.startswith(compression.magic)]
        assert begins == [compression.suffix]
