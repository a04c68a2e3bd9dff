"""Verdicts on long conversations: those of one profile share what is wrong with them, message by message."""

from collections.abc import Iterator, Sequence
from typing import Any

from jsonl_lint.plans.registry import Rules
from jsonl_lint.plans.verdicts import MAX_REMEMBERED_SIZE, Verdict, size_of
from jsonl_lint.rule import Rule, Sketch
from jsonl_lint.structure import Signature, profile

Setting = tuple[int, bool, Any, Any]
"""Where a message stands: whether it is the first, the second or a later one; whether it is the last; the structure of
the message before it; and its own."""


class TalkVerdict:
    """The verdict on all structures of one profile (`structure.profile`).

    What is wrong with a message follows from its setting, unless the rule is `about_conversation`; all else is the same
    for the whole profile. Tests verify this of all rules. `verdict` lacks the sketches about messages; if there are
    some, it `varies`.
    """

    def __init__(self, found: Verdict) -> None:
        own = tuple([sketch for sketch in found.sketches if not _is_about_message(sketch)])
        self.verdict = found._replace(sketches=own, varies=len(own) < len(found.sketches))
        self.by_setting: dict[Setting, tuple[Sketch, ...]] = {}

    def learn(self, found: Verdict, shape: Signature) -> int:
        """Learn from the verdict on one of the structures; return by how many parts this has grown."""
        about: dict[int, list[Sketch]] = {}
        for sketch in found.sketches:
            if _is_about_message(sketch):
                about.setdefault(int(sketch.pointer[1]), []).append(sketch._replace(pointer=sketch.pointer[2:]))
        added = 0
        for index, setting in enumerate(_settings(shape)) if self.verdict.varies else ():
            if setting not in self.by_setting:
                self.by_setting[setting] = tuple(about.get(index, ()))
                added += size_of(setting) + 8 * len(self.by_setting[setting])
        return added

    def on(self, shape: Signature) -> Verdict | None:
        """Return the verdict on one of the structures, None if a message has a setting that is not known."""
        if not self.verdict.varies:
            return self.verdict
        sketches = list(self.verdict.sketches)
        for index, setting in enumerate(_settings(shape)):
            found = self.by_setting.get(setting)
            if found is None:
                return None
            sketches += [sketch._replace(pointer=("messages", index, *sketch.pointer)) for sketch in found]
        return self.verdict._replace(sketches=tuple(sketches))


class Talks:
    """The verdicts on long conversations that structures share, by file format and profile. Cleared when it is full."""

    def __init__(self, rules: Rules[Rule]) -> None:
        self.rules = rules
        self.known: dict[tuple[str | None, Signature], TalkVerdict] = {}
        self.size = 0
        self.last: tuple[Signature, Signature | None] = (), None
        """The structure asked for last, and its profile: what has no verdict yet is learned next."""

    def profile(self, shape: Signature) -> Signature | None:
        """Return the structure's profile, None if it has none."""
        last, same = self.last
        if last is not shape:
            same = profile(shape)
            self.last = shape, same
        return same

    def verdict(self, shape: Signature, file_format: str | None) -> Verdict | None:
        """Return the verdict on a structure, None if it does not follow from those on others."""
        same = self.profile(shape)
        talk = self.known.get((file_format, same)) if same else None
        return talk.on(shape) if talk else None

    def learn(self, found: Verdict, shape: Signature, file_format: str | None) -> Verdict:
        """Learn from the verdict on a structure, and return it; `varies` is set if it has to be."""
        same = self.profile(shape)
        if same is None or found.more or any([self.rules[rule].about_conversation for rule in _rules_in(found)]):
            return found
        key = file_format, same
        talk = self.known.get(key)
        size = 0 if talk else size_of(same)
        talk = talk or TalkVerdict(found)
        size += talk.learn(found, shape)
        if self.size > MAX_REMEMBERED_SIZE:
            self.known.clear()
            self.size = 0
        if size <= MAX_REMEMBERED_SIZE // 100:
            self.known[key] = talk
            self.size += size
        else:
            self.known.pop(key, None)
        return found._replace(varies=talk.verdict.varies)


def _rules_in(found: Verdict) -> set[str]:
    return {sketch.rule for sketch in found.sketches}


def _is_about_message(sketch: Sketch) -> bool:
    return len(sketch.pointer) > 1 and sketch.pointer[0] == "messages"


def _settings(shape: Signature) -> Iterator[Setting]:
    """Yield the setting of each message."""
    messages: Sequence[Any] = shape[shape.index("messages") + 1]
    before, last = None, len(messages) - 1
    for index, message in enumerate(messages):
        yield min(index, 2), index == last, before, message
        before = message
