"""JL604."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileSketch, ModelRule
from jsonl_lint.wording import excerpt

if TYPE_CHECKING:
    from jsonl_lint.tokens.uses import ModelUse


class RemovedModel(ModelRule):
    """The provider has taken the model away.

    Examples in a provider's own documentation often still name such models. The finding gives the day, the source and
    the model that the provider names instead.
    """

    code = "JL604"
    name = "removed-model"
    severity = Severity.ERROR
    help = "Choose another model; `jsonl-lint models` lists them."

    def of_model(self, use: ModelUse) -> Iterator[FileSketch]:
        """Yield a model that is not offered any more for this service."""
        removal = use.model.removal(use.service) if use.model is not None and not use.offered else None
        if removal is None:
            return
        service = "fine-tuning" if use.service == "fine-tuning" else "models served without an endpoint of your own"
        instead = ""
        if removal.successor:
            instead = f"; use {removal.successor}"
        elif removal.dedicated:
            instead = "; a dedicated endpoint still serves it"
        what = f"{excerpt(use.name, 80)} was removed from {use.owner}'s {service} on {removal.date}"
        yield FileSketch(f"{what} ({removal.source}){instead}")
