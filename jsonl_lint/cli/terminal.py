"""Everything about the terminal: exit codes, colour, progress, closed pipes."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import IO, Any

from jsonl_lint.errors import UserError
from jsonl_lint.files.compressed import SUFFIXES
from jsonl_lint.files.inputs import STDIN, PassesOver, expand_paths, is_url, nothing_passed_over
from jsonl_lint.wording import printable

EXIT_CLEAN, EXIT_FINDINGS, EXIT_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 130

_PROGRESS_AFTER_SECONDS = 1.0


def complain(message: str) -> None:
    """Print one line on standard error. If that fails, as on a full disk, the exit code alone has to say it."""
    line = f"jsonl-lint: {printable(message)}"
    try:
        from click import echo  # slow to import, and most runs have nothing to say
    except ImportError:  # not installed, which is likely what there is to say
        print(line, file=sys.stderr)
        return
    try:
        echo(line, err=True)
    except OSError:
        _discard(sys.stderr)


def colour_for(stream: IO[Any], choice: str) -> bool:
    """Whether to colour: `always`, `never`, or for `auto` NO_COLOR, FORCE_COLOR and a terminal, in this order."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return _understands_escapes(stream)


def _understands_escapes(stream: IO[Any]) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def output_is_on_screen() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def discard_output() -> None:
    """Point standard output at nothing, so that the interpreter does not complain about a closed pipe at its end."""
    _discard(sys.stdout)


def _discard(stream: IO[str]) -> None:
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
    except (OSError, ValueError):
        pass


def finish_output() -> None:
    """Write what standard output still holds, or discard it if that fails, as on a full disk."""
    try:
        sys.stdout.flush()
    except OSError:
        discard_output()


class ClosedOutput(io.TextIOBase):
    """Stands for a standard output that was closed before the command started."""

    def write(self, _text: object) -> int:
        """Refuse to write, since nobody would see it.

        Raises:
            UserError: always.
        """
        raise UserError("standard output is closed")

    @property
    def buffer(self) -> ClosedOutput:
        """The stream for bytes, which refuses them as well."""
        return self


def replace_closed_streams() -> None:
    """Make writing to a closed standard output an error, and discard what goes to a closed standard error."""
    if sys.stdout is None:
        sys.stdout = ClosedOutput()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


class ProgressBar:
    """A progress bar on standard error: only on a terminal, and only after the work has taken a second.

    `paths` are the files, folders and globs that are read.
    """

    def __init__(self, paths: Iterable[str], passes_over: PassesOver = nothing_passed_over, *, enabled: bool) -> None:
        self.total = _total_size(paths, passes_over) if enabled and _understands_escapes(sys.stderr) else 0
        self.enabled = self.total > 0
        self.done = 0
        self.started = time.monotonic()
        self.bar: Any = None
        self.shown = False

    def advance(self, count: int) -> None:
        """Note that `count` more bytes are done, or with 0 that the work goes on."""
        if not self.enabled:
            return
        self.done += count
        label = "reading" if self.done < self.total else "finishing"  # records may still have to be compared
        if self.bar is not None:
            self.bar.label = label
            self.bar.update(count)
            self.shown = True
        elif time.monotonic() - self.started > _PROGRESS_AFTER_SECONDS:
            from click import progressbar

            self.bar = progressbar(length=self.total, label=label, file=sys.stderr)
            self.bar.update(self.done)
            self.shown = True

    def clear(self) -> None:
        """Remove the bar from the screen before other output."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self.shown = False

    def finish(self) -> None:
        """Remove the bar for good, and show the cursor again."""
        self.clear()
        if self.bar is not None:
            sys.stderr.write("\x1b[?25h")
            sys.stderr.flush()
            self.bar, self.enabled = None, False

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()


def _total_size(paths: Iterable[str], passes_over: PassesOver) -> int:
    """Return the total size of those inputs that are files; 0 (no progress bar) if any of them is compressed."""
    local = [path for path in paths if path != STDIN and not is_url(path)]
    found = expand_paths(local, passes_over)
    files = [path for path in found if isinstance(path, str) and os.path.isfile(path)]
    return 0 if any(path.lower().endswith(SUFFIXES) for path in files) else sum(map(os.path.getsize, files))


def writer_to(stream: IO[str]) -> Callable[[str], object]:
    """Write text as UTF-8, whatever the locale; what UTF-8 cannot hold is shown as an escape."""
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        return stream.write
    return utf8_writer_to(buffer)


def utf8_writer_to(stream: IO[bytes]) -> Callable[[str], object]:
    """Return a function that writes text to a stream of bytes as UTF-8."""
    return lambda text: stream.write(text.encode("utf-8", "backslashreplace"))
