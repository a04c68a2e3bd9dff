"""JL603."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileSketch, ModelRule
from jsonl_lint.wording import enumerated, excerpt

if TYPE_CHECKING:
    from jsonl_lint.tokens.uses import ModelUse


class UnknownModel(ModelRule):
    """The provider is not known to offer the model.

    A job or request with such a model fails. The list of models goes out of date: give `--max-tokens` for a newer
    model, or import the provider's own answer with `jsonl-lint models import`. It is an error where `--model` names the
    model and no `--max-tokens` is given, because then no length is checked. In a request it is only reported for
    providers whose served models are all listed here, and only if a known model has nearly that name.
    """

    code = "JL603"
    name = "unknown-model"
    severity = Severity.WARNING
    help = "Compare the id with the provider's list; `jsonl-lint models` shows what is known here."

    def of_model(self, use: ModelUse) -> Iterator[FileSketch]:
        """Yield a model without a row, one of another provider, and one that is not offered for this service."""
        name, what = (
            excerpt(use.name, 80),
            "fine-tuned" if use.service == "fine-tuning" else "served without an endpoint of your own",
        )
        if use.service == "serverless":
            silent = not (use.catalogue and use.near) if use.model is None else not use.catalogue
        else:
            silent = use.model is None and not use.title and use.counted
        if silent:
            return
        if use.model is None:
            whose = f" of {use.title}" if use.title else ""
            near = f"; did you mean {enumerated(use.near)}?" if use.near else ""
            severe = use.service == "fine-tuning" and use.title and not use.limit_given
            yield FileSketch(f"no model{whose} is known as {name}{near}", severity=Severity.ERROR if severe else None)
        elif not use.offered and use.model.provider != use.provider:
            yield FileSketch(f"{name} is a model of {use.owner}, and the target is {use.target}")
        elif not use.offered and use.model.removal(use.service) is None:
            how = f" with the method {use.method}" if use.service == "fine-tuning" and use.model.tunable else ""
            near = f"; nearest of these: {enumerated(use.near)}" if use.near and not how else ""
            yield FileSketch(f"{name} is not among the models of {use.title} that are {what}{how}{near}")
