"""Read the model registry: the built-in `jsonl_lint/models.json`, and a user's own file that overrides it.

Limits change every month, so they are data.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.whole import load_json
from jsonl_lint.model import format_pointer
from jsonl_lint.schemas import Shape, load_schema
from jsonl_lint.tokens.models import Counting, Elsewhere, Model, Provider, Registry, Removal, family_counting
from jsonl_lint.tokens.templates import TEMPLATES
from jsonl_lint.tokens.vocabulary import vocabulary_named

_SHIPPED = os.path.join(os.path.dirname(os.path.dirname(__file__)), "models.json")

Families = tuple[tuple[re.Pattern[str], Counting], ...]


def load_registry(path: str | None) -> Registry:
    """Return the built-in registry, overridden by the user's own file, if there is one.

    Raises:
        UserError: the file cannot be read, or is no registry.
    """
    return _compile(_merged(_shipped(), _checked(path)), path) if path else shipped_registry()


@cache
def shipped_registry() -> Registry:
    """Return the built-in registry, which is loaded once."""
    return _compile(_shipped(), _SHIPPED)


def _shipped() -> dict[str, Any]:
    with open(_SHIPPED, "rb") as file:
        data: dict[str, Any] = json.load(file)
    return data


def _checked(path: str) -> dict[str, Any]:
    """Read a user's registry and validate it against its schema."""
    data: dict[str, Any] = read_json(path)
    for violation in Shape(load_schema("models")).violations(data):
        where = format_pointer(violation.pointer) or "the file"
        what = f"`{violation.subject}`: " if violation.subject else ""
        raise UserError(
            f"{path}: not a model registry: {where}: {what}{violation.keyword} {violation.constraint} "
            "(`jsonl-lint schema models` describes it)"
        )
    return data


def read_json(path: str) -> Any:
    """Return the value in a user's file of models.

    Raises:
        UserError: the file cannot be read, or is not JSON.
    """
    try:
        return load_json(path)
    except OSError as error:
        raise UserError(f"{path}: cannot read the models: {reason_of(error)}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not JSON: {error}") from None


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return the registry in which `own` overrides `base`: the keys of a model one by one, families by their order."""
    rows = {row["id"]: row for row in base["models"]}
    for row in own.get("models", []):
        rows[row["id"]] = {**rows.get(row["id"], {}), **row}
    return {
        "providers": [*base["providers"], *own.get("providers", [])],
        "sources": [*base["sources"], *own.get("sources", [])],
        "families": [*own.get("families", []), *base["families"]],
        "models": list(rows.values()),
    }


def _compile(data: dict[str, Any], path: str) -> Registry:
    """Turn the data of a registry into objects; `path` is for messages."""
    sources = {source["name"]: source for source in data["sources"]}
    try:
        families = tuple((re.compile(row["pattern"], re.IGNORECASE), _counting(row)) for row in data["families"])
    except re.error as error:
        raise UserError(f"{path}: not a regular expression: {error}") from None
    models = {row["id"]: _model(row, families, sources, path) for row in data["models"]}
    return Registry(
        models=models,
        providers={
            row["name"]: Provider(row["name"], row["title"], tuple(row["targets"]), row.get("catalogue", False))
            for row in data["providers"]
        },
        aliases={alias: model.id for model in models.values() for alias in model.aliases},
        families=families,
    )


def _counting(row: Mapping[str, Any]) -> Counting:
    return Counting(row["tokenizer"], row["template"], row.get("approximate", ""))


def _model(row: dict[str, Any], families: Families, sources: Mapping[str, Any], path: str) -> Model:
    counting = _counted_by(row, families, path)
    _check_sources(row, sources, path)
    source = sources.get(row.get("source", ""), {"source": path, "date": ""})
    window = sources[row["window_source"]] if "window_source" in row else source
    return Model(
        id=row["id"],
        provider=row["provider"],
        aliases=tuple(row.get("aliases", ())),
        sft_limit=row.get("sft_limit"),
        dpo_limit=row.get("dpo_limit"),
        window=row.get("window"),
        serverless=row.get("serverless", False),
        tunable=row.get("tunable", "sft_limit" in row or "dpo_limit" in row),
        methods=tuple(row.get("methods", ())),
        tokenizer=counting.tokenizer,
        template=counting.template,
        approximate=counting.approximate,
        capabilities=dict(row.get("capabilities", {})),
        elsewhere=tuple(
            Elsewhere(entry["target"], dict(entry["capabilities"]), _cited(sources[entry["source"]]))
            for entry in row.get("elsewhere", [])
        ),
        removed=tuple(_removal(entry, sources) for entry in row.get("removed", [])),
        source=source["source"],
        date=source["date"],
        window_source=_cited(window),
        training_price=dict(row.get("training_price", {})),
        price_source=_cited(sources[row["price_source"]]) if "price_source" in row else "",
    )


def _counted_by(row: dict[str, Any], families: Families, path: str) -> Counting:
    """Return how a model is counted: as its row says, or else like its family."""
    tokenizer, template, doubt = family_counting(families, row["id"])
    if "tokenizer" in row:
        tokenizer, doubt = row["tokenizer"], ""
        if not tokenizer.endswith(".json"):
            try:
                vocabulary_named(tokenizer)
            except UserError as error:
                raise UserError(f"{path}: {row['id']}: {error}") from None
    template = row.get("template", template)
    if template not in TEMPLATES:
        raise UserError(f"{path}: {row['id']}: no template is named {template!r}; there are: {', '.join(TEMPLATES)}")
    return Counting(tokenizer, template, doubt)


def _check_sources(row: dict[str, Any], sources: Mapping[str, Any], path: str) -> None:
    """Make sure that every figure has a source that exists."""
    of_model = {row[key] for key in ("source", "window_source", "price_source") if row.get(key)}
    entries = [*row.get("removed", []), *row.get("elsewhere", [])]
    of_entries = {entry["source"] for entry in entries if entry["source"]}
    for name in sorted((of_model | of_entries) - sources.keys()):
        raise UserError(f"{path}: {row['id']}: no source is named {name!r}")
    if row.get("training_price") and "price_source" not in row:
        raise UserError(f"{path}: {row['id']}: a training_price needs its price_source")


def _removal(entry: dict[str, Any], sources: Mapping[str, Any]) -> Removal:
    dedicated = entry.get("dedicated", False)
    return Removal(entry["from"], entry["date"], entry.get("successor"), dedicated, sources[entry["source"]]["source"])


def _cited(source: Mapping[str, Any]) -> str:
    return f"{source['source']}, {source['date']}"
