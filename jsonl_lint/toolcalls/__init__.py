"""Tools in records: definitions, calls and results with their places, in the shape of each format."""

from jsonl_lint.toolcalls.calls import (
    Call,
    calls,
    has_calls,
    has_results,
    messages,
    parse_arguments,
    results_of,
    wanted_arguments,
)
from jsonl_lint.toolcalls.definitions import (
    Definition,
    Definitions,
    Remark,
    about_definitions,
    defines_tools,
    definitions,
    remarks,
)
from jsonl_lint.toolcalls.screen import SCREEN
from jsonl_lint.toolcalls.shapes import BEFORE_FUNCTION, OPENAI, SHAPES, shape_of

FORMATS = tuple(SHAPES)
"""The record formats that have tools."""

OPENAI_FORMATS = tuple(name for name, shape in SHAPES.items() if shape is OPENAI)
"""Those whose tools have the shape of OpenAI's API."""

__all__ = [
    "BEFORE_FUNCTION",
    "FORMATS",
    "OPENAI",
    "OPENAI_FORMATS",
    "SCREEN",
    "Call",
    "Definition",
    "Definitions",
    "Remark",
    "about_definitions",
    "calls",
    "defines_tools",
    "definitions",
    "has_calls",
    "has_results",
    "messages",
    "parse_arguments",
    "remarks",
    "results_of",
    "shape_of",
    "wanted_arguments",
]
