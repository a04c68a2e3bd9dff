"""Tools as records use them, in the shape of OpenAI's API: definitions, calls and results, with their places."""

from jsonl_lint.toolcalls.calls import (
    Arguments,
    Call,
    calls,
    calls_of,
    has_calls,
    has_results,
    messages,
    parse_arguments,
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
from jsonl_lint.toolcalls.legacy import modernised
from jsonl_lint.toolcalls.pairing import Pairing, pairing
from jsonl_lint.toolcalls.screen import SCREEN

FORMATS = ("chat", "preference", "batch")
"""The record formats whose tools have this shape."""

__all__ = [
    "FORMATS",
    "SCREEN",
    "Arguments",
    "Call",
    "Definition",
    "Definitions",
    "Pairing",
    "Remark",
    "about_definitions",
    "calls",
    "calls_of",
    "defines_tools",
    "definitions",
    "has_calls",
    "has_results",
    "messages",
    "modernised",
    "pairing",
    "parse_arguments",
    "remarks",
]
