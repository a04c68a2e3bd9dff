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
"""Allocations between two garbage collections: imports make many objects that stay, and records leave no cycles."""

SIGNALLED = 128
"""Plus the number of a signal, this is the exit code after it, as in shells: 130 after Ctrl-C."""

SAME_PRESS_SECONDS = 1.0
"""Further signals within this time, in seconds, are ignored: people press Ctrl-C repeatedly."""

WAITING_SECONDS = 0.01
"""How long an interrupt that came during an import waits before it is tried again, in seconds."""


def main() -> None:
    """Run the command line and exit. `--version` alone is answered before anything is imported for the rest."""
    if sys.argv[1:] == ["--version"] and _print_version():
        return
    gc.set_threshold(FEWER_COLLECTIONS)
    interrupt = Interrupt()
    try:
        interrupt.heed()
        _import_dataclasses()
        from jsonl_lint.cli import run

        code = run(sys.argv[1:])
        interrupt.ignore()
    except KeyboardInterrupt:  # while the first of these was imported
        code = SIGNALLED + signal.SIGINT
        interrupt.ignore()
    gc.freeze()  # or the interpreter searches all that it is about to give up, twice
    sys.exit(SIGNALLED + interrupt.number if interrupt.came else code)


def _print_version() -> bool:
    """Print the version, and return whether that worked. If not, the usual way says why."""
    from jsonl_lint import __version__

    try:
        print(f"jsonl-lint {__version__}", flush=True)
    except OSError:
        return False
    return sys.stdout is not None


class Interrupt:
    """Ctrl-C, SIGTERM or SIGHUP ends the run in an orderly way. A second one does not stop the removal of files.

    While something is imported it waits: an exception would get lost there, or crash an extension that is being set up.
    A command in the background is started with Ctrl-C ignored, one under `nohup` with SIGHUP, and that is left so.
    """

    def __init__(self) -> None:
        self.came: float | None = None
        """When it ended the run, by `time.monotonic`. Noted here as well, because an exception may get lost."""
        self.number = 0
        """The signal that came first."""
        usual = [(signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)]
        usual += [(signal.SIGHUP, signal.SIG_DFL)] if hasattr(signal, "SIGHUP") else []
        self.heeded = [number for number, handler in usual if signal.getsignal(number) == handler]

    def heed(self) -> None:
        """Handle the signals from now on."""
        for number in self.heeded:
            signal.signal(number, self.end)

    def end(self, number: int, frame: FrameType | None) -> None:
        """End the run, as the handler of the signals."""
        if _is_importing(frame) and hasattr(signal, "setitimer"):
            # where it is held back, it stays so
            signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
            signal.setitimer(signal.ITIMER_REAL, WAITING_SECONDS)
            return
        now = time.monotonic()
        self.number = self.number or number
        if self.came is None or now - self.came > SAME_PRESS_SECONDS:
            self.came = now
            raise KeyboardInterrupt

    def ignore(self) -> None:
        """Ignore the signals from now on: all is said and written, so the exit code stands."""
        for number in self.heeded:
            signal.signal(number, signal.SIG_IGN)
        if self.heeded and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


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
