"""Files to measure on, made once and kept: the same seed, size and generator give the same bytes."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import cycle, islice
from json import JSONEncoder
from pathlib import Path
from random import Random
from struct import pack
from typing import NamedTuple
from zlib import crc32

from benchmarks.agents import agent_lines, gemini_agent_lines, object_lines
from benchmarks.defects import KINDS, spoiled
from benchmarks.mutants import mutated
from benchmarks.records import Generator, Record, encode

MEGABYTE = 1_000_000
BAD_SHARE = 0.02
HUGE_LENGTH = 190.0
"""How many times longer than usual the texts of a huge line are: lines of about 240 KB."""

_SOURCES = ("records.py", "defects.py", "mutants.py", "agents.py", "data.py")


class Dataset(NamedTuple):
    """The files of one seed and size."""

    clean: Path
    two_percent: Path
    mutants: Path
    all_bad: Path
    huge_lines: Path
    preferences: Path
    requests: Path
    gemini: Path
    annotated: Path
    reasoning: Path
    agents: Path
    objects: Path
    gemini_agents: Path
    pictures: Path
    templated: Path
    repeated: Path
    answers: Path
    array: Path
    pretty: Path


def clean_lines(seed: int) -> Iterator[bytes]:
    return Generator(seed).lines()


def two_percent_lines(seed: int) -> Iterator[bytes]:
    """The clean records, one in fifty of them spoiled."""
    dice, kinds = Random(seed + 1), cycle(KINDS)
    for record, encoder in Generator(seed).records():
        bad = dice.random() < BAD_SHARE
        yield spoiled(next(kinds), record, encoder) if bad else encode(record, encoder)


def mutant_lines(seed: int) -> Iterator[bytes]:
    """The clean records, one in fifty of them with random changes."""
    dice = Random(seed + 4)
    for record, encoder in Generator(seed).records():
        yield encode(mutated(record, dice) if dice.random() < BAD_SHARE else record, encoder)


def all_bad_lines(seed: int) -> Iterator[bytes]:
    """The clean records, each spoiled in the next way."""
    kinds = cycle(KINDS)
    for record, encoder in Generator(seed).records():
        yield spoiled(next(kinds), record, encoder)


def huge_lines(seed: int) -> Iterator[bytes]:
    return Generator(seed, HUGE_LENGTH).lines()


def preference_lines(seed: int) -> Iterator[bytes]:
    """Conversations with two last answers, of which the other is another record's."""
    other = [{"role": "assistant", "content": "No."}]
    for record, encoder in Generator(seed).records():
        *asked, answer = record["messages"]
        if "tools" not in record and answer != other[0]:
            pair = {"input": {"messages": asked}, "preferred_output": [answer], "non_preferred_output": other}
            other = [answer]
            yield encode(pair, encoder)


def request_lines(seed: int) -> Iterator[bytes]:
    """The questions of conversations as batch requests."""
    for number, (record, encoder) in enumerate(_plain_chats(seed)):
        body = {"model": "gpt-4o-mini", "messages": record["messages"][:-1]}
        request = {"custom_id": f"request-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
        yield encode(request, encoder)


def gemini_lines(seed: int) -> Iterator[bytes]:
    """Conversations as Gemini has them, each with the same system message."""
    for record, encoder in _plain_chats(seed):
        contents = [
            {"role": "model" if message["role"] == "assistant" else "user", "parts": [{"text": message["content"]}]}
            for message in record["messages"]
            if message["role"] != "system"
        ]
        yield encode({"systemInstruction": {"parts": [{"text": "Be brief."}]}, "contents": contents}, encoder)


def annotated_lines(seed: int) -> Iterator[bytes]:
    """Conversations with what pipelines write beside them: an id, scores with all their digits, labels."""
    dice = Random(seed + 2)
    for record, encoder in _plain_chats(seed):
        labels = {"scores": [dice.random() for _ in range(dice.randrange(4))], "loss": dice.random() * 1e-4}
        yield encode({"id": dice.randrange(2**60), "quality": dice.random(), **record, "labels": labels}, encoder)


def reasoning_lines(seed: int) -> Iterator[bytes]:
    """Conversations whose answers begin with what they think, in tags, and end with a line of code."""
    for record, encoder in _plain_chats(seed):
        for message in record["messages"]:
            if message["role"] == "assistant":
                thought = f"<think>\nLet me see: {message['content'][:400]}\n</think>\n\n"
                message["content"] = thought + message["content"] + "\n\n```python\nprint(a, sep='\\n')\n```"
        yield encode(record, encoder)


def picture_lines(seed: int) -> Iterator[bytes]:
    """Conversations about an image of 2 to 40 KB that is in the record."""
    dice = Random(seed + 5)
    for record, encoder in _plain_chats(seed):
        image = b64encode(_picture(dice.randbytes(dice.randrange(2_000, 40_000)))).decode()
        messages = [{**each, "content": [{"type": "text", "text": each["content"]}]} for each in record["messages"]]
        asking = next(message for message in messages if message["role"] == "user")
        asking["content"].append({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}})
        yield encode({"messages": messages}, encoder)


def _picture(data: bytes) -> bytes:
    """A PNG that contains these bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return pack(">I", len(body)) + name + body + pack(">I", crc32(name + body))

    header = chunk(b"IHDR", pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def templated_lines(seed: int) -> Iterator[bytes]:
    """Prompts and completions to which a chat template has been applied."""
    for record, encoder in _plain_chats(seed):
        said = [f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n" for message in record["messages"]]
        yield encode({"prompt": "".join(said[:-1]), "completion": said[-1]}, encoder)


def _plain_chats(seed: int) -> Iterator[tuple[Record, JSONEncoder]]:
    """Records of nothing but roles and texts, and how each is spelled."""
    for record, encoder in Generator(seed).records():
        if "tools" not in record and all(isinstance(message["content"], str) for message in record["messages"]):
            yield record, encoder


def repeated_lines(seed: int) -> Iterator[bytes]:
    """Clean records, each of them twice."""
    for line in Generator(seed).lines():
        yield line
        yield line


def answered_lines(seed: int) -> Iterator[bytes]:
    """Records in fours that ask the same and answer differently, as rejection sampling gives them."""
    records = _plain_chats(seed)
    for first in records:
        asked = first[0]["messages"][:-1]
        for record, encoder in (first, *islice(records, 3)):
            yield encode({"messages": [*asked, record["messages"][-1]]}, encoder)


def dataset(folder: Path, megabytes: float, seed: int = 7) -> Dataset:
    """Files of this size in the folder, taken from there if they were made before."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _fingerprint(megabytes, seed)

    def file(name: str, lines: Callable[[int], Iterator[bytes]]) -> Path:
        path = folder / f"{name}-{made}.jsonl"
        if not path.exists():
            _write(path, lines(seed), round(megabytes * MEGABYTE))
        return path

    clean = file("clean", clean_lines)
    return Dataset(
        clean,
        file("two-percent-bad", two_percent_lines),
        file("mutants", mutant_lines),
        file("all-bad", all_bad_lines),
        file("huge-lines", huge_lines),
        file("preferences", preference_lines),
        file("requests", request_lines),
        file("gemini", gemini_lines),
        file("annotated", annotated_lines),
        file("reasoning", reasoning_lines),
        file("agents", agent_lines),
        file("objects", object_lines),
        file("gemini-agents", gemini_agent_lines),
        file("pictures", picture_lines),
        file("templated", templated_lines),
        file("repeated", repeated_lines),
        file("answers", answered_lines),
        _as_array(clean),
        _pretty_printed(clean),
    )


def _as_array(lines: Path) -> Path:
    """A file with the same records as one array."""
    path = lines.with_suffix(".json")
    if not path.exists():
        records = lines.read_bytes().replace(b"\n", b",\n").removesuffix(b",\n")
        _write(path, iter((b"[\n" + records + b"\n]\n",)), 1)
    return path


def _pretty_printed(lines: Path) -> Path:
    """A file with the same records, each spread over lines, as `jq .` writes them."""
    path = lines.with_suffix(".pretty.jsonl")
    if not path.exists():
        with open(lines, "rb") as file:
            records = b"".join([encode(json.loads(line), _INDENTED) for line in file])
        _write(path, iter((records,)), 1)
    return path


_INDENTED = json.JSONEncoder(indent=2, ensure_ascii=False)


def _fingerprint(megabytes: float, seed: int) -> str:
    """Part of the files' names: whoever changes the generator gets new files."""
    sources = b"".join((Path(__file__).parent / name).read_bytes() for name in _SOURCES)
    return f"{megabytes:g}mb-seed{seed}-{sha256(sources).hexdigest()[:8]}"


def _write(path: Path, lines: Iterator[bytes], size: int) -> None:
    partial = path.with_suffix(f".{os.getpid()}.partial")
    with open(partial, "wb") as file:
        written = 0
        while written < size:
            written += file.write(next(lines))
    os.replace(partial, path)


def repeat(source: Path, target: Path, size: int) -> Path:
    """A file of at least `size` bytes: the source again and again."""
    data = source.read_bytes()
    with open(target, "wb") as file:
        for _ in range(-(-size // len(data))):
            file.write(data)
    return target


def one_line(target: Path, size: int) -> Path:
    """A file that is a single valid record of about `size` bytes."""
    with open(target, "wb") as file:
        file.write(b'{"messages":[{"role":"user","content":"')
        for _ in range(size // MEGABYTE):
            file.write(b"hello you " * (MEGABYTE // 10))
        file.write(b'"},{"role":"assistant","content":"Hello."}]}\n')
    return target
