"""How values from the data, counts and columns are put into messages."""

import re
from collections.abc import Callable, Sequence


def excerpt(value: object, limit: int = 40) -> str:
    """Return a short, one-line, JSON-like description of a value: never all of somebody's data, nor a key."""
    if isinstance(value, str):
        shown = value if len(value) < 20 else without_keys(value, limit)  # no key is shorter
        return f'"{guarded(printable(shown))}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "{}" if not value else f"an object of {plural(len(value), 'key')}"
    if isinstance(value, (list, tuple)):
        return "[]" if not value else f"an array of {plural(len(value), 'item')}"
    if isinstance(value, int) and abs(value) >= 10**limit:
        return f"a number of more than {limit} digits"
    return str(value)[:limit] if isinstance(value, (int, float)) else type(value).__name__


def clip(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text; an ellipsis at the end shows that there were more."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


MARGIN = 40
"""How many characters beyond a limit are looked at, so that a key is recognised even if it is cut off there."""


def without_keys(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, with keys and tokens masked."""
    from jsonl_lint.secrets import without_secrets

    return clip(without_secrets(text[: limit + MARGIN]), limit)


_OF_RUN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"
_IN_RUN = bytes(ord("a") if code in _OF_RUN else ord(" ") for code in range(256))
_SHORTEST_RUN = b"a" * 20
_WORD = "[A-Z]?[a-z]{2,20}(?:[A-Z][a-z]{2,20}){0,4}[0-9]{0,3}|[A-Z]{1,10}|[a-z]"
_PIECE = f"{_WORD}|[A-Za-z]?[0-9]{{1,3}}[A-Za-z]?|[0-9]{{4,8}}|[0-9]x[0-9]{{1,3}}[A-Z]"
_NAME = re.compile(f"(?=.*[A-Za-z]{{3}})[-_/]*(?:{_PIECE})(?:[-_/]+(?:{_PIECE}))*[-_/]*|[-_/+=]+")
"""Words and numbers, as in `Llama-3-8B-Instruct`, `/v1/chat/completions` and `created_at`; or a rule of dashes."""


def has_long_run(data: bytes) -> bool:
    """Whether the data has a run of letters, digits and the like as long as a key. Ten times as fast as a pattern."""
    return _SHORTEST_RUN in data.translate(_IN_RUN)


_SPELLED = re.compile(r"\\+(?:/|u00(2[013-689A-Fa-f]|[3-6][0-9A-Fa-f]|7[0-9A-Ea-e]))")
"""An ASCII character that JSON may, but need not, escape: `\\/` in PHP, `\\u002B` in .NET. Not a quotation mark."""


def masked(text: str) -> str:
    """Mask with asterisks: passwords in addresses, and long runs that are not names (keys, tokens, encoded data).

    Some of their characters may be escaped as in JSON.
    """
    if "\\/" not in text and "\\u00" not in text:
        return _masked(text)
    plain = _SPELLED.sub(lambda match: chr(int(match[1], 16)) if match[1] else "/", text)
    hidden = _masked(plain)
    if hidden == plain:
        return text
    shown, low, more = "", 0, 0
    for match in _SPELLED.finditer(text):
        place = match.start() - more
        more += len(match[0]) - 1
        spelled = match[0] if hidden[place] == plain[place] else "*" * len(match[0])
        shown, low = shown + hidden[low:place] + spelled, place + 1
    return shown + hidden[low:]


def _masked(text: str) -> str:
    if "PRIVATE KEY" in text:
        from jsonl_lint.secrets import without_private_keys

        text = without_private_keys(text)
    if "@" in text or ":/" in text:
        from jsonl_lint.secrets import without_passwords

        text = without_passwords(text)
    if not has_long_run(text.encode("utf-8", "surrogatepass")):
        return text
    return _RUN.sub(_mask, text)


_RUN = re.compile(r"([A-Za-z0-9+/=_-]{20,})(?:(?:\.[0-9]{2})?\.[0-9a-z]{9}(?![A-Za-z0-9]))?")
"""A long run, with the version and the checksum that GitLab puts behind a token."""


def _mask(match: re.Match[str]) -> str:
    return match[0] if _NAME.fullmatch(match[1]) else "*" * len(match[0])


def around(text: str, position: int, room: int) -> tuple[str, str]:
    """Return up to `room` characters before a position and as many from it on, with possible keys and tokens masked."""
    low = max(0, position - room - MARGIN)
    window = masked(text[low : position + room + MARGIN])
    return window[max(0, position - low - room) : position - low], window[position - low :][:room]


def printable(text: str) -> str:
    """Return the text with each non-printable character escaped, since it could disturb a terminal or a line."""
    return text if text.isprintable() else "".join(ch if ch.isprintable() else _escape(ch) for ch in text)


_GUARD = "\u200b"
"""Follows each `{` that comes from the data."""


def guarded(text: str) -> str:
    """Protect printable text from the data, so that a `{value}` in it is not taken for a placeholder."""
    return text.replace("{", "{" + _GUARD)


def unguarded(text: str) -> str:
    """Undo `guarded`. Since `_GUARD` is not printable, printable text can contain it only because of `guarded`."""
    return text.replace(_GUARD, "")


_COLUMN, _LINE = re.compile(r"\{column (\d+)\}"), re.compile(r"\{line (-?\d+)\}")


def column(position: int) -> str:
    """Return a placeholder for the column of a position in a record, until it is known on which lines the record is."""
    return f"{{column {position + 1}}}"


def line_below(lines: int) -> str:
    """Return a placeholder for the number of the line this many lines below the finding."""
    return f"{{line {lines}}}"


def with_columns(text: str, shown: Callable[[int], str]) -> str:
    """Replace each placeholder of a column by what `shown` returns for it, in a record that is not one line."""
    return _COLUMN.sub(lambda match: shown(int(match[1])), text) if "{column" in text else text


def with_places(text: str, own_line: int) -> str:
    """Fill in the placeholders of columns and lines for a finding on this line."""
    if "{column" in text:
        text = _COLUMN.sub(lambda match: match[1], text)
    return _LINE.sub(lambda match: str(own_line + int(match[1])), text) if "{line" in text else text


def _escape(ch: str) -> str:
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(ch, f"\\u{ord(ch):04x}")


def enumerated(items: Sequence[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    return f" {last} ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def plural(count: int, noun: str) -> str:
    """`1 record`, `2 records`, `1,234 records`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
