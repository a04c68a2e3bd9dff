"""The keys of written records, by which a `DatasetRule` compares them; repeated keys are replaced by new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from jsonl_lint.engine import PartialReport
from jsonl_lint.engine.keylog import KeyLog, digest_of
from jsonl_lint.fixer.judge import Judge
from jsonl_lint.fixer.mend import Mended, Refusal
from jsonl_lint.fixer.patch import Change, lines_of
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.jsonspan import ByteOffsets, decode, encode
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.project.baseline import Entry
from jsonl_lint.repair import EditText, Piece
from jsonl_lint.repair.splice import Splicer, byte_edits
from jsonl_lint.rule import DatasetRule


class Key(NamedTuple):
    """The key by which a rule compares a record, as a digest, and its place; `accepted`: it may be a repetition."""

    rule: DatasetRule
    digest: int
    pointer: str = ""
    accepted: bool = False


class WrittenKeys:
    """The keys of the records written so far; each takes some 100 bytes."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        self.plan = permission.plan
        self.rules = {rule.name: rule for rule in self.plan.by_kind.dataset}
        self.seen: dict[str, dict[int, int]] = {name: {} for name in self.rules}
        self.reported: Counter[str] = Counter()
        """The number of findings of each rule, without accepted ones."""
        self.read: Counter[str] = Counter()
        """How many keys of each rule's log have been noted."""
        self.gone: set[tuple[str, int]] = set()
        """Keys of `distinct` rules that the first record with them has lost."""

    def logged_in(self, report: PartialReport, line: int) -> dict[int, list[Key]]:
        """Return the keys added to the report since the last call, by line relative to `line`."""
        found: dict[int, list[Key]] = {}
        for name, log in report.keys.items():
            for index in range(self.read[name], len(log.digests)):
                found.setdefault(log.lines[index] - line, []).append(self.key(name, log, index))
            self.read[name] = len(log.digests)
        return found

    def key(self, name: str, log: KeyLog, index: int = 0) -> Key:
        """Return one key of a log."""
        return Key(self.rules[name], log.digests[index], log.pointers[log.pointer_of[index]])

    def judged(self, key: Key) -> Key:
        """Return the key with `accepted` set. Called once for each record, because it uses up acceptances."""
        return key._replace(accepted=bool(self.permission.acceptance) and self.repeats(key) and self._accepts(key))

    def _accepts(self, key: Key) -> bool:
        return self.permission.acceptance.reason(Entry(key.rule.name, key.pointer, "")) is not None

    def repeats(self, key: Key) -> bool:
        """Whether a record with this key has been written, and its rule reports the next one."""
        return not key.rule.distinct and key.digest in self.seen[key.rule.name]

    def add(self, keys: Iterable[Key]) -> None:
        """Note the keys of a record that is written."""
        for key in keys:
            seen = self.seen[key.rule.name]
            if key.rule.distinct:
                self.reported[key.rule.name] += bool(seen) and key.digest not in seen and not self._accepts(key)
            else:
                self.reported[key.rule.name] += key.digest in seen and not key.accepted
            seen[key.digest] = seen.get(key.digest, 0) + 1

    def lose(self, noted: Iterable[Key], kept: list[Key]) -> None:
        """Note that of a record's keys only `kept` are written, or none if the record is dropped.

        The log of a `distinct` rule has only the first record with a key, so other records may still have a lost key.
        """
        digests = {(key.rule.name, key.digest) for key in kept}
        self.gone.update({(key.rule.name, key.digest) for key in noted if key.rule.distinct} - digests)

    def unsure(self) -> set[str]:
        """Return the rules that may have more findings than were counted."""
        return {name for name, digest in self.gone if digest not in self.seen[name]}

    def free_suffix(self, key: Key, text: str) -> str:
        """Return the suffix that turns the text into a key that no record has yet."""
        seen = self.seen[key.rule.name]
        number = seen[key.digest] + 1
        while digest_of(f"{text}{key.rule.suffix}{number}") in seen:
            number += 1
        return f"{key.rule.suffix}{number}"

    def findings(self) -> dict[tuple[str, Severity], int]:
        """Return the number of findings in the written records."""
        return {(name, self.plan.severities[name]): count for name, count in self.reported.items() if count > 0}

    def more_unsafe(self) -> int:
        """Return how many more records would get a new key with unsafe fixes."""
        if self.plan.settings.unsafe_fixes:
            return 0
        return sum(
            count
            for name, count in self.reported.items()
            if self.applicability(self.rules[name]) is Applicability.UNSAFE
        )

    def replaces(self, key: Key) -> bool:
        """Whether a record with this key gets a new one instead, since it is repeated."""
        return not key.accepted and self.permission.allows(self.applicability(key.rule)) and self.repeats(key)

    def applicability(self, rule: DatasetRule) -> Applicability | None:
        """Return the applicability of giving a record a new key, None if the rule's keys cannot be replaced."""
        return self.plan.applicability(rule.name, rule.usual_fix())


class Keyed(NamedTuple):
    """A record, or the records that it has become, with the keys by which they are written."""

    mended: Mended
    keys: list[Key]


def with_new_keys(mended: Mended, known: list[Key] | None, judge: Judge, written: WrittenKeys) -> Keyed:
    """Give records new keys where theirs are repeated, if that is permitted. Of an unchanged one they may be known."""
    if not written.rules:
        return Keyed(mended, [])
    before: list[Key] = []
    after: list[Key] = []
    edits: list[Change] = []
    offset = 0
    text = mended.patch.text
    logs = judge.judge(text).keys if known is None else []
    for number, line in enumerate(lines_of(text)):
        own = [written.key(name, log) for name, log in logs[number].items()] if known is None else known
        for key in map(written.judged, own):
            before.append(key)
            if written.replaces(key):
                change, key = _renamed(line, offset, key, judge, written)
                edits.append(change)
            after.append(key)
        offset += len(line)
    if not edits:
        return Keyed(mended, before)
    patch = mended.patch.changed(edits)
    findings = judge.judge(patch.text).findings
    names = tuple(change.rules[0] for change in edits)
    worse = Counter(each.rule for each in findings) - Counter(each.rule for each in mended.findings)
    if worse:
        refused = Refusal(names[0], f"it would bring a finding of {min(worse)}")
        return Keyed(mended._replace(refused=(*mended.refused, refused)), before)
    return Keyed(Mended(patch, findings, dict(Counter(mended.fixed) + Counter(names)), mended.refused), after)


def _renamed(line: bytes, offset: int, key: Key, judge: Judge, written: WrittenKeys) -> tuple[Change, Key]:
    """Return the change that gives the record at byte `offset` a new key, and that key."""
    text = decode(line.rstrip(b"\r\n"))
    splicer = Splicer(text)
    pointer, value = key.rule.key(judge.plan.view(splicer.nodes.document.root.value, judge.origin.file_format))
    more = written.free_suffix(key, value)
    edits = splicer.edits([EditText(pointer, (Piece(len(value), len(value), more),))])
    (edit,) = byte_edits(ByteOffsets(text), edits, offset)
    change = Change(edit.byte_start, edit.byte_end, encode(edit.content), (key.rule.name,))
    return change, key._replace(digest=digest_of(value + more))
