"""JL302."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity, excerpt
from jsonl_lint.rule import Record, RecordRule, Sketch
from jsonl_lint.toolcalls import Definition, Definitions, Remark


class InvalidToolDefinition(RecordRule):
    """A definition of a tool has not the shape of one.

    A definition is `{"type": "function", "function": {"name": …, "description": …, "parameters": …}}`. Chat templates
    read exactly these keys; what stands elsewhere never reaches the model.
    """

    code = "JL302"
    name = "invalid-tool-definition"
    severity = Severity.ERROR
    help = 'Write {"type": "function", "function": {"name": …, "parameters": …}}.'
    formats = toolcalls.FORMATS
    beyond_texts = True
    screen = toolcalls.SCREEN

    def concerns(self, record: Record) -> bool:
        """Whether there are definitions."""
        return toolcalls.defines_tools(record)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Each part that is missing or of a wrong type."""
        for remark in toolcalls.remarks(record, _look):
            yield self.sketch(remark.pointer, remark.message, remark.help)


@toolcalls.about_definitions
def _look(definitions: Definitions) -> Iterator[Remark]:
    for index, definition in enumerate(definitions.items):
        for pointer, message in _problems(definition):
            yield Remark((index, *pointer), message)


def _problems(definition: Definition) -> Iterator[tuple[tuple[str, ...], str]]:
    value = definition.value
    if not isinstance(value, dict):
        yield (), f"the definition is {excerpt(value)}; it must be an object"
        return
    if definition.function is None and isinstance(value.get("name"), str):
        yield (), "the keys of the function must stand inside `function`"
        return
    if "type" not in value:
        yield (), "the definition has no `type`"
    elif value["type"] != "function":
        yield ("type",), f'the type is {excerpt(value["type"])}; it must be "function"'
    if definition.function is None:
        has = f"`function` is {excerpt(value['function'])}; it must be an object" if "function" in value else None
        yield ("function",) if has else (), has or "the definition has no `function`"
        return
    function = definition.function
    if not definition.name:
        named = f"`name` is {excerpt(function['name'])}; it must be a text" if "name" in function else None
        yield ("function", "name") if named else ("function",), named or "the function has no `name`"
    if not isinstance(function.get("description", ""), (str, type(None))):
        yield ("function", "description"), f"`description` is {excerpt(function['description'])}; it must be a text"
