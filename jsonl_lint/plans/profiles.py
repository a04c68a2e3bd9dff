"""Verdicts on long conversations: those of one profile share what is wrong with them, message by message."""

from collections.abc import Iterator, Sequence
from typing import Any

from jsonl_lint.plans.registry import Rules
from jsonl_lint.plans.verdicts import MAX_REMEMBERED_SIZE, Verdict, size_of
from jsonl_lint.records import structure
from jsonl_lint.records.structure import Signature
from jsonl_lint.rule import Rule, Sketch

Situation = tuple[int, bool, Any, Any]
"""Where a message stands: whether it is the first, the second or a later one; whether it is the last; the structure of
the message before it; and its own."""


class ProfileVerdict:
    """The verdict on all structures of one profile (`structure.profile`).

    What is wrong with a message follows from its situation, unless the rule is `about_conversation`; all else is
    common to the whole profile. Tests verify this of all rules. `common` lacks the sketches about messages; if there
    are some, it `varies`.
    """

    def __init__(self, found: Verdict) -> None:
        own = tuple([sketch for sketch in found.sketches if not _is_about_message(sketch)])
        self.common = found._replace(sketches=own, varies=len(own) < len(found.sketches))
        self.by_situation: dict[Situation, tuple[Sketch, ...]] = {}

    def learn(self, found: Verdict, shape: Signature) -> int:
        """Learn from the verdict on one of the structures; return by how many parts this has grown."""
        about: dict[int, list[Sketch]] = {}
        for sketch in found.sketches:
            if _is_about_message(sketch):
                about.setdefault(int(sketch.pointer[1]), []).append(sketch._replace(pointer=sketch.pointer[2:]))
        added = 0
        for index, situation in enumerate(_situations(shape)) if self.common.varies else ():
            if situation not in self.by_situation:
                self.by_situation[situation] = tuple(about.get(index, ()))
                added += size_of(situation) + 8 * len(self.by_situation[situation])
        return added

    def on(self, shape: Signature) -> Verdict | None:
        """Return the verdict on one of the structures, None if a message has a situation that is not known."""
        if not self.common.varies:
            return self.common
        sketches = list(self.common.sketches)
        for index, situation in enumerate(_situations(shape)):
            found = self.by_situation.get(situation)
            if found is None:
                return None
            sketches += [sketch._replace(pointer=("messages", index, *sketch.pointer)) for sketch in found]
        return self.common._replace(sketches=tuple(sketches))


class ProfileVerdicts:
    """The verdicts on long conversations, by file format and profile; cleared when they take too much memory."""

    def __init__(self, rules: Rules[Rule]) -> None:
        self.rules = rules
        self.known: dict[tuple[str | None, Signature], ProfileVerdict] = {}
        self.size = 0
        self.last: tuple[Signature, Signature | None] = (), None
        """The structure asked for last, and its profile: what has no verdict yet is learned next."""

    def profile(self, shape: Signature) -> Signature | None:
        """Return the structure's profile, None if it has none."""
        last, profile = self.last
        if last is not shape:
            profile = structure.profile(shape)
            self.last = shape, profile
        return profile

    def verdict(self, shape: Signature, file_format: str | None) -> Verdict | None:
        """Return the verdict on a structure, None if it does not follow from those on others."""
        profile = self.profile(shape)
        known = self.known.get((file_format, profile)) if profile else None
        return known.on(shape) if known else None

    def learn(self, found: Verdict, shape: Signature, file_format: str | None) -> Verdict:
        """Learn from the verdict on a structure, and return it; `varies` is set if it has to be."""
        profile = self.profile(shape)
        if profile is None or found.more or any([self.rules[rule].about_conversation for rule in _rules_in(found)]):
            return found
        key = file_format, profile
        verdict = self.known.get(key)
        size = 0 if verdict else size_of(profile)
        verdict = verdict or ProfileVerdict(found)
        size += verdict.learn(found, shape)
        if self.size > MAX_REMEMBERED_SIZE:
            self.known.clear()
            self.size = 0
        if size <= MAX_REMEMBERED_SIZE // 100:
            self.known[key] = verdict
            self.size += size
        else:
            self.known.pop(key, None)
        return found._replace(varies=verdict.common.varies)


def _rules_in(found: Verdict) -> set[str]:
    return {sketch.rule for sketch in found.sketches}


def _is_about_message(sketch: Sketch) -> bool:
    return len(sketch.pointer) > 1 and sketch.pointer[0] == "messages"


def _situations(shape: Signature) -> Iterator[Situation]:
    """Yield the situation of each message."""
    messages: Sequence[Any] = shape[shape.index("messages") + 1]
    before, last = None, len(messages) - 1
    for index, message in enumerate(messages):
        yield min(index, 2), index == last, before, message
        before = message
