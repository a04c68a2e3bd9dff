"""Passing over plain conversations without a parser: runs of lines that are known to be clean."""

from __future__ import annotations

import sys
from typing import NamedTuple

from orjson import loads

from jsonl_lint.likeness import spelled_key, tail_key, text_keys
from jsonl_lint.native import CRLF, HIDES, MAY_END, TAIL, UNITS, WIDE, Recogniser
from jsonl_lint.plan import MAX_REMEMBERED, Plan
from jsonl_lint.structure import signature

_ROLES = {role[0]: role for role in ("assistant", "developer", "system", "user")}
_MOST_MESSAGES = 1000
"""Longer conversations go the usual way."""


class Run(NamedTuple):
    """Clean lines one after the other: where they begin and end, how many there are, and the length of the last.

    `keys` are those of their records, if records are compared.
    """

    start: int
    end: int
    lines: int
    last_line_bytes: int
    keys: list[int]


class Skim:
    """Finds the runs in the lines of files of one format."""

    def __init__(self, plan: Plan, file_format: str | None, recognise: Recogniser) -> None:
        self.plan = plan
        self.file_format = file_format
        self.recognise = recognise
        self.known = plan.known_chats.setdefault(file_format, {})

    def runs(self, data: bytes, places: list[int], most_bytes: int, *, crlf: bool) -> list[Run]:
        """The runs, in order. `places` are those that `Prefilters.plain` finds.

        A line is of none if it is longer or ends otherwise, if its texts concern a rule, or if it may be too long for
        the model.
        """
        recognised, codes, tails = self.recognise(data, most_bytes)
        scan, known, compares, sure_bytes = self.plan.scan, self.known, self.plan.compares, self.plan.sure_bytes
        marks = [sys.maxsize, *reversed(places)]
        mark = marks.pop()
        relevant = CRLF if scan is None else CRLF | HIDES | MAY_END
        wanted = CRLF if crlf else 0
        found: list[Run] = []
        keys: list[int] = []
        wide: list[tuple[list[int], int, str]] = []
        start = end = lines = last_bytes = tail = 0
        for begin, stop, code, messages, before, before_end, last, last_end, tail_bytes, flags in recognised:
            tail += TAIL
            while mark <= begin:
                mark = marks.pop()
            if mark <= stop or flags & relevant != wanted:
                continue
            roles = codes[code : code + messages]
            if not (known[roles] if roles in known else self.learn(roles)):
                continue
            if stop - begin > sure_bytes and not self.plan.ruler().fits(loads(data[begin:stop])):
                continue
            if begin > end:
                if lines:
                    found.append(Run(start, end, lines, last_bytes, keys))
                start, lines, keys = begin, 0, []
            lines += 1
            last_bytes = stop - begin
            end = stop
            if compares:
                if flags & UNITS:
                    keys.append(spelled_key(data[before:before_end], data[last:last_end]))
                elif flags & WIDE:
                    wide.append((keys, len(keys), (data[before:before_end] + data[last:last_end]).decode()))
                    keys.append(0)
                else:
                    keys.append(tail_key(tails[tail - TAIL : tail - TAIL + tail_bytes]))
        if lines:
            found.append(Run(start, end, lines, last_bytes, keys))
        for (where, index, _), key in zip(wide, text_keys([text for _, _, text in wide]), strict=True):
            where[index] = key
        return found

    def learn(self, roles: bytes) -> bool:
        """Whether conversations of these roles are clean: every one of them if one is."""
        if len(roles) > _MOST_MESSAGES:
            return False
        if len(self.known) >= MAX_REMEMBERED:
            self.known.clear()
        record = {"messages": [_message(code) for code in roles.decode()]}
        verdict = self.plan.verdict(signature(record), record, self.file_format)
        self.known[roles] = self.plan.passes(verdict)
        return self.known[roles]


def _message(code: str) -> dict[str, str]:
    role = _ROLES[code.lower()]
    return {"role": role, "content": "text"} if code.islower() else {"content": "text", "role": role}
