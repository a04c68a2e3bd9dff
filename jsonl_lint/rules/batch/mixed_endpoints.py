"""JL908."""

from __future__ import annotations

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import DatasetRule, Record, hides_text


class MixedEndpoints(DatasetRule):
    """Batch requests of one file go to different endpoints.

    OpenAI and Azure refuse a `url` that differs from the one that the batch is created for. Each further endpoint is
    reported once, where it first appears. One that `unsupported-url` reports does not count.
    """

    code = "JL908"
    name = "mixed-endpoints"
    severity = Severity.ERROR
    help = "Write a file for each endpoint."
    formats = ("batch",)

    distinct = True

    def concerns(self, record: Record) -> bool:
        """Whether the request names an endpoint."""
        return isinstance(record.value.get("url"), str)

    def is_shown(self, record: Record) -> bool:
        """Whether the structure shows the endpoint."""
        return not hides_text(record.value.get("url"))

    def key(self, record: Record) -> tuple[Pointer, str]:
        """Return the endpoint, "" if another rule reports it."""
        url, known = record.value["url"], record.target.traits.get("batch_urls")
        return ("url",), url if url.strip() and (not known or url in known) else ""

    def word(self, first_line: int) -> str:
        """Name the line with the file's first endpoint."""
        return f"the endpoint {{value}} is not that of line {first_line}"
