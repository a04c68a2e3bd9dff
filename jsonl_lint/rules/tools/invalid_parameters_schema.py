"""JL304."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import DefinitionRule
from jsonl_lint.toolcalls import Definition, Remark


class InvalidParametersSchema(DefinitionRule):
    """The `parameters` of a tool are not a JSON Schema for arguments.

    They are validated against the meta-schema that `$schema` names; without one, against 2020-12 or Draft 7. They must
    describe an object, a reference must lead to a place inside them (nothing is fetched), and a pattern must be a
    regular expression. Frequent causes are types of other languages (`dict`, `float`, `any`), `required: true` at a
    property, and nulls left over from a table format.

    Schemas of more than 10,000 values are not checked.
    """

    code = "JL304"
    name = "invalid-parameters-schema"
    severity = Severity.ERROR
    help = 'Correct the schema; a tool without arguments has {"type": "object", "properties": {}}.'

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each place of a schema that is wrong."""
        for remark in toolcalls.remarks(record, _look):
            yield self.sketch(remark.pointer, remark.message)


@toolcalls.about_each_definition
def _look(definition: Definition) -> Iterator[Remark]:
    for problem in definition.parameters.problems if definition.parameters is not None else ():
        yield Remark((*definition.parameters_at, *problem.pointer), problem.message)
