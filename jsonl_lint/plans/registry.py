"""All rules: those in the package `jsonl_lint.rules`, and those of the entry-point group of the same name."""

import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from functools import cache, cached_property
from importlib import import_module
from typing import Any, Generic, NamedTuple, TypeVar, cast

from jsonl_lint import rules
from jsonl_lint.errors import UserError
from jsonl_lint.formats import LIKE
from jsonl_lint.rule import FileRule, Record, RecordRule, RereadingRule, Rule, Screen, Sketch, TextRule, kinds

AnyRule = TypeVar("AnyRule", bound=Rule)
OtherRule = TypeVar("OtherRule", bound=Rule)

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

    def about(self, format: str | None, lacks: Set[str]) -> bool:  # noqa: A002
        """Whether the rule is about records of this format that lack these things (see `Record.lacks`)."""
        return applies(self.formats, format) and self.needs not in lacks


class Rules(Mapping[str, AnyRule]):
    """Rules by name, in the order of their codes. A rule's file is imported when the rule is looked up."""

    def __init__(self, cards: Iterable[Card], *, as_indexed: bool = False) -> None:
        self.cards = {card.name: card for card in cards}
        self.as_indexed = as_indexed
        """Whether these are exactly the rules of the index, unchanged since it was made."""

    def __getitem__(self, name: str) -> AnyRule:
        return cast("AnyRule", _rule(self.cards[name].module, name))

    def __contains__(self, name: object) -> bool:
        return name in self.cards

    def __iter__(self) -> Iterator[str]:
        return iter(self.cards)

    def __len__(self) -> int:
        return len(self.cards)

    def deferred_texts(self) -> list[TextRule]:
        """Return stand-ins for the text rules: the scan needs their triggers before any of them is imported."""
        return [DeferredTextRule(card) for card in self.of_kind(TextRule).cards.values()]

    def of_kind(self, kind: type[OtherRule]) -> "Rules[OtherRule]":
        """Return the rules of one kind."""
        return Rules(card for card in self.cards.values() if kind.__name__ in card.kinds)


class OrderedRules(Generic[AnyRule]):
    """Rules of one kind, sorted by `order` and code. They are imported on first use."""

    def __init__(self, rules: Rules[AnyRule]) -> None:
        self._rules = rules
        self._cards = sorted(rules.cards.values(), key=lambda card: card.order)
        self._about: dict[tuple[str | None, frozenset[str], bool], list[AnyRule]] = {}

    def __len__(self) -> int:
        return len(self._cards)

    def __iter__(self) -> Iterator[AnyRule]:
        return iter(self._all)

    @cached_property
    def _all(self) -> list[AnyRule]:
        return [self._rules[card.name] for card in self._cards]

    def about(self, format: str | None, lacks: frozenset[str], *, late: bool = False) -> list[AnyRule]:  # noqa: A002
        """Return the rules about such records (see `Card.about`). `late`: with stand-ins for late rules."""
        found = self._about.get((format, lacks, late))
        if found is None:
            found = [self._rule(card, late=late) for card in self._cards if card.about(format, lacks)]
            self._about[format, lacks, late] = found
        return found

    def _rule(self, card: Card, *, late: bool) -> AnyRule:
        deferred = late and card.asks.get("late")
        return cast("AnyRule", DeferredRecordRule(card)) if deferred else self._rules[card.name]

    def about_file(self, traits: Set[str], *, before_lines: bool) -> Iterator[AnyRule]:
        """Yield the rules about files with these traits that run before the lines are read, or at the end."""
        for card in self._cards:
            files = card.asks["files"]
            if card.asks["before_lines"] == before_lines and ("*" in files or not traits.isdisjoint(files)):
                yield self._rules[card.name]

    def about_so_many(self, records: int) -> Iterator[AnyRule]:
        """Yield the rules about files with this many records."""
        for card in self._cards:
            if records >= card.asks["least_records"]:
                yield self._rules[card.name]


class DeferredTextRule(TextRule):
    """Stands for a text rule, whose file is imported when it has to see a record."""

    def __init__(self, card: Card) -> None:
        asks = {name: tuple(value) if isinstance(value, list) else value for name, value in card.asks.items()}
        vars(self).update(asks, name=card.name, formats=tuple(card.formats), whole=frozenset(asks["whole"]))
        self.module = card.module

    def check(self, record: Record) -> Iterable[Sketch]:
        """What the rule itself finds."""
        return cast("TextRule", _rule(self.module, self.name)).check(record)

    def clears(self, line: bytes) -> bool:
        """What the rule itself says."""
        return cast("TextRule", _rule(self.module, self.name)).clears(line)


class DeferredRecordRule(RecordRule):
    """Stands for a late rule, whose file is imported when a record does not pass the screen."""

    def __init__(self, card: Card) -> None:
        module, _, function = card.asks["screen"].partition(":")
        vars(self).update(name=card.name, screen=Screen(getattr(import_module(module), function)))
        self.module = card.module

    @property
    def itself(self) -> RecordRule:
        """The rule."""
        return cast("RecordRule", _rule(self.module, self.name))

    def concerns(self, record: Record) -> bool:
        """Return True: the rule itself is asked in `check`."""
        return True

    def check(self, record: Record) -> Iterable[Sketch]:
        """What the rule itself finds."""
        return self.itself.check(record) if self.itself.concerns(record) else ()


def applies(formats: Collection[str], found: str | None) -> bool:
    """Whether a rule about `formats` applies to a record of this format, None if that is unknown."""
    return "*" in formats or (found or "") in formats or LIKE.get(found or "") in formats


@cache
def all_rules() -> Rules[Rule]:
    """Every rule by name, in the order of the codes.

    Raises:
        UserError: two rules share a code or a name, or a third-party module cannot be imported.
    """
    found: dict[str, Card] = {}
    codes: dict[str, Card] = {}
    shipped, changed = _shipped()
    third_party = list(_third_party())
    for card in (*shipped, *third_party):
        other = codes.get(card.code) or found.get(card.name)
        if other is not None:
            raise UserError(f"the rule {card.code} {card.name} of {card.module} is also in {other.module}")
        codes[card.code] = found[card.name] = card
    cards = sorted(found.values(), key=lambda card: card.code)
    return Rules(cards, as_indexed=not (changed or third_party))


def _shipped() -> tuple[list[Card], bool]:
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


def _third_party() -> Iterator[Card]:
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
def _rule(module: str, name: str) -> Rule:
    return next(rule for rule in _rules_in(module) if rule.name == name)


def _rules_in(module: str) -> Iterator[Rule]:
    """Yield the rules in a module. `issubclass` is not used: for abstract classes it would slow down every start."""
    for value in vars(import_module(module)).values():
        if isinstance(value, type) and Rule in value.__mro__ and value.__module__ == module and "code" in vars(value):
            yield value()
