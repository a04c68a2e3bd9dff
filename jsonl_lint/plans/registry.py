"""All rules, found by walking `jsonl_lint.rules` and the entry-point group `jsonl_lint.rules`."""

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
"""A package that brings rules names its modules under this group."""

INDEX = "index.json"
"""In the folder of the rules: the card of each file, made by `python -m tools.generate write`."""

LAYOUT = "layout"
"""The key of the index under which it names what it knows of each rule."""

_ASKS: dict[type[Rule], tuple[str, ...]] = {
    TextRule: ("marks", "patterns", "long_words", "long_word_pattern", "whole", "endings", "repeats", "excused_by"),
    RecordRule: ("screen", "late", "right_types"),
    FileRule: ("files", "before_lines"),
    RereadingRule: ("least_records",),
}
"""What has to be known of a rule of these kinds before anything is shown to it."""


class Card(NamedTuple):
    """What has to be known of a rule before its file is imported."""

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
    """What has to be known before anything is shown to it: the attributes that `_ASKS` names."""
    module: str

    def about(self, format: str | None, lacks: Set[str]) -> bool:  # noqa: A002
        """Whether the rule is about records of this format that lack this."""
        return applies(self.formats, format) and self.needs not in lacks


class Rules(Mapping[str, AnyRule]):
    """Rules by name, in the order of their codes. A rule's file is imported when the rule itself is asked for."""

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
        """Stand-ins for those about texts: the scan asks what they are about before any file is imported."""
        return [DeferredTextRule(card) for card in self.of_kind(TextRule).cards.values()]

    def of_kind(self, kind: type[OtherRule]) -> "Rules[OtherRule]":
        """Those of one kind."""
        return Rules(card for card in self.cards.values() if kind.__name__ in card.kinds)


class OrderedRules(Generic[AnyRule]):
    """Rules of one kind, one after the other, by `order` and code. Only those that are asked for are imported."""

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
        """Those about records of this format that lack this. `late`: stand-ins for those that may be imported later."""
        found = self._about.get((format, lacks, late))
        if found is None:
            found = [self._rule(card, late=late) for card in self._cards if card.about(format, lacks)]
            self._about[format, lacks, late] = found
        return found

    def _rule(self, card: Card, *, late: bool) -> AnyRule:
        deferred = late and card.asks.get("late")
        return cast("AnyRule", DeferredRecordRule(card)) if deferred else self._rules[card.name]

    def about_file(self, traits: Set[str], *, before_lines: bool) -> Iterator[AnyRule]:
        """Those that judge files with these traits before their lines, or at the end."""
        for card in self._cards:
            files = card.asks["files"]
            if card.asks["before_lines"] == before_lines and ("*" in files or not traits.isdisjoint(files)):
                yield self._rules[card.name]

    def about_so_many(self, records: int) -> Iterator[AnyRule]:
        """Those about files with so many records."""
        for card in self._cards:
            if records >= card.asks["least_records"]:
                yield self._rules[card.name]


class DeferredTextRule(TextRule):
    """A rule about texts by its card: its file is imported when there is a text for it to see."""

    def __init__(self, card: Card) -> None:
        asks = {name: tuple(value) if isinstance(value, list) else value for name, value in card.asks.items()}
        vars(self).update(asks, name=card.name, formats=tuple(card.formats), whole=frozenset(asks["whole"]))
        self.module = card.module

    def check(self, record: Record) -> Iterable[Sketch]:
        """What the rule itself finds."""
        return cast("TextRule", _rule(self.module, self.name)).check(record)


class DeferredRecordRule(RecordRule):
    """A late rule by its card: its file is imported when a record comes that does not pass the screen."""

    def __init__(self, card: Card) -> None:
        module, _, function = card.asks["screen"].partition(":")
        vars(self).update(name=card.name, screen=Screen(getattr(import_module(module), function)))
        self.module = card.module

    @property
    def itself(self) -> RecordRule:
        """The rule."""
        return cast("RecordRule", _rule(self.module, self.name))

    def concerns(self, record: Record) -> bool:
        """Nobody knows yet; asked before the rule itself looks into a record."""
        return True

    def check(self, record: Record) -> Iterable[Sketch]:
        """What the rule itself finds."""
        return self.itself.check(record) if self.itself.concerns(record) else ()


def applies(formats: Collection[str], found: str | None) -> bool:
    """Whether a rule about `formats` is about a record of this format; None is a record of no known format."""
    return "*" in formats or (found or "") in formats or LIKE.get(found or "") in formats


@cache
def all_rules() -> Rules[Rule]:
    """Every rule by name, in the order of the codes.

    Raises:
        UserError: two rules share a code or a name, or a third-party module cannot be imported.
    """
    found: dict[str, Card] = {}
    codes: dict[str, str] = {}
    shipped, changed = _shipped()
    third_party = list(_third_party())
    for card in (*shipped, *third_party):
        other = codes.setdefault(card.code, card.module)
        if card.name in found or other != card.module:
            raise UserError(f"the rule {card.code} {card.name} of {card.module} is also in {other}")
        found[card.name] = card
    cards = sorted(found.values(), key=lambda card: card.code)
    return Rules(cards, as_indexed=not (changed or third_party))


def _shipped() -> tuple[list[Card], bool]:
    """The card of each file of the package, and whether one comes from the file itself, as it has changed since."""
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
    """What an index has to hold, so that this version can use it."""
    return [*Card._fields, *(name for names in _ASKS.values() for name in names)]


def rules_folder() -> str:
    """Where the package of the rules stands."""
    return rules.__path__[0]


def rule_files(root: str) -> Iterator[tuple[str, int]]:
    """Every file of the package with a rule, and its size. To list folders costs a tenth of importing `pkgutil`."""
    for family in sorted(os.listdir(root)):
        folder = os.path.join(root, family)
        if os.path.isdir(folder) and not family.startswith("_"):
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".py") and not entry.name.startswith("_"):
                        yield f"{family}/{entry.name}", entry.stat().st_size


def cards_of(module: str) -> Iterator[Card]:
    """The cards of the rules in a module, which is imported."""
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
    """The value as JSON gives it; of a screen, where its function stands."""
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
    """Whether a package installed there brings rules. Looked up by hand: `importlib.metadata` doubles the start-up."""
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
    """The rules in a module. Not by `issubclass`: for abstract classes it is so slow that each start would show it."""
    for value in vars(import_module(module)).values():
        if isinstance(value, type) and Rule in value.__mro__ and value.__module__ == module and "code" in vars(value):
            yield value()
