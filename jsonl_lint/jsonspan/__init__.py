"""The exact parser and the places of values: for records that have a finding, and for no others."""

from jsonl_lint.jsonspan.nesting import Nesting, nesting
from jsonl_lint.jsonspan.parser import (
    MAX_DEPTH,
    MAX_PROBLEMS,
    Document,
    JsonSyntaxError,
    Member,
    Node,
    Problem,
    decode,
    encode,
    is_unicode,
    parse,
    significant_digits,
    without_surrogates,
)
from jsonl_lint.jsonspan.places import Nodes, Place, locate, node_at
from jsonl_lint.jsonspan.sequence import gaps, member_value, member_with_comma

__all__ = [
    "MAX_DEPTH",
    "MAX_PROBLEMS",
    "Document",
    "JsonSyntaxError",
    "Member",
    "Nesting",
    "Node",
    "Nodes",
    "Place",
    "Problem",
    "decode",
    "encode",
    "gaps",
    "is_unicode",
    "locate",
    "member_value",
    "member_with_comma",
    "nesting",
    "node_at",
    "parse",
    "significant_digits",
    "without_surrogates",
]
