"""Read one line of a batch's output or error file: was the request answered, and if not, why?

Shapes: OpenAI, Azure, Groq and Mistral (`response.status_code`, `error`), Together (the same, or `error` alone),
Anthropic (`result.type`), Bedrock (`recordId`, `modelOutput`, `error`), Gemini (`key`, `response`, `error`), Vertex
(`request`, `response`, and a `status` that is empty if all went well; without a key, the request itself is its id).
Sources: developers.openai.com/api/docs/guides/batch; docs.together.ai/docs/inference/batch/manage;
platform.claude.com batch processing page; docs.aws.amazon.com/bedrock, batch inference results;
ai.google.dev/gemini-api/docs/batch-mode; cloud.google.com/vertex-ai, batch prediction from Cloud Storage (all read
2026-11).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from jsonl_lint.explain.evidence import Evidence, read_evidence
from jsonl_lint.explain.patterns import Pattern, match

_OWN_REASONS = frozenset(("validation", "not_found", "conflict"))
"""Categories that speak of the request. The others speak of the account, the service or the way to it."""

_ID_KEYS = ("custom_id", "recordId", "key")

_ANSWERS = frozenset(("response", "result", "error", "modelOutput"))
"""A result has one of these keys, and a request has none."""


class Outcome(NamedTuple):
    """What became of a request. `evidence` is None if it was answered."""

    custom_id: str
    evidence: Evidence | None


def load_line(line: bytes) -> Any:
    """Return a line's JSON value. What orjson refuses and Python reads (NaN, half of a surrogate pair) is read as well.

    Raises:
        ValueError: the line is not JSON.
    """
    import orjson

    try:
        return orjson.loads(line)
    except ValueError:
        try:
            return json.loads(line)
        except RecursionError:
            raise ValueError("nested too deep") from None


def id_of(record: Any) -> str | None:
    """Return the id that joins a request and its result, None if the record has none."""
    if isinstance(record, dict):
        for key in _ID_KEYS:
            if isinstance(record.get(key), str):
                return str(record[key])
        if isinstance(record.get("request"), dict):
            return json.dumps(record["request"], sort_keys=True)
    return None


def outcome_of(record: Any) -> Outcome | None:
    """Return the outcome that a result line tells, None if the record is no result."""
    custom_id = id_of(record)
    if custom_id is None or not _ANSWERS & record.keys():
        return None
    result = record.get("result")
    if isinstance(result, dict) and isinstance(result.get("type"), str):
        answered = result["type"] == "succeeded"
        return Outcome(custom_id, None if answered else read_evidence(None, result))
    response = record.get("response")
    inside = response if isinstance(response, dict) else {}
    body, status = inside.get("body"), _number(inside.get("status_code"))
    error = record.get("error") or (body.get("error") if isinstance(body, dict) else None) or _failure_of_vertex(record)
    if error or (status and not 200 <= status <= 299):
        known_status = status if status and status > 299 else None
        return Outcome(custom_id, read_evidence(known_status, error or body))
    without_body = "body" in inside and body is None
    if (not response or without_body) and record.get("modelOutput") is None:
        return Outcome(custom_id, _UNANSWERED)
    return Outcome(custom_id, None)


def _number(status: Any) -> int | None:
    """Return a status as a number; some gateways write it as text."""
    if isinstance(status, str) and status.isascii() and status.isdigit() and len(status) == 3:
        return int(status)
    return status if isinstance(status, int) else None


def _failure_of_vertex(record: dict[str, Any]) -> str:
    """Return what Vertex says of a request that failed: under `status`, beside an empty response."""
    status = record.get("status")
    return status if isinstance(status, str) and "request" in record and not record.get("response") else ""


_UNANSWERED = Evidence(None, ("batch_expired",), ("neither a response nor an error",))
"""A line without an answer is what a batch leaves that stopped half-way."""


def pattern_of(evidence: Evidence) -> Pattern:
    """Return the same as `match`, but cached: errors come by the thousand, mostly with the same short message."""
    short = sum(map(len, evidence.messages)) <= _LONGEST_KEPT
    return _kept_match(evidence) if short else match(evidence)


_LONGEST_KEPT = 2_000
_kept_match = lru_cache(maxsize=1024)(match)


def has_own_reason(pattern: Pattern) -> bool:
    """Whether the request itself is the reason of the failure, so that it would fail again unchanged."""
    return pattern.category in _OWN_REASONS and not pattern.retry
