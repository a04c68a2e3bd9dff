"""What is known of a format of other tools."""

from collections.abc import Sequence
from typing import NamedTuple

SINGLE = ("chat", "gemini", "bedrock", "sharegpt", "alpaca")
"""What `convert` makes of a conversation, the best first."""

PARQUET = "parquet"
"""Stands among formats for files of tokens, which hold no records."""

TO_MESSAGES = "give each record a `messages` array of `role` and `content`: "


class Dialect(NamedTuple):
    """A format of other tools, known by `keys`, and how its records become chat records.

    `convertible` names the formats that `jsonl-lint convert` makes of it, the best first. `format` is the record format
    that it is, if it is one. The value of `flag`, one of its keys, is true or false. `conversion` speaks of the format
    `by_hand`, or else of the best one; if there is none, it applies whatever the format wanted.
    """

    name: str
    keys: frozenset[str]
    conversion: str
    convertible: tuple[str, ...] = ()
    format: str = ""
    flag: str = ""
    by_hand: str = ""

    @property
    def goal(self) -> str:
        """The format that `conversion` leads to, nothing if it speaks of none."""
        named = self.by_hand or ("chat" if self.conversion.startswith(TO_MESSAGES) else "")
        return named or next(iter(self.convertible), "")

    def advice(self, accepted: Sequence[str]) -> str:
        """Return how its records become those of the first accepted format that they can: by command, by hand or both.

        "" if there is no command, and `conversion` leads to a format that is not accepted.
        """
        to = next((name for name in accepted if name in self.convertible), None)
        if to is None:
            return f"{self.conversion}." if self.goal in ("", *accepted) else ""
        by_hand = f": {self.conversion}" if to == self.goal else ""
        return f"convert it with `jsonl-lint convert FILE --to {to} -o OUT`{by_hand}."


def keys_of(names: str) -> frozenset[str]:
    """Return a set of the keys in a text."""
    return frozenset(names.split())
