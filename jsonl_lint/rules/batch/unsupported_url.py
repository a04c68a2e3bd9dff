"""JL909."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, RecordRule, Sketch, hides_text
from jsonl_lint.wording import enumerated


class UnsupportedUrl(RecordRule):
    """A batch request's `url` is missing, or is not an endpoint that takes batches.

    Where each line names its endpoint, a request without one, with an empty one, or with another, fails.
    """

    code = "JL909"
    name = "unsupported-url"
    severity = Severity.ERROR
    help = "Use an endpoint that the provider's batch service has."
    formats = ("batch",)

    def concerns(self, record: Record) -> bool:
        """Whether the target's lines name their endpoint."""
        return not record.target.traits.keys().isdisjoint(("batch_urls", "batch_method"))

    def is_shown(self, record: Record) -> bool:
        """Whether the structure shows the endpoint."""
        return not hides_text(record.value.get("url"))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield an endpoint that is missing or unknown. One with a query string or a host in front is unknown too."""
        known = record.target.traits.get("batch_urls")
        url = record.value.get("url")
        if "url" not in record.value:
            yield self.sketch((), "the request has no `url`")
        elif isinstance(url, str) and not url.strip():
            yield self.sketch(("url",), "the `url` is empty")
        elif known and isinstance(url, str) and url not in known:
            yield self.sketch(("url",), f"the endpoint {{value}} is not one of {enumerated(known)}")
