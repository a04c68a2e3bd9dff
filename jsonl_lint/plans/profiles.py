"""Verdicts on long conversations: those of one profile share what is wrong with them, message by message."""

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Pointer
from jsonl_lint.plans.registry import Rules
from jsonl_lint.plans.verdicts import MAX_REMEMBERED_SIZE, Verdict, size_of
from jsonl_lint.records.profile import Conversation, conversation_in
from jsonl_lint.records.profile import profile as profile_of
from jsonl_lint.records.structure import Signature
from jsonl_lint.rule import Rule, Sketch

Situation = tuple[int, bool, Any, Any]
"""Where a message stands: whether it is the first, the second or a later one; whether it is the last; the structure of
the message before it; and its own."""


class ProfileVerdict:
    """The verdict on all structures of one profile (`records/profile.py`).

    What is wrong with a message follows from its situation, unless the rule is `about_conversation`; all else is
    common to the whole profile. Tests verify this of all rules. `common` lacks the sketches about messages; if there
    are some, it `varies`.
    """

    def __init__(self, found: Verdict, shape: Signature) -> None:
        self.at: Pointer = _conversation(shape).at
        """Where the conversation is in a record."""
        own = tuple([sketch for sketch in found.sketches if not self._is_about_message(sketch)])
        self.common = found._replace(sketches=own, varies=len(own) < len(found.sketches))
        self.by_situation: dict[Situation, tuple[Sketch, ...]] = {}

    def learn(self, found: Verdict, shape: Signature) -> int:
        """Learn from the verdict on one of the structures; return by how many parts this has grown."""
        about: dict[int, list[Sketch]] = {}
        place = len(self.at)
        for sketch in found.sketches:
            if self._is_about_message(sketch):
                own = sketch._replace(pointer=sketch.pointer[place + 1 :])
                about.setdefault(int(sketch.pointer[place]), []).append(own)
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
            sketches += [sketch._replace(pointer=(*self.at, index, *sketch.pointer)) for sketch in found]
        return self.common._replace(sketches=tuple(sketches))

    def _is_about_message(self, sketch: Sketch) -> bool:
        return len(sketch.pointer) > len(self.at) and sketch.pointer[: len(self.at)] == self.at


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
            profile = profile_of(shape)
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
        verdict = verdict or ProfileVerdict(found, shape)
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


def _conversation(shape: Signature) -> Conversation:
    """Return the conversation of a structure that has a profile."""
    conversation = conversation_in(shape)
    assert conversation is not None
    return conversation


def _situations(shape: Signature) -> Iterator[Situation]:
    """Yield the situation of each message."""
    messages = _conversation(shape).messages
    before, last = None, len(messages) - 1
    for index, message in enumerate(messages):
        yield min(index, 2), index == last, before, message
        before = message
