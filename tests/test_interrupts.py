"""Ctrl-C, SIGTERM and SIGHUP, whenever they come: the exit code, and nothing left behind.

What comes of worker processes: `test_ranges`.
"""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jsonl_lint.cli import run, terminal
from tests.conftest import GOOD, NO_MESSAGES, ROOT, line_of

ENDED = -1
"""Stands for the exit code after the signal."""

PRELUDE = """
import atexit, signal, sys
import jsonl_lint.__main__ as program

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
press = lambda *_: signal.raise_signal(SENT)
sys.argv = ["jsonl-lint", "data.jsonl"]
"""

WHILE_IMPORTING = """
import time

class Finder:
    def find_spec(self, name, *_):
        if name == "jsonl_lint.none":
            press()
            print("imported")

sys.meta_path.insert(0, Finder())

def run(args):
    try:
        import jsonl_lint.none
    except ImportError:
        time.sleep(60)
"""

AGAIN_WHILE_TAKING_AWAY = """
def run(args):
    try:
        press()
    finally:
        press()
        print("taken away")
"""

WHERE_IT_GETS_LOST = """
class Dying:
    __del__ = press

def run(args):
    sys.unraisablehook = lambda _: None
    Dying()
    print("went on")
    return 1
"""

IGNORED_FROM_THE_BEGINNING = """
signal.signal(SENT, signal.SIG_IGN)

def run(args):
    press()
    print("said")
    return 1
"""

AGAIN_WHILE_THE_LAST_IS_IMPORTED = """
import time
signal.setitimer = lambda which, seconds, really=signal.setitimer: really(which, seconds * 5)

class Finder:
    def find_spec(self, name, *_):
        if name == "jsonl_lint.none":
            press()

sys.meta_path.insert(0, Finder())

def run(args):
    try:
        press()
    except KeyboardInterrupt:
        try:
            import jsonl_lint.none
        except ImportError:
            pass
        atexit.register(time.sleep, 0.2)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # as the interpreter does at its end
    return 2
"""

WHEN_ALL_IS_SAID = """
def run(args):
    atexit.register(press)
    print("said")
    return 1
"""


@pytest.mark.parametrize(
    ("when", "code", "said"),
    [
        (WHILE_IMPORTING, ENDED, b"imported\n"),
        (AGAIN_WHILE_TAKING_AWAY, ENDED, b"taken away\n"),
        (WHERE_IT_GETS_LOST, ENDED, b"went on\n"),
        (IGNORED_FROM_THE_BEGINNING, 1, b"said\n"),
        (AGAIN_WHILE_THE_LAST_IS_IMPORTED, ENDED, b""),
        (WHEN_ALL_IS_SAID, 1, b"said\n"),
    ],
    ids=[
        "while importing",
        "again while taking away",
        "where it gets lost",
        "ignored",
        "again while importing",
        "when all is said",
    ],
)
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_whenever_it_comes(sent: signal.Signals, when: str, code: int, said: bytes):
    script = f"SENT = {sent.value}\n{PRELUDE}{when}import jsonl_lint.cli\njsonl_lint.cli.run = run\nprogram.main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    expected = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}[sent] if code == ENDED else code
    assert (done.returncode, done.stdout, done.stderr) == (expected, said, b"")


def test_little_is_imported_before_ctrl_c_is_heeded():
    script = "import sys\nimport jsonl_lint.__main__\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(done.stdout.split()) & {"typing", "re", "dataclasses", "jsonl_lint.cli"}


def screen_with_progress(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Make standard error a terminal on which progress shows at once."""
    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(terminal, "_PROGRESS_AFTER_SECONDS", -1.0)
    monkeypatch.setenv("TERM", "xterm")
    return screen


def test_the_files_in_folders_and_globs_are_what_progress_is_measured_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    screen_with_progress(monkeypatch)
    for name in ("a.jsonl", "b.jsonl", "other.txt"):
        (tmp_path / name).write_bytes(GOOD)
    for named in (["."], ["*.jsonl"], ["a.jsonl", "."], ["a.jsonl", "missing.jsonl", "b.jsonl", "-", "s3://b/c.jsonl"]):
        paths = [name if name == "-" or "://" in name else str(tmp_path / name) for name in named]
        assert terminal.ProgressBar(paths, enabled=True).total == 2 * len(GOOD)
    (tmp_path / "c.jsonl.gz").write_bytes(b"")
    assert not terminal.ProgressBar([str(tmp_path)], enabled=True).enabled


@pytest.mark.parametrize(
    "verb",
    [
        ["check", "a.jsonl"],
        ["stats", "a.jsonl"],
        ["fix", "a.jsonl", "-o", "c.jsonl"],
        ["convert", "a.jsonl", "--to", "chat", "-o", "c.jsonl"],
        ["batch", "resume", "b.jsonl", "r.jsonl", "-o", "c.jsonl"],
        ["baseline", "write", "a.jsonl"],
    ],
)
def test_every_verb_that_may_take_long_shows_all_of_its_progress(
    verb: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
):
    Path("a.jsonl").write_bytes(GOOD * 10)
    Path("b.jsonl").write_bytes(line_of({"custom_id": "a", "body": {}}))
    Path("r.jsonl").write_bytes(line_of({"custom_id": "a", "response": {"status_code": 200}}))
    asked: list[terminal.ProgressBar] = []
    monkeypatch.setattr(terminal.ProgressBar, "__exit__", lambda self, *_: asked.append(self))
    screen_with_progress(monkeypatch)
    run(verb)
    (progress,) = asked
    assert progress.done == progress.total > 0


@pytest.mark.parametrize(("options", "on_screen"), [(["--statistics"], True), ([], False)])
def test_findings_that_do_not_appear_leave_progress_on_the_screen(
    options: list[str], on_screen: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    Path("a.jsonl").write_bytes(NO_MESSAGES * 100)
    monkeypatch.setattr("jsonl_lint.cli.checking.output_is_on_screen", lambda: on_screen)
    screen = screen_with_progress(monkeypatch)
    run(["check", "a.jsonl", *options])
    assert screen.getvalue().count("\x1b[K") == 1


@pytest.mark.parametrize("earlier", [1, 3])
def test_who_waits_after_all_is_read_is_told_that_it_is(earlier: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(b"1234")
    screen = screen_with_progress(monkeypatch)
    progress = terminal.ProgressBar([str(tmp_path / "a.jsonl")], enabled=True)
    progress.advance(earlier)
    progress.advance(4 - earlier)
    shown = re.findall(r"(reading|finishing).*?(\d+)%", screen.getvalue())
    assert shown == [("reading", str(25 * earlier)), ("finishing", "100")]


def test_progress_shows_while_records_are_compared(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Reading may take less than the second after which progress shows, and comparing much more."""
    Path("a.jsonl").write_bytes(GOOD * 3)
    screen = screen_with_progress(monkeypatch)
    advance = terminal.ProgressBar.advance
    monkeypatch.setattr(terminal, "_PROGRESS_AFTER_SECONDS", 60.0)

    def late(self: terminal.ProgressBar, count: int) -> None:
        if not count:
            self.started -= 60.0
        advance(self, count)

    monkeypatch.setattr(terminal.ProgressBar, "advance", late)
    run(["check", "a.jsonl", "--statistics"])
    assert "finishing" in screen.getvalue()
    assert "reading" not in screen.getvalue()


def test_a_dumb_terminal_gets_no_progress_bar(monkeypatch: pytest.MonkeyPatch):
    screen_with_progress(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    assert not terminal.ProgressBar([__file__], enabled=True).enabled


def test_ctrl_c_gives_the_cursor_back(monkeypatch: pytest.MonkeyPatch):
    screen = screen_with_progress(monkeypatch)
    progress = terminal.ProgressBar([__file__], enabled=True)

    def interrupted() -> None:
        with progress:
            progress.advance(1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert screen.getvalue().endswith("\x1b[?25h")
