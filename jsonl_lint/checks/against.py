"""The files of `--against`, with which records are compared. Their keys are read once for each plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from jsonl_lint.checks.rereading import lines_again
from jsonl_lint.engine import detect_format
from jsonl_lint.engine.dataset.rereadable import Lines, OtherFile, RereadableFile
from jsonl_lint.errors import UnreadableInputError, UserError, reason_of
from jsonl_lint.files.head import Head, read_head, why_no_lines
from jsonl_lint.files.inputs import STDIN, display_path, opened, same_file, short_path, state_of
from jsonl_lint.plans.plan import Plan
from jsonl_lint.repeats.recordkeys import RecordKeys
from jsonl_lint.wording import plural


def rereadable(path: str, format: str | None, lines: Lines, plan: Plan) -> RereadableFile:
    """Return the file as one that can be read again, with the files of `--against`."""
    return RereadableFile(format, lines, tuple(_others(path, plan)))


def _others(path: str, plan: Plan) -> Iterable[OtherFile]:
    if "overlap-with-validation" not in plan.rules:
        return
    named = [path]
    for name in plan.settings.against:
        if not any([name == each or same_file(name, each) for each in named]):
            named.append(name)
            state = _state_of(name)
            known = plan.memory.against.get(name)
            if known is None or known[0] != state:
                known = plan.memory.against[name] = (state, _other(name, plan))
            yield known[1]


def require_others(plan: Plan) -> Plan:
    """Return the plan, if the files of `--against` can be read: they are when the data has been, which is late.

    Raises:
        UserError: one cannot.
    """
    for name in plan.settings.against if "overlap-with-validation" in plan.rules else ():
        with _opened_other(name) as handle:
            _head_of(handle, name)
    return plan


def _state_of(path: str) -> tuple[int, ...]:
    """Return what changes when a local file is written; nothing for any other."""
    try:
        return state_of(path)
    except (OSError, ValueError):
        return ()


def _other(path: str, plan: Plan) -> OtherFile:
    """Return a file of `--against` with the keys of its records.

    Raises:
        UserError: the file cannot be read.
    """
    with _opened_other(path) as handle:
        head = _head_of(handle, path)
        from jsonl_lint.engine.dataset.compare import keys_of

        lines = lines_again(path, plan.settings.max_line_bytes)
        written = 0

        def counted() -> Iterator[tuple[bytes, int]]:
            nonlocal written
            for line, offset in lines():
                written += not line.isspace()
                yield line, offset

        keys = keys_of(counted(), plan.parse)
        shown = short_path(display_path(path))
        return OtherFile(shown, detect_format(head, plan)[0], keys, lines, _note_on(shown, keys, written))


def _note_on(shown: str, keys: RecordKeys, written: int) -> str:
    """Say which of the `written` lines of a file are not compared, "" if all are. One without any may be a mistake."""
    records = sum(len(compared) for compared, _ in keys.stretches())
    if not records:
        return f"--against {shown}: not compared, because it holds no records"
    unread = written - records
    return f"--against {shown}: {plural(unread, 'line')} not compared, because unreadable" if unread else ""


def _head_of(handle: BinaryIO, path: str) -> Head:
    """Read the first bytes of a file of `--against`.

    Raises:
        UnreadableInputError: it has not one record on each line.
    """
    head = read_head(handle, display_path(path))
    if reason := why_no_lines(head):
        raise UnreadableInputError(path, reason)
    return head


@contextmanager
def _opened_other(path: str) -> Iterator[BinaryIO]:
    """Open a file of `--against`.

    Raises:
        UserError: it cannot be read.
    """
    try:
        if path == STDIN:
            raise UnreadableInputError(path, "standard input cannot be compared with")
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):  # it would seem to be empty
            raise UnreadableInputError(path, "not a file, and it has to be read twice; write it to one first")
        with opened(path) as (handle, _):
            yield handle
    except UnreadableInputError as error:
        raise UserError(f"--against {_shown(path)}: {error.reason}") from None
    except OSError as error:
        raise UserError(f"--against {_shown(path)}: {reason_of(error)}") from None


def _shown(path: str) -> str:
    return short_path(display_path(path)) or "''"
