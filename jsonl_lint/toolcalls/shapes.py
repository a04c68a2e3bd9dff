"""How each record format writes tools: the places and keys of definitions, calls and results."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer
from jsonl_lint.record import Message, Record


class ToolShape(NamedTuple):
    """How a format writes tools. Pointers lead from a definition or a call to what is inside it.

    - `function` leads to the object with a definition's name, `schema` from there to its parameters. `listed` are keys
      under which one item of the tools has several definitions.
    - `called` leads to the object with a call's name and arguments; `id`, `result_id` and `arguments` are keys.
    - `call` and `result` say which parts of a message are calls and results: those with this key or, if `typed`, with
      this type. They are empty if calls are in `tool_calls` and results are messages.
    - `example` and `call_example` are for messages.
    """

    example: str
    function: Pointer = ()
    schema: Pointer = ("parameters",)
    needs_schema: bool = True
    listed: tuple[str, ...] = ()
    call: str = ""
    result: str = ""
    typed: bool = False
    call_example: str = ""
    called: Pointer = ()
    id: str = "id"
    result_id: str = "id"
    arguments: str = "arguments"
    needs_arguments: bool = True
    by_name: bool = False
    """Whether a result without an id answers the call with its name."""


OPENAI = ToolShape(
    '{"type": "function", "function": {"name": …, "parameters": …}}',
    ("function",),
    needs_schema=False,
    call_example='{"id": …, "type": "function", "function": {"name": …, "arguments": …}}',
    called=("function",),
    result_id="tool_call_id",
)
BEDROCK = ToolShape(
    '{"toolSpec": {"name": …, "inputSchema": {"json": …}}}',
    ("toolSpec",),
    ("inputSchema", "json"),
    call="toolUse",
    result="toolResult",
    call_example='{"toolUse": {"toolUseId": …, "name": …, "input": …}}',
    id="toolUseId",
    result_id="toolUseId",
    arguments="input",
)
GEMINI = ToolShape(
    '{"functionDeclarations": [{"name": …, "parameters": …}]}',
    needs_schema=False,
    listed=("functionDeclarations", "function_declarations"),
    call="functionCall",
    result="functionResponse",
    call_example='{"functionCall": {"name": …, "args": …}}',
    arguments="args",
    needs_arguments=False,
    by_name=True,
)
ANTHROPIC = ToolShape(
    '{"name": …, "input_schema": …}',
    schema=("input_schema",),
    call="tool_use",
    result="tool_result",
    typed=True,
    call_example='{"type": "tool_use", "id": …, "name": …, "input": …}',
    result_id="tool_use_id",
    arguments="input",
)

SHAPES = {
    "chat": OPENAI,
    "preference": OPENAI,
    "batch": OPENAI,
    "bedrock": BEDROCK,
    "gemini": GEMINI,
    "anthropic-batch": ANTHROPIC,
}


BEFORE_FUNCTION = '{"type": "function", "function": '
"""The text that, before a function and with a brace after it, makes a definition or a call as OpenAI writes it."""


def shape_of(record: Record) -> ToolShape:
    """Return how the record's format writes tools."""
    return SHAPES.get(record.format or "", OPENAI)


def parts_of(message: Message, name: str, shape: ToolShape) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield the calls or results among the parts of a message, with pointers from the record."""
    content = message.content
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if not isinstance(part, dict):
            continue
        pointer = (*message.pointer, message.content_key, index)
        if shape.typed and part.get("type") == name:
            yield pointer, part
        elif not shape.typed and isinstance(part.get(name), dict):
            yield (*pointer, name), part[name]
