"""JL913."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule

CONTENTS = ("messages", "prompt", "input", "file", "url", "requests")
"""What a request is about, whatever the endpoint. A `url` is that of a recording, at Groq."""


class IncompleteBody(StructureRule):
    """A batch request's body lacks a model or a prompt, or has a wrong parameter.

    The body of a chat request has `model` and `messages`; others have a `prompt`, an `input` or a `file`. A parameter
    of the wrong type fails the request too; the target's data file lists the types it is sure of: `logprobs` is an
    integer on Together and a boolean on OpenAI.
    """

    code = "JL913"
    name = "incomplete-body"
    severity = Severity.ERROR
    help = "Add the model, and what it is to answer."
    formats = ("batch",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Keys that each request needs, and parameters whose type the target's data file names."""
        body = record.value.get("body")
        if not isinstance(body, dict):
            return
        if "model" not in body and not record.target.traits.get("batch_model_optional"):
            yield self.sketch(("body",), "the body has no `model`")
        if not any(key in body for key in CONTENTS):
            yield self.sketch(("body",), "the body has no `messages`, `prompt`, `input` or `file`")
        for key, wanted in record.target.traits.get("batch_body_types", {}).items():
            if key == "logprobs" and "messages" not in body:
                continue  # a number at the completions endpoint, a boolean at chat's
            if key in body and not _has_type(body[key], wanted):
                yield self.sketch(("body", key), f"`{key}` is {{value}}; this endpoint takes {wanted}")


def _has_type(value: Any, wanted: str) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = {
        "integer": number and isinstance(value, int),
        "number": number,
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str),
    }
    return value is None or fits[wanted]
