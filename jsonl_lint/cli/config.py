"""`config`: what a configuration file can say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from jsonl_lint.cli.completion import offer_keys
from jsonl_lint.cli.help import flowing
from jsonl_lint.cli.options import text_or_json_option
from jsonl_lint.cli.terminal import EXIT_CLEAN

if TYPE_CHECKING:
    from jsonl_lint.project.keys import Key


@click.command(short_help="Explain a configuration key, or list them all.")
@click.argument("key", required=False, shell_complete=offer_keys)
@text_or_json_option
def config(key: str | None, output_format: str) -> int:
    """Explain this key of a configuration file, or list all keys."""
    from jsonl_lint.project.keys import KEYS, find_key

    found = [find_key(key)] if key else list(KEYS.values())
    if output_format == "json":
        entries = [_entry(item) for item in found]
        click.echo(json.dumps(entries[0] if key else entries, indent=2))
    elif key:
        click.echo(_page(found[0]))
    else:
        width = max(len(item.name) for item in found)
        for item in found:
            click.echo(f"{item.name:<{width}}  {item.summary}")
    return EXIT_CLEAN


def _entry(item: Key) -> dict[str, Any]:
    return {
        "key": item.name,
        "takes": item.takes,
        "default": item.default,
        "about": item.about,
        "in_overrides": item.in_overrides,
        "example": item.example,
    }


def _page(item: Key) -> str:
    from jsonl_lint.project.keys import KEYS

    where = "for all files, or in an entry of `overrides` for some" if item.in_overrides else "at the top level only"
    if item.name not in KEYS:
        where = "in an entry of `overrides`"
    return (
        f"{item.name}\n\n{flowing(item.about)}\n\n"
        f"Takes: {item.takes}\nDefault: {item.shown_default}\nWhere: {where}\n\nExample:\n{item.example}"
    )
