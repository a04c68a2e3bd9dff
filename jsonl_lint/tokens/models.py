"""The model registry: what is known of each model, as data, with its source and date.

`jsonl_lint/models.json` is what ships. A user's own file of the same form is laid over it: limits move by the month.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.model import format_pointer
from jsonl_lint.schemas import Shape, load_schema
from jsonl_lint.target import Target
from jsonl_lint.tokens.templates import TEMPLATES
from jsonl_lint.tokens.vocabulary import vocabulary_named

_SHIPPED = os.path.join(os.path.dirname(os.path.dirname(__file__)), "models.json")

STAND_IN = ("o200k_base", "plain", "no tokenizer is known for this model")
"""Tokenizer, template and doubt where no family fits."""

LONGEST_NAME = 200
"""Characters of a name that are compared with the known ones."""

CAPABILITIES = ("tools", "vision", "reasoning", "dpo", "full_tuning")


class Removal(NamedTuple):
    """When a provider took a model away from `fine-tuning` or `serverless`, and what it names instead."""

    service: str
    date: str
    successor: str | None
    dedicated: bool
    source: str


class Model(NamedTuple):
    """One row of the registry. Limits are in tokens, None where they are not known.

    `approximate` says why its counts are not exact, `""` if they are. `capabilities` holds only what is known.
    """

    id: str
    provider: str
    aliases: tuple[str, ...]
    sft_limit: int | None
    dpo_limit: int | None
    window: int | None
    serverless: bool
    tunable: bool
    tokenizer: str
    template: str
    approximate: str
    capabilities: Mapping[str, bool]
    removed: tuple[Removal, ...]
    source: str
    date: str
    window_source: str
    """Where the window stands, and when; the other figures are in `source`."""
    training_price: Mapping[str, float]
    """US dollars for a million tokens trained once, by method; only what is known."""
    price_source: str
    """Where the price stands, and when."""

    def limit(self, method: str) -> int | None:
        """The longest sequence that may be trained with a method."""
        return self.dpo_limit if method == "dpo" else self.sft_limit

    def removal(self, service: str) -> Removal | None:
        """When it was taken away from a service, None if it was not."""
        return next((removal for removal in self.removed if removal.service == service), None)

    def to_dict(self) -> dict[str, Any]:
        """The row as plain values."""
        removed = [
            {
                "from": entry.service,
                "date": entry.date,
                "successor": entry.successor,
                "dedicated": entry.dedicated,
                "source": entry.source,
            }
            for entry in self.removed
        ]
        return {**self._asdict(), **self._plain(), "removed": removed}

    def _plain(self) -> dict[str, Any]:
        return {"capabilities": dict(self.capabilities), "training_price": dict(self.training_price)}


class Provider(NamedTuple):
    """Who offers models, and the targets that are this provider."""

    name: str
    title: str
    targets: tuple[str, ...]
    catalogue: bool
    """Whether the models are listed that it serves to everybody."""


class Registry(NamedTuple):
    """All models, by id, in the order of the file."""

    models: Mapping[str, Model]
    providers: Mapping[str, Provider]
    aliases: Mapping[str, str]
    families: tuple[tuple[re.Pattern[str], str, str, str], ...]

    def find(self, name: str) -> Model | None:
        """The model with this id or alias. A fine-tuned model of OpenAI's, `ft:…`, is as its base."""
        if name.startswith("ft:"):
            name = name.split(":")[1]
        return self.models.get(self.aliases.get(name, name))

    def near(self, name: str, among: Iterable[Model] | None = None) -> list[str]:
        """The names that resemble one most, at most three.

        A model that was taken away is only named if it has just this name, or nothing else resembles it.
        """
        models = sorted(self.models.values() if among is None else among, key=lambda model: model.id)
        tail = name[:LONGEST_NAME].lower().rpartition("/")[2]
        every = _by_tail(models)
        offered = _by_tail(model for model in models if model.tunable or model.serverless)
        found = every.get(tail) or _alike(tail, offered) or _alike(tail, every)
        return found[:3]

    def counted_as(self, name: str) -> tuple[str, str, str]:
        """The tokenizer and template of a model that has no row, by its family; and why counts are not exact."""
        return _family(self.families, name)

    def provider_of(self, target: Target) -> Provider | None:
        """The provider that a target is, None if the registry has none of its models."""
        for provider in self.providers.values():
            if any(target.name == name or target.name.startswith(f"{name}-") for name in provider.targets):
                return provider
        return None

    def of(self, provider: str) -> Iterator[Model]:
        """The models of one provider."""
        return (model for model in self.models.values() if model.provider == provider)


def _by_tail(models: Iterable[Model]) -> dict[str, list[str]]:
    """Ids and aliases by what follows the last slash, in lower case."""
    found: dict[str, list[str]] = {}
    for model in models:
        for called in (model.id, *model.aliases):
            found.setdefault(called.lower().rpartition("/")[2], []).append(called)
    return found


def _alike(tail: str, by_tail: dict[str, list[str]]) -> list[str]:
    """The names whose tail begins with this one, then those that resemble it."""
    import difflib

    alike = [known for known in by_tail if known[:3] == tail[:3]]  # a file may hold many names
    close = difflib.get_close_matches(tail, alike, 3, 0.75)
    longer = [known for known in by_tail if len(tail) > 3 and known.startswith(tail)]
    return [found for known in dict.fromkeys([*longer, *close]) for found in by_tail[known]]


def load_registry(path: str | None = None) -> Registry:
    """The shipped registry, with a user's own file laid over it.

    Raises:
        UserError: the file cannot be read, or is no registry.
    """
    return _compile(_shipped()) if path is None else _compile(_merged(_shipped(), _checked(path)), path)


@cache
def shipped_registry() -> Registry:
    """What ships, loaded once."""
    return load_registry()


def _shipped() -> dict[str, Any]:
    with open(_SHIPPED, "rb") as file:
        data: dict[str, Any] = json.load(file)
    return data


def _checked(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            data = json.load(file)
    except OSError as error:
        raise UserError(f"{path}: cannot read the models: {reason_of(error)}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not JSON: {error}") from None
    for violation in Shape(load_schema("models")).violations(data):
        where = format_pointer(violation.pointer) or "the file"
        what = f"`{violation.subject}`: " if violation.subject else ""
        raise UserError(
            f"{path}: not a model registry: {where}: {what}{violation.keyword} {violation.constraint} "
            "(`jsonl-lint schema models` describes it)"
        )
    checked: dict[str, Any] = data
    return checked


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    rows = {row["id"]: row for row in base["models"]}
    for row in own.get("models", []):
        rows[row["id"]] = {**rows.get(row["id"], {}), **row}
    return {
        "providers": [*base["providers"], *own.get("providers", [])],
        "sources": [*base["sources"], *own.get("sources", [])],
        "families": [*own.get("families", []), *base["families"]],
        "models": list(rows.values()),
    }


def _compile(data: dict[str, Any], path: str = _SHIPPED) -> Registry:
    sources = {source["name"]: source for source in data["sources"]}
    try:
        families = tuple(
            (re.compile(row["pattern"], re.IGNORECASE), row["tokenizer"], row["template"], row.get("approximate", ""))
            for row in data["families"]
        )
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


def _family(families: Iterable[tuple[re.Pattern[str], str, str, str]], name: str) -> tuple[str, str, str]:
    for pattern, tokenizer, template, doubt in families:
        if pattern.search(name):
            return tokenizer, template, doubt
    return STAND_IN


def _model(row: dict[str, Any], families: Any, sources: Mapping[str, Any], path: str) -> Model:
    tokenizer, template, doubt = _counted_by(row, families, path)
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
        tokenizer=tokenizer,
        template=template,
        approximate=doubt,
        capabilities=dict(row.get("capabilities", {})),
        removed=tuple(_removal(entry, sources) for entry in row.get("removed", [])),
        source=source["source"],
        date=source["date"],
        window_source=_cited(window),
        training_price=dict(row.get("training_price", {})),
        price_source=_cited(sources[row["price_source"]]) if "price_source" in row else "",
    )


def _counted_by(row: dict[str, Any], families: Any, path: str) -> tuple[str, str, str]:
    """The tokenizer and the template of a model, and why counts are not exact: its own, or those of its family."""
    tokenizer, template, doubt = _family(families, row["id"])
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
    return tokenizer, template, doubt


def _check_sources(row: dict[str, Any], sources: Mapping[str, Any], path: str) -> None:
    """Each figure needs a source that is there."""
    of_model = {row[key] for key in ("source", "window_source", "price_source") if row.get(key)}
    of_removals = {entry["source"] for entry in row.get("removed", []) if entry["source"]}
    for name in sorted((of_model | of_removals) - sources.keys()):
        raise UserError(f"{path}: {row['id']}: no source is named {name!r}")
    if row.get("training_price") and "price_source" not in row:
        raise UserError(f"{path}: {row['id']}: a training_price needs its price_source")


def _removal(entry: dict[str, Any], sources: Mapping[str, Any]) -> Removal:
    dedicated = entry.get("dedicated", False)
    return Removal(entry["from"], entry["date"], entry.get("successor"), dedicated, sources[entry["source"]]["source"])


def _cited(source: Mapping[str, Any]) -> str:
    return f"{source['source']}, {source['date']}"
