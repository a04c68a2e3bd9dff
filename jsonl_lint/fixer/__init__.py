"""Fixing: edits are chosen, tried, checked again and only then kept. What is not meant stays byte for byte."""

from jsonl_lint.fixer.mend import Mender
from jsonl_lint.fixer.patch import Change, Patch

__all__ = ["Change", "Mender", "Patch"]
