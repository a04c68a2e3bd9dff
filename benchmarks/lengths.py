"""What `--model` costs: where the bytes of a line settle it, and where each record has to be counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from benchmarks.data import Dataset
from benchmarks.measure import compare, timed
from benchmarks.table import Goal, Row
from benchmarks.tiers import DEFAULTS, check
from jsonl_lint import Settings, count_tokens, stats_of
from jsonl_lint.tokens.counters import tiktoken_counter
from jsonl_lint.tokens.measure import renderings
from jsonl_lint.tokens.templates import TEMPLATES
from jsonl_lint.tokens.vocabulary import load_vocabulary

SHORT = Settings(model="meta-llama/Llama-3.3-70B-Instruct-Reference")
"""Takes 24,576 tokens, so the bytes of a line of 1 to 2 KB settle it."""

COUNTED = Settings(model="gpt-4o-mini-2024-07-18", max_tokens=1000, ignore=("unknown-model",))
SHORTEST, LONGEST = 1_200, 2_400
"""Bytes of the lines that are counted: too many for 1,000 tokens to be sure, while nearly all have fewer."""

CLOSE = Settings(model="gpt-4o-mini-2024-07-18", max_tokens=400, ignore=("unknown-model",))
FEWEST, MOST = 360, 400
"""Tokens of the lines that are close to a limit, so that all of their texts have to be counted."""


def measure_lengths(data: Dataset, runs: int) -> Iterator[Row]:
    """All rows, each beside what it is compared with, so the yardstick is not orjson."""
    settled = compare(timed(check(data.clean, SHORT)), timed(check(data.clean, DEFAULTS)), runs)
    goal = Goal(settled.ratio, ">=", 0.95, "x defaults")
    yield Row("defaults and --model, settled by bytes", data.clean, settled, goal, beside_orjson=False)
    lines = [line for line in data.clean.read_bytes().splitlines(True) if line.startswith(b'{"messages"')]
    path = data.clean.with_name(f"to-count-{data.clean.name.partition('-')[2]}")
    try:
        path.write_bytes(b"".join(line for line in lines if FEWEST < _tokens(line) <= MOST))
        yield _beside_tiktoken("defaults and --model, all close to the limit", path, CLOSE, runs)
        path.write_bytes(b"".join(line for line in lines if SHORTEST < len(line) < LONGEST))
        yield _beside_tiktoken("defaults and --model, counted until it fits", path, COUNTED, runs)
        own, texts = load_vocabulary("o200k_base").count, _texts(path)
        stats = compare(timed(_stats(path, tokens=True)), timed(lambda: sum(map(own, texts))), runs)
        yield Row("  stats, beside counting its texts alone", path, stats, beside_orjson=False)
        bare = compare(timed(_stats(path, tokens=True)), timed(_stats(path, tokens=False)), runs)
        yield Row("  stats, beside --no-tokens", path, bare, beside_orjson=False)
    finally:
        path.unlink()


def _beside_tiktoken(name: str, path: Path, settings: Settings, runs: int) -> Row:
    """The whole check beside nothing but tiktoken counting the same texts."""
    texts, count = _texts(path), tiktoken_counter("o200k_base")
    counted = compare(timed(check(path, settings)), timed(lambda: sum(map(count, texts))), runs)
    return Row(name, path, counted, Goal(counted.ratio, ">=", 1.5, "x tiktoken alone"), beside_orjson=False)


def _stats(path: Path, *, tokens: bool) -> Callable[[], None]:
    def work() -> None:
        deque(stats_of([path], Settings(model="gpt-4o-mini-2024-07-18"), tokens=tokens), maxlen=0)

    return work


def _texts(path: Path) -> list[str]:
    """The texts that are counted: contents, and the JSON of tools."""
    found = [renderings(orjson.loads(line), TEMPLATES["openai"]) for line in path.read_bytes().splitlines()]
    return [segment.text for each in found for rendering in each for segment in rendering.segments if segment.text]


def _tokens(line: bytes) -> int:
    return count_tokens(line, CLOSE.model).tokens
