"""Tools in records: their definitions, calls and results, with their places.

- `conversations` says which messages there are and which follow each other. `calls` finds calls and results, `pairing`
  pairs them, and `definitions` finds definitions, each as the record's format writes them (`records.toolshapes`).
  `screen` is a quick test that there is nothing to report. `legacy` converts old function calls.
- `parameters` checks the schema of a tool's arguments, and arguments against it, with `subschemas` for bounds on the
  work, `simpleschema` for plain schemas, `metaschema` for others, and `geminischema` for Gemini's dialect.
"""

from jsonl_lint.records.toolshapes import BEFORE_FUNCTION, LEGACY, OPENAI, SHAPES
from jsonl_lint.toolcalls.calls import (
    ARGUMENT_TYPES,
    TOOL_NAME,
    Call,
    all_calls,
    calls,
    has_calls,
    has_older_calls,
    has_results,
    parse_arguments,
    refuses_older_calls,
    results_of,
    shape_of,
    wanted_arguments,
)
from jsonl_lint.toolcalls.conversations import messages
from jsonl_lint.toolcalls.definitions import (
    Definition,
    Definitions,
    Remark,
    about_each_definition,
    defines_tools,
    definitions,
    other_definitions,
    placed_tools,
    remarks,
)
from jsonl_lint.toolcalls.screen import SCREEN

FORMATS = tuple(SHAPES)
"""The record formats that have tools."""

OPENAI_FORMATS = tuple(name for name, shape in SHAPES.items() if shape is OPENAI)
"""The formats that write tools as OpenAI's API does."""

__all__ = [
    "ARGUMENT_TYPES",
    "BEFORE_FUNCTION",
    "FORMATS",
    "LEGACY",
    "OPENAI",
    "OPENAI_FORMATS",
    "SCREEN",
    "TOOL_NAME",
    "Call",
    "Definition",
    "Definitions",
    "Remark",
    "about_each_definition",
    "all_calls",
    "calls",
    "defines_tools",
    "definitions",
    "has_calls",
    "has_older_calls",
    "has_results",
    "messages",
    "other_definitions",
    "parse_arguments",
    "placed_tools",
    "refuses_older_calls",
    "remarks",
    "results_of",
    "shape_of",
    "wanted_arguments",
]
