"""JL808."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import TRAINED, ReadRecord, Record, RereadingRule, Sketch
from jsonl_lint.wording import excerpt

LEAST_RECORDS = 30
"""With fewer records nobody can tell labels from short answers."""

MOST_LABELS = 200
LONGEST_LABEL = 40
MOST_WORDS = 5
"""The most labels that a file may have, and the most characters and words of one."""

_ANSWERED = frozenset((*TRAINED, "instruction", "alpaca", "prompt-response"))
"""The formats of records that end with an answer."""

_AROUND = " \t\r\n.,;:!\"'`()[]{}\u201c\u201d\u2018\u2019"
"""Characters around a label that do not count: with them it is still the same one. Signs like + and # do count."""


class RareLabel(RereadingRule):
    """A label is rare, while a few labels are the answers of nearly all records.

    Most such labels are misspelt, like "positve" or "Positive" among many "positive": the model learns a class that
    does not exist. A label that occurs only once cannot be learned either. Only data that classifies is judged: at
    least 30 records, nearly all with an answer of one to five words, and two to 200 labels of which common ones make
    up 95 in 100. Of two spellings the rarer one is reported, once. A label that merely looks like a common one is
    reported if it is much rarer; one that is like none, if it occurs once and only a few others do.
    """

    code = "JL808"
    name = "rare-label"
    severity = Severity.INFO
    help = "Spell the label as the other records do, or give it more examples."
    least_records = LEAST_RECORDS

    def check(self, records: Iterable[ReadRecord]) -> Iterator[tuple[ReadRecord, Sketch]]:
        """Yield the first record with each rare label. Reads on only while the answers may be labels."""
        counts = _label_counts(records)
        said = _messages(counts) if counts else {}
        if not said:
            return
        for read in records:
            answer = _answer(read.record)
            message = said.pop(answer[1], None) if answer else None
            if answer and message:
                yield read, self.sketch(answer[0], message)
                if not said:
                    return


def _label_counts(records: Iterable[ReadRecord]) -> Counter[str] | None:
    """Return how often each label occurs, in order of appearance; None if the answers are not labels."""
    counts: Counter[str] = Counter()
    others = 0
    for number, read in enumerate(records):
        answer = _answer(read.record)
        if answer and _may_be_label(answer[1]):
            counts[answer[1]] += 1
        else:
            others += 1
        if others > 5 + number // 20 or len(counts) > MOST_LABELS:
            return None
    return counts if counts.total() >= LEAST_RECORDS else None


def _answer(record: Record) -> tuple[Pointer, str] | None:
    """Return the place and the text of the answer that the record ends with, None if it does not."""
    if record.format not in _ANSWERED:
        return None
    if not record.messages_at:
        key = next((key for key in ("completion", "response", "output") if key in record.value), "")
        text = record.value.get(key)
        return ((key,), text) if isinstance(text, str) else None
    last = record.last_message
    if last is None or last.meaning != "assistant":
        return None
    place: Pointer = (*last.pointer, last.content_key)
    content = last.content
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        content, place = content[0].get("text"), (*place, 0, "text")
    return (place, content) if isinstance(content, str) else None


def _may_be_label(text: str) -> bool:
    return len(text) <= LONGEST_LABEL and 0 < len(text.split()) <= MOST_WORDS and "\n" not in text.strip()


def _messages(counts: Counter[str]) -> dict[str, str]:
    """Return the message about each label that is reported."""
    spellings: dict[str, list[str]] = {}
    for label, _ in counts.most_common():
        spellings.setdefault(_folded(label), []).append(label)
    sizes = Counter({folded: sum(counts[label] for label in same) for folded, same in spellings.items()})
    total = sizes.total()
    common = [folded for folded, size in sizes.items() if size >= max(5, total // 200)]
    if len(common) < 2 or sum(sizes[folded] for folded in common) < 0.95 * total:
        return {}
    found = {
        label: _word(label, counts[label], same[0], counts[same[0]])
        for same in spellings.values()
        for label in same[1:]
    }
    others = [folded for folded in sizes if folded not in common]
    for folded in others:
        close = next((other for other in common if sizes[folded] * 20 <= sizes[other] and _close(folded, other)), None)
        label = spellings[folded][0]
        if close is not None:
            found[label] = _word(label, counts[label], spellings[close][0], counts[spellings[close][0]])
        elif sizes[folded] == 1 and len(others) <= max(3, len(common)):
            found[label] = (
                f"{excerpt(label)} is the answer only here; {total - 1:,} others have {len(sizes) - 1} labels"
            )
    return found


def _word(label: str, count: int, usual: str, usual_count: int) -> str:
    here = "once" if count == 1 else f"{count:,} times"
    return f"{excerpt(label)} is the answer {here}, {excerpt(usual)} {usual_count:,} times"


def _folded(label: str) -> str:
    return " ".join(label.casefold().split()).strip(_AROUND) or label


def _close(one: str, other: str) -> bool:
    """Whether they differ by one letter, missing or wrong, or by two that have changed places, but not by digits."""
    if len(one) > len(other):
        one, other = other, one
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    rest, longer = one[start:], other[start:]
    end = 0
    while end < min(len(rest), len(longer)) and rest[-1 - end] == longer[-1 - end]:
        end += 1
    rest, longer = rest[: len(rest) - end], longer[: len(longer) - end]
    if len(other) < 4 or any(map(str.isdigit, rest + longer)):
        return False
    return len(longer) == 1 or (len(longer) == 2 and longer == rest[::-1])
