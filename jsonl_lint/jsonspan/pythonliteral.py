"""Python literals, as `str(record)` writes them: what JSON spells otherwise, and how the line reads in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6
from typing import NamedTuple

from jsonl_lint.jsonspan.document import JsonSyntaxError
from jsonl_lint.jsonspan.parser import parse
from jsonl_lint.jsonspan.strict import is_json

_START = re.compile(r"""['"]|\b(?:True|False|None)\b""")
_WORD = r"T(?<=\bT)rue\b|F(?<=\bF)alse\b|N(?<=\bN)one\b"
_TOKEN = re.compile(rf"""('[^'\\\n]*(?:\\.[^'\\\n]*)*'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|{_WORD})""")
"""Each alternative begins with a character of its own, so that a search passes quickly over all others."""

_ESCAPE = re.compile(r"""\\(?P<code>x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[0-7]{1,3})|\\(?P<plain>.)|(?P<quote>")""")
_WORDS = {"True": "true", "False": "false", "None": "null"}
_DECODER = json.JSONDecoder(strict=False)
_PLAIN = {"'": "'", "a": "\\u0007", "v": "\\u000b"}

MOST_PIECES = 1_000_000
"""A line with more quotes and backslashes is not read: each may take some hundred bytes of memory."""

_MOST_ENDLESS = 100
"""A line with no more escaped quotes is read by one regular expression, which may look for the end of a string at each
of them."""


class Respelling(NamedTuple):
    """A string or word of the literal at the code points `start:end`, and how JSON spells it."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=1)  # a line is asked about twice: whether it can be read, and for what is in it
def read_literal(line: str) -> str | None:
    """Return the line in JSON, None if that is not valid either; it may have problems that the exact parser reads."""
    if len(line) > MOST_PIECES < sum(map(line.count, "'\"\\")):
        return None
    spelled_as_json = _respelled(line)
    readable = is_json(spelled_as_json) or _python_reads(spelled_as_json) or _exact_parser_reads(spelled_as_json)
    return spelled_as_json if readable else None


@lru_cache(maxsize=1)
def respellings(line: str) -> tuple[Respelling, ...]:
    """Return the strings and words that JSON spells otherwise, in order."""
    return tuple(_respellings(line))


def places_in_literal(line: str, places: Iterable[int]) -> list[int]:
    """Return where in the literal these places of its JSON are; both count code points, in ascending order."""
    waiting = [*reversed(respellings(line))]
    longer = 0  # by so much is the JSON longer than the literal, up to here
    found: list[int] = []
    for place in places:
        while waiting and waiting[-1].start + longer < place:
            start, end, text = waiting[-1]
            if start + longer + len(text) > place and not _is_string(text):
                break
            waiting.pop()
            if start + longer + len(text) <= place:
                longer += len(text) - (end - start)
            else:
                waiting += reversed(_respelled_in(line, start, end))
        inside = waiting and waiting[-1].start + longer < place
        found.append(min(place - longer, waiting[-1].end) if inside else place - longer)
    return found


def _is_string(spelled: str) -> bool:
    """Whether this is a whole string, rather than a word or a character of a string."""
    return spelled.startswith('"')


def _respelled_in(line: str, start: int, end: int) -> list[Respelling]:
    """Return the characters of a string that JSON spells otherwise."""
    if _as_json(line[start:end])[1:-1] == line[start + 1 : end - 1]:
        return []
    return [Respelling(*match.span(), _escape(match)) for match in _ESCAPE.finditer(line, start + 1, end - 1)]


def _respelled(line: str) -> str:
    """Return the line with all respellings."""
    if line.count("\\") <= _MOST_ENDLESS or line.count("\\'") + line.count('\\"') <= _MOST_ENDLESS:
        around = _TOKEN.split(line)
        around[1::2] = [_as_json(token) for token in around[1::2]]
        return "".join(around)
    parts: list[str] = []
    position = 0
    for start, end, spelled in respellings(line):
        parts += (line[position:start], spelled)
        position = end
    return "".join([*parts, line[position:]])


def _python_reads(text: str) -> bool:
    """Whether Python's own parser reads the text."""
    try:
        _DECODER.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _exact_parser_reads(text: str) -> bool:
    """Whether the exact parser gets through the text, as with a comma too many, which Python allows."""
    try:
        parse(text)
    except JsonSyntaxError:
        return False
    return True


def _respellings(text: str) -> Iterator[Respelling]:
    """Yield the respellings. Equal strings are passed over in C.

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
            if (spelled := _as_json(token[0])) != token[0]:
                yield Respelling(start, position, spelled)


def _end_of_json_string(text: str, start: int) -> int:
    """Return where the string ends, -1 if it is not a string of JSON."""
    try:
        end: int = scanstring(text, start + 1, False)[1]
    except ValueError:
        return -1
    return -1 if text.find("\n", start, end) >= 0 else end


def _as_json(token: str) -> str:
    """Return a string or word as JSON spells it."""
    quote = token[0]
    if "\\" not in token:
        if quote == '"':
            return token
        return token.replace('"', '\\"').replace("'", '"') if quote == "'" else _WORDS[token]
    body = token[1:-1]
    if not _is_spelled(body) or (quote == "'" and '"' in body):
        body = _ESCAPE.sub(_escape, body)
    return f'"{body}"'


def _is_spelled(body: str) -> bool:
    """Whether every escape of the string is one of JSON as well, as in most."""
    try:
        return bool(scanstring(body + '"', 0, False))
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
