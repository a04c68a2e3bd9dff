"""The profile of a long conversation: what is left of its structure without the repetitions in it."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from jsonl_lint.records.structure import HOLDERS, Signature

FEW_MESSAGES, MOST_FORMS = 4, 32
"""A conversation without more messages than this, or with more structures of messages, has no profile."""

_FIRST_ROLES = {"messages": ("system", "developer", "user", "assistant"), "contents": ("user", "model")}
_LATER_ROLES = {
    "messages": frozenset(("user", "assistant", "tool")),
    "contents": frozenset(("user", "model", "function")),
}
"""The common roles, by the key of the conversation."""


class Conversation(NamedTuple):
    """The structure of a conversation, the pointer to it, and what stands before and after it in that of the record."""

    at: tuple[str, ...]
    before: Signature
    messages: Signature
    after: Signature


def profile(shape: Signature) -> Signature | None:
    """Return what is left of a structure without repetitions in its conversation; None if this is short or unusual.

    These are the first two messages and the last, which messages follow each other, and which there are more than once.
    For a conversation of common roles, with a system message at its beginning at most, rules that see no content depend
    on nothing else: those of one profile are clean if one of them is. Tests verify this of all rules.
    """
    conversation = conversation_in(shape)
    if conversation is None:
        return None
    at, before, messages, after = conversation
    if len(messages) <= FEW_MESSAGES or _role(messages[0]) not in _FIRST_ROLES[at[-1]]:
        return None
    counts = Counter(messages[1:])
    if not all([_role(message) in _LATER_ROLES[at[-1]] for message in counts]):
        return None
    counts[messages[0]] += 1
    if len(counts) > MOST_FORMS:
        return None
    repeated = frozenset([message for message, count in counts.items() if count > 1])
    neighbours = frozenset(pairwise(messages))
    return (*before, messages[0], messages[1], messages[-1], neighbours, repeated, *after)


def conversation_in(shape: Signature) -> Conversation | None:
    """Return the conversation of a record, or of the request that it holds; None if there is none, or more than one."""
    found = list(_conversations(shape))
    return found[0] if len(found) == 1 else None


def _conversations(shape: Signature) -> Iterator[Conversation]:
    for place in range(0, len(shape), 2):
        key, value = shape[place : place + 2]
        if type(value) is not tuple:
            continue
        before, after = shape[: place + 1], shape[place + 2 :]
        if key in _LATER_ROLES:
            yield Conversation((key,), before, value, after)
        elif key in HOLDERS:
            for held in _conversations(value):
                yield Conversation((key, *held.at), (*before, held.before), held.messages, (held.after, *after))


def _role(message: str | Signature) -> Any:
    """Return the role of a message, given its signature; a number or None if there is none."""
    return message if type(message) is str else dict(zip(message[::2], message[1::2], strict=False)).get("role")
