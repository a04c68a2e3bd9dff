"""JL117."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.records.formats import BEDROCK_SCHEMA_VERSION
from jsonl_lint.rule import Record, RecordRule, Screen, Sketch
from jsonl_lint.target import Target


def _is_known(value: Mapping[str, Any], _format: str | None, _target: Target) -> bool:
    return bool(value.get("schemaVersion") == BEDROCK_SCHEMA_VERSION)


class UnknownSchemaVersion(RecordRule):
    """A Bedrock record's `schemaVersion` is not the one known value.

    Amazon's documentation shows one value, and its SDK takes no other.
    """

    code = "JL117"
    name = "unknown-schema-version"
    severity = Severity.ERROR
    help = f"Write `{BEDROCK_SCHEMA_VERSION}`."
    formats = ("bedrock",)
    screen = Screen(_is_known)

    def concerns(self, record: Record) -> bool:
        """Whether there is a string. The schema reports anything else."""
        return isinstance(record.value.get("schemaVersion"), str)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield a version that is not exactly one of the known ones."""
        if record.value["schemaVersion"] != BEDROCK_SCHEMA_VERSION:
            yield self.sketch(("schemaVersion",), f"the version {{value}} is not {BEDROCK_SCHEMA_VERSION}")
