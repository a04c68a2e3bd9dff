"""JL910."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, RecordRule, Sketch, hides_text


class MissingMethod(RecordRule):
    """A batch request's `method` is missing or wrong.

    OpenAI, Azure and Groq want `POST` on every line. Together wants `FILE` on a line whose body names an audio file;
    without it every line fails with a word about multipart.
    """

    code = "JL910"
    name = "missing-method"
    severity = Severity.ERROR
    help = "Write the method that the target wants."
    formats = ("batch",)

    def concerns(self, record: Record) -> bool:
        """Whether the target wants a method, for every request or for files."""
        traits = record.target.traits
        wants_files = "batch_method_for_files" in traits and record.at(("body", "file")) is not None
        return wants_files or "batch_method" in traits

    def is_shown(self, record: Record) -> bool:
        """Whether the structure shows the method."""
        return not hides_text(record.value.get("method"))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield a method that is missing, or not exactly the right one. The schema reports one that is no text."""
        traits = record.target.traits
        wanted = traits.get("batch_method") or traits["batch_method_for_files"]
        method = record.value.get("method")
        if "method" not in record.value:
            yield self.sketch((), f"the request has no `method`; it should be `{wanted}`")
        elif isinstance(method, str) and method != wanted:
            yield self.sketch(("method",), f"the method is {{value}}; it should be `{wanted}`")
