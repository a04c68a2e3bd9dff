"""JL304."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Pointer, Severity
from jsonl_lint.records.toolshapes import GEMINI
from jsonl_lint.rule import Delete, Record, Repair, Sketch, Unquote, repair, shown_key
from jsonl_lint.rule.encoded import held_in
from jsonl_lint.rules.tools._base import DefinitionRule
from jsonl_lint.toolcalls import Definition, Remark
from jsonl_lint.toolcalls.parameters import Parameters


class InvalidParametersSchema(DefinitionRule):
    """The `parameters` of a tool are not a JSON Schema for arguments.

    They are validated against the meta-schema that `$schema` names; without one, against 2020-12 or Draft 7. They must
    describe an object, a reference must lead to a place inside them (nothing is fetched), and a pattern must be a
    regular expression. Frequent causes are types of other languages (`dict`, `float`, `any`), `required: true` at a
    property, and nulls left over from a table format.

    Schemas of more than 10,000 values are not checked.

    Fix: safe for a text that holds, as JSON, a schema with nothing wrong: it is decoded. Unsafe for a null inside the
    schema, whose key is dropped: table formats fill with nulls what only other schemas of the file have. Not for a
    property that is required, since its own schema is missing.
    """

    code = "JL304"
    name = "invalid-parameters-schema"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = 'Correct the schema; a tool without arguments has {"type": "object", "properties": {}}.'

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each place of a schema that is wrong."""
        for remark in toolcalls.remarks(record, _look):
            yield self.sketch(remark.pointer, remark.message, fix=self._fixable(record, remark.pointer))

    def _fixable(self, record: Record, place: Pointer) -> Applicability | None:
        if _is_left_over(record, place):
            return Applicability.UNSAFE
        return self.fix if place[-1] in _SCHEMAS and _holds_schema(record, place) else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Decode the schema, or drop the key."""
        if isinstance(record.at(sketch.pointer), str):
            return repair("Decode the text", Unquote(sketch.pointer))
        return repair(f"Drop the key `{shown_key(str(sketch.pointer[-1]))}`", Delete(sketch.pointer))


_SCHEMAS = ("parameters", "inputSchema", "json", "input_schema")
"""The keys of a whole schema: null under one of them is no part of a schema."""


def _is_left_over(record: Record, place: Pointer) -> bool:
    holder = record.at(place[:-1])
    if not isinstance(holder, dict) or holder.get(place[-1], "") is not None or place[-1] in _SCHEMAS:
        return False
    required = record.at(place[:-2]).get("required") if place[-2] == "properties" else None
    return not (isinstance(required, list) and place[-1] in required)


def _holds_schema(record: Record, place: Pointer) -> bool:
    """Whether a text holds a sound schema; Gemini's, which are spelled in another way, are not looked into."""
    held = held_in(record.at(place))
    gemini = toolcalls.placed_tools(record)[2] is GEMINI
    return isinstance(held, dict) and not gemini and not Parameters(held).problems


@toolcalls.about_each_definition
def _look(definition: Definition) -> Iterator[Remark]:
    for problem in definition.parameters.problems if definition.parameters is not None else ():
        yield Remark((*definition.parameters_at, *problem.pointer), problem.message)
