"""`targets`: show what each provider accepts, with the sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from jsonl_lint.cli.completion import offer_targets
from jsonl_lint.cli.options import text_or_json_option
from jsonl_lint.cli.terminal import EXIT_CLEAN


@click.command(short_help="Show what a target takes, or list them all.")
@click.argument("name", required=False, shell_complete=offer_targets)
@text_or_json_option
def targets(name: str | None, output_format: str) -> int:
    """Show the target with this name, or from this .json file, with its sources; or list all targets."""
    from jsonl_lint.target import load_target, read_target, target_names

    if name:
        load_target(name)
        data = read_target(name)
        click.echo(json.dumps(data, indent=2) if output_format == "json" else "\n".join(_page(data)))
        return EXIT_CLEAN
    every = [read_target(each) for each in target_names()]
    if output_format == "json":
        click.echo(json.dumps(every, indent=2))
        return EXIT_CLEAN
    width = max(len(data["name"]) for data in every)
    for data in every:
        click.echo(f"{data['name']:<{width}}  {_state(data['status']):<23}  {', '.join(data['formats'])}")
    return EXIT_CLEAN


def _state(status: dict[str, str]) -> str:
    return f"{status['state']} ({status['date']})" if "date" in status else status["state"]


def _page(data: dict[str, Any]) -> Iterator[str]:
    """Yield the whole target: a heading for each part, a line for each value."""
    status = data.get("status", {"state": "live"})
    note = f": {status['note']}" if "note" in status else ""
    yield f"{data['name']}: {data['title']}"
    yield f"{_state(status)}{note}"
    yield f"formats: {', '.join(data['formats'])}"
    yield f"roles: {', '.join(data['roles'])}"
    over = data.get("over_length", {})
    if over:
        yield f"too many tokens: {over['behaviour']}. {over.get('note', '')}".rstrip()
    for title, key in (
        ("limits", "limits"),
        ("keys that it knows", "keys"),
        ("how it wants things", "traits"),
        ("severities", "severities"),
        ("what it does", "effects"),
    ):
        yield from _values(title, data.get(key, {}))
    if data.get("not_covered"):
        yield ""
        yield "not covered:"
        yield from (f"  {sentence}" for sentence in data["not_covered"])
    if data.get("sources"):
        yield ""
        yield "sources:"
        for source in data["sources"]:
            when = ", ".join(source[key] for key in ("date", "confidence") if key in source)
            yield f"  {source['source']} ({when})"
            yield f"    for {', '.join(source['for'])}"


def _values(title: str, values: dict[str, Any]) -> Iterator[str]:
    if values:
        yield ""
        yield f"{title}:"
        for key, value in values.items():
            yield f"  {key}: {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_shown(item)}" for key, item in value.items())
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:,}" if isinstance(value, int) else str(value)
