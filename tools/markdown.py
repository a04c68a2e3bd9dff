"""Pieces of Markdown."""

from __future__ import annotations


def cell(text: str) -> str:
    """The text as it stands in a table."""
    return text.replace("|", "\\|")


def fenced(text: str) -> str:
    """The text as a block of its own."""
    fence = "````" if "```" in text else "```"
    return f"{fence}text\n{text}\n{fence}"
