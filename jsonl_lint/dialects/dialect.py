"""What is known of a format of other tools."""

from collections.abc import Collection
from typing import NamedTuple

SINGLE = ("chat", "gemini", "bedrock", "sharegpt", "alpaca")
"""What `convert` makes of a conversation, the best first."""

TO_MESSAGES = "give each record a `messages` array of `role` and `content`: "


class Dialect(NamedTuple):
    """A format of other tools, known by `keys`, and how its records become chat records.

    `convertible` names the formats that `jsonl-lint convert` makes of it, the best first. `format` is the record format
    that it is, if it is one. The value of `flag`, one of its keys, is true or false.
    """

    name: str
    keys: frozenset[str]
    conversion: str
    convertible: tuple[str, ...] = ()
    format: str = ""
    flag: str = ""

    def advice(self, accepted: Collection[str]) -> str:
        """How its records become ones of an accepted format: with the command if there is one, and by hand."""
        to = next((name for name in self.convertible if name in accepted), None)
        how = f"convert it with `jsonl-lint convert FILE --to {to} -o OUT`: " if to else ""
        return f"{how}{self.conversion}."


def keys_of(names: str) -> frozenset[str]:
    """Return a set of the keys in a text."""
    return frozenset(names.split())
