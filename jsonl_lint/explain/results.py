"""Read one line of a batch's output or error file: was the request answered, and if not, why?

Shapes: OpenAI, Azure, Groq and Mistral (`response.status_code`, `error`), Together (the same, or `error` alone),
Anthropic (`result.type`), Bedrock (`recordId`, `modelOutput`, `error`).
Sources: developers.openai.com/api/docs/guides/batch; docs.together.ai/docs/inference/batch/manage;
platform.claude.com batch processing page; docs.aws.amazon.com/bedrock, batch inference results (all read 2026-11).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from jsonl_lint.explain.evidence import Evidence, read_evidence
from jsonl_lint.explain.patterns import Pattern, match

_OWN_REASONS = frozenset(("validation", "not_found", "conflict"))
"""Categories that speak of the request. The others speak of the account, the service or the way to it."""

_ID_KEYS = ("custom_id", "recordId")

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
    body = response.get("body") if isinstance(response, dict) else None
    status = response.get("status_code") if isinstance(response, dict) else None
    error = record.get("error") or (body.get("error") if isinstance(body, dict) else None)
    if error or (isinstance(status, int) and not 200 <= status <= 299):
        known_status = status if isinstance(status, int) and status > 299 else None
        return Outcome(custom_id, read_evidence(known_status, error or body))
    if response is None and record.get("modelOutput") is None:
        return Outcome(custom_id, _UNANSWERED)
    return Outcome(custom_id, None)


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
