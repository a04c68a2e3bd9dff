"""JL907."""

from __future__ import annotations

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import DatasetRule, Record, hides_text


class MixedModels(DatasetRule):
    """Batch requests of one file name different models.

    OpenAI and Azure take one model a file and refuse others; Together's job has one model, and what it does with a
    second one is not documented. Groq and Anthropic take any mix. Each further model is reported once, where it first
    appears.
    """

    code = "JL907"
    name = "mixed-models"
    severity = Severity.WARNING
    help = "Write a file for each model."
    formats = ("batch", "anthropic-batch")

    distinct = True

    def concerns(self, record: Record) -> bool:
        """Whether the request names a model. A blank name is another rule's to report."""
        model = record.at((*record.messages_at[:1], "model"))
        return isinstance(model, str) and bool(model.strip())

    def is_shown(self, record: Record) -> bool:
        """Whether the structure shows the model."""
        return not hides_text(record.at((*record.messages_at[:1], "model")))

    def key(self, record: Record) -> tuple[Pointer, str]:
        """Return the model."""
        pointer = (*record.messages_at[:1], "model")
        return pointer, record.at(pointer)

    def word(self, first_line: int) -> str:
        """Name the line with the file's first model."""
        return f"the model {{value}} is not that of line {first_line}"
