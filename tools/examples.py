"""Lines of the fixtures, as documentation shows them."""

from __future__ import annotations

import json
from pathlib import Path

from jsonl_lint import Settings, UserError, check_file
from jsonl_lint.rule import Rule

LONGEST_EXAMPLE = 300
MOST_EXAMPLE_LINES = 8


def failing_lines(rule: Rule, folder: Path) -> str:
    """The lines of the rule's first finding in its `fail.jsonl`; the first line where it has no place of its own."""
    path = folder / "fail.jsonl"
    try:
        found = check_file(path, fixture_settings(rule, folder)).findings
    except UserError:
        found = ()
    if not found:
        return first_line(path)
    return shown_lines(path, found[0].line, found[0].end_line)


def fixture_settings(rule: Rule, folder: Path) -> Settings:
    """The settings beside a fixture, for its own rule alone. Paths in them count from the checkout."""
    path = folder / "settings.json"
    settings = json.loads(path.read_bytes()) if path.is_file() else {}
    for name in ("target", "schema"):
        if str(settings.get(name)).endswith(".json"):
            settings[name] = str(folder.parent.parent / settings[name])
    return Settings(**{**settings, "select": (rule.name,)})


def first_line(path: Path) -> str:
    """The first line of a fixture, as documentation shows it."""
    return shown_lines(path, 1, 1)


def shown_lines(path: Path, first: int, last: int) -> str:
    """Lines of a fixture, counted from 1, clipped; "" where it is missing, empty there, or not text."""
    data = path.read_bytes() if path.is_file() else b""
    if data.count(0) * 4 > len(data):
        return ""
    lines = data.split(b"\n")[first - 1 : last]
    shown = [_visible(line.decode("utf-8", "surrogateescape")) for line in lines[:MOST_EXAMPLE_LINES]]
    return "\n".join(shown + ["…"] * (len(lines) > MOST_EXAMPLE_LINES)).strip()


def _visible(line: str) -> str:
    """The line, clipped; what would not be seen is shown by a symbol or by its number."""
    shown = line if len(line) <= LONGEST_EXAMPLE else line[: LONGEST_EXAMPLE - 1] + "…"
    return "".join(map(_symbol, shown))


def _symbol(ch: str) -> str:
    code = ord(ch)
    if ch.isprintable():
        return ch
    if code < 0x20:
        return chr(0x2400 + code)
    return f"<0x{code - 0xDC00:02X}>" if 0xDC80 <= code <= 0xDCFF else f"<U+{code:04X}>"
