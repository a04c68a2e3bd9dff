"""The cards of rules: what has to be known about each before its file is imported, and how rules are found.

The package's own are in `jsonl_lint.rules`, and their cards in an index; those of others are named by the entry-point
group of the same name.
"""

import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Set
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from jsonl_lint import rules
from jsonl_lint.errors import UserError
from jsonl_lint.records.formats import LIKE
from jsonl_lint.rule import FileRule, RecordRule, RereadingRule, Rule, Screen, TextRule, kinds

ENTRY_POINT_GROUP = "jsonl_lint.rules"
"""A package with rules of its own names their modules under this group."""

INDEX = "index.json"
"""The file with the cards of all rules, in their folder; made by `python -m tools.generate write`."""

LAYOUT = "layout"
"""The key of the index for the list of the fields that it has for each rule."""

_ASKS: dict[type[Rule], tuple[str, ...]] = {
    TextRule: (
        "marks",
        "patterns",
        "long_words",
        "long_word_pattern",
        "whole",
        "endings",
        "repeats",
        "clears_lines",
        "excused_by",
    ),
    RecordRule: ("screen", "late", "right_types"),
    FileRule: ("files", "before_lines"),
    RereadingRule: ("least_records",),
}
"""The attributes of these kinds of rules that have to be known before a rule is imported."""


class Card(NamedTuple):
    """What has to be known about a rule before its file is imported."""

    name: str
    code: str
    kinds: list[str]
    severity: str
    default: bool
    alone: bool
    formats: list[str]
    needs: str
    order: int
    asks: Mapping[str, Any]
    """The values of the attributes that `_ASKS` names for its kinds."""
    module: str

    def about(self, format: str | None, lacks: Set[str]) -> bool:
        """Whether the rule is about records of this format that lack these things (see `Record.lacks`)."""
        return applies(self.formats, format) and self.needs not in lacks


def applies(formats: Collection[str], found: str | None) -> bool:
    """Whether a rule about `formats` applies to a record of this format, None if that is unknown."""
    return "*" in formats or (found or "") in formats or LIKE.get(found or "") in formats


def shipped_cards() -> tuple[list[Card], bool]:
    """Return the cards of the package's rules, and whether any file differs from the index and had to be imported."""
    root = rules_folder()
    try:
        with open(os.path.join(root, INDEX), "rb") as file:
            index = json.load(file)
    except (OSError, ValueError):
        index = {}
    if index.get(LAYOUT) != layout():
        index = {}
    cards: list[Card] = []
    changed = False
    for path, size in rule_files(root):
        module = f"{rules.__name__}.{path.removesuffix('.py').replace('/', '.')}"
        known = index.get(path)
        if known and known.pop("size") == size:
            cards.append(Card(**known, module=module))
        else:
            cards += cards_of(module)
            changed = True
    return cards, changed


def layout() -> list[str]:
    """Return the fields that an index must have to be usable by this version."""
    return [*Card._fields, *(name for names in _ASKS.values() for name in names)]


def rules_folder() -> str:
    """Return the folder of the package of rules."""
    return rules.__path__[0]


def rule_files(root: str) -> Iterator[tuple[str, int]]:
    """Yield each file with a rule, and its size. Listing folders takes a tenth of the time of importing `pkgutil`."""
    for family in sorted(os.listdir(root)):
        folder = os.path.join(root, family)
        if os.path.isdir(folder) and not family.startswith("_"):
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".py") and not entry.name.startswith("_"):
                        yield f"{family}/{entry.name}", entry.stat().st_size


def cards_of(module: str) -> Iterator[Card]:
    """Import a module and yield the cards of its rules."""
    for rule in _rules_in(module):
        its_kinds = [kind.__name__ for kind in type(rule).__mro__ if kind.__module__ == kinds.__name__]
        formats = list(getattr(rule, "formats", ()))
        asked = [name for kind, names in _ASKS.items() if isinstance(rule, kind) for name in names]
        asks = {name: _plain(getattr(rule, name)) for name in asked}
        yield Card(
            *(rule.name, rule.code, its_kinds, rule.severity.value, rule.default, rule.alone),
            *(formats, rule.needs, getattr(rule, "order", 0), asks, module),
        )


def _plain(value: Any) -> Any:
    """Return the value as JSON represents it; for a screen, the module and name of its function."""
    if isinstance(value, Screen):
        return f"{value.passes.__module__}:{value.passes.__name__}"
    return sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value


def third_party_cards() -> Iterator[Card]:
    """Yield the cards of rules that other installed packages have.

    Raises:
        UserError: one of their modules cannot be imported.
    """
    if not any(_mentions_rules(folder) for folder in sys.path):
        return
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            loaded = entry.load()
        except Exception as error:  # somebody else's module may raise anything
            raise UserError(f"the rules of {entry.value} cannot be imported: {error}") from None
        yield from cards_of(loaded.__name__)


def _mentions_rules(folder: str) -> bool:
    """Whether a package installed there has rules. Done by hand, as `importlib.metadata` would double the start-up."""
    wanted = f"[{ENTRY_POINT_GROUP}]".encode()
    try:
        names = [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return False
    for name in names:
        try:
            with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
                if wanted in file.read():
                    return True
        except OSError:
            continue
    return False


@cache
def rule_of(module: str, name: str) -> Rule:
    """Return a rule, whose module is imported now if it has not been."""
    return next(rule for rule in _rules_in(module) if rule.name == name)


def _rules_in(module: str) -> Iterator[Rule]:
    """Yield the rules in a module. `issubclass` is not used: for abstract classes it would slow down every start."""
    for value in vars(import_module(module)).values():
        if isinstance(value, type) and Rule in value.__mro__ and value.__module__ == module and "code" in vars(value):
            yield value()
