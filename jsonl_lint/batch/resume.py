"""`resume_batch`: separate the requests that still have to be sent from those that would fail again.

The results are read once, to determine the state of each id; then the input is read once, and its lines are written or
not, in order and byte for byte. Only digests of ids are held in memory, never requests or answers.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import IO, BinaryIO, NamedTuple

from jsonl_lint.batch.lines import Line, digest, lines_of, shown_id
from jsonl_lint.errors import UserError
from jsonl_lint.explain import CATEGORIES, explanation_of, has_own_reason, id_of, load_line, outcome_of, pattern_of
from jsonl_lint.files.inputs import Path, display_path, open_file, opened
from jsonl_lint.files.output import keep_apart, whole_file
from jsonl_lint.files.source import Progress
from jsonl_lint.files.twice import open_twice

_DONE, _SEEN = -1, -2
_AGAIN = -10
"""States of an id: answered; met in the input; `_AGAIN` and below, to be sent again, by the index of the category in
`CATEGORIES`. From 0 on: the request itself failed, and its result is at `offset * number of files + file`."""

_OF_REQUESTS = frozenset(("body", "params"))
"""Keys of a request. In a table of requests, those of results may stand beside them."""


class Resumed(NamedTuple):
    """The number of `requests`, and how many were `answered`, `unsent`, to be sent `again`, or `failed`.

    `unsent` were never answered. `again` failed for a temporary reason or because of the account, `failed` because of
    the request itself; both are by category.
    """

    requests: int
    answered: int
    unsent: int
    again: dict[str, int]
    failed: dict[str, int]

    @property
    def rest(self) -> int:
        """How many requests are to be sent."""
        return self.unsent + sum(self.again.values())


def resume_batch(
    source: Path,
    results: Path | Sequence[Path],
    rest: Path,
    failed: Path | None = None,
    *,
    on_progress: Progress | None = None,
) -> Resumed:
    """Write to `rest` the requests of `source` that still have to be sent after a batch with these result files.

    A request that was answered in any of the files is done; of several failures, the last one counts. `failed` gets the
    requests that would fail again, one per line, with the reason. Both files are written only if nothing fails; `-` for
    `rest` is standard output. `on_progress` is called with the number of bytes read. Memory: about 130 bytes per id,
    whatever the size of the files.

    Raises:
        UserError: the files do not belong together, ids are missing or stand twice, or a file cannot be read or
            written.
    """
    source, rest = os.fsdecode(source), os.fsdecode(rest)
    failed = None if failed is None else os.fsdecode(failed)
    paths = [os.fsdecode(path) for path in ([results] if isinstance(results, (str, bytes, os.PathLike)) else results)]
    keep_apart([path for path in (rest, failed) if path is not None], [source, *paths])
    with ExitStack() as stack:
        files = [stack.enter_context(open_twice(path)) for path in paths]
        states: dict[bytes, int] = {}
        for index, (path, file) in enumerate(zip(paths, files, strict=True)):
            _read_results(lines_of(file, path, on_progress), display_path(path), states, (index, len(files)))
        answered_ids = len(states)
        out = stack.enter_context(whole_file(rest))
        apart = stack.enter_context(whole_file(failed)) if failed is not None else None
        splitter = _Splitter(states, files, out, apart)
        splitter.run(source, on_progress)
        if splitter.met != answered_ids:
            _refuse_strangers(paths, files, states, source)
        return splitter.result()


def _read_results(lines: Iterable[Line], shown: str, states: dict[bytes, int], place: tuple[int, int]) -> None:
    index, count = place
    for line in lines:
        outcome = outcome_of(line.record)
        if outcome is None:
            what = "a request, not a result" if id_of(line.record) is not None else "no result: it has no `custom_id`"
            raise UserError(f"{shown}:{line.number}: the line is {what}")
        key = digest(outcome.custom_id)
        if outcome.evidence is None:
            states[key] = _DONE
        elif states.get(key) != _DONE:
            pattern = pattern_of(outcome.evidence)
            again = _AGAIN - CATEGORIES.index(pattern.category)
            states[key] = line.offset * count + index if has_own_reason(pattern) else again


class _Splitter:
    """Goes through the input and writes each request where it belongs."""

    def __init__(
        self, states: dict[bytes, int], files: list[BinaryIO], out: IO[bytes], apart: IO[bytes] | None
    ) -> None:
        self.states = states
        self.files = files
        self.out = out
        self.apart = apart
        self.met = 0
        """Requests that have a result."""
        self.requests = self.unsent = self.answered = 0
        self.again: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def run(self, source: str, on_progress: Progress | None) -> None:
        """Read the input once."""
        with opened(source) as (handle, _):
            for line in lines_of(handle, source, on_progress):
                self._take(line, source)

    def _take(self, line: Line, source: str) -> None:
        custom_id = id_of(line.record)
        if custom_id is None:
            raise UserError(f"{display_path(source)}:{line.number}: {_no_id(line)}")
        if outcome_of(line.record) is not None and not line.record.keys() & _OF_REQUESTS:
            raise UserError(f"{display_path(source)}:{line.number}: the line is a result, not a request")
        key = digest(custom_id)
        state = self.states.get(key)
        if state == _SEEN:
            raise UserError(_twice(source, line, custom_id))
        self.states[key] = _SEEN
        self.requests += 1
        self.met += state is not None
        if state is None:
            self.unsent += 1
            self._send(line)
        elif state == _DONE:
            self.answered += 1
        elif state <= _AGAIN:
            self.again[CATEGORIES[_AGAIN - state]] += 1
            self._send(line)
        else:
            self._set_apart(line, custom_id, state)

    def _send(self, line: Line) -> None:
        self.out.write(line.data if line.data.endswith(b"\n") else line.data + b"\n")

    def _set_apart(self, line: Line, custom_id: str, state: int) -> None:
        """Read the result again: only where it stands was kept."""
        offset, index = divmod(state, len(self.files))
        self.files[index].seek(offset)
        outcome = outcome_of(load_line(self.files[index].readline()))
        if outcome is None or outcome.evidence is None or outcome.custom_id != custom_id:
            raise UserError("a result file has changed while it was read")
        found = explanation_of(outcome.evidence, pattern_of(outcome.evidence))
        self.failed[found.category] += 1
        if self.apart is not None:
            reason = {
                "custom_id": custom_id,
                "line": line.number,
                "category": found.category,
                "code": found.code,
                "message": found.message,
                "cause": found.cause,
                "rules": list(found.rules),
                "how": found.how,
            }
            start = json.dumps(reason, ensure_ascii=True)[:-1].encode()
            self.apart.write(start + b', "request": ' + line.data.strip() + b"}\n")

    def result(self) -> Resumed:
        """Return the counts, after the last line."""
        return Resumed(self.requests, self.answered, self.unsent, dict(self.again), dict(self.failed))


def _no_id(line: Line) -> str:
    if isinstance(line.record, dict) and isinstance(line.record.get("requests"), list):
        return "one body with all requests; write each item of its `requests` on a line of its own"
    return "the request has no `custom_id`"


def _twice(source: str, line: Line, custom_id: str) -> str:
    """Return the error for an id that appears twice; its first place is found by reading the input again."""
    first = ""
    if os.path.isfile(source):
        with open_file(source)[0] as handle:
            others = (other.number for other in lines_of(handle, source) if id_of(other.record) == custom_id)
            first = f" and on line {next(others)}"
    where = f"{display_path(source)}:{line.number}"
    return f"{where}: the custom_id {shown_id(custom_id)} stands here{first}; results could not be told apart"


def _refuse_strangers(results: Sequence[str], files: list[BinaryIO], states: dict[bytes, int], source: str) -> None:
    """Name a result that answers no request of the input."""
    for path, file in zip(results, files, strict=True):
        file.seek(0)
        for line in lines_of(file, path):
            custom_id = id_of(line.record) or ""
            if states.get(digest(custom_id)) != _SEEN:
                raise UserError(
                    f"{display_path(path)}:{line.number}: the custom_id {shown_id(custom_id)} is not in "
                    f"{display_path(source)}; the files do not belong together"
                )
    raise UserError("a result file has changed while it was read")
