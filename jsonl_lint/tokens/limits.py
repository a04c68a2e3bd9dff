"""Determine which limit applies to a record: that of the run's model, of the target, or of the request's own model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from jsonl_lint.errors import UserError
from jsonl_lint.target import Target
from jsonl_lint.tokens.modelfile import load_registry
from jsonl_lint.tokens.models import LONGEST_NAME, STAND_IN, Model, Registry
from jsonl_lint.tokens.templates import TEMPLATES, Template
from jsonl_lint.tokens.vocabulary import Loaded, load_vocabulary, vocabulary_named

ENDLESS = sys.maxsize
"""The limit where there is none."""

MOST_NAMES = 1_000
"""How many models are cached by name: each request may name another one."""

_Found = TypeVar("_Found")

RESERVES = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""Keys for the length of the longest answer that a request allows."""


class Gauge(NamedTuple):
    """How records are measured for one model, and the limit that applies to them.

    `approximate` says why counts are not exact, "" if they are. `limit_from` is the source of the limit.
    """

    model: str
    template: Template
    tokenizer: str
    approximate: str
    limit: int
    limit_from: str

    def loaded(self) -> Loaded:
        """Return the vocabulary, with all reasons why counts are not exact."""
        loaded = load_vocabulary(self.tokenizer)
        doubts = "; ".join(doubt for doubt in (loaded.approximate, self.approximate) if doubt)
        return loaded._replace(approximate=doubts)

    @property
    def normalises(self) -> bool:
        """Whether texts may be normalised to NFC before they are counted."""
        return self.tokenizer.endswith(".json") or vocabulary_named(self.tokenizer).nfc


class Limits:
    """The limits of one run. No vocabulary is loaded before it is needed.

    Raises:
        UserError: a limit below 1, or a registry or tokenizer that cannot be used.
    """

    def __init__(
        self,
        target: Target,
        method: str,
        model: str | None = None,
        max_tokens: int | None = None,
        tokenizer: str | None = None,
        models: str | None = None,
    ) -> None:
        self.target = target
        self.method = method
        self.model = model
        self.max_tokens = max_tokens
        self.tokenizer = tokenizer
        self.registry: Registry = load_registry(models)
        if max_tokens is not None and max_tokens < 1:
            raise UserError(f"max_tokens is {max_tokens}; it must be at least 1")
        if tokenizer is not None:
            _ = load_vocabulary(tokenizer) if tokenizer.endswith(".json") else vocabulary_named(tokenizer)
        provider = self.registry.provider_of(target)
        self.provider = provider.name if provider else ""
        self.title = provider.title if provider else ""
        self.catalogue = provider is not None and provider.catalogue
        self._for_requests = cached_by_name(self._gauge_for_requests)

    @cached_property
    def trained(self) -> Gauge | None:
        """How training records are measured, None if no limit is known."""
        row = self.registry.find(self.model) if self.model else None
        if self.max_tokens is not None:
            return self._gauge(self.model or "", row, self.max_tokens, "--max-tokens")
        limit = row.limit(self.method) if row else None
        if row is not None and limit is not None:
            return self._gauge(row.id, row, limit, f"{self.method} limit, {cited(row)}")
        if self.model is not None and self.target_limit is not None and (row is None or row.provider == self.provider):
            return self._gauge(self.model, row, self.target_limit, f"the limit of {self.target.title} for any model")
        return None

    @property
    def notice(self) -> str | None:
        """A warning that the run's model is known and its limit is not, so that no length is checked; else None."""
        row = self.registry.find(self.model) if self.model else None
        if row is None or self.trained is not None or not row.tunable_with(self.method):
            return None
        return f"no {self.method} limit of {row.id} is known, so no length is checked: give --max-tokens"

    @property
    def target_limit(self) -> int | None:
        """The target's limit for all models, None if it has none."""
        limit = self.target.limits.get("max_tokens")
        return limit if isinstance(limit, int) else None

    def requested(self, body: Mapping[str, Any]) -> Gauge | None:
        """Return how a request is measured: for its own model, or else the run's. None if no limit is known."""
        name = body.get("model")
        return self._for_requests(name if isinstance(name, str) else self.model or "")

    def _gauge_for_requests(self, name: str) -> Gauge | None:
        """Return how requests to a model are measured, None if no limit is known."""
        row = self.registry.find(name)
        if self.max_tokens is not None:
            return self._gauge(name, row, self.max_tokens, "--max-tokens")
        if row is not None and row.window is not None:
            return self._gauge(name, row, row.window, f"context window, {row.window_source}")
        return None

    def counting(self, name: str) -> Gauge:
        """Return how records are measured for a model (`""` for none), without a limit."""
        return self._gauge(name, self.registry.find(name) if name else None, ENDLESS, "")

    def owner(self, row: Model) -> str:
        """Return who offers a model, in words."""
        known = self.registry.providers.get(row.provider)
        return known.title if known else row.provider

    def _gauge(self, name: str, row: Model | None, limit: int, limit_from: str) -> Gauge:
        """Return the gauge for a model, whose row is None if the registry does not have it."""
        if row is not None:
            tokenizer, template, doubt = row.tokenizer, row.template, row.approximate
        elif name:
            tokenizer, template, doubt = self.registry.counted_as(name)
        else:
            tokenizer, template, doubt = STAND_IN._replace(approximate="no model is named")
        if self.tokenizer is not None:
            tokenizer, doubt = self.tokenizer, ""
        return Gauge(name, TEMPLATES[template], tokenizer, doubt, limit, limit_from)


def cached_by_name(find: Callable[[str], _Found]) -> Callable[[str], _Found]:
    """Return the function of a model's name with a cache, which does not keep what a hostile name takes."""
    kept = lru_cache(MOST_NAMES)(find)
    return lambda name: kept(name) if len(name) <= LONGEST_NAME else find(name)


def cited(row: Model) -> str:
    """Return where a model's limits are documented, and when they were read."""
    return f"{row.source}, {row.date}" if row.date else row.source


def body_of(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the body of a batch request, None if it is not an object."""
    body = request.get("body", request.get("params"))
    return body if isinstance(body, dict) else None


def model_of(request: Mapping[str, Any]) -> str:
    """Return the model that a batch request names, `""` if it names none."""
    name = (body_of(request) or {}).get("model")
    return name if isinstance(name, str) else ""


def reserve_of(body: Mapping[str, Any]) -> int:
    """Return how many tokens of the limit a request reserves for the answer."""
    values = [body.get(key) for key in RESERVES]
    whole = [value for value in values if type(value) is int or (type(value) is float and value.is_integer())]
    return max([0, *map(int, whole)])
