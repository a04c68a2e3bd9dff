"""`rule`: what a rule finds, why, and what to do."""

from __future__ import annotations

import json
from typing import Any

import click

from jsonl_lint.cli.completion import offer_rules
from jsonl_lint.cli.help import flowing
from jsonl_lint.cli.options import text_or_json_option
from jsonl_lint.cli.terminal import EXIT_CLEAN


@click.command(short_help="Explain a rule, or list them all.")
@click.argument("name", required=False, shell_complete=offer_rules)
@click.option("--all", "all_", is_flag=True, help="Show every rule in full.")
@text_or_json_option
@click.pass_context
def rule(ctx: click.Context, /, name: str | None, all_: bool, output_format: str) -> int:
    """Explain the rule with this name or code, or list all rules, or those whose code has this prefix (JL2)."""
    from jsonl_lint.plans.registry import all_rules
    from jsonl_lint.plans.selection import find_rule

    family = [item for item in all_rules().values() if not name or _begins_so(name, item.code)]
    name = None if family else name
    if name and all_:
        raise click.UsageError("name one rule, or say --all", ctx)
    found = [find_rule(name)] if name else family
    if output_format == "json":
        entries = [_entry(item) for item in found]
        click.echo(json.dumps(entries[0] if name else entries, indent=2))
    elif name or all_:
        click.echo("\n\n".join(_page(item) for item in found))
    else:
        width = max(len(item.name) for item in found)
        for item in found:
            click.echo(f"{item.code}  {item.name:<{width}}  {item.summary()}")
    return EXIT_CLEAN


def _begins_so(beginning: str, code: str) -> bool:
    return beginning == "ALL" or (code.startswith(beginning) and code != beginning)


def _entry(item: Any) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "severity": item.severity.value,
        "fix": item.fix.value if item.fix else None,
        "default": item.default,
        "summary": item.summary(),
        "documentation": item.documentation(),
        "help": item.help,
    }


def _page(item: Any) -> str:
    fix = f"{item.fix.value} fix" if item.fix else "no fix"
    return flowing(
        f"{item.code} {item.name} ({item.severity.value}, {fix})\n\n"
        f"{item.summary()}\n\n{item.documentation()}\n\nWhat to do: {item.help}"
    )
