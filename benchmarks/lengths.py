"""What `--model` costs: where the bytes of a line settle it, and where each record has to be counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks.data import Dataset
from benchmarks.measure import compare, timed
from benchmarks.table import Goal, Row
from benchmarks.tiers import DEFAULTS, check
from jsonl_lint import Settings, stats_of
from jsonl_lint.tokens.engines import tiktoken_counter
from jsonl_lint.tokens.measure import renderings
from jsonl_lint.tokens.templates import TEMPLATES
from jsonl_lint.tokens.vocabulary import load_vocabulary

SHORT = Settings(model="meta-llama/Llama-3.3-70B-Instruct-Reference")
"""Takes 24,576 tokens, so the bytes of a line of 1 to 2 KB settle it."""

COUNTED = Settings(model="gpt-4o-mini-2024-07-18", max_tokens=1000, ignore=("unknown-model",))
SHORTEST, LONGEST = 1_200, 2_400
"""Bytes of the lines that are counted: too many for 1,000 tokens to be sure, while nearly all have fewer."""


def measure_lengths(data: Dataset, runs: int) -> Iterator[Row]:
    """All rows, each beside what it is compared with, so the yardstick is not orjson."""
    settled = compare(timed(check(data.clean, SHORT)), timed(check(data.clean, DEFAULTS)), runs)
    goal = Goal(settled.ratio, ">=", 0.95, "x defaults")
    yield Row("defaults and --model, settled by bytes", data.clean, settled, goal, beside_orjson=False)
    path = _counted_lines(data.clean)
    try:
        texts = [text for line in path.read_bytes().splitlines() for text in _texts(orjson.loads(line))]
        count = tiktoken_counter("o200k_base")
        counted = compare(timed(check(path, COUNTED)), timed(lambda: sum(map(count, texts))), runs)
        goal = Goal(counted.ratio, ">=", 1.5, "x tiktoken alone")
        yield Row("defaults and --model, each record counted", path, counted, goal, beside_orjson=False)
        own = load_vocabulary("o200k_base").count
        stats = compare(timed(_stats(path, tokens=True)), timed(lambda: sum(map(own, texts))), runs)
        yield Row("  stats, beside counting its texts alone", path, stats, beside_orjson=False)
        bare = compare(timed(_stats(path, tokens=True)), timed(_stats(path, tokens=False)), runs)
        yield Row("  stats, beside --no-tokens", path, bare, beside_orjson=False)
    finally:
        path.unlink()


def _stats(path: Path, *, tokens: bool) -> Callable[[], None]:
    def work() -> None:
        deque(stats_of([path], Settings(model="gpt-4o-mini-2024-07-18"), tokens=tokens), maxlen=0)

    return work


def _texts(record: dict[str, Any]) -> list[str]:
    """The texts that are counted: contents, and the JSON of tools."""
    found = renderings(record, TEMPLATES["openai"])
    return [piece.text for rendering in found for piece in rendering.pieces if piece.text]


def _counted_lines(clean: Path) -> Path:
    """The lines of the file that bytes do not settle, in a file beside it."""
    path = clean.with_name(f"to-count-{clean.name.partition('-')[2]}")
    with clean.open("rb") as source, path.open("wb") as target:
        target.writelines(line for line in source if SHORTEST < len(line) < LONGEST and line.startswith(b'{"messages"'))
    return path
