"""The model registry: limits, vocabularies and prices, each with its source and date. `modelfile` reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jsonl_lint.target import Target


class Counting(NamedTuple):
    """How a model's tokens are counted: tokenizer, chat template, and why that is not exact, `""` if it is."""

    tokenizer: str
    template: str
    approximate: str


STAND_IN = Counting("o200k_base", "plain", "no tokenizer is known for this model")
"""Where no family fits."""

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


class Elsewhere(NamedTuple):
    """What a model can do where another target offers it, as far as that differs."""

    target: str
    capabilities: Mapping[str, bool]
    source: str


class Model(NamedTuple):
    """One row of the registry. Limits are in tokens, None where they are not known.

    `methods` are those that it can be fine-tuned with, none if that is not said. `approximate` says why its counts are
    not exact, `""` if they are. `capabilities` holds only what is known.
    """

    id: str
    provider: str
    aliases: tuple[str, ...]
    sft_limit: int | None
    dpo_limit: int | None
    window: int | None
    serverless: bool
    tunable: bool
    methods: tuple[str, ...]
    tokenizer: str
    template: str
    approximate: str
    capabilities: Mapping[str, bool]
    elsewhere: tuple[Elsewhere, ...]
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

    def tunable_with(self, method: str) -> bool:
        """Whether it can be fine-tuned with a method."""
        return self.tunable and (not self.methods or method in self.methods)

    def capabilities_at(self, target: Target) -> Mapping[str, bool]:
        """What is known that it can and cannot do where a target offers it."""
        own = next((entry.capabilities for entry in self.elsewhere if is_one_of(target, (entry.target,))), {})
        return {**self.capabilities, **own}

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
        elsewhere = [{**entry._asdict(), "capabilities": dict(entry.capabilities)} for entry in self.elsewhere]
        return {
            "capabilities": dict(self.capabilities),
            "elsewhere": elsewhere,
            "training_price": dict(self.training_price),
        }


def is_one_of(target: Target, names: Iterable[str]) -> bool:
    """Whether a target has one of these names, or one that goes on after it with a hyphen."""
    return any(target.name == name or target.name.startswith(f"{name}-") for name in names)


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
    families: tuple[tuple[re.Pattern[str], Counting], ...]
    """How models are counted whose names match a pattern; the first that matches counts."""

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

    def counted_as(self, name: str) -> Counting:
        """How a model is counted that has no row: as its family."""
        return family_counting(self.families, name)

    def provider_of(self, target: Target) -> Provider | None:
        """The provider that a target is, None if the registry has none of its models."""
        for provider in self.providers.values():
            if is_one_of(target, provider.targets):
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


def family_counting(families: Iterable[tuple[re.Pattern[str], Counting]], name: str) -> Counting:
    """How the family of a model is counted."""
    return next((counting for pattern, counting in families if pattern.search(name)), STAND_IN)
