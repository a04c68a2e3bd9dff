"""Files that are written: there when they are whole, and never in the place of what is read."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from jsonl_lint import UserError, ranges
from jsonl_lint.cli import run
from jsonl_lint.files import output, replacement
from jsonl_lint.files.inputs import open_file, same_file
from jsonl_lint.files.output import keep_apart, whole_file
from jsonl_lint.files.replacement import Replacement
from jsonl_lint.ranges import local
from tests.conftest import GOOD, chat, line_of
from tests.test_cli import one_line, shell

FULL = "/dev/full"


pytestmark = pytest.mark.usefixtures("folder")


def write_half(path: str) -> None:
    with whole_file(path) as stream:
        stream.write(b"half")
        raise KeyboardInterrupt


def test_a_file_appears_only_when_it_is_whole(folder: Path):
    path = folder / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with pytest.raises(KeyboardInterrupt):
        write_half("a")
    assert path.read_bytes() == b"old"
    with whole_file("a") as stream:
        stream.write(b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir() == ["a"]


def test_a_folder_that_is_missing_does_not_become_a_file():
    with pytest.raises(UserError, match="no such folder"), whole_file("missing/"):
        pass
    assert os.listdir() == []


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
def test_a_name_says_how_a_file_is_compressed(suffix: str):
    path = f"rest.jsonl{suffix}"
    with whole_file(path) as stream:
        stream.write(b"a\n" * 9)
    with open_file(path)[0] as handle:
        assert handle.read() == b"a\n" * 9
    assert Path(path).read_bytes()[:1] != b"a"


def test_a_link_is_followed():
    os.symlink("file", "link")
    Path("file").write_bytes(b"old")
    with whole_file("link") as stream:
        stream.write(b"new")
    assert Path("link").is_symlink()
    assert Path("file").read_bytes() == b"new"


def write_two(first: str, second: str) -> None:
    with whole_file(first) as one, whole_file(second) as other:
        other.write(b"x")
        one.write(b"x" * 100_000)


@pytest.mark.parametrize("step", ["_lock", "_is_still_there", "_take_over", "NamedFile", "Packed"])
def test_an_interrupt_leaves_nothing_wherever_it_comes(step: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    usual = getattr(replacement, step)

    def interrupted(*_: object) -> None:
        monkeypatch.setattr(replacement, step, usual)
        raise KeyboardInterrupt

    monkeypatch.setattr(replacement, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        Replacement("a.jsonl.gz", "gzip")
    assert os.listdir(folder) == []


@pytest.mark.skipif(not os.path.exists(FULL), reason="no device that is always full")
def test_an_error_names_the_file_that_could_not_be_written():
    with pytest.raises(UserError, match=f"^{FULL}: cannot write: no space left"):
        write_two(FULL, "other")
    assert os.listdir() == []


@pytest.mark.skipif(not os.path.exists(FULL), reason="no device that is always full")
@pytest.mark.parametrize("log", ["--changes", "--rejects"])
@pytest.mark.parametrize("where", [["--in-place"], ["-o", "b.jsonl"]], ids=["in place", "elsewhere"])
def test_a_log_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str], log: str, where: list[str]):
    data = line_of({"messages": [], "id": "x" * 300_000}) + b"{\n" + GOOD + b"\n"
    Path("a.jsonl").write_bytes(data)
    assert run(["fix", "a.jsonl", *where, log, FULL]) == 2
    assert capsys.readouterr().err == f"jsonl-lint: {FULL}: cannot be written: no space left on device\n"
    assert Path("a.jsonl").read_bytes() == data
    assert os.listdir() == ["a.jsonl"]


@pytest.mark.skipif(not os.path.exists(FULL), reason="no device that is always full")
def test_a_full_disk_behind_temporary_files_is_not_blamed_on_the_data_or_the_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    Path("a.json").write_bytes(b"[" + (GOOD.rstrip() + b",\n") * 5_000 + GOOD + b"]")
    Path("a.jsonl").write_bytes(GOOD * 5_000)
    log = ["fix", "a.json", "-o", "b.jsonl", "--changes", "c.jsonl.gz"]
    assert run(log) == 0
    capsys.readouterr()
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *_, **__: open(FULL, "r+b"))  # noqa: SIM115
    monkeypatch.setattr(local, "_call_into", no_room)
    monkeypatch.setattr(local, "start_method", lambda: "fork")
    monkeypatch.setattr(ranges, "RANGE_BYTES", 100_000)
    said = f"no temporary file can be written in {tempfile.gettempdir()}: no space left on device; "
    for asked, named in [
        (["fix", "a.json", "-o", "d.jsonl"], "a.json"),
        (["fix", "a.json", "-o", "-"], "a.json"),
        (["fix", "a.json", "--diff"], "a.json"),
        (["fix", "--undo", "c.jsonl.gz", "b.jsonl", "-o", "d.jsonl"], "c.jsonl.gz"),
        (["check", "a.jsonl", "--jobs", "2", "-q"], "a.jsonl"),
    ]:
        assert run(asked) == 2
        assert capsys.readouterr().err == f"jsonl-lint: {named}: {said}TMPDIR may name another folder\n"


def no_room(*_: object) -> str:
    """What a worker says that cannot write its result."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.skipif(not os.path.exists(FULL), reason="no device that is always full")
@pytest.mark.parametrize("asked", ["--diff", "-o -", "-o b.jsonl --rejects -"])
def test_a_full_disk_behind_standard_output_is_named(asked: str):
    Path("a.jsonl").write_bytes(line_of({"messages": [], "id": "x" * 300_000}) + b"{\n" + GOOD * 9)
    result = shell(f"jsonl-lint fix a.jsonl --unsafe-fixes {asked} > {FULL}")
    cannot = "cannot write the diff" if asked == "--diff" else "cannot be written"
    assert result.err.decode() == f"jsonl-lint: -: {cannot}: no space left on device\n"
    assert (result.code, os.listdir()) == (2, ["a.jsonl"])


@pytest.mark.skipif(not os.path.exists(FULL), reason="no device that is always full")
@pytest.mark.parametrize("count", [1, 5_000], ids=["little", "much"])
@pytest.mark.parametrize("asked", ["convert a.jsonl --to sharegpt -o -", "batch resume b.jsonl c.jsonl -o -"])
def test_a_full_disk_behind_standard_output_is_named_where_all_is_written_at_the_end(asked: str, count: int):
    Path("a.jsonl").write_bytes(GOOD * count)
    requests = [{"custom_id": str(number), "body": {"model": "m", **chat("a", "b")}} for number in range(count)]
    Path("b.jsonl").write_bytes(b"".join(map(line_of, requests)))
    Path("c.jsonl").write_bytes(b"")
    result = shell(f"jsonl-lint {asked} > {FULL}")
    assert (result.code, result.err.decode()) == (2, "jsonl-lint: -: cannot write: no space left on device\n")


@pytest.mark.skipif(not os.path.exists(FULL), reason="no device that is always full")
def test_a_full_disk_behind_what_is_held_for_standard_output_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    Path("a.jsonl").write_bytes(GOOD * 5_000)
    monkeypatch.setattr(output, "SpooledTemporaryFile", lambda **_: open(FULL, "r+b"))  # noqa: SIM115
    assert run(["convert", "a.jsonl", "--to", "sharegpt", "-o", "-"]) == 2
    said = f"no temporary file can be written in {tempfile.gettempdir()}: no space left on device"
    assert capsys.readouterr().err == f"jsonl-lint: {said}; TMPDIR may name another folder\n"


def test_restoring_into_a_closed_pipe_ends_quietly():
    Path("a.jsonl").write_bytes(GOOD.replace(b"\n", b"\r\n") * 5_000)
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "--changes", "c.jsonl", "-q"]) == 0
    result = shell("jsonl-lint fix --undo c.jsonl b.jsonl -o - | head -c 9")
    assert (result.code, result.err) == (0, b"")


def test_a_system_without_locks_modes_and_owners_will_do(monkeypatch: pytest.MonkeyPatch):
    """As on Windows, where a file that is open cannot take another name either."""
    replace, written = os.replace, Replacement("a")
    written.discard()

    def replace_closed(one: str, other: str) -> None:
        assert written.file.closed
        replace(one, other)

    monkeypatch.setitem(sys.modules, "fcntl", None)
    for name in ("fchmod", "fchown"):
        monkeypatch.delattr(os, name)
    monkeypatch.setattr(os, "replace", replace_closed)
    for content in (b"new", b"newer"):
        written = Replacement("a")
        with written as file:
            file.write(content)
        assert Path("a").read_bytes() == content
    assert os.listdir() == ["a"]


# --- whatever the command writes -------------------------------------------------------------------------------------

WRITERS = {
    "fix": ("fix data.jsonl -o {}", "cannot be written"),
    "convert": ("convert data.jsonl --to chat -o {}", "cannot write"),
    "a report": ("data.jsonl --output-format json --output-file {}", "cannot write the report"),
    "a baseline": ("baseline write data.jsonl --baseline {}", "cannot write the baseline"),
}


@pytest.fixture(params=WRITERS)
def writer(request: pytest.FixtureRequest) -> tuple[list[str], str]:
    """A command without the name of its output, and how it says that this could not be written."""
    Path("data.jsonl").write_bytes(GOOD + line_of(chat("And?", "So.")))
    words, failure = WRITERS[request.param]
    return words.split()[:-1], failure


def test_what_is_replaced_keeps_its_mode_and_its_links(writer: tuple[list[str], str]):
    os.symlink("kept.jsonl", "link.jsonl")
    Path("kept.jsonl").write_text('{"version": 1, "files": {}}')
    os.chmod("kept.jsonl", 0o600)
    assert run([*writer[0], "link.jsonl"]) == 0
    assert os.path.islink("link.jsonl")
    assert stat.S_IMODE(os.stat("kept.jsonl").st_mode) == 0o600
    assert sorted(os.listdir()) == ["data.jsonl", "kept.jsonl", "link.jsonl"]


def test_another_run_that_writes_the_same_file_is_told(
    writer: tuple[list[str], str], capsys: pytest.CaptureFixture[str]
):
    other = Replacement("out.jsonl")
    assert run([*writer[0], "out.jsonl"]) == 2
    assert capsys.readouterr().err == "jsonl-lint: out.jsonl: another run is writing it\n"
    other.discard()
    assert run([*writer[0], "out.jsonl"]) == 0


def test_what_a_killed_run_left_is_taken_over(writer: tuple[list[str], str]):
    Path(".out.jsonl.jsonl-lint-partial").write_bytes(b"half")
    assert run([*writer[0], "out.jsonl"]) == 0
    assert sorted(os.listdir()) == ["data.jsonl", "out.jsonl"]


def test_each_says_in_its_words_what_failed(writer: tuple[list[str], str], capsys: pytest.CaptureFixture[str]):
    assert run([*writer[0], "no/such/out.jsonl"]) == 2
    assert capsys.readouterr().err.startswith(f"jsonl-lint: no/such/out.jsonl: {writer[1]}: ")


def test_a_report_for_standard_output_may_be_called_so(capsysbinary: pytest.CaptureFixture[bytes]):
    Path("data.jsonl").write_bytes(GOOD)
    assert run(["data.jsonl", "--output-format", "json", "--output-file", "-"]) == 0
    assert b'"version": 1' in capsysbinary.readouterr().out
    assert os.listdir() == ["data.jsonl"]


# --- which file a path names -----------------------------------------------------------------------------------------


def test_paths_name_the_same_file_however_they_are_spelled(folder: Path):
    Path("file").touch()
    Path("other").touch()
    os.symlink("file", "link")
    os.link("file", "hard")
    os.mkdir("sub")
    same = ["file", "./file", "sub/../file", str(folder / "file"), "link", "hard"]
    assert all(same_file(one, other) for one in same for other in same)
    assert not any(same_file(one, other) for one in same for other in ("other", "missing", "sub"))


def test_a_file_that_is_still_to_be_made_is_the_same_by_its_name():
    os.symlink("new", "link")
    assert same_file("new", "./new")
    assert same_file("link", "new")
    assert not same_file("new", "newer")


@pytest.mark.parametrize("path", ["-", os.devnull, "https://example.org/a.jsonl", "a\0b", "."])
def test_what_is_no_file_is_never_the_same(path: str):
    assert not same_file(path, path)
    assert not same_file("new", path)


@pytest.mark.parametrize(
    ("outputs", "inputs", "complaint"),
    [
        (["-", "-"], [], "-: two outputs have this name"),
        (["a", "./a"], [], "./a: two outputs have this name"),
        (["b", "a"], ["-", "a"], "a: the output would overwrite an input"),
    ],
)
def test_outputs_are_kept_apart(outputs: list[str], inputs: list[str], complaint: str):
    with pytest.raises(UserError) as error:
        keep_apart(outputs, inputs)
    assert str(error.value) == complaint
    keep_apart(["-", "c", os.devnull, os.devnull], ["-", "a", "b"])


@pytest.mark.parametrize(
    "command",
    [
        "check - --output-format json --output-file",
        "fix - -o",
        "fix - -o b.jsonl --rejects",
        "convert - --to alpaca -o",
        "convert - --to alpaca -o b.jsonl --rejects",
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "./a.jsonl", "link.jsonl"])
def test_the_file_that_standard_input_comes_from_is_not_overwritten(command: str, name: str):
    before = line_of({**chat("a", "b"), "id": 1})
    Path("a.jsonl").write_bytes(before)
    os.symlink("a.jsonl", "link.jsonl")
    done = shell(f"jsonl-lint {command} {name} < a.jsonl")
    assert done.code == 2
    assert "would overwrite an input" in one_line(done.err)
    assert Path("a.jsonl").read_bytes() == before
    assert not Path("b.jsonl").exists()
    assert shell(f"jsonl-lint {command} c.jsonl < a.jsonl").code != 2
