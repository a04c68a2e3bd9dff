"""Other validators on the same file, whole commands beside ours: CPU time, peak memory and how each ends.

They look for less, and some of them refuse valid records, so a speed says little by itself; docs/benchmarks.md says
what each of them looks at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.environments import UnavailableError, environment
from benchmarks.measure import run_command
from benchmarks.table import line

MOST_SECONDS = 600
"""CPU time after which a peer is stopped."""


class Peer(NamedTuple):
    """A published validator: its package, and its command without the folder of its programs and without the file."""

    name: str
    requirement: str
    command: tuple[str, ...]


PEERS = (
    Peer("jsonvet 3.1.1, syntax alone", "jsonvet==3.1.1", ("jsonvet",)),
    Peer("jsonl-lens 0.1.0", "jsonl-lens==0.1.0", ("jsonl-lens", "--require-field", "messages")),
    Peer("cleanllm 4.0.0 preflight", "cleanllm==4.0.0", ("cleanllm", "preflight", "--framework", "trl")),
    Peer("convmerge 1.6.5 validate", "convmerge==1.6.5", ("convmerge", "validate", "-i")),
    Peer("parallelogram 0.4.2", "parallelogram==0.4.2", ("parallelogram", "check")),
    Peer("ftml-cli 0.1.0 validate", "ftml-cli==0.1.0", ("ftml", "validate", "--platform", "openai")),
)

_COOKBOOK = """
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    dataset = [json.loads(line) for line in file]
known = {"role", "content", "name", "function_call", "weight"}
counts = dict.fromkeys(["type", "list", "keys", "unknown", "role", "content", "assistant"], 0)
for record in dataset:
    if not isinstance(record, dict):
        counts["type"] += 1
        continue
    messages = record.get("messages")
    if not messages:
        counts["list"] += 1
        continue
    for message in messages:
        counts["keys"] += "role" not in message or "content" not in message
        counts["unknown"] += any(key not in known for key in message)
        counts["role"] += message.get("role") not in ("system", "user", "assistant", "function")
        content = message.get("content")
        counts["content"] += (not content and not message.get("function_call")) or not isinstance(content, str)
    counts["assistant"] += all(message.get("role") != "assistant" for message in messages)
print(counts)
sys.exit(any(counts.values()))
"""
"""What the notebook of OpenAI's cookbook checks, in its way: all records in memory, then a loop. No tokens."""


def measure_peers(path: Path, folder: Path, runs: int) -> Iterator[str]:
    """A row for each, ours first."""
    ours = [sys.executable, "-m", "jsonl_lint", "check", "--quiet", "--jobs", "1", str(path)]
    yield _row("jsonl-lint check", ours, path, folder, runs)
    yield _row("OpenAI cookbook loop", [sys.executable, "-c", _COOKBOOK, str(path)], path, folder, runs)
    for peer in PEERS:
        try:
            programs = environment(folder, peer.requirement.replace("==", "-"), [peer.requirement])
        except UnavailableError as error:
            yield line(peer.name, "whole command", "-") + f"  {error}"
            continue
        command = [str(programs / peer.command[0]), *peer.command[1:], str(path)]
        yield _row(peer.name, command, path, folder, runs)


def _row(name: str, command: Sequence[str], path: Path, folder: Path, runs: int) -> str:
    costs = [run_command(command, folder / "bytecode", MOST_SECONDS) for _ in range(runs)]
    seconds = median(cost.seconds for cost in costs)
    peak = max(cost.peak for cost in costs) / 1e6
    code = costs[-1].code
    if code < 0:
        return line(name, "whole command", "-") + f"  stopped after {seconds:,.0f} CPU s, {peak:,.0f} MB"
    speed = path.stat().st_size / 1e6 / max(seconds, 0.001)
    return line(name, "whole command", f"{speed:,.0f} MB/s") + f"  {seconds:.1f} CPU s, {peak:,.0f} MB, exit {code}"
