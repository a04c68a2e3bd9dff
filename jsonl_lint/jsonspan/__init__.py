"""The exact parser and the places of values: for records that have a finding, and for no others."""

from jsonl_lint.jsonspan.characters import decode, encode, is_unicode, without_surrogates
from jsonl_lint.jsonspan.document import Document, JsonSyntaxError, Member, Node, Problem
from jsonl_lint.jsonspan.nesting import Nesting, nesting
from jsonl_lint.jsonspan.parser import MAX_DEPTH, MAX_PROBLEMS, parse, significant_digits
from jsonl_lint.jsonspan.places import Nodes, Place, children, locate, node_at, whole
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
    "children",
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
    "whole",
    "without_surrogates",
]
