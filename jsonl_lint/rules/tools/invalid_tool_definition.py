"""JL302."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Pointer, Severity
from jsonl_lint.rule import Delete, Insert, Record, Repair, Sketch, Unquote, Verb, Wrap, as_json, repair
from jsonl_lint.rule.encoded import object_in
from jsonl_lint.rules.tools._base import DefinitionRule
from jsonl_lint.toolcalls import Definition, Remark
from jsonl_lint.wording import excerpt


class InvalidToolDefinition(DefinitionRule):
    """A tool definition does not have the required shape.

    A definition is `{"type": "function", "function": {"name": …, "description": …, "parameters": …}}`. Chat templates
    read exactly these keys; what stands elsewhere never reaches the model. Gemini's stand in `functionDeclarations`,
    Bedrock's in `toolSpec` with `inputSchema.json`, Anthropic's have an `input_schema`.

    Fix: safe where the function's keys stand in the definition itself, as in OpenAI's Responses API, and no other keys
    do. They are put inside `function`. What is wrong with the function itself shows only then, because nothing reads it
    in the other place. Safe also where only the `type` is missing, which can be nothing but `function`, and where a
    text holds such a definition, or its `function`, as JSON: it is decoded.
    """

    code = "JL302"
    name = "invalid-tool-definition"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = 'Write {"type": "function", "function": {"name": …, "parameters": …}}.'

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each part that is missing or of a wrong type."""
        tools_at, _, shape = toolcalls.placed_tools(record)
        help = f"Write {shape.example}."
        needs_type = not record.target.traits.get("tool_type_optional")
        for remark in toolcalls.remarks(record, _look):
            if remark.message == _WITHOUT_TYPE and not needs_type:
                continue
            flat = remark.pointer[:-1] == tools_at and _is_flat(record, record.at(remark.pointer))
            typeless = remark.message == _WITHOUT_TYPE and _holds_function(record, remark.pointer)
            fixable = flat or typeless or _is_text_of_definition(record, remark.pointer)
            yield self.sketch(remark.pointer, remark.message, help, fix=self.fix if fixable else None)
        yield from self._needed(record)

    def _needed(self, record: Record) -> Iterator[Sketch]:
        """Yield what the target wants of each function and it lacks."""
        tools_at = toolcalls.placed_tools(record)[0]
        for place, definition in toolcalls.definitions(record).placed:
            for key in record.target.traits.get("needed_function_keys", ()):
                if definition.name is not None and definition.function is not None and key not in definition.function:
                    where = (*tools_at, *place, *definition.shape.function)
                    yield self.sketch(where, f"the function has no `{key}`, which the target wants", fix=None)

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Decode the text; or put an object around the function's keys, without the `type`; or add the `type`."""
        if isinstance(record.at(sketch.pointer), str):
            return repair("Decode the text", Unquote(sketch.pointer))
        if _holds_function(record, sketch.pointer):
            return repair("Add the type", Insert(sketch.pointer, "type", as_json("function"), first=True))
        if not _is_flat(record, record.at(sketch.pointer)):
            return None
        verbs: list[Verb] = [Wrap(sketch.pointer, toolcalls.BEFORE_FUNCTION, "}")]
        if "type" in record.at(sketch.pointer):
            verbs.append(Delete((*sketch.pointer, "type")))
        return repair("Put the keys of the function inside `function`", *verbs)


_WITHOUT_TYPE = "the definition has no `type`"


def _holds_function(record: Record, pointer: Pointer) -> bool:
    """Whether a definition without a type is one of a function."""
    value = record.at(pointer)
    return "type" not in value and isinstance(value.get("function"), dict)


_FUNCTION_KEYS = frozenset(("name", "description", "parameters", "strict"))


def _is_flat(record: Record, value: Any) -> bool:
    """Whether a definition in OpenAI's shape is a function without the object around it, and nothing more."""
    return (
        toolcalls.placed_tools(record)[2] is toolcalls.OPENAI
        and isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and value["name"] != ""
        and isinstance(value.get("description"), (str, type(None)))
        and value.get("type", "function") == "function"
        and value.keys() - {"type"} <= _FUNCTION_KEYS
        and value.keys() >= set(record.target.traits.get("needed_function_keys", ()))
    )


def _is_text_of_definition(record: Record, pointer: Pointer) -> bool:
    """Whether a text holds a definition, or its function, as JSON, so that nothing is wrong once it is decoded."""
    held, shape = object_in(record.at(pointer)), toolcalls.placed_tools(record)[2]
    if not held:
        return False
    inside = pointer[-1:] == shape.function[:1]
    value = {**record.at(pointer[:-1]), pointer[-1]: held} if inside else held
    decoded = Definition(value, shape)
    lacking = {*record.target.traits.get("needed_function_keys", ())} - {*(decoded.function or ())}
    return _is_flat(record, value) or not (lacking or [*_problems(decoded)])


@toolcalls.about_each_definition
def _look(definition: Definition) -> Iterator[Remark]:
    if _is_bare(definition):
        yield Remark((), f"the function must stand in the list `{definition.shape.listed[0]}`")
        return
    for pointer, message in _problems(definition):
        yield Remark(pointer, message)


def _is_bare(definition: Definition) -> bool:
    """Whether a function that belongs into a list stands beside such lists."""
    value, listed = definition.value, definition.shape.listed
    return definition.stray and isinstance(value, dict) and "name" in value and not {*listed} & {*value}


def _problems(definition: Definition) -> Iterator[tuple[Pointer, str]]:
    value, shape = definition.value, definition.shape
    if not isinstance(value, dict):
        yield (), f"the definition is {excerpt(value)}; it must be an object"
        return
    for key in shape.listed:
        if key in value:
            yield (key,), f"`{key}` is {excerpt(value[key])}; it must be an array"
            return
    holder = shape.function[0] if shape.function else ""
    if definition.function is None and isinstance(value.get("name"), str):
        yield (), f"the keys of the function must stand inside `{holder}`"
        return
    if shape is toolcalls.OPENAI:
        yield from _type_problems(value)
        if holder not in value and value.get("type", "function") != "function":
            return  # a tool of another kind needs none
    if definition.function is None:
        has = f"`{holder}` is {excerpt(value[holder])}; it must be an object" if holder in value else None
        yield (holder,) if has else (), has or f"the definition has no `{holder}`"
        return
    function = definition.function
    if not definition.name:
        if not shape.function and isinstance(value.get("function"), dict):
            yield (), "the definition is OpenAI's: the target knows no `function` around its keys"
            return
        if "name" not in function:
            yield shape.function, "the function has no `name`"
        else:
            wrong = "empty" if function["name"] == "" else f"{excerpt(function['name'])}; it must be a text"
            yield (*shape.function, "name"), f"`name` is {wrong}"
    if not isinstance(function.get("description", ""), (str, type(None))):
        where = (*shape.function, "description")
        yield where, f"`description` is {excerpt(function['description'])}; it must be a text"
    if shape.needs_schema and not definition.described:
        first = shape.schema[0]
        where = (*shape.function, first) if first in function else shape.function
        yield where, f"the function has no `{shape.schema_name}`"


def _type_problems(value: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    if "type" not in value:
        yield (), _WITHOUT_TYPE
    elif value["type"] != "function":
        yield ("type",), f'the type is {excerpt(value["type"])}; it must be "function"'
