"""Environments for what is compared with, each made on first use and kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class UnavailableError(Exception):
    """It could not be installed or does not run; the text says which, and why."""


def environment(folder: Path, name: str, requirements: Sequence[str]) -> Path:
    """The folder of programs of an environment that has these packages.

    Raises:
        UnavailableError: they cannot be installed.
    """
    home = folder / f"venv-{name}"
    programs = home / "bin"
    if (home / "installed").exists():
        return programs
    for command in (
        [sys.executable, "-m", "venv", str(home)],
        [str(programs / "python"), "-m", "pip", "install", "-q", *requirements],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise UnavailableError(f"not installed: {last_line(done.stderr or done.stdout)}")
    (home / "installed").touch()
    return programs


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
