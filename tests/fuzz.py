"""Seeded hostile inputs: lines of the fixtures, cut, joined, flipped and spliced byte by byte."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"

TOKENS = [
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\r\n", b"\r", b"\t", b" ", b"\x00", b"\x01", b"\x7f"),
    *(b"null", b"true", b"NaN", b"-Infinity", b"0", b"-", b"1e999", b"1E400", b"9" * 25, b"0.1" + b"0" * 30, b"01"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "ü\u2028😀".encode()),
    *(rb"\u0000", rb"\ud83d", rb"\udc00", rb"\u003c", rb"\x", b"//", b"/*", b"'", b"```", b"data:image/png;base64,"),
    *(b"<think>", b"</think>", b"<|im_end|>", b"{{x}}", b"sk-" + b"a1B2" * 12, b"\xc3\x83\xc2\xbc", b"[" * 300),
    *(b'"role"', b'"content"', b'"messages"', b'"weight"', b'"tools"', b'"tool_calls"', b'"custom_id"', b'"text"'),
    *(b'{"messages": [', b'"role": "user"', b'"content": null', b"{}", b"[]", b'""', b"\n\n", b"x" * 5_000),
]
"""What breaks readers and parsers, and what rules look for."""


@cache
def seeds() -> list[bytes]:
    """The lines of all fixtures, without the few that are very long."""
    found = [line for path in sorted(FIXTURES.rglob("*.jsonl")) for line in path.read_bytes().splitlines(keepends=True)]
    return [line for line in found if len(line) < 20_000]


def inputs(count: int, seed: int) -> Iterator[bytes]:
    """So many small files, the same for the same seed."""
    dice = random.Random(seed)
    for _ in range(count):
        yield hostile(dice)


def hostile(dice: random.Random) -> bytes:
    """One to six lines with up to eight changes; now and then cut off, or nothing but noise."""
    if dice.random() < 0.02:
        return dice.randbytes(dice.randrange(200))
    data = bytearray(b"".join(dice.choices(seeds(), k=dice.choice([1, 1, 2, 3, 6]))))
    for _ in range(dice.choice([0, 1, 1, 2, 3, 8])):
        change(data, dice)
    if dice.random() < 0.1:
        del data[dice.randrange(len(data) + 1) :]
    return bytes(data)


def change(data: bytearray, dice: random.Random) -> None:
    """One change somewhere."""
    start = dice.randrange(len(data) + 1)
    end = min(len(data), start + dice.choice([1, 1, 2, 5, 40]))
    kind = dice.randrange(6)
    if kind == 0:
        data[start:start] = dice.choice(TOKENS)
    elif kind == 1:
        data[start:end] = dice.choice(TOKENS)
    elif kind == 2:
        del data[start:end]
    elif kind == 3:
        data[start:start] = data[start:end] * dice.choice([1, 2, 30])
    elif kind == 4 and start < len(data):
        data[start] ^= 1 << dice.randrange(8)
    else:
        other = dice.choice(seeds())
        place = dice.randrange(len(other))
        data[start:start] = other[place : place + dice.choice([1, 10, 100])]
