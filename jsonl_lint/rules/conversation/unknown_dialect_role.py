"""JL218."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.roles import STANDARD_ROLES
from jsonl_lint.rule import ROLE_ALIASES, Record, Sketch, StructureRule

_SPEAKERS = frozenset((*STANDARD_ROLES, *ROLE_ALIASES)) - {"question"}


class UnknownDialectRole(StructureRule):
    """A ShareGPT turn's `from` names no known speaker.

    The usual names are system, human, gpt, observation and function_call. Converters drop a turn with another name,
    or stop.
    """

    code = "JL218"
    name = "unknown-dialect-role"
    severity = Severity.ERROR
    help = "Use human, gpt, system, observation or function_call."
    formats = ("", "sharegpt")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each unknown role of a turn."""
        for key in ("conversations", "conversation"):
            turns = record.value.get(key)
            for index, turn in enumerate(turns if isinstance(turns, list) else []):
                speaker = turn.get("from", "human") if isinstance(turn, dict) else "human"
                if not isinstance(speaker, str) or speaker.strip().lower().replace("-", "_") not in _SPEAKERS:
                    yield self.sketch((key, index, "from"), "{value} is not a known speaker in ShareGPT")
