"""How each record format writes tools: the places and keys of definitions, calls and results."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer


class ToolShape(NamedTuple):
    """How a format writes tools. Pointers lead from a definition or a call to what is inside it.

    - `function` leads to the object with a definition's name, `schema` from there to its parameters. `listed` are keys
      under which one item of the tools has several definitions.
    - `called` leads to the object with a call's name and arguments; `id`, `result_id` and `arguments` are keys.
    - `call` and `result` say which parts of a message are calls and results: those with this key or, if `typed`, with
      this type. They are empty if calls are in `tool_calls` and results are messages.
    - `answer` is the key of what a result says.
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
    answer: str = "content"
    needs_arguments: bool = True
    by_name: bool = False
    """Whether a result without an id answers the call with its name."""

    @property
    def schema_name(self) -> str:
        """What the parameters are called where definitions have them."""
        return ".".join(map(str, self.schema))


OPENAI = ToolShape(
    '{"type": "function", "function": {"name": …, "parameters": …}}',
    ("function",),
    needs_schema=False,
    call_example='{"id": …, "type": "function", "function": {"name": …, "arguments": …}}',
    called=("function",),
    result_id="tool_call_id",
)
LEGACY = ToolShape(
    '{"name": …, "parameters": …}',
    needs_schema=False,
    call_example='{"name": …, "arguments": …}',
    result_id="tool_call_id",
)
"""How OpenAI wrote definitions and calls before there were `tools`: in `functions` and a message's `function_call`."""

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
    answer="response",
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
    **dict.fromkeys(("instruction", "chosen-rejected", "kto", "prompt"), OPENAI),
    "bedrock": BEDROCK,
    "gemini": GEMINI,
    "anthropic-batch": ANTHROPIC,
}


BEFORE_FUNCTION = '{"type": "function", "function": '
"""The text that, before a function and with a brace after it, makes a definition or a call as OpenAI writes it."""


ALL = (OPENAI, BEDROCK, GEMINI, ANTHROPIC)

IN_PARTS = tuple(shape for shape in ALL if shape.call)
"""The shapes whose calls and results are parts of messages."""

SNAKE_CASE = {"functionCall": "function_call", "functionResponse": "function_response"}
"""How Gemini's libraries for Python spell these keys."""

_CALLS_AND_RESULTS = frozenset(name for shape in IN_PARTS for name in (shape.call, shape.result))
"""As keys or types of parts."""

_HOLDERS = _CALLS_AND_RESULTS | {"tool_calls", "function_call", *SNAKE_CASE.values()}


def is_of_tool(record: Any, pointer: Pointer) -> bool:
    """Whether a place of a record is inside a tool's call, or a result that is a part of a message."""
    value = record
    for step in pointer:
        if step in _HOLDERS:
            return True
        value = value[step]
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in _CALLS_AND_RESULTS:
            return True
    return False


def is_part(part: Any) -> bool:
    """Whether it is clear what the part is: a text, an object under some key, or something with a type."""
    known = isinstance(part, dict) and ("text" in part or isinstance(part.get("type"), str))
    return known or (isinstance(part, dict) and any([isinstance(value, dict) for value in part.values()]))


def in_part(part: dict[str, Any], name: str, shape: ToolShape) -> dict[str, Any] | None:
    """Return the call or result (`name` is the shape's word for it) that a part is or has, None if there is none."""
    if shape.typed:
        return part if part.get("type") == name else None
    found = part.get(name)
    return found if isinstance(found, dict) else None


def parts_of(content: Any, name: str, shape: ToolShape) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield the calls or results among the parts of a content, with pointers from the content."""
    for index, part in enumerate(content if isinstance(content, list) else ()):
        found = in_part(part, name, shape) if isinstance(part, dict) else None
        if found is not None:
            yield ((index,) if shape.typed else (index, name)), found
