"""Say of the slips in a line what the exact parser would, given where the recogniser has found them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from jsonl_lint import jsonspan
from jsonl_lint.engine.judging.sketches import invalid_utf8_sketch, problem_sketch
from jsonl_lint.engine.judging.texts import readable
from jsonl_lint.jsonspan import Problem
from jsonl_lint.jsonspan.places import scan
from jsonl_lint.jsonspan.problems import (
    Noted,
    comment,
    half_pairs,
    halves_of_pairs,
    non_finite,
    raw_controls,
    repeated_key,
    trailing_comma,
)
from jsonl_lint.model import Pointer
from jsonl_lint.native.places import PlaceFinder
from jsonl_lint.native.recogniser import SLIPS, PlacedSlip
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import Sketch


class Slip(NamedTuple):
    """A slip in the text of a line, by the rule that reports it. Places are those of `PlacedSlip`, in code points."""

    rule: str
    text: str
    start: int
    end: int
    before: int
    pointer: Pointer
    """Where it is. In an object, it ends with the last key before it."""


def _trailing_comma(slip: Slip) -> Problem:
    closer = slip.text[slip.end :].lstrip(" \t")[:1]
    return Problem(*trailing_comma(slip.start, closer), slip.pointer[:-1])


def _repeated_key(slip: Slip) -> Problem:
    key = slip.text[slip.start + 1 : slip.end - 1]
    return Problem(*repeated_key(slip.before, slip.start, slip.end), (*slip.pointer[:-1], key))


def _by_text(noted: Callable[[str, int, int], Noted]) -> Callable[[Slip], Problem]:
    """Return what notes a slip about which its text says everything."""
    return lambda slip: Problem(*noted(slip.text, slip.start, slip.end), slip.pointer)


_PROBLEMS: dict[str, Callable[[Slip], Problem]] = {
    "trailing-comma": _trailing_comma,
    "duplicate-key": _repeated_key,
    "non-finite-number": _by_text(non_finite),
    "unescaped-control-character": _by_text(raw_controls),
    "lone-surrogate": _by_text(lambda text, start, end: half_pairs(halves_of_pairs(text, start, end))),
    "comment-in-json": _by_text(comment),
}

PLACED = frozenset({*_PROBLEMS, "invalid-utf8"})
"""The rules that report the slips which this module knows."""

_RULES = {SLIPS[rule]: rule for rule in PLACED}


def slips_in(places: PlaceFinder, line: bytes, placed: Iterable[PlacedSlip]) -> list[Slip] | None:
    """Return the slips of a line, none if they are not `PLACED`; None if one is nested too deep."""
    text = jsonspan.decode(line.rstrip(b"\r\n"))
    found: list[Slip] = []
    for slip in placed:
        if slip.kind not in _RULES:
            return []
        pointer = places.around(line, slip.start)
        if pointer is None:
            return None
        start, end, before = slip[1:] if text.isascii() else [len(jsonspan.decode(line[:at])) for at in slip[1:]]
        found.append(Slip(_RULES[slip.kind], text, start, end, before, pointer))
    return found


def sketches_of(plan: Plan, slips: Iterable[Slip]) -> tuple[Sketch, ...]:
    """Return the sketches of these slips, in the order in which the exact parser notes them."""
    return tuple([_sketch(plan, slip) for slip in sorted(slips, key=_when_noted)])


def _when_noted(slip: Slip) -> tuple[bool, int, bool]:
    """Bytes are looked at before the line is parsed, and halves of pairs after the control characters of a string."""
    return slip.rule != "invalid-utf8", slip.end, slip.rule == "lone-surrogate"


def _sketch(plan: Plan, slip: Slip) -> Sketch:
    if slip.rule == "invalid-utf8":
        return invalid_utf8_sketch(slip.text, *jsonspan.surrogates(slip.text))
    return problem_sketch(plan, _PROBLEMS[slip.rule](slip), slip.text)


def record_with(slips: Sequence[Slip]) -> dict[str, Any]:
    """Return the record of a line with these slips, as the exact parser reads it."""
    text = readable(slips[0].text)
    for slip in slips:
        if slip.rule in ("trailing-comma", "comment-in-json"):
            text = f"{text[: slip.start]}{' ' * (slip.end - slip.start)}{text[slip.end :]}"
        elif slip.rule == "lone-surrogate":
            halves = halves_of_pairs(text, slip.start, slip.end)
            ends = [0, *[half.end() for half in halves]]
            starts = [*[half.start() for half in halves], len(text)]
            text = "\\ufffd".join([text[end:start] for end, start in zip(ends, starts, strict=True)])
    record: dict[str, Any] = scan(text, 0)[0]
    return record
