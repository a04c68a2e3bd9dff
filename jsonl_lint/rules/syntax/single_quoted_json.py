"""JL013."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6

from jsonl_lint.jsonspan import JsonSyntaxError
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Repair, Sketch, Substitute, SyntaxRule, repair

_TOKEN = re.compile(
    r"""(?P<prefix>(?:\b[rRbBuU]+)?)(?:'(?P<single>[^'\\\n]*(?:\\.[^'\\\n]*)*)'|"(?P<double>[^"\\\n]*(?:\\.[^"\\\n]*)*)")"""
    r"|\b(?P<word>True|False|None)\b"
)
_ESCAPE = re.compile(r"""\\(?P<code>x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[0-7]{1,3})|\\(?P<plain>.)|(?P<quote>")""")
_WORDS = {"True": "true", "False": "false", "None": "null"}
_PLAIN = {"'": "'", "a": "\\u0007", "v": "\\u000b"}


class SingleQuotedJson(SyntaxRule):
    """A line is a Python literal, not JSON: single quotes, True, False or None.

    Somebody wrote `str(record)` or `print(record)` instead of `json.dumps(record)`.

    Fix: unsafe. Strings and words that are Python's are spelled as JSON has them, if that makes a record of the line.
    """

    code = "JL013"
    name = "single-quoted-json"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Write records with `json.dumps(record)`."
    order = 20

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """A single quote or a Python word stands where a key or a value should."""
        if error.kind != "python-literal":
            return None
        return self.mark(error.reason, error.position, fix=self.fix if _is_readable(text) else None)

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Only the strings and words that differ."""
        verbs = [
            Substitute(match.start(), match.end(), spelled)
            for match in _TOKEN.finditer(text)
            if (spelled := _as_json(match)) != match.group()
        ]
        return repair("Write the Python literal as JSON", *verbs)


def _is_readable(text: str) -> bool:
    """Whether the line is JSON once Python's spellings are replaced."""
    try:
        json.loads(_TOKEN.sub(_as_json, text), strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _as_json(match: re.Match[str]) -> str:
    if match["word"]:
        return _WORDS[match["word"]]
    single, double = match["single"], match["double"]
    body = double if single is None else single
    if not (_is_spelled(body) and (single is None or '"' not in body)):
        body = _ESCAPE.sub(_escape, body)
    return match["prefix"] + '"' + body + '"'


def _is_spelled(body: str) -> bool:
    """Whether every escape of the string is one of JSON as well, as in most."""
    try:
        return "\\" not in body or bool(scanstring(body + '"', 0, False))
    except json.JSONDecodeError:
        return False


def _escape(match: re.Match[str]) -> str:
    if match["quote"]:
        return '\\"'
    if match["code"] is None:
        return _PLAIN.get(match["plain"], match.group())
    code = match["code"]
    number = int(code, 8) if code[0].isdigit() else int(code[1:], 16)
    return json.dumps(chr(number))[1:-1] if number < 0x110000 else match.group()
