"""How help and other prose is laid out."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable

import click

_HYPHEN = "\N{NON-BREAKING HYPHEN}"
_WIDEST = 100
"""Characters of a line that are read with ease."""

_LAID_OUT = re.compile(r"^(?:\s|[-*|] |```)", re.MULTILINE)
"""A line of a list, a table or code."""


def flowing(text: str) -> str:
    """Return the text with paragraphs in lines that fit into the terminal, of 80 characters where there is none."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    parts = text.split("\n\n")
    wrapped = (
        part if _LAID_OUT.search(part) else click.wrap_text(_unbroken(" ".join(part.split())), width) for part in parts
    )
    return "\n\n".join(wrapped).replace(_HYPHEN, "-")


class HelpFormatter(click.HelpFormatter):
    """Breaks no line inside a name such as `--fail-on`."""

    def write_text(self, text: str) -> None:
        """Write wrapped text."""
        super().write_text(_unbroken(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of options or commands with their help."""
        super().write_dl([(name, _unbroken(text)) for name, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        """Return all that was written, with plain hyphens."""
        return super().getvalue().replace(_HYPHEN, "-")


def _unbroken(text: str) -> str:
    return re.sub(r"(?<=\w)-(?=\w)", _HYPHEN, text)
