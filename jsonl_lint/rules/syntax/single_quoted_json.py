"""JL013."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6

from jsonl_lint.jsonspan import JsonSyntaxError, parse
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Repair, Sketch, Substitute, SyntaxRule, repair

_START = re.compile(r"""['"]|\b(?:True|False|None)\b""")
_TOKEN = re.compile(
    r"""'(?P<single>[^'\\\n]*(?:\\.[^'\\\n]*)*)'|"(?P<double>[^"\\\n]*(?:\\.[^"\\\n]*)*)"|(?P<word>True|False|None)"""
)
_ESCAPE = re.compile(r"""\\(?P<code>x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[0-7]{1,3})|\\(?P<plain>.)|(?P<quote>")""")
_WORDS = {"True": "true", "False": "false", "None": "null"}
_DECODER = json.JSONDecoder(strict=False)
_PLAIN = {"'": "'", "a": "\\u0007", "v": "\\u000b"}


class SingleQuotedJson(SyntaxRule):
    """A line is a Python literal, not JSON: single quotes, True, False or None.

    Somebody wrote `str(record)` or `print(record)` instead of `json.dumps(record)`.

    Fix: unsafe. Python's strings and words are rewritten as JSON, if that makes the line a record.
    """

    code = "JL013"
    name = "single-quoted-json"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Write records with `json.dumps(record)`."
    order = 20

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """Recognise a single quote or a Python word where a key or a value should stand."""
        if error.kind != "python-literal":
            return None
        return self.mark(error.reason, error.position, fix=self.fix if _is_readable(text) else None)

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Replace the strings and words that differ."""
        return repair("Write the Python literal as JSON", *_misspelled(text))


def _is_readable(text: str) -> bool:
    """Whether the line is JSON once Python's spellings are replaced, but for what another rule names and repairs."""
    parts: list[str] = []
    position = 0
    for start, end, spelled in _misspelled(text):
        parts += (text[position:start], spelled)
        position = end
    spelled_as_json = "".join([*parts, text[position:]])
    try:
        _DECODER.decode(spelled_as_json)
    except (ValueError, RecursionError):
        return _is_known(spelled_as_json)
    return True


def _is_known(text: str) -> bool:
    """Whether the exact parser gets through the text, as with a comma too many, which Python allows."""
    try:
        parse(text)
    except JsonSyntaxError:
        return False
    return True


@lru_cache(maxsize=1)  # a line is asked about twice: whether it is readable then, and for its repair
def _misspelled(text: str) -> tuple[Substitute, ...]:
    return tuple(_find_misspelled(text))


def _find_misspelled(text: str) -> Iterator[Substitute]:
    """Yield the strings and words that JSON spells otherwise, and how. Equal strings are passed over in C.

    Behind a string that never ends all quotes of its kind are escaped, so no other one ends there either.
    """
    position = 0
    endless = {"'": 0, '"': 0}
    while (found := _START.search(text, position)) is not None:
        start, opening = found.start(), found[0]
        position = start + 1
        if start < endless.get(opening, 0):
            continue
        end = _end_of_json_string(text, start) if opening == '"' else -1
        if end >= 0:
            position = end
        elif (token := _TOKEN.match(text, start)) is None:
            line_end = text.find("\n", start)
            endless[opening] = line_end if line_end >= 0 else len(text)
        else:
            position = token.end()
            if (spelled := _as_json(token)) != token.group():
                yield Substitute(start, position, spelled)


def _end_of_json_string(text: str, start: int) -> int:
    """Return where the string ends, -1 where it is none of JSON's."""
    try:
        end: int = scanstring(text, start + 1, False)[1]
    except ValueError:
        return -1
    return -1 if text.find("\n", start, end) >= 0 else end


def _as_json(match: re.Match[str]) -> str:
    if match["word"]:
        return _WORDS[match["word"]]
    single, double = match["single"], match["double"]
    body = double if single is None else single
    if not (_is_spelled(body) and (single is None or '"' not in body)):
        body = _ESCAPE.sub(_escape, body)
    return f'"{body}"'


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
