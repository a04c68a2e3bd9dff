"""Lengths against limits: which limit holds for a record, and whether the record is over it.

Cheapest first: the bytes of the line, the bytes of the texts, a lower bound where only the number of findings counts,
and the exact count.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.target import BATCH_FORMATS, Target, load_target
from jsonl_lint.tokens.bounds import line_with_tools_at_most, longest_sure_line
from jsonl_lint.tokens.measure import (
    TokenCount,
    longest,
    lower_bound,
    measure,
    renderings,
    upper_bound,
)
from jsonl_lint.tokens.models import STAND_IN, Model, Registry, load_registry, shipped_registry
from jsonl_lint.tokens.shortcut import Shortcut
from jsonl_lint.tokens.templates import TEMPLATES, Template
from jsonl_lint.tokens.vocabulary import Loaded, load_vocabulary, vocabulary_named

ENDLESS = sys.maxsize

_RESERVES = ("max_tokens", "max_completion_tokens", "max_output_tokens")


class Gauge(NamedTuple):
    """How records are measured for one model, and the limit that holds for them. `limit_from` is its source."""

    model: str
    template: Template
    tokenizer: str
    approximate: str
    limit: int
    limit_from: str

    def loaded(self) -> Loaded:
        """The vocabulary, with every reason why its counts are not exact."""
        loaded = load_vocabulary(self.tokenizer)
        doubts = "; ".join(doubt for doubt in (loaded.approximate, self.approximate) if doubt)
        return loaded._replace(approximate=doubts)


class Overrun(NamedTuple):
    """A record that is longer than its limit.

    `reserve`: tokens of the limit that the request keeps for the answer. `consequence`: what the provider does with
    it, in words. `cut`: whether it does so by cutting the end off. `roomier`: another model that would take it.
    """

    length: TokenCount
    gauge: Gauge
    reserve: int
    consequence: str
    cut: bool
    roomier: str

    @property
    def room(self) -> int:
        """Tokens that the record may have."""
        return self.gauge.limit - self.reserve


class ModelUse(NamedTuple):
    """A model that somebody wants to use. `model` is its row, None if it has none; `near` are ids like it.

    `service` is `fine-tuning` or `serverless`; `title` is the provider that the target is, `""` if the registry has
    none of its models. `offered`: whether that provider is known to offer the model for the service.
    """

    name: str
    service: str
    model: Model | None
    title: str
    provider: str
    target: str
    near: tuple[str, ...]
    offered: bool
    limit_given: bool
    owner: str
    """Who offers the model, in words."""
    catalogue: bool
    """Whether the models are known that the target's provider serves to everybody."""
    counted: bool
    """Whether its name tells how its tokens are counted."""


class Ruler:
    """Measures the records of one run. Nothing is loaded before it is needed.

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
        self.registry: Registry = load_registry(models) if models else shipped_registry()
        if max_tokens is not None and max_tokens < 1:
            raise UserError(f"max_tokens is {max_tokens}; it must be at least 1")
        if tokenizer is not None:
            _ = load_vocabulary(tokenizer) if tokenizer.endswith(".json") else vocabulary_named(tokenizer)
        provider = self.registry.provider_of(target)
        self.title = provider.title if provider else ""
        self.provider = provider.name if provider else ""
        self.catalogue = provider is not None and provider.catalogue
        self._uses: dict[tuple[str, str], ModelUse] = {}
        self._gauges: dict[str, Gauge | None] = {}

    def use(self, name: str, service: str) -> ModelUse:
        """What is known of a model that is asked for."""
        key = (name, service)
        if key not in self._uses:
            self._forget(self._uses)
            found = self.registry.find(name)
            own = list(self.registry.of(self.provider))
            near = () if found is not None else tuple(self.registry.near(name, own or None))
            offered = found is not None and (
                not self.provider
                or (
                    found.provider == self.provider
                    and (found.tunable if service == "fine-tuning" else found.serverless)
                )
            )
            self._uses[key] = ModelUse(
                *(name, service, found, self.title, self.provider, self.target.title, near, offered),
                self.max_tokens is not None or self.target_limit is not None,
                self._owner(found),
                self.catalogue,
                found is not None or self.registry.counted_as(name) != STAND_IN,
            )
        return self._uses[key]

    @cached_property
    def trained(self) -> Gauge | None:
        """How training records are measured; None where no limit is known."""
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
    def target_limit(self) -> int | None:
        """What the target takes of any model."""
        limit = self.target.limits.get("max_tokens")
        return limit if isinstance(limit, int) else None

    @cached_property
    def sure_bytes(self) -> int:
        """A line of plain texts with at most this many bytes surely fits."""
        return self._sure(self.trained)

    def sure_bytes_for(self, format: str | None, *, tools: bool, images: bool) -> int:  # noqa: A002
        """The same for records that may hold tools or images, or are requests; -1 if each has to be looked at."""
        if format in BATCH_FORMATS:
            return -1
        gauge = self.trained
        if gauge is None:
            return ENDLESS
        return -1 if images or tools else self.sure_bytes

    def fits(self, record: Mapping[str, Any]) -> bool:
        """Whether a chat record surely fits, counted if need be. False where only `overrun` can tell."""
        if self._trained_shortcut is None:
            return True
        limit, shortcut = self._trained_shortcut
        try:
            return shortcut.fits(limit, record["messages"], record.get("tools"))
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError):  # not the shape that it should have
            return False

    def said_fits(self, roles: tuple[str, ...], texts: list[str], calls: list[str], tools: Any) -> bool | None:
        """The same for messages that are nothing but these roles, texts and calls; None where `fits` may know."""
        if self._trained_shortcut is None:
            return True
        limit, shortcut = self._trained_shortcut
        return shortcut.said_fits(limit, roles, texts, calls, tools)

    @cached_property
    def sure_with_tools(self) -> int:
        """Where `line_with_tools_at_most` says no more than this of a line without images, it surely fits."""
        gauge = self.trained
        return ENDLESS if gauge is None else self.sure_bytes - (gauge.template.tools or 0)

    def settles(self, line: bytes) -> bool:
        """Whether the bytes of a line that defines or calls tools prove that it fits. It holds no image."""
        return _line_fits(line, self.sure_with_tools)

    def request_settles(self, line: bytes, record: Mapping[str, Any]) -> bool:
        """The same for the line of a request and the model that it names."""
        gauge, reserve, _ = self._of_request(record)
        return gauge is None or _line_fits(line, self._sure(gauge) - (gauge.template.tools or 0) - reserve)

    def overrun(
        self,
        record: Mapping[str, Any],
        format: str | None,  # noqa: A002
        *,
        counted: bool = True,
    ) -> Overrun | None:
        """What is over the limit in a record, None if it fits. Without `counted` a lower bound may settle it."""
        gauge, reserve, body = self.trained, 0, record
        if format in BATCH_FORMATS:
            gauge, reserve, body = self._of_request(record)
        if gauge is None:
            return None
        loaded, room = gauge.loaded(), gauge.limit - reserve
        found = renderings(record, gauge.template, format)
        most = upper_bound(found, loaded)
        if most is not None and most <= room:
            return None
        if not counted and lower_bound(found) > room:
            count = TokenCount(max(room + 1, 0), "at least", "counting stopped there", {})
        else:
            count = longest(found, gauge.template, loaded)
        if count.tokens <= room:
            return None
        return self._overrun(count, gauge, reserve, body if format in BATCH_FORMATS else None)

    def count(self, record: Mapping[str, Any], format: str | None = None) -> TokenCount:  # noqa: A002
        """The length of a record for the run's model."""
        gauge = self.counting(self.model or "")
        return measure(record, gauge.template, gauge.loaded(), format)

    def counting(self, name: str) -> Gauge:
        """How records are measured for a model, without a limit; `""` is no model."""
        return self._gauge(name, self.registry.find(name) if name else None, ENDLESS, "")

    @cached_property
    def _trained_shortcut(self) -> tuple[int, Shortcut] | None:
        gauge = self.trained
        return None if gauge is None else (gauge.limit, Shortcut(gauge.template, gauge.loaded()))

    def _overrun(self, count: TokenCount, gauge: Gauge, reserve: int, body: Mapping[str, Any] | None) -> Overrun:
        if body is None:
            consequence, cut = self._consequence(gauge)
            return Overrun(count, gauge, reserve, consequence, cut, self._roomier(gauge, count.tokens))
        if body.get("context_length_exceeded_behavior") == "truncate":
            return Overrun(count, gauge, reserve, "the input is cut, as the request asks", True, "")
        return Overrun(
            count, gauge, reserve, "the request fails", False, self._roomier(gauge, count.tokens + reserve, True)
        )

    def _of_request(self, record: Mapping[str, Any]) -> tuple[Gauge | None, int, Mapping[str, Any]]:
        """The gauge for a request, what it reserves for the answer, and its body; no gauge where nobody can tell."""
        body = record.get("body", record.get("params"))
        return (self._requested(body), _reserve(body), body) if isinstance(body, dict) else (None, 0, record)

    def _requested(self, body: Mapping[str, Any]) -> Gauge | None:
        """The gauge for the model that a request names, or else that of the run."""
        name = body.get("model")
        if not isinstance(name, str):
            name = self.model or ""
        if name not in self._gauges:
            self._forget(self._gauges)
            row = self.registry.find(name)
            if self.max_tokens is not None:
                self._gauges[name] = self._gauge(name, row, self.max_tokens, "--max-tokens")
            elif row is not None and row.window is not None:
                self._gauges[name] = self._gauge(name, row, row.window, f"context window, {row.window_source}")
            else:
                self._gauges[name] = None
        return self._gauges[name]

    def _gauge(self, name: str, row: Model | None, limit: int, limit_from: str) -> Gauge:
        if row is not None:
            tokenizer, template, doubt = row.tokenizer, row.template, row.approximate
        elif name:
            tokenizer, template, doubt = self.registry.counted_as(name)
        else:
            tokenizer, template, doubt = STAND_IN[0], STAND_IN[1], "no model is named"
        if self.tokenizer is not None:
            tokenizer, doubt = self.tokenizer, ""
        return Gauge(name, TEMPLATES[template], tokenizer, doubt, limit, limit_from)

    def _sure(self, gauge: Gauge | None) -> int:
        if gauge is None:
            return ENDLESS
        if gauge.tokenizer.endswith(".json") and not gauge.loaded().bounded:
            return -1
        return longest_sure_line(gauge.limit, gauge.template.ceiling, nfc=self._nfc(gauge))

    @staticmethod
    def _nfc(gauge: Gauge) -> bool:
        return gauge.tokenizer.endswith(".json") or vocabulary_named(gauge.tokenizer).nfc

    def _owner(self, row: Model | None) -> str:
        if row is None:
            return ""
        known = self.registry.providers.get(row.provider)
        return known.title if known else row.provider

    def _consequence(self, gauge: Gauge) -> tuple[str, bool]:
        """What the model's provider does with a training record that is too long, in words; and whether it cuts."""
        row = self.registry.find(gauge.model)
        target, title = self.target, self.target.title
        if row is not None and self.provider and row.provider != self.provider:
            title = self._owner(row)
            try:
                target = load_target(row.provider)
            except UserError:
                return f"what {title} does with it is not known here", True
        behaviour = target.over_length.get("behaviour", "unknown")
        said = _BEHAVIOURS.get(behaviour, "what {title} does with it is not documented")
        return said.format(title=title), behaviour in ("truncate", "unknown")

    def _roomier(self, gauge: Gauge, tokens: int, request: bool = False) -> str:
        """The model of the same provider with the smallest limit that would do, and that limit, in words."""
        if self.max_tokens is not None:
            return ""
        row = self.registry.find(gauge.model)
        provider = row.provider if row is not None else self.provider
        found = [
            (limit, model.id)
            for model in self.registry.of(provider)
            if (limit := (model.window if request else model.limit(self.method)) or 0) >= tokens
            and (model.serverless if request else model.tunable)
        ]
        if not found:
            return ""
        limit, name = min(found, key=lambda item: item[0])
        return f"{name} takes {limit:,}"

    @staticmethod
    def _forget(memory: dict[Any, Any]) -> None:
        """Start afresh if too much is remembered: a file may name a new model in every request."""
        if len(memory) >= 1000:
            memory.clear()


_BEHAVIOURS = {
    "truncate": "{title} cuts the end off",
    "drop": "{title} leaves the record out",
    "reject": "{title} refuses the file",
    "fail-job": "{title} fails the whole job",
    "split": "{title} splits it over several sequences",
}


def cited(row: Model) -> str:
    """Where a model's limits stand, and when."""
    return f"{row.source}, {row.date}" if row.date else row.source


def _line_fits(line: bytes, room: int) -> bool:
    return len(line) <= room and line_with_tools_at_most(line) <= room


def _reserve(body: Mapping[str, Any]) -> int:
    values = [body.get(key) for key in _RESERVES]
    return max(
        (value for value in values if isinstance(value, int) and not isinstance(value, bool) and value > 0), default=0
    )
