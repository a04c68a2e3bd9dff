"""One scan for all rules about texts: which of them have to look at a record.

Most texts concern no rule, and those should cost next to nothing. So the texts of a record are joined, every
character is replaced by its class, and a few substring searches prove that no rule is concerned. They run on decoded
texts: how a character is escaped in the file makes no difference. Only if a class is found, the patterns of its rules
are searched, and only rules whose pattern matches see the record.

This may let a rule see a record in which it finds nothing; the reverse must not happen, and tests compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from jsonl_lint.plans.prefilter import ALL, Prefilters, compile_prefilters, hidden_units
from jsonl_lint.rule import TextRule
from jsonl_lint.texts import (
    LONG_WORD,
    LONGEST_WHOLE,
    WORD_CHARACTERS,
    ends_in_loop,
    plain_text,
)

_ASCII = bytes(range(128))
_OTHER, _WORD, _MARK = b" a!"
_RUN = b"a" * LONG_WORD
_LONG_WORD = _RUN + b" "
"""A long word and what follows it: CPython finds a needle four times as fast if its last byte is like no other."""


class Scan:
    """The compiled triggers of text rules."""

    def __init__(self, rules: Sequence[TextRule]) -> None:
        self.rules = tuple(rules)
        self.always = [rule for rule in rules if not rule.triggers]
        self.long_words = [rule for rule in rules if rule.long_words]
        self.repeats = any(rule.repeats for rule in rules)
        self.endings = tuple({ending for rule in rules for ending in rule.endings})
        self.last_characters = frozenset(ending[-1] for ending in self.endings)
        self.longest_whole = LONGEST_WHOLE if any(rule.whole for rule in rules) else 0
        self.by_name = {rule.name: rule for rule in rules}
        self._patterns: dict[str, tuple[list[Callable[[str], object]], re.Pattern[str] | None]] = {}
        self._marked: dict[int, list[TextRule]] = {}
        self.by_mark: dict[str, list[str]] = {}
        for rule in rules:
            for mark in rule.marks:
                self.by_mark.setdefault(mark, []).append(rule.name)
        self.beyond = not all(map(str.isascii, self.by_mark))
        self.astral_leads = {mark.encode()[:1] for mark in self.by_mark if mark > "\uffff"}
        self.ascii_marks = bytes(sorted(ord(mark) for mark in self.by_mark if mark.isascii()))
        classes = bytearray([_OTHER]) * 256
        for character in WORD_CHARACTERS:
            classes[ord(character)] = _WORD
        self.words = bytes(classes)
        for code in self.ascii_marks:
            classes[code] = _MARK
        self.classes = bytes(classes)
        self.unmarked = bytes(code for code in range(256) if code not in self.ascii_marks)

    @cached_property
    def beyond_ascii(self) -> re.Pattern[str]:
        """Finds marks between U+0080 and U+FFFF. Compiled when the first text needs it."""
        return _one_of(mark for mark in self.by_mark if "\x7f" < mark <= "\uffff")

    @cached_property
    def astral(self) -> re.Pattern[str]:
        """Finds marks beyond U+FFFF: a set that holds these as well is searched ten times as slowly."""
        return _one_of(mark for mark in self.by_mark if mark > "\uffff")

    def marks_beyond_ascii(self, joined: str, raw: bytes) -> set[str]:
        """The marks in it that are not ASCII."""
        if not self.beyond or joined.isascii():
            return set()
        others = raw.translate(None, _ASCII).decode()
        found = _all_different(self.beyond_ascii, others)
        return found | _all_different(self.astral, others) if self.may_be_astral(raw) else found

    def may_be_astral(self, raw: bytes) -> bool:
        """Whether a mark beyond U+FFFF may be there."""
        return any([lead in raw for lead in self.astral_leads])

    def patterns(self, rule: TextRule) -> tuple[list[Callable[[str], object]], re.Pattern[str] | None]:
        """The searches for the rule's patterns, and the pattern for long words; compiled when they are first needed."""
        found = self._patterns.get(rule.name)
        if found is None:
            long_word = re.compile(rule.long_word_pattern) if rule.long_words else None
            found = self._patterns[rule.name] = [_search(pattern) for pattern in rule.patterns], long_word
        return found

    def concerned(self, texts: Sequence[str], lasts: Sequence[str], among: int = ALL) -> list[TextRule]:
        """The rules that have to see the record with these texts, which ends with one of `lasts`.

        `among` are those that the marks in its line concern, if these are known.
        """
        if among != ALL:
            marked, ended = self.marked(among), self.by_ends(lasts)
            return self.selected(ended.union([rule.name for rule in marked])) if ended else marked
        joined = "\n".join(texts)
        raw = joined.encode()
        classes = raw.translate(self.classes)
        beyond = self.marks_beyond_ascii(joined, raw)
        if (
            b"!" in classes
            or (self.long_words and (_LONG_WORD in classes or classes.endswith(_RUN)))
            or (self.longest_whole and min(map(len, texts), default=LONGEST_WHOLE) <= self.longest_whole)
            or beyond
            or self.always
            or any(map(self.ends, lasts))
        ):
            return self.rules_for(texts, lasts, joined, raw, beyond)
        return []

    def marked(self, among: int) -> list[TextRule]:
        """The rules of a set of them."""
        found = self._marked.get(among)
        if found is None:
            found = self._marked[among] = [rule for index, rule in enumerate(self.rules) if among >> index & 1]
        return found

    def ends(self, last: str) -> bool:
        """Whether the text ends in a way that a rule asks for."""
        return (last[-1:] in self.last_characters and last.endswith(self.endings)) or (
            self.repeats and ends_in_loop(last)
        )

    @cached_property
    def prefilters(self) -> Prefilters | None:
        """What finds the places in lines that concern rules by more than the ends of texts."""
        return compile_prefilters(self.rules)

    def beyond_marks(self) -> tuple[set[int], list[bytes]]:
        """What concerns rules in plain conversations beside what `prefilters.plain` finds.

        The code units of characters that an escape would hide, and how texts may end, as JSON.
        """
        from json import dumps

        endings = [
            dumps(text, ensure_ascii=escaped)[1:-1].encode() for text in self.endings for escaped in (False, True)
        ]
        return hidden_units(self.rules), endings

    def compile(self) -> None:
        """Compile everything now, before processes are forked that would each compile it."""
        _ = self.prefilters, self.beyond_ascii, self.astral
        for rule in self.rules:
            self.patterns(rule)

    @property
    def compiled(self) -> bool:
        """Whether asking for `prefilters` costs nothing more."""
        return "prefilters" in vars(self)

    def rules_for(
        self, texts: Sequence[str], lasts: Sequence[str], joined: str, raw: bytes, beyond: set[str]
    ) -> list[TextRule]:
        """The rules that the texts concern, each looked for in the ways it has declared."""
        wanted = {rule.name for rule in self.always}
        marks = beyond.union(raw.translate(None, self.unmarked).decode("ascii"))
        for name in {name for mark in marks for name in self.by_mark[mark]}:
            if self.fits(name, joined):
                wanted.add(name)
        if self.long_words and (words := list(_long_words(raw, raw.translate(self.words)))):
            wanted.update([rule.name for rule in self.long_words if self.fits(rule.name, joined, words)])
        if self.longest_whole:
            short = [plain_text(text) for text in texts if len(text) <= self.longest_whole]
            if short:
                wanted.update([rule.name for rule in self.rules if not rule.whole.isdisjoint(short)])
        return self.selected(wanted | self.by_ends(lasts))

    def by_ends(self, lasts: Iterable[str]) -> set[str]:
        """The rules that the end of one of the texts concerns."""
        wanted: set[str] = set()
        for last in filter(self.ends, lasts):
            looped = self.repeats and ends_in_loop(last)
            asked = [rule for rule in self.rules if last.endswith(rule.endings) or (looped and rule.repeats)]
            wanted.update([rule.name for rule in asked])
        return wanted

    def selected(self, names: set[str]) -> list[TextRule]:
        """The rules with these names, in their order."""
        return [rule for rule in self.rules if rule.name in names] if names else []

    def fits(self, name: str, joined: str, words: Sequence[str] = ()) -> bool:
        """Whether one of the rule's patterns matches; a rule without patterns is content with its marks."""
        patterns, long_word = self.patterns(self.by_name[name])
        return (
            any([search(joined) for search in patterns])
            or (long_word is not None and any([long_word.match(word) for word in words]))
            or not (patterns or long_word)
        )


def _search(pattern: str) -> Callable[[str], object]:
    """What searches a text for the pattern; for a plain text there is a faster way than a regular expression."""
    plain = re.sub(r"\\(\W)", r"\1", pattern)
    if re.escape(plain) == pattern:
        return lambda text: plain in text
    return re.compile(pattern).search


def _all_different(characters: re.Pattern[str], text: str) -> set[str]:
    """Which of these characters are in the text. Few are, so a list of all places is not wanted: it may be huge."""
    found: set[str] = set()
    while match := characters.search(text):
        found.add(match[0])
        text = text[match.end() :].replace(match[0], "")
    return found


def _one_of(characters: Iterable[str]) -> re.Pattern[str]:
    found = "".join(map(re.escape, sorted(characters)))
    return re.compile(f"[{found}]" if found else "(?!)")


def _long_words(raw: bytes, classes: bytes) -> Iterator[str]:
    """Every unbroken run of word characters that is long enough."""
    classes += b" "
    found = classes.find(_LONG_WORD)
    while found >= 0:
        start, end = classes.rfind(b" ", 0, found) + 1, found + LONG_WORD
        yield raw[start:end].decode("ascii")
        found = classes.find(_LONG_WORD, end)
