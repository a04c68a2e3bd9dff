"""What a shell offers when the user presses the tab key. Nothing is imported until then."""

from __future__ import annotations

from collections.abc import Iterable

import click


def offer_rules(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Names and codes of rules, also after a comma."""
    from jsonl_lint.plans.registry import all_rules

    return after_comma(incomplete, [*all_rules(), *(rule.code for rule in all_rules().values()), "ALL"])


def offer_targets(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The shipped targets."""
    from jsonl_lint.target import target_names

    return _beginning_with(incomplete, target_names())


def offer_schemas(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The shipped schemas."""
    from jsonl_lint.schemas import schema_names

    return _beginning_with(incomplete, schema_names())


def offer_keys(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The keys of a configuration file."""
    from jsonl_lint.project.keys import KEYS

    return _beginning_with(incomplete, KEYS)


def offer_models(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The models that the shipped registry knows."""
    from jsonl_lint.tokens.modelfile import shipped_registry

    return _beginning_with(incomplete, shipped_registry().models)


def offer_tokenizers(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The shipped vocabularies."""
    from jsonl_lint.tokens.vocabulary import VOCABULARIES

    return _beginning_with(incomplete, VOCABULARIES)


def after_comma(incomplete: str, names: Iterable[str]) -> list[str]:
    """What the last of several names may become."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in _beginning_with(last, names)]


def _beginning_with(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
