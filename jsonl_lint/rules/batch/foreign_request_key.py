"""JL911."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Delete, Record, RecordRule, Repair, Sketch, hides_text, repair


class ForeignRequestKey(RecordRule):
    """A batch request has a `url` or `method` although the target knows none.

    They come from OpenAI's format. Together names the endpoint when the batch is created; whether it ignores the keys
    is not documented. Anthropic has one endpoint.

    Fix: safe for the method POST and for the endpoint that the body is made for (`/v1/chat/completions` or
    `/v1/messages` beside `messages`), else unsafe: what is dropped says something that nothing else does. The key is
    dropped, unless little else shows that the record is a batch request.
    """

    code = "JL911"
    name = "foreign-request-key"
    severity = Severity.WARNING
    fix = Applicability.SAFE
    help = "Drop the key."
    formats = ("batch", "anthropic-batch")

    def concerns(self, record: Record) -> bool:
        """Whether the target's lines have no endpoint, and this one names one or a method."""
        return "batch_urls" not in record.target.traits and ("url" in record.value or "method" in record.value)

    def is_shown(self, record: Record) -> bool:
        """Whether the structure shows the endpoint and the method."""
        return not any([hides_text(record.value.get(key)) for key in ("url", "method")])

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the keys that the target does not read. `missing-method` judges the method of a request with a file."""
        own = record.target.traits.get("batch_method_for_files")
        files = own is not None and record.at(("body", "file")) is not None
        fixable = {"custom_id", record.messages_at[0]} <= record.value.keys()
        for key in ("url", "method"):
            if key in record.value and not (key == "method" and (files or record.value[key] == own)):
                message = f"`{key}` is not part of a batch request for this target ({record.target.name})"
                fix = self.fix if _says_nothing_new(record, key) else Applicability.UNSAFE
                yield self.sketch((key,), message, at_key=True, fix=fix if fixable else None)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Delete the key, which nobody reads."""
        return repair("Drop the key", Delete(sketch.pointer))


def _says_nothing_new(record: Record, key: str) -> bool:
    """Whether the key only repeats what the body shows."""
    value = record.value[key]
    if not isinstance(value, str):
        return False
    if key == "method":
        return value.upper() == "POST"
    endpoint = "/v1/messages" if record.format == "anthropic-batch" else "/chat/completions"
    return value.endswith(endpoint) and record.conversation is not None
