"""The model registry: limits, vocabularies and prices, each with its source and date. `modelfile` reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jsonl_lint.target import Target


class Counting(NamedTuple):
    """How a model's tokens are counted: tokenizer, chat template, and why that is not exact, "" if it is."""

    tokenizer: str
    template: str
    approximate: str


STAND_IN = Counting("o200k_base", "plain", "no tokenizer is known for this model")
"""How models of no known family are counted."""

_CHANGED = "taken to be like the models that its name speaks of, which is not confirmed"

LONGEST_NAME = 200
"""How many characters of a name are looked at. A longer one is hostile: it is compared slowly, and is not cached."""

WORDS = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?")
"""The words and numbers of a name, whatever separates them: gpt4o says the same as gpt-4o."""

CAPABILITIES = ("tools", "vision", "reasoning", "dpo", "full_tuning")


class Removal(NamedTuple):
    """When a provider took a model away from `fine-tuning` or `serverless`, and what it names instead."""

    service: str
    date: str
    successor: str | None
    dedicated: bool
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, named as in a registry file."""
        values = self._asdict()
        return {"from": values.pop("service"), **values}


class Elsewhere(NamedTuple):
    """What a model can and cannot do where another target offers it, as far as that differs."""

    target: str
    capabilities: Mapping[str, bool]
    source: str


class Model(NamedTuple):
    """One row of the registry. Limits are in tokens, None if they are not known.

    `methods` are those with which it can be fine-tuned, () if that is not documented. `approximate` says why its counts
    are not exact, "" if they are. `capabilities` has only what is known.
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
    """The source and date of the window; the other figures are from `source`."""
    training_price: Mapping[str, float]
    """US dollars for a million tokens trained once, by method; only what is known."""
    price_source: str
    """The source and date of the prices."""

    def limit(self, method: str) -> int | None:
        """Return the longest sequence that can be trained with a method."""
        return self.dpo_limit if method == "dpo" else self.sft_limit

    def removal(self, service: str) -> Removal | None:
        """Return when it was taken away from a service, None if it was not."""
        return next((removal for removal in self.removed if removal.service == service), None)

    def tunable_with(self, method: str) -> bool:
        """Whether it can be fine-tuned with a method."""
        return self.tunable and (not self.methods or method in self.methods)

    def capabilities_at(self, target: Target) -> Mapping[str, bool]:
        """Return what it can and cannot do where this target offers it, as far as that is known."""
        own = next((entry.capabilities for entry in self.elsewhere if is_one_of(target, (entry.target,))), {})
        return {**self.capabilities, **own}

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return {
            **self._asdict(),
            "capabilities": dict(self.capabilities),
            "elsewhere": [{**entry._asdict(), "capabilities": dict(entry.capabilities)} for entry in self.elsewhere],
            "removed": [entry.to_dict() for entry in self.removed],
            "training_price": dict(self.training_price),
        }


def is_one_of(target: Target, names: Iterable[str]) -> bool:
    """Whether a target has one of these names, possibly followed by a hyphen and more."""
    return any(target.name == name or target.name.startswith(f"{name}-") for name in names)


class Provider(NamedTuple):
    """Somebody who offers models, and the targets for it."""

    name: str
    title: str
    targets: tuple[str, ...]
    catalogue: bool
    """Whether all models that it serves to everybody are in the registry."""


class Registry(NamedTuple):
    """All models, by id, in the order of the file."""

    models: Mapping[str, Model]
    providers: Mapping[str, Provider]
    aliases: Mapping[str, str]
    families: tuple[tuple[re.Pattern[str], Counting], ...]
    """How models whose names match a pattern are counted; the first match counts."""

    def find(self, name: str) -> Model | None:
        """Return the model with this id or alias, or the base of a fine-tuned model of OpenAI (`ft:…`)."""
        if name.startswith("ft:"):
            name = name.split(":")[1]
        return self.models.get(self.aliases.get(name, name))

    def near(self, name: str, among: Iterable[Model] | None = None) -> list[str]:
        """Return the names that are most similar to this one, at most three.

        A model that was taken away is only among them if it has just this name, or no other name is similar.
        """
        models = sorted(self.models.values() if among is None else among, key=lambda model: model.id)
        tail = name[:LONGEST_NAME].lower().rpartition("/")[2]
        every = _by_tail(models)
        offered = _by_tail(model for model in models if model.tunable or model.serverless)
        found = every.get(tail) or _same_words(tail, every) or _alike(tail, offered) or _alike(tail, every)
        return found[:3]

    def counted_as(self, name: str) -> Counting:
        """Return how a model without a row is counted: like its family, whose template others may have changed."""
        counting = family_counting(self.families, name)
        owner = name[:LONGEST_NAME].rpartition("/")[0]
        if not owner or counting.approximate or family_counting(self.families, f"{owner}/") == counting:
            return counting
        makers = {known.rpartition("/")[0].lower() for known in self.models}
        return counting if owner.lower() in makers else counting._replace(approximate=_CHANGED)

    def provider_of(self, target: Target) -> Provider | None:
        """Return the provider of a target, None if the registry has none of its models."""
        for provider in self.providers.values():
            if is_one_of(target, provider.targets):
                return provider
        return None

    def of(self, provider: str) -> Iterator[Model]:
        """Return the models of one provider."""
        return (model for model in self.models.values() if model.provider == provider)


def _by_tail(models: Iterable[Model]) -> dict[str, list[str]]:
    """Return ids and aliases by what follows their last slash, in lower case."""
    found: dict[str, list[str]] = {}
    for model in models:
        for called in (model.id, *model.aliases):
            found.setdefault(called.lower().rpartition("/")[2], []).append(called)
    return found


def _same_words(tail: str, by_tail: dict[str, list[str]]) -> list[str]:
    """Return the names that only separate their words in another way."""
    words = WORDS.findall(tail)
    alike = [known for known in by_tail if words and known.startswith(words[0])]
    return [found for known in alike if WORDS.findall(known) == words for found in by_tail[known]]


def _alike(tail: str, by_tail: dict[str, list[str]]) -> list[str]:
    """Return the names that begin with this one or have all its words, else those of its version, else similar ones."""
    import difflib

    longer = [known for known in by_tail if len(tail) > 3 and known.startswith(tail)]
    alike = [known for known in by_tail if known[:3] == tail[:3]]  # a file may hold many names
    close = difflib.get_close_matches(tail, alike, 3, 0.75)
    chosen = [*longer, *close] if longer else _with_the_words(tail, by_tail) or _of_one_version(tail, by_tail) or close
    return [found for known in dict.fromkeys(chosen) for found in by_tail[known]]


def _with_the_words(tail: str, names: Iterable[str]) -> list[str]:
    """Return the names that say all of this one and more, as Meta-Llama-3.1-8B-Instruct does of llama3.1-8b."""
    words = WORDS.findall(tail)
    if len(words) < 3:  # such as "instruct", which says nothing
        return []
    alike = [name for name in names if words[0] in name]
    return sorted((name for name in alike if set(words).issubset(WORDS.findall(name))), key=len)


def _of_one_version(tail: str, names: Iterable[str]) -> list[str]:
    """Return the names that share most words with this one, at least three with all its numbers.

    So Llama-3-8b-chat-hf is Meta-Llama-3-8B-Instruct rather than llama-2-7b-chat, which is spelled more alike.
    """
    words = set(WORDS.findall(tail))
    numbers = {word for word in words if any(map(str.isdigit, word))}
    shared = {name: words.intersection(WORDS.findall(name)) for name in names}
    alike = [name for name, common in shared.items() if len(common) > 2 and common >= numbers]
    most = max([len(shared[name]) for name in alike], default=0)
    return sorted(
        [name for name in alike if len(shared[name]) == most], key=lambda name: (_unlike(tail, name), len(name))
    )


def _unlike(one: str, other: str) -> float:
    import difflib

    return -difflib.SequenceMatcher(None, one, other).ratio()


def family_counting(families: Iterable[tuple[re.Pattern[str], Counting]], name: str) -> Counting:
    """Return how a model's family is counted."""
    looked_at = name[:LONGEST_NAME]
    return next((counting for pattern, counting in families if pattern.search(looked_at)), STAND_IN)
