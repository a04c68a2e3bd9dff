"""JL015."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, few, repair

_OF_STRING = re.compile(r'[^"\\\x00-\x1f]+|\\.|([\x00-\x1f])')


class UnescapedControlCharacter(LineRule):
    """A string holds a raw tab, line break, NUL or other control character.

    JSON wants `\\t`, `\\n` or `\\u0000`. A raw line break even cuts the record into two lines. Strict parsers refuse
    the line.

    Fix: safe. The character is escaped.
    """

    code = "JL015"
    name = "unescaped-control-character"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    leaves = ("control-character",)
    help = "Escape it, as every JSON library does."

    def explain(self, problem: Problem) -> str:
        """Name the character's code, and how many more there are in the string."""
        if problem.detail == "{range}":
            return "a raw line break inside a string spreads this record over {range}"
        return f"raw control character {problem.detail} inside a string"

    def repair_line(self, text: str, sketch: Sketch) -> Repair | None:
        """Escape every such character from the first one to the end of its string."""
        found = few(_substitutes(text, sketch.start))
        return repair("Escape it", *found) if found else None


def _substitutes(text: str, position: int) -> Iterator[Substitute]:
    """Yield what is written instead, from the position to the end of its string."""
    while (match := _OF_STRING.match(text, position)) is not None:
        if match[1]:
            yield Substitute(position, position + 1, json.dumps(match[1])[1:-1])
        position = match.end()
