"""JL112."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import TOKENISED, Record, RecordRule, Sketch
from jsonl_lint.rules.shape._tokens import token_lists
from jsonl_lint.wording import plural


class UnequalTokenLengths(RecordRule):
    """The token lists of a tokenised record differ in length.

    Ids, mask and labels belong together one by one. Together's client passes such files; a trainer stops, or learns
    the wrong tokens.
    """

    code = "JL112"
    name = "unequal-token-lengths"
    severity = Severity.ERROR
    help = "Make the lists from the same tokens, so that they are equally long."
    formats = TOKENISED

    def concerns(self, record: Record) -> bool:
        """Whether there are at least two lists. Another rule reports what is no list at all."""
        return len(token_lists(record)) > 1

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each list whose length differs from that of the first, the ids. Another rule reports an empty one."""
        lists = {key: tokens for key, tokens in token_lists(record).items() if tokens}
        ids = next(iter(lists), "")
        for key, tokens in lists.items():
            if len(tokens) != len(lists[ids]):
                counts = f"{plural(len(tokens), 'item')}, `{ids}` {len(lists[ids]):,}"
                yield self.sketch((key,), f"`{key}` has {counts}")
