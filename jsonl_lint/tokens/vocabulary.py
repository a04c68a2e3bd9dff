"""The vocabularies: their names, the engines that count with them, and their known properties."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import NamedTuple

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.tokens.controls import DEEPSEEK_R1, DEEPSEEK_V3, DEEPSEEK_V4, DEEPSEEK_V31, LLAMA3
from jsonl_lint.tokens.counters import (
    CounterMissingError,
    FlatCounter,
    json_counter,
    llama4_counter,
    qwen35_counter,
    splintr_added_tokens_counter,
    splintr_counter,
    tiktoken_counter,
)
from jsonl_lint.tokens.pieces import LONG_BLANK, PIECE, Counter, blank_cuts_tokens, cuts_tokens, guarded_counter


class Vocabulary(NamedTuple):
    """One vocabulary.

    `nfc`: texts are normalised to NFC first. `prefix` is the number of tokens that may come on top of a text's bytes
    (sentencepiece puts a space before each text). `fallback` is the vocabulary that stands in where nothing installed
    has this one; counts are then approximate. `cuts_blanks`: long white space is counted in pieces.
    """

    name: str
    title: str
    load: Callable[[], Counter]
    nfc: bool = False
    prefix: int = 0
    fallback: str = ""
    cuts_blanks: bool = False


class Loaded(NamedTuple):
    """A vocabulary that is ready to count.

    `approximate` says why its counts are not exact; `""` if they are. `bounded`: a text surely has no more tokens
    than its NFC form has bytes.
    """

    vocabulary: Vocabulary
    count: Counter
    approximate: str = ""
    bounded: bool = True
    unguarded: Counter = len
    """Counts like `count`, but only texts of at most `longest` characters without lone surrogates."""
    longest: int = PIECE
    cuts: Callable[[str], bool] = cuts_tokens
    """Whether the count of a text may be too high, because it is counted in pieces and a token may span two."""
    seamed: bool = True
    """Whether a text has as many tokens as its parts if it is cut at a `SEAM`."""


def _openai(name: str) -> Counter:
    """Return OpenAI's counter. To its API, what a user writes is text, never a control token."""
    try:
        return splintr_counter(name, controls=False)
    except CounterMissingError:
        return tiktoken_counter(name)


def _splintr(engine: str, more: tuple[str, ...] = ()) -> Callable[[], Counter]:
    return partial(splintr_counter, engine, more=more)


def _mistral(engine: str) -> Callable[[], Counter]:
    """Return Mistral's loader. mistral-common encodes what a user writes as text, never as a control token."""
    return partial(splintr_counter, engine, controls=False)


def _deepseek_v3() -> Counter:
    """Return the counter of DeepSeek V3; the think tags became tokens with R1."""
    return splintr_counter("deepseek_v3", but=("<think>", "</think>"), more=DEEPSEEK_V3)


def _qwen25() -> Counter:
    """Return the counter of Qwen 2.5; the tags of thoughts and tool results became tokens with Qwen 3."""
    return splintr_counter("qwen3", but=("<think>", "</think>", "<tool_response>", "</tool_response>"))


def _absent() -> Counter:
    raise CounterMissingError("name its tokenizer.json with --tokenizer to count exactly")


_ALL = (
    Vocabulary("cl100k_base", "GPT-3.5 and GPT-4", partial(_openai, "cl100k_base")),
    Vocabulary("o200k_base", "GPT-4o and later", partial(_openai, "o200k_base")),
    Vocabulary("o200k_harmony", "gpt-oss", _splintr("gpt-oss")),
    Vocabulary("llama2", "Llama 2", _mistral("llama2"), prefix=1),
    Vocabulary("llama3", "Llama 3", _splintr("llama3", LLAMA3)),
    Vocabulary("llama4", "Llama 4", llama4_counter, fallback="o200k_base"),
    Vocabulary("qwen2.5", "Qwen 2 and 2.5", _qwen25, nfc=True),
    Vocabulary("qwen3", "Qwen 3", _splintr("qwen3"), nfc=True),
    Vocabulary("qwen3.5", "Qwen 3.5 and 3.6", qwen35_counter, nfc=True, fallback="qwen3"),
    Vocabulary("deepseek_v3", "DeepSeek V3", _deepseek_v3),
    Vocabulary("deepseek_r1", "DeepSeek R1", _splintr("deepseek_v3", DEEPSEEK_R1)),
    Vocabulary("deepseek_v3.1", "DeepSeek V3.1", _splintr("deepseek_v3", DEEPSEEK_V31)),
    Vocabulary("deepseek_v4", "DeepSeek V4", _splintr("deepseek_v3", DEEPSEEK_V4)),
    Vocabulary("glm4.5", "GLM 4.5 and 4.6", _splintr("glm4")),
    Vocabulary("glm5", "GLM 4.7 and 5", _absent, fallback="glm4.5"),
    Vocabulary("kimi_k2", "Kimi K2", _splintr("kimi_k2")),
    Vocabulary("mistral_v1", "Mistral 7B v0.1, Mixtral 8x7B", _mistral("mistral_v1"), prefix=1),
    Vocabulary("mistral_v3", "Mistral 7B v0.3, Mixtral 8x22B", _mistral("mistral_v2"), prefix=1),
    Vocabulary("tekken", "Mistral Nemo and later", _mistral("mistral_v3")),
    Vocabulary("gemma2", "Gemma 2", partial(splintr_added_tokens_counter, "gemma2"), cuts_blanks=True),
    Vocabulary("gemma3", "Gemma 3", partial(splintr_added_tokens_counter, "gemma3"), cuts_blanks=True),
    Vocabulary("gemma4", "Gemma 4", _splintr("gemma4")),
    Vocabulary("phi4", "Phi 4", _splintr("phi4")),
)

VOCABULARIES = {vocabulary.name: vocabulary for vocabulary in _ALL}


def load_vocabulary(name: str) -> Loaded:
    """Return the vocabulary with this name, or that of a user's `tokenizer.json`. The named ones are loaded once.

    Raises:
        UserError: there is no such vocabulary, the file is not a tokenizer, or nothing installed can count with it.
    """
    return _load_file(name) if name.endswith(".json") else _load(name)


def vocabulary_named(name: str) -> Vocabulary:
    """Return the vocabulary with this name, without loading it.

    Raises:
        UserError: there is none; the message names the closest.
    """
    if name not in VOCABULARIES:
        import difflib

        close = difflib.get_close_matches(name, VOCABULARIES, 1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(VOCABULARIES)}."
        raise UserError(f"no tokenizer is named {name!r}; {hint} A path must end in .json")
    return VOCABULARIES[name]


def _load_file(path: str) -> Loaded:
    """Load a user's tokenizer, unless it is already loaded and has not changed."""
    try:
        state = os.stat(path)
    except (OSError, ValueError) as error:  # a NUL byte in the name is one of the latter
        raise UserError(f"{path}: cannot read the tokenizer: {reason_of(error)}") from None
    return _load_version(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _load_version(path: str, _changed: int, _size: int) -> Loaded:
    count, bounded = json_counter(path)
    vocabulary = Vocabulary(path, path, lambda: count, nfc=True, prefix=1)  # it may put a space before each text
    return Loaded(
        vocabulary,
        guarded_counter(count),
        bounded=bounded,
        unguarded=count,
        cuts=lambda text: len(text) > PIECE,
        seamed=False,
    )


@cache
def _load(name: str) -> Loaded:
    vocabulary = vocabulary_named(name)
    why = ""
    try:
        count = vocabulary.load()
    except CounterMissingError as error:
        if not vocabulary.fallback:
            raise UserError(f"no installed package counts tokens of {vocabulary.title}: {error}") from None
        stand_in = VOCABULARIES[vocabulary.fallback]
        why = f"with the vocabulary of {stand_in.title}; {vocabulary.title} has its own: {error}"
        count = stand_in.load()
    if vocabulary.nfc:
        count = _normalised(count)
    prefix = vocabulary.prefix > 0
    loaded = Loaded(vocabulary, guarded_counter(count, prefix=prefix), why, unguarded=count, seamed=not prefix)
    if vocabulary.cuts_blanks:
        return loaded._replace(longest=LONG_BLANK, cuts=blank_cuts_tokens)
    return loaded._replace(cuts=partial(cuts_tokens, prefix=prefix))


def _normalised(count: Counter) -> Counter:
    """Return a counter of the NFC form, because Qwen's tokenizer normalises and the engine does not."""
    if not isinstance(count, FlatCounter):
        return lambda text: count(_nfc(text))
    slower, encode, search = count.slower, count.encode, count.search
    return FlatCounter(
        lambda text: slower(_nfc(text)), lambda text: encode(_nfc(text)), count.start, lambda text: search(_nfc(text))
    )


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
