"""Find slips of the pen: the few characters whose correction makes a broken line a record.

What the exact parser expects, and what is there instead, suggests what may be meant: an unescaped quote in a text, a
missing comma, a key without quotes. Each guess is verified: slips are reported only if correcting them all makes the
line a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from jsonl_lint.jsonspan.document import A_COLON, A_KEY, A_VALUE, COMMA_OR, JsonSyntaxError
from jsonl_lint.jsonspan.parser import parse_changed
from jsonl_lint.jsonspan.strict import is_json
from jsonl_lint.wording import clip, column

MOST_TRIES, MOST_CHARACTERS = 24, 200_000
"""The maximum number of times that a line is parsed, and of characters that are parsed in all."""

_MOST_CHANGES, _MOST_COLUMNS, _LONGEST_CHANGE = 3, 4, 12
"""The maximum of different changes, of columns for each change, and of characters of a change that are put in words."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]')
"""A string or a bracket. The string need not end, so that a long text with an odd quote takes linear time."""

_PARTNERS = {"[": "]", "{": "}"}
_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*(?=[ \t]*:)")
_MEMBER = re.compile(r'[ \t]*"[^"\\]*"[ \t]*:')
_TYPOGRAPHIC = re.compile(r'[“”„‟«»][^“”„‟«»"\\]*[“”‟«»](?=[ \t]*[:,}\]])')
_COMMAS = ";，；、"
_COLONS = "=：＝"


class Slip(NamedTuple):
    """A correction: `text` replaces the code points `start:end` of the line."""

    start: int
    end: int
    text: str


Step = tuple[Slip, ...]
"""Corrections that are tried together."""


def slips(text: str, error: JsonSyntaxError) -> tuple[Slip, ...]:
    """Return the corrections that make a record of a line that the exact parser rejects, in order; () if none is found.

    At each error, the first correction is taken after which the parser gets further than before.
    """
    tries = min(MOST_TRIES, MOST_CHARACTERS // max(len(text), 1))
    found: list[Slip] = []
    present, last = text, 0
    left: JsonSyntaxError | None = error
    while left is not None:
        for step in islice(_candidates(present, left), tries):
            tries -= 1
            changed = _with(present, step)
            grown = len(changed) - len(present)
            later = _error_in(changed, step[0].start, left)
            if later is None or later.position > left.position + grown:
                break
        else:
            return ()
        if step[0].start < last:
            return ()
        shift = len(text) - len(present)
        found += [Slip(start + shift, end + shift, new) for start, end, new in step]
        last = step[-1].end + grown
        present, left = changed, later
    return tuple(found)


def in_words(text: str, found: Sequence[Slip]) -> str:
    """Describe the corrections in the imperative, equal ones together; "" if there are none or too many."""
    if not found:
        return ""
    places: dict[str, list[str]] = {}
    for start, end, new in found:
        old = clip(text[start:end], _LONGEST_CHANGE)
        change = f"insert `{new}`" if not old else f"write `{new}` for `{old}`" if new else f"delete `{old}`"
        places.setdefault(change, []).append(column(start))
    if len(places) > _MOST_CHANGES:
        return ""
    return ", ".join([f"{change} at {_columns(columns)}" for change, columns in places.items()])


def _columns(columns: Sequence[str]) -> str:
    shown = ", ".join(columns[:_MOST_COLUMNS])
    more = f" and {len(columns) - _MOST_COLUMNS} more" if len(columns) > _MOST_COLUMNS else ""
    return f"column {shown}{more}" if len(columns) == 1 else f"columns {shown}{more}"


def lacks_a_quote(text: str) -> bool:
    """Whether a text that ends inside a string ends with the brackets that close everything, so that it was complete.

    Any other bracket there is part of what the string says.
    """
    brackets = text[len(text.rstrip("]} \t\r\n")) :]
    return bool(brackets) and "".join(brackets.split()).endswith(_closers(text))


def _with(text: str, step: Step) -> str:
    for start, end, new in reversed(step):
        text = text[:start] + new + text[end:]
    return text


def _error_in(text: str, change: int, before: JsonSyntaxError) -> JsonSyntaxError | None:
    """Return why the text is not a record, None if it is one. Up to `change`, it is the text of the error `before`."""
    if is_json(text):
        is_record = text.lstrip().startswith("{")
    else:
        try:
            is_record = isinstance(parse_changed(text, change, before).root.value, dict)
        except JsonSyntaxError as error:
            return error
    return None if is_record else JsonSyntaxError("invalid", 0, "the line is no record")


def _candidates(text: str, error: JsonSyntaxError) -> Iterator[Step]:
    """Yield the corrections to try at the place where the parser stopped, the most likely ones first."""
    at = error.position
    if error.kind == "unterminated-string":
        for start in range(max(len(text.rstrip("]} \t")), at + 1), len(text.rstrip())):
            yield (Slip(start, start, '"'),)
    elif error.kind == "truncated" and error.expected.startswith(COMMA_OR):
        yield (Slip(at, at, _closers(text)),)
        if text.startswith("["):
            yield (Slip(0, 1, ""),)
    elif error.kind == "extra-data":
        yield from _of_extra_data(text, at)
    elif error.kind != "invalid":
        return
    elif error.expected == A_KEY:
        yield from _of_key(text, at)
    elif error.expected == A_COLON:
        yield (Slip(at, at + 1, ":") if text[at] in _COLONS else _after(text, at, ":"),)
        yield from _quote_before(text, at)
    elif error.expected == A_VALUE:
        yield from _of_value(text, at)
    elif error.expected.startswith(COMMA_OR):
        yield from _of_comma(text, at, closer=error.expected[-2])
    elif text[at] == "\\":
        needless = text.startswith("\\'", at)
        yield (Slip(at, at + 1, "") if needless else Slip(at, at, "\\"),)


def _closers(text: str) -> str:
    """Return the closing brackets that are missing at the end of a text, which does not end inside a string."""
    missing: list[str] = []
    for token in _TOKEN.findall(text):
        if token in _PARTNERS:
            missing.append(_PARTNERS[token])
        elif missing and token in "]}":
            missing.pop()
    return "".join(reversed(missing))


def _of_extra_data(text: str, at: int) -> Iterator[Step]:
    """Yield corrections of brackets: one too many at the end or in the middle, or none where the record begins."""
    end = len(text.rstrip())
    if not text[at:end].strip("]}; \t"):
        yield (Slip(at, end, ""),)
    if text[at] == ":" and text[end - 1] == "}":
        yield (Slip(0, 0, "{"),)
    before = _before(text, at)
    if text.startswith("}", before) and text[at] == "," and _MEMBER.match(text, at + 1):
        yield (Slip(before, before + 1, ""),)


def _of_key(text: str, at: int) -> Iterator[Step]:
    key = _KEY.match(text, at)
    if key:
        yield Slip(at, at, '"'), Slip(key.end(), key.end(), '"')
    yield from _of_key_or_value(text, at)


def _of_value(text: str, at: int) -> Iterator[Step]:
    if text.startswith("undefined", at):
        yield (Slip(at, at + len("undefined"), "null"),)
    yield from _of_key_or_value(text, at)


def _of_key_or_value(text: str, at: int) -> Iterator[Step]:
    yield from _typographic(text, at)
    if text[at] == ",":
        yield (Slip(at, at + 1, ""),)
    yield from _quote_before_comma(text, at)


def _of_comma(text: str, at: int, closer: str) -> Iterator[Step]:
    found, before = text[at], _before(text, at)
    if found in _COMMAS:
        yield (Slip(at, at + 1, ","),)
    if (found == '"' and (closer == "]" or _MEMBER.match(text, at))) or (found in "{[" and text[before] in "}]"):
        yield (_after(text, at, ","),)
    if found in "}]":
        yield (Slip(at, at, closer),)
    yield from _quote_before(text, at)


def _quote_before(text: str, at: int) -> Iterator[Step]:
    """Yield the escape of the quote before the place: the string may not end there. If a colon follows, it does."""
    before = _before(text, at)
    if text.startswith('"', before) and text[at] != ":":
        yield (Slip(before, before, "\\"),)


def _quote_before_comma(text: str, at: int) -> Iterator[Step]:
    """Yield the escape of a quote before a comma that belongs to the string as well."""
    comma = _before(text, at)
    if text.startswith(",", comma):
        yield from _quote_before(text, comma)


def _typographic(text: str, at: int) -> Iterator[Step]:
    """Yield straight quotes for a key or text in the quotes of a word processor."""
    quoted = _TYPOGRAPHIC.match(text, at)
    if quoted:
        yield Slip(at, at + 1, '"'), Slip(quoted.end() - 1, quoted.end(), '"')


def _after(text: str, at: int, new: str) -> Slip:
    """Return the insertion of a text right after the last character before the place that is not white space."""
    behind = _before(text, at) + 1
    return Slip(behind, behind, new)


def _before(text: str, at: int) -> int:
    """Return the position of the last character before the place that is not white space; 0 if there is none."""
    return max(len(text[:at].rstrip()) - 1, 0)
