"""The command `jsonl-lint`, also `python -m jsonl_lint`."""

from __future__ import annotations

import gc
import signal
import sys
import time
from types import FrameType, ModuleType

TYPE_CHECKING = False  # as in the package itself
if TYPE_CHECKING:
    from typing import Any

FEWER_COLLECTIONS = 100_000
"""Objects between two collections: importing makes many that stay, and records leave no cycles behind."""

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

SAME_PRESS_SECONDS = 1.0
"""An impatient person presses more than once."""

WAITING_SECONDS = 0.01
"""After which an interrupt that came while something was imported comes again."""


def main() -> None:
    """Run the command line and exit. `--version` alone is answered before anything is imported for the rest."""
    if sys.argv[1:] == ["--version"] and _version_is_said():
        return
    gc.set_threshold(FEWER_COLLECTIONS)
    interrupt = Interrupt()
    try:
        interrupt.heed()
        _import_dataclasses()
        from jsonl_lint.cli import run

        code = run(sys.argv[1:])
        interrupt.ignore()
    except KeyboardInterrupt:  # while the first of that was imported
        code = INTERRUPTED
        interrupt.ignore()
    gc.freeze()  # or the interpreter looks through all that it is about to give up, twice
    sys.exit(INTERRUPTED if interrupt.came else code)


def _version_is_said() -> bool:
    """Where it cannot be written, the usual way says why."""
    from jsonl_lint import __version__

    try:
        print(f"jsonl-lint {__version__}", flush=True)
    except OSError:
        return False
    return sys.stdout is not None


class Interrupt:
    """Ctrl-C ends the run in an orderly way: pressed again at once, it does not stop what takes files away.

    While something is imported it waits: an exception would get lost there, or crash an extension that is being set up.
    Whoever starts a command in the background has it ignored, and so it stays.
    """

    def __init__(self) -> None:
        self.came: float | None = None
        """When it ended the run, on the clock of `time.monotonic`. Said apart, for an exception may get lost."""
        self.heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def heed(self) -> None:
        """From now on."""
        if self.heeded:
            signal.signal(signal.SIGINT, self.end)

    def end(self, _number: int, frame: FrameType | None) -> None:
        """The handler of the signal."""
        if _is_importing(frame) and hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, _press)
            signal.setitimer(signal.ITIMER_REAL, WAITING_SECONDS)
            return
        now = time.monotonic()
        if self.came is None or now - self.came > SAME_PRESS_SECONDS:
            self.came = now
            raise KeyboardInterrupt

    def ignore(self) -> None:
        """All is said and written: the exit code stands."""
        if self.heeded:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, 0)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _press(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)  # where that is held back, it stays so


class _Inspect(ModuleType):
    """Stands for `inspect` in `dataclasses`, and imports it if something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        import inspect

        return getattr(inspect, name)


def _import_dataclasses() -> None:
    """Import `dataclasses` without `inspect`: a tenth of a small check, and of no use to classes with a docstring."""
    if "inspect" not in sys.modules:
        sys.modules["inspect"] = _Inspect("inspect")
        import dataclasses  # noqa: F401

        del sys.modules["inspect"]


if __name__ == "__main__":
    main()
