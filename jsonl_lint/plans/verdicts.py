"""What is known of all records of one structure, and the memory of it."""

import sys
from collections.abc import Iterable
from typing import Any, NamedTuple

from jsonl_lint.model import Applicability, Pointer
from jsonl_lint.rule import DatasetRule, RecordRule, Screen, Sketch
from jsonl_lint.structure import Signature

MAX_REMEMBERED = 20_000
MAX_REMEMBERED_SIZE = 200_000
"""Structures remembered for each file format, and their parts altogether; then the memory starts afresh."""


MOST_SKETCHES = 10_000
"""Sketches of one rule that are kept of a record. A hostile one has millions, and its report shows few."""


class Sketches:
    """What is found in a record, in order: of each rule the first ones, and how many more there are.

    `more` counts by rule and by how it can be repaired. `most`: how many are kept, 0 for all.
    """

    def __init__(self, most: int, kept: Iterable[Sketch] = ()) -> None:
        self.kept = list(kept)
        self.more: dict[tuple[str, Applicability | None], int] = {}
        self._most = most
        self._of_rule: dict[str, int] = {}

    def add(self, found: Iterable[Sketch]) -> None:
        """These as well."""
        for sketch in found:
            count = self._of_rule.get(sketch.rule, 0)
            if count < self._most or not self._most:
                self._of_rule[sketch.rule] = count + 1
                self.kept.append(sketch)
            else:
                key = (sketch.rule, sketch.fix)
                self.more[key] = self.more.get(key, 0) + 1


class Verdict(NamedTuple):
    """What is wrong with every record of one structure, and what remains to be looked at in each record."""

    sketches: tuple[Sketch, ...]
    """Of each rule as many as `Plan.most_sketches`; `more` counts the others."""
    format: str | None
    numbers_at: tuple[Pointer, ...]
    """Where numbers may stand whose spelling matters."""
    rules: tuple[RecordRule, ...]
    """Those that have to see the real record."""
    screens: tuple[Screen, ...]
    """What may say at once that none of `rules` finds anything; nothing if one of them has no screen."""
    keys: tuple[DatasetRule, ...]
    """Those that take a key from it."""
    max_bytes: int | None
    """The target's limit for a record of this format."""
    sure_bytes: int = sys.maxsize
    """A line with at most this many bytes is not too long for the model."""
    tools: bool = False
    """Whether records of this structure define or call tools, or name their model, and hold no image.

    Then `sure_bytes` is -1, and the bytes of each line may still settle it.
    """
    names_model: bool = False
    """Whether each record names its model itself."""
    calls: bool = False
    """Whether its messages call tools, with arguments whose types no structure shows."""
    more: tuple[tuple[tuple[str, Applicability | None], int], ...] = ()
    satisfies: bool = True
    """Whether its records surely satisfy the user's schema, if there is one; else each has to be shown to it."""

    @property
    def tells_keys(self) -> bool:
        """Whether all records of the structure have the same keys by which they are compared, if any."""
        return all([rule.of_structure for rule in self.keys])

    @property
    def clean(self) -> bool:
        """Whether nothing more can be found without looking at texts, as long as the line is short enough."""
        return not (self.sketches or self.numbers_at or self.rules or self.keys or self.names_model or self.max_bytes)


Recognised = tuple[Verdict, frozenset[str], frozenset[tuple[str, str]]]
"""What is known of a structure that the compiled part has spelled: its verdict, the keys of its root, all its kinds."""


class Memory:
    """What has been judged, by the format of the file. Each part of it starts afresh when it is full."""

    def __init__(self, vouched: Iterable[tuple[str, ...]] = ()) -> None:
        """`vouched` are role sequences of conversations that are known to be clean."""
        self.verdicts: dict[str | None, dict[Signature, Verdict]] = {
            "chat": {("messages", roles): Verdict((), "chat", (), (), (), (), None) for roles in vouched}
        }
        self.sizes: dict[str | None, int] = {}
        """The parts of the structures in `verdicts`, altogether."""
        self.clean_chats: dict[str | None, set[tuple[str, ...]]] = {"chat": set(vouched)}
        """Role sequences of conversations known to be clean: the engine's shortest way."""
        self.recognised: dict[str | None, dict[bytes, Recognised]] = {}
        """Structures by how the compiled part spells them: each stream of lines has them learned anew."""

    def verdict(self, shape: Signature, file_format: str | None) -> Verdict | None:
        """The verdict on a structure, None if it has not been seen."""
        return self.verdicts.setdefault(file_format, {}).get(shape)

    def keep(self, verdict: Verdict, shape: Signature, file_format: str | None, *, passes: bool) -> None:
        """Remember a verdict, unless it is very large. `passes`: nothing but texts can make such a record wrong."""
        size = _size(shape) + 8 * len(verdict.sketches) + 4 * len(verdict.numbers_at)
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
        """Let the hot path pass such conversations if all messages are plain: then a signature has only roles."""
        if isinstance(messages, tuple) and all(isinstance(message, str) for message in messages):
            roles = self.clean_chats.setdefault(file_format, set())
            if len(roles) >= MAX_REMEMBERED:
                roles.clear()
            roles.add(messages)


def _size(shape: Signature) -> int:
    """How many parts a structure has; a long key counts for several."""
    size = len(shape)
    for part in shape:
        if type(part) is tuple:
            size += _size(part)
        elif type(part) is str:
            size += len(part) // 16
    return size
