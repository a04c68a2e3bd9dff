"""`schema`: print a shipped JSON Schema."""

from __future__ import annotations

import json

import click

from jsonl_lint.cli.completion import offer_schemas
from jsonl_lint.cli.options import text_or_json_option
from jsonl_lint.cli.terminal import EXIT_CLEAN


@click.command(short_help="Print a JSON Schema, or list them.")
@click.argument("name", required=False, shell_complete=offer_schemas)
@text_or_json_option
def schema(name: str | None, output_format: str) -> int:
    """Print the JSON Schema with this name, or list the names."""
    from jsonl_lint.schemas import load_schema, schema_names

    if name:
        click.echo(json.dumps(load_schema(name), indent=2))
    elif output_format == "json":
        click.echo(json.dumps(schema_names()))
    else:
        click.echo("\n".join(schema_names()))
    return EXIT_CLEAN
