"""All rules, by name and by kind. Their files are imported when they are needed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, cached_property
from importlib import import_module
from typing import Generic, TypeVar, cast

from jsonl_lint.errors import UserError
from jsonl_lint.plans.cards import Card, rule_of, shipped_cards, third_party_cards
from jsonl_lint.rule import Record, RecordRule, Rule, Screen, Sketch, TextRule

AnyRule = TypeVar("AnyRule", bound=Rule)
OtherRule = TypeVar("OtherRule", bound=Rule)


class Rules(Mapping[str, AnyRule]):
    """Rules by name, in the order of their codes. A rule's file is imported when the rule is looked up."""

    def __init__(self, cards: Iterable[Card], *, as_indexed: bool = False) -> None:
        self.cards = {card.name: card for card in cards}
        self.as_indexed = as_indexed
        """Whether these are exactly the rules of the index, unchanged since it was made."""

    def __getitem__(self, name: str) -> AnyRule:
        return cast("AnyRule", rule_of(self.cards[name].module, name))

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

    def about(self, format: str | None, lacks: frozenset[str], *, late: bool = False) -> list[AnyRule]:
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

    @property
    def itself(self) -> TextRule:
        """The rule."""
        return cast("TextRule", rule_of(self.module, self.name))

    def concerns(self, record: Record) -> bool:
        """What the rule itself says."""
        return self.itself.concerns(record)

    def check(self, record: Record) -> Iterable[Sketch]:
        """What the rule itself finds."""
        return self.itself.check(record)

    def clears(self, line: bytes, ends: Sequence[int]) -> bool:
        """What the rule itself says."""
        return self.itself.clears(line, ends)


class DeferredRecordRule(RecordRule):
    """Stands for a late rule, whose file is imported when a record does not pass the screen."""

    def __init__(self, card: Card) -> None:
        module, _, function = card.asks["screen"].partition(":")
        vars(self).update(name=card.name, screen=Screen(getattr(import_module(module), function)))
        self.module = card.module

    @property
    def itself(self) -> RecordRule:
        """The rule."""
        return cast("RecordRule", rule_of(self.module, self.name))

    def concerns(self, record: Record) -> bool:
        """Return True: the rule itself is asked in `check`."""
        return True

    def check(self, record: Record) -> Iterable[Sketch]:
        """What the rule itself finds."""
        return self.itself.check(record) if self.itself.concerns(record) else ()


@cache
def all_rules() -> Rules[Rule]:
    """Every rule by name, in the order of the codes.

    Raises:
        UserError: two rules share a code or a name, or a third-party module cannot be imported.
    """
    found: dict[str, Card] = {}
    codes: dict[str, Card] = {}
    shipped, changed = shipped_cards()
    third_party = list(third_party_cards())
    for card in (*shipped, *third_party):
        other = codes.get(card.code) or found.get(card.name)
        if other is not None:
            raise UserError(f"the rule {card.code} {card.name} of {card.module} is also in {other.module}")
        codes[card.code] = found[card.name] = card
    cards = sorted(found.values(), key=lambda card: card.code)
    return Rules(cards, as_indexed=not (changed or third_party))
