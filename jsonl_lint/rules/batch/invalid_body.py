"""JL906."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from jsonl_lint.model import Applicability, Severity, value_or_none
from jsonl_lint.rule import (
    Record,
    RecordRule,
    Repair,
    SchemaRule,
    Sketch,
    Unquote,
    Violation,
    describe,
    hides_text,
    key_meant_for,
    repair,
    shown_key,
)
from jsonl_lint.rule.encoded import object_in
from jsonl_lint.target import BATCH_FORMATS

CONTENTS = ("messages", "prompt", "input", "file", "url", "requests")
"""What a request is about, whatever the endpoint. A `url` is that of a recording, at Groq."""


class InvalidBody(SchemaRule, RecordRule):
    """A batch request's body is not one that the endpoint takes.

    It is an object, its model a text that is not blank. The body of a chat request has `model` and `messages`; others
    have a `prompt`, an `input` or a `file`. Together's batches have no endpoint that takes an `input`, or a `prompt`
    alone. Where the request names its endpoint in `url`, it has to be what that one takes, and an `input` neither null
    nor an empty list. OpenAI's `/v1/responses` takes an `input` where chat completions take `messages`.

    A parameter of the wrong type fails the request too; the target's data file lists the types it is sure of:
    `logprobs` is an integer on Together and a boolean on OpenAI, and the `file` of a recording is a public address on
    Together. Anthropic's requests must have `model`, `max_tokens` and `messages`; `max_tokens` and `top_k` are whole
    numbers.

    Fix: safe for a text that holds such a body as JSON: it is decoded.
    """

    code = "JL906"
    name = "invalid-body"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Correct the body as the endpoint's reference describes it."
    formats = BATCH_FORMATS

    def word(self, violation: Violation) -> str:
        """Name the value that is wrong, or the key that is missing."""
        place = violation.pointer[-1]
        if violation.subject:
            return f"the {'block' if isinstance(place, int) else 'body'} has no `{violation.subject}`"
        name = "the block" if isinstance(place, int) else f"`{place}`"
        if violation.keyword == "type":
            return f"{name} is {{value}}; expected {violation.constraint}"
        if violation.keyword == "not":
            return f"{name} is empty"
        return f"{name}: {describe(violation)}"

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Excuse a number that is not finite, which has a rule of its own, and a text, which `check` looks into."""
        found = value_or_none(value, violation.pointer)
        if violation.constraint == "integer":
            return isinstance(found, float) and not isfinite(found)
        return len(violation.pointer) == 1 and isinstance(found, str)

    def fixable(self, violation: Violation, value: Any) -> None:
        """Nobody knows what it should have been."""

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the key that is probably a misspelling of it, if there is one."""
        meant = key_meant_for(violation.subject, value) if violation.subject else None
        return f"Rename `{shown_key(meant)}` to `{violation.subject}`." if meant else self.help

    def concerns(self, record: Record) -> bool:
        """Whether there is a defect, or a `url` that the structure does not show."""
        return hides_text(record.value.get("url")) or any(True for _ in self.check(record))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield a model without a name, keys that are missing, and parameters of other types than the target names."""
        place = str(record.messages_at[0])
        body = record.value.get(place)
        if isinstance(body, str):
            fix = self.fix if self._holds_body(record, body) else None
            yield self.sketch((place,), f"`{place}` is {{value}}; expected object", fix=fix)
        if not isinstance(body, dict):
            return
        if isinstance(body.get("model"), str) and body["model"].isspace():
            yield self.sketch((place, "model"), "`model` is only white space", fix=None)
        if record.format == "batch":
            yield from self._of_any_endpoint(record, body)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Decode the body."""
        return repair("Decode the text", Unquote(sketch.pointer))

    def _holds_body(self, record: Record, text: str) -> bool:
        """Whether a text holds, as JSON, a body with which nothing is wrong."""
        body = object_in(text)
        if not isinstance(body.get("model"), str) or body["model"].isspace():
            return False
        if record.format == "anthropic-batch":
            return type(body.get("max_tokens")) is int and "messages" in body
        return not any(True for _ in self._of_any_endpoint(record, body))

    def _of_any_endpoint(self, record: Record, body: dict[str, Any]) -> Iterator[Sketch]:
        """Yield what is wrong with the body of a request that may be for one of several endpoints."""
        if "model" not in body and not record.target.traits.get("batch_model_optional"):
            yield self.sketch(("body",), "the body has no `model`", self._advice("model", body), fix=None)
        needed = _needed(record)
        if needed and needed not in body:
            words = f"the body has no `{needed}`, which the endpoint in `url` wants"
            yield self.sketch(("body",), words, self._advice(needed, body), fix=None)
        elif needed == "input" and body[needed] in (None, []):
            words = "`input` is {value}; the endpoint in `url` takes a text, or an array with something in it"
            yield self.sketch(("body", needed), words, fix=None)
        elif not any(key in body for key in record.target.traits.get("batch_contents", CONTENTS)):
            words = f"the body has no {_alternatives(record)}"
            yield self.sketch(("body",), words, self._advice("messages", body), fix=None)
        for key, wanted in record.target.traits.get("batch_body_types", {}).items():
            if key == "logprobs" and "messages" not in body:
                continue  # a number at the completions endpoint, a boolean at chat's
            if key in body and not _has_type(body[key], wanted):
                kind = _KINDS.get(wanted, f"a {wanted}")
                words = f"`{key}` is {{value}}; this endpoint takes {kind}"
                yield self.sketch(("body", key), words, f"Write `{key}` as {kind}, or leave it out.", fix=None)

    def _advice(self, key: str, body: dict[str, Any]) -> str:
        """Name the key that is probably a misspelling of it, if there is one."""
        meant = key_meant_for(key, body)
        if meant is None and key == "input" and "messages" in body:
            return "Rename `messages` to `input`, or send the request to the endpoint for chat completions."
        return f"Rename `{shown_key(meant)}` to `{key}`." if meant else "Add the model, and what it is to answer."


def _alternatives(record: Record) -> str:
    *others, last = record.target.traits.get("batch_contents", CONTENTS[:4])
    return f"{', '.join(f'`{key}`' for key in others)} or `{last}`" if others else f"`{last}`"


_NEEDED = {"/chat/completions": "messages", "/completions": "prompt", "/embeddings": "input", "/moderations": "input"}
"""What a request has to have, by the end of its endpoint's address: OpenAI's API, which the others took over."""


def _needed(record: Record) -> str | None:
    """Return what the endpoint that the request names wants, where the target's requests name one that it has."""
    url = record.value.get("url")
    if not isinstance(url, str) or "url" not in record.target.keys.get("batch", ("url",)):
        return None
    if url not in record.target.traits.get("batch_urls", (url,)):
        return None
    if url.endswith("/responses") and "messages" in record.value["body"]:
        return "input"  # which another key may stand for there, but this one never
    return next((key for end, key in _NEEDED.items() if url.endswith(end)), None)


_KINDS = {"integer": "an integer", "address": "a public address (https://…)", "content": "a text or an array"}
"""Types in words, where a and the name are not enough."""


def _has_type(value: Any, wanted: str) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = {
        "integer": number and isinstance(value, int),
        "number": number,
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str),
        "content": isinstance(value, (str, list)),
        "address": isinstance(value, str) and value.lower().startswith(("https://", "http://")),
    }
    return value is None or fits[wanted]
