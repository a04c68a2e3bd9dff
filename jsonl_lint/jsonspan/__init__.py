"""The exact parser and the positions of values, which are needed only for records that have a finding.

Most of it is imported on use: the parser alone is slow to import, and clean files do not need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonl_lint.jsonspan.characters import ByteOffsets, decode, encode, is_unicode, surrogates, without_surrogates
from jsonl_lint.jsonspan.document import Document, JsonSyntaxError, Member, Node, Problem
from jsonl_lint.jsonspan.nesting import Nesting, nesting
from jsonl_lint.jsonspan.places import Nodes, locate, whole

if TYPE_CHECKING:
    from jsonl_lint.jsonspan.parser import parse
    from jsonl_lint.jsonspan.pythonliteral import places_in_literal, read_literal, respellings
    from jsonl_lint.jsonspan.scalars import MAX_PROBLEMS
    from jsonl_lint.jsonspan.sequence import comma_with_member, gaps, member_value, member_with_comma
    from jsonl_lint.jsonspan.strict import MAX_SIGNIFICANT_DIGITS, is_json, read_faultless
    from jsonl_lint.jsonspan.western import may_be_windows_1252

_HOMES = {
    "parser": ("parse",),
    "pythonliteral": ("places_in_literal", "read_literal", "respellings"),
    "scalars": ("MAX_PROBLEMS",),
    "sequence": ("comma_with_member", "gaps", "member_value", "member_with_comma"),
    "strict": ("MAX_SIGNIFICANT_DIGITS", "is_json", "read_faultless"),
    "western": ("may_be_windows_1252",),
}

__all__ = [
    "MAX_PROBLEMS",
    "MAX_SIGNIFICANT_DIGITS",
    "ByteOffsets",
    "Document",
    "JsonSyntaxError",
    "Member",
    "Nesting",
    "Node",
    "Nodes",
    "Problem",
    "comma_with_member",
    "decode",
    "encode",
    "gaps",
    "is_json",
    "is_unicode",
    "locate",
    "may_be_windows_1252",
    "member_value",
    "member_with_comma",
    "nesting",
    "parse",
    "places_in_literal",
    "read_faultless",
    "read_literal",
    "respellings",
    "surrogates",
    "whole",
    "without_surrogates",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
