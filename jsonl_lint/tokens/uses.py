"""Gather what is known about the model that a run or a batch request names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from jsonl_lint.tokens.limits import Limits
from jsonl_lint.tokens.models import STAND_IN, Model

SERVICES = ("fine-tuning", "serverless")
"""What models are offered for."""


class ModelUse(NamedTuple):
    """The model that a run or a batch request names. `model` is its row, None if it has none; `near` are similar
    ids, of models that are offered if the model is known and is not.

    `service` is one of `SERVICES`; `title` is the provider that the target is, `""` if the registry has
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
    """Whether all models that the target's provider serves to everybody are known."""
    counted: bool
    """Whether it is known from its name how its tokens are counted."""
    capabilities: Mapping[str, bool]
    """What it can and cannot do where the target offers it, as far as that is known."""
    method: str
    """The training method of the run."""


def use_of(name: str, service: str, limits: Limits) -> ModelUse:
    """Return what is known about the model that a run or a request names."""
    registry = limits.registry
    found = registry.find(name)
    own = list(registry.of(limits.provider))
    offered = found is not None and _offers(limits, found, service)
    if found is not None:  # a model that is not offered here may have a sister that is
        own = [] if offered else [model for model in own if _offers(limits, model, service)]
    return ModelUse(
        name=name,
        service=service,
        model=found,
        title=limits.title,
        provider=limits.provider,
        target=limits.target.title,
        near=tuple(registry.near(name, own or None)) if found is None or own else (),
        offered=offered,
        limit_given=limits.max_tokens is not None or limits.target_limit is not None,
        owner="" if found is None else limits.owner(found),
        catalogue=limits.catalogue,
        counted=found is not None or registry.counted_as(name) != STAND_IN,
        capabilities={} if found is None else found.capabilities_at(limits.target),
        method=limits.method,
    )


def _offers(limits: Limits, model: Model, service: str) -> bool:
    """Whether the target's provider offers a model for a service; one that is not known may offer any."""
    offered = model.tunable_with(limits.method) if service == "fine-tuning" else model.serverless
    return not limits.provider or (model.provider == limits.provider and offered)
