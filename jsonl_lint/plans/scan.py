"""One scan for all text rules: find out which of them have to see a record.

Most texts concern no rule, and these should cost next to nothing. So the texts of a record are joined, every byte is
replaced by its class, and a few substring searches prove that no rule is concerned. The texts are decoded, so it makes
no difference how characters are escaped in the file. Only if a class is found, the patterns of its rules are searched
for, and only rules with a match see the record.

A rule may see a record in which it finds nothing; but it must never miss one, which tests verify.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, reduce
from itertools import accumulate, repeat
from operator import or_

from jsonl_lint.plans.prefilter import ALL, Mark, Prefilter, Prefilters, compile_prefilters, hidden_units, raw_controls
from jsonl_lint.records.texts import (
    LONG_WORD,
    LONGEST_WHOLE,
    WORD_CHARACTERS,
    ends_in_loop,
    plain_text,
)
from jsonl_lint.rule import TextRule

_ASCII = bytes(range(128))
_OTHER, _WORD, _MARK = b" a!"
_RUN = b"a" * LONG_WORD
_LONG_WORD = _RUN + b" "
"""A long word and what follows it. CPython finds a substring four times as fast if its last byte is unique in it."""


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
        self._alone: dict[str, Scan] = {}
        self.clearing = {1 << index: rule for index, rule in enumerate(rules) if rule.clears_lines}
        """By bit, the rules that may clear a line of their marks."""
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
        """Finds marks between U+0080 and U+FFFF. Compiled on first use."""
        return _one_of(mark for mark in self.by_mark if "\x7f" < mark <= "\uffff")

    @cached_property
    def astral(self) -> re.Pattern[str]:
        """Finds marks beyond U+FFFF: a character set with these is ten times as slow."""
        return _one_of(mark for mark in self.by_mark if mark > "\uffff")

    def marks_beyond_ascii(self, joined: str, raw: bytes) -> set[str]:
        """Return the non-ASCII marks in the text."""
        if not self.beyond or joined.isascii():
            return set()
        others = raw.translate(None, _ASCII).decode()
        found = _all_different(self.beyond_ascii, others)
        return found | _all_different(self.astral, others) if self.may_be_astral(raw) else found

    def may_be_astral(self, raw: bytes) -> bool:
        """Whether there may be a mark beyond U+FFFF."""
        return any([lead in raw for lead in self.astral_leads])

    def patterns(self, rule: TextRule) -> tuple[list[Callable[[str], object]], re.Pattern[str] | None]:
        """Return the searches for the rule's patterns, and the pattern for long words; compiled on first use."""
        found = self._patterns.get(rule.name)
        if found is None:
            long_word = re.compile(rule.long_word_pattern) if rule.long_words else None
            found = self._patterns[rule.name] = [_search(pattern) for pattern in rule.patterns], long_word
        return found

    def concerned(self, texts: Sequence[str], lasts: Sequence[str], among: int = ALL) -> list[TextRule]:
        """Return the rules that have to see the record with these texts, of which it may end with `lasts`.

        `among` is the set of rules for which its line has marks, if that is known.
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
            or any(map(self.matches_end, lasts))
        ):
            return self.rules_for(texts, lasts, joined, raw, beyond)
        return []

    def concerns(self, rule: TextRule, texts: Sequence[str]) -> bool:
        """Whether this rule has to see a record with these texts, each of which may be how it ends."""
        if rule.name not in self._alone:
            self._alone[rule.name] = Scan((rule,))
        return bool(self._alone[rule.name].concerned(texts, texts))

    def marked(self, among: int) -> list[TextRule]:
        """Return the rules in the set."""
        found = self._marked.get(among)
        if found is None:
            found = self._marked[among] = [rule for index, rule in enumerate(self.rules) if among >> index & 1]
        return found

    def matches_end(self, last: str) -> bool:
        """Whether the text ends in a way that concerns a rule."""
        return (last[-1:] in self.last_characters and last.endswith(self.endings)) or (
            self.repeats and ends_in_loop(last)
        )

    @cached_property
    def prefilters(self) -> Prefilters | None:
        """The Hyperscan filters, which find what concerns rules apart from the ends of texts."""
        return compile_prefilters(self.rules)

    def marks_in(self, lines: bytes, *, compiling: bool) -> tuple[list[Mark], Prefilter | None]:
        """Return the marks in lines, in order; unless the filters are worth `compiling`, each line's end is one.

        The second value finds the marks that escapes may hide.
        """
        filters = self.prefilters if compiling else None
        if filters is None:
            return list(zip(accumulate(map(len, io.BytesIO(lines))), repeat(ALL))), None
        return filters.plain(lines), filters.hidden

    def uncleared(self, marks: list[Mark], lines: bytes) -> list[Mark]:
        """Return those of the marks in lines of JSON that are left when rules have cleared lines of their marks."""
        if not self.clearing:
            return marks
        found: list[Mark] = []
        first = 0
        while first < len(marks):
            place = marks[first][0] - 1
            start, stop = lines.rfind(b"\n", 0, place) + 1, lines.find(b"\n", place) + 1 or len(lines)
            after = bisect_left(marks, (stop + 1, 0), first)
            of_line, first = marks[first:after], after
            cleared = self.cleared(of_line, lines[start:stop], start) if lines.startswith(b"{", start) else 0
            found += [(end, left) for end, rules in of_line if (left := rules & ~cleared)]
        return found

    def cleared(self, marks: list[Mark], line: bytes, start: int) -> int:
        """Return the set of rules that clear a line, which begins with this byte, of its marks."""
        cleared = 0
        for bit, rule in self.clearing.items():
            ends = [end - start for end, rules in marks if rules & bit]
            if ends and rule.clears(line, ends):
                cleared |= bit
        return cleared

    def marked_in(self, line: bytes, *, compiling: bool) -> int:
        """Return the set of rules for which a line of JSON has marks; `ALL` if no filters are worth `compiling`."""
        filters = self.prefilters if compiling else None
        if filters is None:
            return ALL
        return reduce(or_, [rules for _, rules in (*filters.plain(line), *filters.hidden(line))], 0)

    def beyond_marks(self) -> tuple[set[int], list[bytes]]:
        """Return what may concern rules in a plain conversation although `prefilters.plain` does not find it.

        These are the code units of characters that an escape would hide, with raw control characters, and the endings
        of texts, spelled as JSON.
        """
        from json import dumps

        endings = {
            dumps(text, ensure_ascii=escaped)[1:-1].encode() for text in self.endings for escaped in (False, True)
        }
        return hidden_units(self.rules) | raw_controls(self.rules), sorted(endings)

    def compile(self) -> None:
        """Compile everything now, before processes are forked, each of which would have to compile it."""
        _ = self.prefilters, self.beyond_ascii, self.astral
        for rule in self.rules:
            self.patterns(rule)

    @property
    def compiled(self) -> bool:
        """Whether `prefilters` have been compiled already."""
        return "prefilters" in vars(self)

    def rules_for(
        self, texts: Sequence[str], lasts: Sequence[str], joined: str, raw: bytes, beyond: set[str]
    ) -> list[TextRule]:
        """Return the rules that the texts concern, using the triggers that each has declared."""
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
        """Return the names of the rules that the end of one of the texts concerns."""
        wanted: set[str] = set()
        for last in filter(self.matches_end, lasts):
            looped = self.repeats and ends_in_loop(last)
            asked = [rule for rule in self.rules if last.endswith(rule.endings) or (looped and rule.repeats)]
            wanted.update([rule.name for rule in asked])
        return wanted

    def selected(self, names: set[str]) -> list[TextRule]:
        """Return the rules with these names, in order."""
        return [rule for rule in self.rules if rule.name in names] if names else []

    def fits(self, name: str, joined: str, words: Sequence[str] = ()) -> bool:
        """Whether one of the rule's patterns matches; for a rule without patterns, its marks are enough."""
        patterns, long_word = self.patterns(self.by_name[name])
        return (
            any([search(joined) for search in patterns])
            or (long_word is not None and any([long_word.match(word) for word in words]))
            or not (patterns or long_word)
        )


def _search(pattern: str) -> Callable[[str], object]:
    """Return a search for the pattern; for a literal, that is faster than a regular expression."""
    plain = re.sub(r"\\(\W)", r"\1", pattern)
    if re.escape(plain) == pattern:
        return lambda text: plain in text
    return re.compile(pattern).search


def _all_different(characters: re.Pattern[str], text: str) -> set[str]:
    """Return which of these characters are in the text. A list of all matches is avoided, because it may be huge."""
    found: set[str] = set()
    while match := characters.search(text):
        found.add(match[0])
        text = text[match.end() :].replace(match[0], "")
    return found


def _one_of(characters: Iterable[str]) -> re.Pattern[str]:
    found = "".join(map(re.escape, sorted(characters)))
    return re.compile(f"[{found}]" if found else "(?!)")


def _long_words(raw: bytes, classes: bytes) -> Iterator[str]:
    """Yield every unbroken run of word characters that is long enough."""
    classes += b" "
    found = classes.find(_LONG_WORD)
    while found >= 0:
        start, end = classes.rfind(b" ", 0, found) + 1, found + LONG_WORD
        yield raw[start:end].decode("ascii")
        found = classes.find(_LONG_WORD, end)
