"""JL912."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class StreamInBatch(StructureRule):
    """A batch request asks for a stream.

    A batch writes whole answers into a file, so there is nothing to stream; Anthropic refuses the request, others do
    not say.
    """

    code = "JL912"
    name = "stream-in-batch"
    severity = Severity.WARNING
    help = "Drop `stream`."
    formats = ("batch", "anthropic-batch")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield a `stream` that is true."""
        pointer = (*record.messages_at[:1], "stream")
        if record.at(pointer) is True:
            yield self.sketch(pointer, "a batch cannot stream")
