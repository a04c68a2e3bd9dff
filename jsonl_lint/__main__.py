"""The command `jsonl-lint`, also `python -m jsonl_lint`."""

from __future__ import annotations

import gc
import sys
from types import ModuleType
from typing import Any

FEWER_COLLECTIONS = 100_000
"""Objects between two collections: importing makes many that stay, and records leave no cycles behind."""


def main() -> None:
    """Run the command line and exit. `--version` alone is answered before anything is imported for the rest."""
    if sys.argv[1:] == ["--version"]:
        from jsonl_lint import __version__

        print(f"jsonl-lint {__version__}")
        return
    gc.set_threshold(FEWER_COLLECTIONS)
    _import_dataclasses()
    from jsonl_lint.cli import run

    code = run(sys.argv[1:])
    gc.freeze()  # or the interpreter looks through all that it is about to give up, twice
    sys.exit(code)


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
