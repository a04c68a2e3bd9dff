"""Everything that a rule author imports.

A rule is one file, `jsonl_lint/rules/<family>/<rule_name>.py`, and is found automatically. Its class derives from one
of those in `kinds.py`, and has the code, the name, the default severity, the documentation (the docstring, whose first
line is the summary in every list) and, unless a schema or the parser finds the defect, the check.

A rule yields `Sketch`es: a JSON Pointer and a message. The engine turns the pointer into columns, and adds severity,
file and line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonl_lint.records.formats import ANSWERS, CONVERSATIONS, PROMPTED, TOKENISED, TRAINED
from jsonl_lint.records.record import Message, Record, Screen, Text
from jsonl_lint.records.roles import ROLE_ALIASES, is_call_role, role_meaning
from jsonl_lint.records.structure import hides_text
from jsonl_lint.rule.base import Rule
from jsonl_lint.rule.facts import FileFacts, FirstPlace, ReadRecord, holds_tokens
from jsonl_lint.rule.kinds import (
    ComparisonRule,
    DatasetRule,
    FileRule,
    KindRule,
    LengthRule,
    LineRule,
    ModelRule,
    RecordRule,
    RereadingRule,
    SchemaRule,
    StructureRule,
    SyntaxRule,
    TextRule,
)
from jsonl_lint.rule.sketch import FileSketch, Sketch
from jsonl_lint.schemas import Violation

if TYPE_CHECKING:
    from jsonl_lint.repair import (
        BreakLine,
        CopyRecord,
        Delete,
        DropRecord,
        EditText,
        Insert,
        Join,
        Move,
        Piece,
        Quote,
        Rename,
        Repair,
        Replace,
        Substitute,
        Unquote,
        Verb,
        Wrap,
        as_json,
        few,
        repair,
    )
    from jsonl_lint.rule.words import describe, key_meant_for, known_key, shown_key

__all__ = [
    "ANSWERS",
    "CONVERSATIONS",
    "PROMPTED",
    "ROLE_ALIASES",
    "TOKENISED",
    "TRAINED",
    "BreakLine",
    "ComparisonRule",
    "CopyRecord",
    "DatasetRule",
    "Delete",
    "DropRecord",
    "EditText",
    "FileFacts",
    "FileRule",
    "FileSketch",
    "FirstPlace",
    "Insert",
    "Join",
    "KindRule",
    "LengthRule",
    "LineRule",
    "Message",
    "ModelRule",
    "Move",
    "Piece",
    "Quote",
    "ReadRecord",
    "Record",
    "RecordRule",
    "Rename",
    "Repair",
    "Replace",
    "RereadingRule",
    "Rule",
    "SchemaRule",
    "Screen",
    "Sketch",
    "StructureRule",
    "Substitute",
    "SyntaxRule",
    "Text",
    "TextRule",
    "Unquote",
    "Verb",
    "Violation",
    "Wrap",
    "as_json",
    "describe",
    "few",
    "hides_text",
    "holds_tokens",
    "is_call_role",
    "key_meant_for",
    "known_key",
    "repair",
    "role_meaning",
    "shown_key",
]


def __getattr__(name: str) -> Any:
    """Import what only rules with findings need: messages for schema violations, and repairs."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in ("describe", "key_meant_for", "known_key", "shown_key"):
        from jsonl_lint.rule import words

        return getattr(words, name)
    from jsonl_lint import repair as verbs

    return getattr(verbs, name)
