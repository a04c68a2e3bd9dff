"""Parse the arguments of most checks without click.

Importing click takes as long as checking a few records. So if the arguments are only paths and options spelled in full,
they are looked up in a table of the options; click parses all others, and everything that may be wrong.
"""

import json
import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

VERBS = (
    *("check", "merge", "fix", "batch", "convert", "explain", "stats", "models", "baseline"),
    *("config", "rule", "schema", "targets"),
)
DEFAULT_VERB = "check"

OPTIONS = os.path.join(os.path.dirname(__file__), "check.json")
"""The options of `check` and their defaults; generated from the command by `python -m tools.generate write`."""

FORMAT, FILE = "output_format", "output_file"
SELECTORS = ("select", "ignore", "extend_select")

COMPLETION = "_JSONL_LINT_COMPLETE"
"""The environment variable by which a shell asks for completions, which click has to answer."""


class Arguments(NamedTuple):
    """The parsed arguments of a check.

    `options` has a value for every option, `given` the names of those that were given. `reports` are the values of
    `--output-format` and `--output-file`, each with the option's name, in their order.
    """

    paths: tuple[str, ...]
    options: dict[str, Any]
    given: frozenset[str]
    reports: tuple[tuple[str, str], ...]


def parse_without_click(args: Sequence[str]) -> Arguments | None:
    """Parse the arguments exactly as click would; return None for other verbs, and if click has to parse them."""
    if not args or COMPLETION in os.environ or (args[0] in VERBS and args[0] != DEFAULT_VERB):
        return None
    with open(OPTIONS, "rb") as file:
        table = json.load(file)
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in table["defaults"].items()}
    paths: list[str] = []
    given: set[str] = set()
    reports: list[tuple[str, str]] = []
    words = iter(args[1:] if args[0] == DEFAULT_VERB else args)
    for word in words:
        if not word.startswith("-") or word == "-":
            paths.append(word)
            continue
        spelled, equals, value = word.partition("=")
        option = table["options"].get(spelled)
        if option is None or (equals and "flag" in option):
            return None
        name = option["name"]
        given.add(name)
        if "flag" in option:
            values[name] = True
            continue
        if not equals:
            value = next(words, "-")
        if value.startswith("-") or value not in option.get("choices", (value,)):
            return None
        values[name] = (*values[name], value) if "several" in option else value
        if name in (FORMAT, FILE):
            reports.append((name, value))
    for name in SELECTORS:
        values[name] = comma_separated(values[name])
    return Arguments(tuple(paths), values, frozenset(given), tuple(reports)) if paths else None


def comma_separated(values: Iterable[str]) -> tuple[str, ...]:
    """Return the names in values that may contain several, separated by commas; an empty one if a value has none."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip() or not value.strip(", "))
