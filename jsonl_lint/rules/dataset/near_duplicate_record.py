"""JL803."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from math import floor

from jsonl_lint.model import Severity
from jsonl_lint.records.likeness import normal_digest
from jsonl_lint.repeats.recordkeys import RecordKeys, recurring
from jsonl_lint.rule import ReadRecord, RereadingRule, Sketch


class NearDuplicateRecord(RereadingRule):
    """A record has nearly the same words as an earlier one of its file.

    It teaches little new, and if one of the two is validation data, the figures come out too good. Compared are the
    pairs of words that follow each other, whatever their case and punctuation: at least 80 in 100 of those that either
    record has must be in both (their Jaccard index). The figure is exact, but candidates are chosen by MinHash, so a
    few of the records that are just over the limit may be missed. System prompts are left out, and so is what half of
    the first 200 records say, which is a template. Records with fewer than five pairs are not compared, and
    none with a record that is reported itself: of several that are alike, the first stands for all. What
    `duplicate-record` or `normalized-duplicate` is about is not reported again.

    Only on with `--near-duplicates`, or when selected by name or whole code: it takes several times as long as the rest
    of the check, in one process. It needs the extra `near-duplicates`.
    """

    code = "JL803"
    name = "near-duplicate-record"
    severity = Severity.INFO
    default = False
    alone = True
    help = "Keep the better one of the two, unless the difference is what is to be learned."

    def check(self, records: Iterable[ReadRecord]) -> Iterator[tuple[ReadRecord, Sketch]]:
        """Yield records near an earlier one. The first reading makes signatures, the second compares candidates."""
        from jsonl_lint.rules.dataset import _nearness as nearness

        template = nearness.template_of(read.record for read in records)
        keys = RecordKeys()
        for groups in nearness.groups_of((read.record for read in records), template):
            if groups is None:
                keys.pad(nearness.BANDS)
            else:
                keys.keys.extend(groups)
            keys.spill()
        seen: set[int] = set()
        with nearness.Nearest(template) as nearest:
            numbered = enumerate(records)
            for number, shared in groupby(recurring(keys), lambda row: row[0] // nearness.BANDS):
                read = next((read for other, read in numbered if other == number), None)
                if read is None:  # the file has changed meanwhile
                    return
                normal = normal_digest(read.record.value)
                if normal is None or normal in seen:
                    continue
                seen.add(normal)
                found = nearest.find(read.record, read.line + 1, {first for _, first in shared})
                if found is not None:
                    line, similarity = found
                    percent = floor(similarity * 100)
                    yield read, self.sketch((), f"{percent} % of the word pairs are those of line {line} again")
