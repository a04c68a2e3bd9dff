"""JL914."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule, shown_key


class UnknownRequestKey(StructureRule):
    """A batch request has a parameter that the endpoint does not know.

    A misspelled parameter is ignored or fails the request. Only chat requests are compared, and only where the target's
    data file lists the parameters.
    """

    code = "JL914"
    name = "unknown-request-key"
    severity = Severity.WARNING
    help = "Check the spelling, or drop the parameter."
    formats = ("batch",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield keys of the body that the target does not know."""
        known = record.target.keys.get("batch.body")
        holder = record.messages_at[:1]
        body = record.at(holder)
        if known and isinstance(body, dict) and "messages" in body:
            for key in body:
                if key not in known:
                    import difflib  # a rare need, and slow to import

                    close = difflib.get_close_matches(key, known, 1)
                    hint = f"; did you mean `{close[0]}`?" if close else ""
                    yield self.sketch(
                        (*holder, key), f"the endpoint has no parameter `{shown_key(key)}`{hint}", at_key=True
                    )
