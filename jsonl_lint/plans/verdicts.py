"""Verdicts: what is known about all records of one structure; and their cache."""

import sys
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonl_lint.model import Applicability
from jsonl_lint.records.settings import REQUEST_ID
from jsonl_lint.records.structure import Signature, message_lists
from jsonl_lint.rule import DatasetRule, Record, RecordRule, Screen, Sketch

if TYPE_CHECKING:
    from jsonl_lint.native.places import PlaceFinder
    from jsonl_lint.schemas import Shape

MAX_REMEMBERED = 20_000
MAX_REMEMBERED_SIZE = 200_000
"""How many structures are cached per file format, and their total size in parts; beyond that, the cache is cleared."""


MOST_SKETCHES = 10_000
"""How many sketches of one rule are kept per record. A hostile record has millions, and a report shows few."""


class Sketches:
    """The sketches of a record, in order: the first ones of each rule, and the number of further ones.

    `more` counts these by rule and applicability. At most `most` are kept per rule, 0 for all.
    """

    def __init__(self, most: int, kept: Iterable[Sketch] = ()) -> None:
        self.kept = list(kept)
        self.more: dict[tuple[str, Applicability | None], int] = {}
        self._most = most
        self._of_rule: dict[str, int] = {}

    def add(self, found: Iterable[Sketch]) -> None:
        """Add more sketches."""
        for sketch in found:
            count = self._of_rule.get(sketch.rule, 0)
            if count < self._most or not self._most:
                self._of_rule[sketch.rule] = count + 1
                self.kept.append(sketch)
            else:
                key = (sketch.rule, sketch.fix)
                self.more[key] = self.more.get(key, 0) + 1


class RuleGroup(NamedTuple):
    """Rules that share a screen, which proves that none of them finds anything; None: they have to see each record."""

    screen: Screen | None
    rules: tuple[RecordRule, ...]


class Verdict(NamedTuple):
    """What is wrong with every record of one structure, and what still has to be checked in each record."""

    sketches: tuple[Sketch, ...]
    """At most `Plan.most_sketches` per rule; `more` counts the others."""
    format: str | None
    numbers: bool
    """Whether there may be numbers whose spelling matters."""
    rules: tuple[RuleGroup, ...]
    """The rules that have to see the real record, unless it passes their screen."""
    keys: tuple[DatasetRule, ...]
    """The rules that compare such records by a key."""
    max_bytes: int | None
    """The target's limit for a record of this format."""
    sure_bytes: int = sys.maxsize
    """A line with at most this many bytes certainly fits the model."""
    tools: bool = False
    """Whether records of this structure define or call tools, or are requests with messages, and hold no image.

    Then the bytes of a line that is longer than `sure_bytes` may still prove that it fits.
    """
    names_model: bool = False
    """Whether each record names its own model, as batch requests do, and the structure does not show it all."""
    calls: bool = False
    """Whether its messages call tools: the types of the arguments are not part of the structure."""
    more: tuple[tuple[tuple[str, Applicability | None], int], ...] = ()
    varies: bool = False
    """Whether other structures with its profile have other sketches about messages (`plans.profiles`)."""
    text_keys: tuple[DatasetRule, ...] = ()
    """Those of `keys` whose key the structure does not show."""
    satisfies: bool = True
    """Whether its records certainly satisfy the user's schema, if there is one; otherwise each must be validated."""

    def has_screen(self, screen: Screen) -> bool:
        """Whether some of its rules have this screen. Those that are imported late have an equal one, not the same."""
        return any([group.screen == screen for group in self.rules])

    @property
    def compared_by_id(self) -> bool:
        """Whether its records are requests, compared by their ids, and by nothing else that it does not show."""
        return [rule.root_key for rule in self.text_keys] == [REQUEST_ID]

    @property
    def clean(self) -> bool:
        """Whether only texts can give findings, as long as the line is short enough."""
        return not (self.sketches or self.numbers or self.rules or self.keys or self.names_model or self.max_bytes)


Recognised = tuple[Verdict, frozenset[str], frozenset[tuple[str, str]]]
"""What is known about a structure that the C code has encoded: its verdict, its root keys, and all its kinds."""


class Memory:
    """The cached verdicts, by file format. Each cache is cleared when it is full."""

    def __init__(self, vouched: Iterable[tuple[str, ...]] = ()) -> None:
        """`vouched` are the role sequences of conversations that are known to be clean."""
        self.verdicts: dict[str | None, dict[Signature, Verdict]] = {
            "chat": {("messages", roles): Verdict((), "chat", False, (), (), None) for roles in vouched}
        }
        self.sizes: dict[str | None, int] = {}
        """The total size, in parts, of the structures in `verdicts`."""
        self.clean_chats: dict[str | None, set[tuple[str, ...]]] = {"chat": set(vouched)}
        """Role sequences of conversations known to be clean, for the engine's hot path."""
        self.recognised: dict[str | None, dict[bytes, Recognised]] = {}
        """Structures as the C code encodes them, cached because each stream of lines has to learn them again."""
        self.records_seen = 0
        """How many records have been judged one by one or in small lists, whose number no file size tells."""
        self.shapes: dict[str, Shape] = {}
        """The schemas of the target's formats, each compiled on first use."""
        self.against: dict[str, Any] = {}
        """The files of `--against` with their keys and the state in which each was read, by path."""
        self.places: PlaceFinder | None = None
        """What finds the places of values in raw lines, once the C code has been loaded."""

    def verdict(self, shape: Signature, file_format: str | None) -> Verdict | None:
        """Return the verdict on a structure, None if it is not in the cache."""
        return self.verdicts.setdefault(file_format, {}).get(shape)

    def keep(self, verdict: Verdict, shape: Signature, file_format: str | None, *, passes: bool) -> None:
        """Cache a verdict, unless it is very large. `passes`: only texts can give findings in such a record."""
        size = size_of(shape) + 8 * len(verdict.sketches)
        if size > MAX_REMEMBERED_SIZE // 100:
            return
        verdicts, taken = self.verdicts.setdefault(file_format, {}), self.sizes.get(file_format, 0)
        if len(verdicts) >= MAX_REMEMBERED or taken > MAX_REMEMBERED_SIZE:
            verdicts.clear()
            taken = 0
        verdicts[shape] = verdict
        self.sizes[file_format] = taken + size
        if passes and len(shape) == 2 and shape[0] == "messages":
            self._keep_clean(shape[1], file_format)

    def _keep_clean(self, messages: Any, file_format: str | None) -> None:
        """Let the hot path pass such conversations if all messages are plain, so that the signature has only roles."""
        if isinstance(messages, tuple) and all(isinstance(message, str) for message in messages):
            roles = self.clean_chats.setdefault(file_format, set())
            if len(roles) >= MAX_REMEMBERED:
                roles.clear()
            roles.add(messages)


def size_of(shape: Collection[Any]) -> int:
    """Return the number of parts of a structure, or of what is made of some; a long key counts as several."""
    size = len(shape)
    for part in shape:
        if type(part) in (tuple, frozenset):
            size += size_of(part)
        elif type(part) is str:
            size += len(part) // 16
    return size


def grouped(rules: Iterable[RecordRule], record: Record) -> tuple[RuleGroup, ...]:
    """Return the rules by the screens that they have for records of this structure."""
    found: dict[Screen | None, list[RecordRule]] = {}
    for rule in rules:
        found.setdefault(rule.screen_for(record), []).append(rule)
    return tuple([RuleGroup(screen, tuple(sharing)) for screen, sharing in found.items()])


def has_images(record: Record) -> bool:
    """Whether a part of a message is more than a text."""
    parts = [part for message in record.messages if isinstance(message.content, list) for part in message.content]
    return any(isinstance(part, dict) and not isinstance(part.get("text"), str) for part in parts)


def has_calls(record: Mapping[str, Any]) -> bool:
    """Whether a message calls a tool."""
    messages = chain.from_iterable(found for _, found in message_lists(record))
    return any(isinstance(message, dict) and isinstance(message.get("tool_calls"), list) for message in messages)
