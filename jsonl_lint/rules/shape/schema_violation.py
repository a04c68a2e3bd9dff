"""JL111."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule


class SchemaViolation(SchemaRule):
    """A record breaks the JSON Schema given with `--schema`.

    Your own schema is checked beside the target's, at the same speed. `$schema` may name any draft; the default is
    2020-12. A `format` such as `date-time` is checked in each of them.
    """

    code = "JL111"
    name = "schema-violation"
    severity = Severity.ERROR
    help = "Fix the record, or the schema."
