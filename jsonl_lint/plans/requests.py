"""What the structure of a batch request shows: what is wrong with its model, and which lines are short enough."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jsonl_lint.plans.verdicts import Verdict, has_images
from jsonl_lint.records.formats import OTHER_TOOLS
from jsonl_lint.records.settings import at_most, shows_settings
from jsonl_lint.records.structure import hides_text
from jsonl_lint.rule import ModelRule, Record, Sketch
from jsonl_lint.tokens.limits import RESERVES, body_of

if TYPE_CHECKING:
    from jsonl_lint.tokens.ruler import Ruler


def model_sketches(rules: Iterable[ModelRule], record: Record, ruler: Ruler) -> list[Sketch]:
    """Return what the rules about models find in a request, which may be an abstract one that shows its model."""
    at = (*record.messages_at[:-1], "model")
    name = record.at(at)
    sketches: list[Sketch] = []
    if not isinstance(name, str) or not name:
        return sketches
    use = ruler.use(name, "serverless")
    for rule in rules:
        said = [Sketch(rule.name, at, each.message, each.help or rule.help) for each in rule.of_model(use)]
        sketches += [*said, *rule.of_record(use, record)]
    return sketches


def settled(
    verdict: Verdict,
    record: Record,
    real: Mapping[str, Any],
    rules: Iterable[ModelRule],
    ruler: Ruler,
    *,
    lengths: bool,
) -> Verdict:
    """Return the verdict on a request's structure, with what is known of its model if the structure shows that.

    `record` is the abstract one of `real`. `lengths`: there are rules about lengths.
    """
    sure_bytes = _sure_bytes(record, real, ruler, lengths=lengths)
    if sure_bytes is None:
        return verdict
    sketches = (*verdict.sketches, *model_sketches(rules, record, ruler))
    return verdict._replace(sketches=sketches, sure_bytes=sure_bytes, names_model=False)


def _sure_bytes(record: Record, real: Mapping[str, Any], ruler: Ruler, *, lengths: bool) -> int | None:
    """Return the bytes up to which every line with this structure certainly fits the model that it names.

    None: the structure does not show the model, the lines hold more than texts and images, or the answer may be of any
    length, so that each request has to be examined.
    """
    body, shown = body_of(real), body_of(record.value)
    if body is None or shown is None:
        return sys.maxsize
    if hides_text(shown.get("model")) or not shows_settings(real, "body" if "body" in real else "params"):
        return None
    if not lengths:
        return sys.maxsize
    with_tools = any([key in body for key in ("tools", *OTHER_TOOLS)]) or any(
        [each.has_tools for each in record.messages]
    )
    tools_in_parts = has_images(record) and record.format != "batch"
    has_texts = record.messages or isinstance(shown.get("prompt", shown.get("input")), str)
    reserves = [at_most(body.get(key)) for key in RESERVES]
    if with_tools or tools_in_parts or not has_texts or None in reserves:
        return None
    parts = sum([len(each.content) for each in record.messages if isinstance(each.content, list)])
    return ruler.sure_bytes_of_request(shown, max([each or 0 for each in reserves]), parts)
