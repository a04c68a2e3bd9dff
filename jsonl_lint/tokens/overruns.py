"""Describe records that exceed their limit, and what the provider does with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.target import load_target
from jsonl_lint.tokens.limits import Gauge, Limits
from jsonl_lint.tokens.measure import TokenCount


class Overrun(NamedTuple):
    """A record that is longer than its limit.

    `reserve` is how many tokens of the limit the request reserves for the answer. `consequence` says what the provider
    does with the record; `cut`, whether it cuts the end off. `roomier` is another model that has room for it. The model
    `reasons`, as far as that is known.
    """

    length: TokenCount
    gauge: Gauge
    reserve: int
    consequence: str
    cut: bool
    roomier: str
    reasons: bool = False

    @property
    def room(self) -> int:
        """How many tokens the record may have."""
        return self.gauge.limit - self.reserve


def of_training(length: TokenCount, gauge: Gauge, limits: Limits) -> Overrun:
    """Describe a training record that is too long."""
    consequence, cut = _consequence(gauge, limits)
    row = limits.registry.find(gauge.model)
    reasons = row is not None and bool(row.capabilities_at(limits.target).get("reasoning"))
    return Overrun(length, gauge, 0, consequence, cut, _roomier(gauge, length.tokens, limits), reasons)


def of_request(length: TokenCount, gauge: Gauge, reserve: int, body: Mapping[str, Any], limits: Limits) -> Overrun:
    """Describe a batch request that is too long."""
    if body.get("context_length_exceeded_behavior") == "truncate":
        return Overrun(length, gauge, reserve, "the input is cut, as the request asks", True, "")
    if body.get("truncation") == "auto":  # OpenAI's responses
        return Overrun(length, gauge, reserve, "items of the input are left out, as the request asks", False, "")
    roomier = _roomier(gauge, length.tokens + reserve, limits, request=True)
    return Overrun(length, gauge, reserve, "the request fails", False, roomier)


_BEHAVIOURS = {
    "truncate": "{title} cuts the end off",
    "drop": "{title} leaves the record out",
    "drop-message": "{title} drops a message that is too long by itself, and keeps the rest of the record",
    "reject": "{title} refuses the file",
    "fail-job": "{title} fails the whole job",
    "split": "{title} splits it over several sequences",
}


def _consequence(gauge: Gauge, limits: Limits) -> tuple[str, bool]:
    """Return what the provider does with a training record that is too long, in words, and whether it may cut it."""
    row = limits.registry.find(gauge.model)
    target, title = limits.target, limits.target.title
    if row is not None and limits.provider and row.provider != limits.provider:
        title = limits.owner(row)
        try:
            target = load_target(row.provider)
        except UserError:
            return f"what {title} does with it is not known here", True
    behaviour = target.over_length.get("behaviour", "unknown")
    said = _BEHAVIOURS.get(behaviour, "what {title} does with it is not documented")
    return said.format(title=title), behaviour in ("truncate", "unknown")


def _roomier(gauge: Gauge, tokens: int, limits: Limits, *, request: bool = False) -> str:
    """Return the provider's model with the smallest limit that would do, and that limit, in words; "" if none."""
    if limits.max_tokens is not None:
        return ""
    row = limits.registry.find(gauge.model)
    models = limits.registry.of(row.provider if row is not None else limits.provider)
    if request:
        offered = [(model.window or 0, model.id) for model in models if model.serverless]
    else:
        offered = [(model.limit(limits.method) or 0, model.id) for model in models if model.tunable]
    enough = [(limit, name) for limit, name in offered if limit >= tokens]
    if not enough:
        return ""
    limit, name = min(enough, key=lambda found: found[0])
    return f"{name} takes {limit:,}"
