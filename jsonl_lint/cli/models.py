"""`models`: show or list models, or convert a provider's answer to a registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from jsonl_lint.cli.completion import FILE_PATH, offer_models
from jsonl_lint.cli.context import given_in
from jsonl_lint.cli.options import text_or_json_option
from jsonl_lint.cli.terminal import EXIT_CLEAN
from jsonl_lint.config import Settings
from jsonl_lint.errors import UserError
from jsonl_lint.tokens.models import CAPABILITIES
from jsonl_lint.tokens.templates import INEXACT, TEMPLATES
from jsonl_lint.tokens.vocabulary import VOCABULARIES
from jsonl_lint.wording import enumerated


@click.command(short_help="Show a model's limits, or list the models.")
@click.argument("words", nargs=-1, metavar="[ID | import FILE]", shell_complete=offer_models)
@click.option(
    "--provider", metavar="NAME", help="Only models of this provider; for `import`, the provider that answered."
)
@click.option(
    "--can", "capabilities", multiple=True, type=click.Choice(CAPABILITIES), help="Only models that can do this."
)
@click.option("--removed", is_flag=True, help="Also show models that have been removed.")
@click.option(
    "--models",
    "registry_file",
    metavar="FILE",
    type=FILE_PATH,
    help="Your own model registry, whose entries override the built-in ones.",
)
@text_or_json_option
@click.pass_context
def models(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Show the model with this id, or list the models that can be fine-tuned or served.

    `models import FILE` turns a provider's saved answer (its list of models, or the limits of one) into a model
    registry for `--models`, on standard output. Nothing is ever fetched.
    """
    from jsonl_lint.tokens.modelfile import load_registry

    if words[:1] == ("import",):
        _refuse(ctx, "`models import` shows no models", "capabilities", "removed", "registry_file")
        return _import(ctx, words, options["provider"])
    if len(words) > 1:
        raise click.UsageError("name one model, or `import` and a file", ctx)
    if words:
        _refuse(
            ctx, "one model is named, and only a list is narrowed or widened", "provider", "capabilities", "removed"
        )
    registry = load_registry(Settings(models=options["registry_file"]).models)
    if words:
        return _show(registry, words[0], options["output_format"])
    provider = options["provider"]
    providers = dict.fromkeys(model.provider for model in registry.models.values())
    if provider is not None and provider not in providers:
        raise UserError(f"no provider is named {provider!r}; there are: {', '.join(providers)}")
    found = [
        model
        for model in registry.models.values()
        if (options["removed"] or model.tunable or model.serverless)
        and provider in (None, model.provider)
        and all(model.capabilities.get(name) for name in options["capabilities"])
    ]
    if options["output_format"] == "json":
        click.echo(json.dumps([model.to_dict() for model in found], indent=2))
    else:
        click.echo("\n".join(_table(found)))
    return EXIT_CLEAN


def _refuse(ctx: click.Context, why: str, *names: str) -> None:
    """Refuse these options if one of them is given, instead of not doing what it says."""
    given = given_in(ctx)
    for param in ctx.command.params:
        if param.name in names and param.name in given:
            raise click.UsageError(f"{why}, so there is no {param.opts[0]}", ctx)


def _import(ctx: click.Context, words: tuple[str, ...], provider: str | None) -> int:
    from jsonl_lint.tokens.importing import import_models

    if len(words) != 2:
        raise click.UsageError("name the file to import", ctx)
    click.echo(json.dumps(import_models(words[1], provider), indent=2))
    return EXIT_CLEAN


def _show(registry: Any, name: str, output_format: str) -> int:
    model = registry.find(name)
    if model is None:
        near = registry.near(name)
        hint = f"did you mean {enumerated(near)}?" if near else "`jsonl-lint models` lists what is known"
        raise UserError(f"no model is known as {name!r}; {hint}")
    if output_format == "json":
        click.echo(json.dumps(model.to_dict(), indent=2))
        return EXIT_CLEAN
    click.echo(model.id)
    for label, value in _facts(model, registry):
        click.echo(f"  {label:<14} {value}")
    return EXIT_CLEAN


def _facts(model: Any, registry: Any) -> list[tuple[str, str]]:
    provider = registry.providers.get(model.provider)
    tuned = f"{_figure(model.sft_limit)} tokens (SFT), {_figure(model.dpo_limit)} (DPO)" if model.tunable else "no"
    facts = [
        ("provider", provider.title if provider else model.provider),
        ("also called", ", ".join(model.aliases)),
        ("fine-tuning", tuned),
        ("methods", ", ".join(name for name in model.methods if model.capabilities.get(name) is not False)),
        ("window", f"{model.window:,} tokens ({model.window_source})" if model.window else ""),
        ("price", _price(model)),
        ("serverless", "yes" if model.serverless else ""),
        ("can", _those(model.capabilities, True)),
        ("cannot", _those(model.capabilities, False)),
        ("tokenizer", f"{model.tokenizer}, template {model.template}"),
        ("counts", _certainty(model)),
    ]
    for entry in model.elsewhere:
        facts.append(("elsewhere", _differing(entry)))
    for entry in model.removed:
        instead = f", use {entry.successor}" if entry.successor else ""
        facts.append(("removed", f"from {entry.service} on {entry.date}{instead} ({entry.source})"))
    facts.append(("source", f"{model.source}, {model.date}"))
    return [(label, value) for label, value in facts if value]


def _certainty(model: Any) -> str:
    """Return why or where the model's counts are approximate, "" if they are exact."""
    doubts = [doubt for doubt in (model.approximate, "" if TEMPLATES[model.template].exact else INEXACT) if doubt]
    if doubts:
        return f"approximate: {'; '.join(doubts)}"
    vocabulary = VOCABULARIES.get(model.tokenizer)
    if vocabulary is None or not vocabulary.fallback:
        return ""
    return f"with the vocabulary of {VOCABULARIES[vocabulary.fallback].title} where its own is not installed"


def _those(capabilities: Mapping[str, bool], there: bool) -> str:
    """Return the capabilities that are known to be there, or known not to be."""
    return ", ".join(name.replace("_", " ") for name in CAPABILITIES if capabilities.get(name) is there)


def _differing(entry: Any) -> str:
    known = (("can", _those(entry.capabilities, True)), ("cannot", _those(entry.capabilities, False)))
    said = [f"{verb} {names}" for verb, names in known if names]
    return f"{entry.target} {' and '.join(said)} ({entry.source})"


def _price(model: Any) -> str:
    prices = ", ".join(f"${price:g} ({method.upper()})" for method, price in model.training_price.items())
    return f"{prices} for a million trained tokens; {model.price_source}" if prices else ""


def _table(found: list[Any]) -> list[str]:
    """Return a table with one model a line, and its limits in tokens."""
    if not found:
        return ["no model"]
    rows = [("model", "SFT", "DPO", "window", "can")]
    for model in found:
        can = " ".join(name for name in CAPABILITIES if model.capabilities.get(name))
        gone = "" if model.tunable or model.serverless else "removed"
        limits = (_figure(value) for value in (model.sft_limit, model.dpo_limit, model.window))
        rows.append((model.id, *limits, can or gone))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    ]


def _figure(value: int | None) -> str:
    return f"{value:,}" if value else "-"
