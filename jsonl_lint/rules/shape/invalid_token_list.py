"""JL113."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import TOKENISED, Record, RecordRule, Sketch
from jsonl_lint.rules.shape._tokens import IGNORED, token_lists
from jsonl_lint.wording import excerpt


class InvalidTokenList(RecordRule):
    """A token list holds a value that is not a token id, mask value or label.

    Ids and positions are whole numbers of at least 0; a mask holds 0 and 1; a label is an id, or -100 for a token that
    is left out.
    """

    code = "JL113"
    name = "invalid-token-list"
    severity = Severity.ERROR
    help = "Write the lists as the tokenizer returns them."
    formats = TOKENISED

    def concerns(self, record: Record) -> bool:
        """Whether any list has items."""
        return any(token_lists(record).values())

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the first wrong item of each list."""
        for key, tokens in token_lists(record).items():
            for index, token in enumerate(tokens):
                if type(token) is not int:
                    yield self.sketch((key, index), f"{excerpt(token)} in `{key}` is not a whole number")
                    break
                if not _fits(key, token):
                    yield self.sketch((key, index), f"{excerpt(token)} in `{key}` is {_wanted(key)}")
                    break


def _fits(key: str, token: Any) -> bool:
    """Whether the whole number may stand in this list."""
    if key == "attention_mask":
        return token in (0, 1)
    return token >= 0 or (key == "labels" and token == IGNORED)


def _wanted(key: str) -> str:
    if key == "attention_mask":
        return "neither 0 nor 1"
    return "neither a token id nor -100" if key == "labels" else "less than 0"
