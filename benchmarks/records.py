"""Seeded chat records with the habits of real datasets.

A record has 3 to 7 messages and about 1.6 KB as a line; 15 % have texts in other scripts than ASCII (a third of them
written as \\uXXXX), 12 % have tools and calls, 85 % are compact and the others have spaces after `,` and `:`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

Record = dict[str, Any]

NON_ASCII_SHARE = 0.15
ESCAPED_SHARE = 0.05
TOOLS_SHARE = 0.12
COMPACT_SHARE = 0.85
THINK_SHARE = 0.007
"""Of the sentences: one record in ten says "think", as real chats do, and has to be looked at for its tags."""


def _words(text: str) -> list[str]:
    return text.split()


_ASCII_WORDS = _words(
    "a the of and to in is that for it with as on be at by this from or have an not are but which one can all would "
    "there when use time value result first then data model table function return should please answer question "
    "customer order invoice account number example line error check message update system server query because while"
)
_OTHER_WORDS = _words(
    "größe über schön für Straße Lösung müssen später café élève déjà où naïve señor mañana corazón ação não você "
    "данные вопрос ответ пример задача слово время почему нужно "
    "数据 问题 回答 例子 因为 時間 質問 答え です ます 🙂 🚀 데이터 질문"
)
_SNIPPETS = (
    '```python\nprint("hello")\nfor i in range(3):\n    print(i)\n```',
    'He said "no" and left.\n\n- first\n- second\n',
    'Set `{"mode": "fast", "retries": 3}` in C:\\temp\\config.json.',
    '| name\t| value |\n|---|---|\n| "a"\t| 1 |\n',
)
_COMPACT = (",", ":")
_SPACED = (", ", ": ")


class _Texts:
    """Texts of a wanted mean length, put together from a fixed stock of sentences."""

    def __init__(self, random: Random, words: list[str]) -> None:
        self.random = random
        self.stock = [self._sentence(words) for _ in range(3000)]

    def _sentence(self, words: list[str]) -> str:
        if self.random.random() < 0.06:
            return self.random.choice(_SNIPPETS)
        chosen = self.random.choices(words, k=self.random.randint(5, 16))
        if self.random.random() < THINK_SHARE:
            chosen.insert(1, "think")
        return " ".join(chosen).capitalize() + self.random.choice(".....?!:")

    def text(self, sentences: float) -> str:
        count = max(1, round(self.random.expovariate(1 / sentences)))
        return self.random.choice((" ", " ", " ", "\n\n")).join(self.random.choices(self.stock, k=count))


class Generator:
    """An endless, seeded source of valid records and of lines made from them."""

    def __init__(self, seed: int, length: float = 1.0) -> None:
        self.random = Random(seed)
        self.length = length
        self.ascii = _Texts(self.random, _ASCII_WORDS)
        self.other = _Texts(self.random, _OTHER_WORDS)
        self.encoders = {
            (compact, ascii_only): json.JSONEncoder(
                ensure_ascii=ascii_only, separators=_COMPACT if compact else _SPACED
            )
            for compact in (True, False)
            for ascii_only in (True, False)
        }

    def records(self) -> Iterator[tuple[Record, json.JSONEncoder]]:
        """Records, each with the way in which its line is written."""
        while True:
            share = self.random.random()
            texts = self.other if share < NON_ASCII_SHARE else self.ascii
            escaped = share < ESCAPED_SHARE
            tools = self.random.random() < TOOLS_SHARE
            record = self._with_tools(texts) if tools else self._plain(texts)
            yield record, self.encoders[self.random.random() < COMPACT_SHARE, escaped]

    def lines(self) -> Iterator[bytes]:
        for record, encoder in self.records():
            yield encode(record, encoder)

    def _plain(self, texts: _Texts) -> Record:
        messages = self._opening(texts)
        for turn in range(self.random.choice((2, 2, 3)) if len(messages) == 0 else self.random.choice((1, 2, 2, 3))):
            messages.append({"role": "user", "content": texts.text((4 if turn == 0 else 2) * self.length)})
            messages.append({"role": "assistant", "content": texts.text(6.0 * self.length)})
        return {"messages": messages}

    def _opening(self, texts: _Texts) -> list[Record]:
        if self.random.random() < 0.35:
            return []
        return [{"role": "system", "content": texts.text(2.5 * self.length)}]

    def _with_tools(self, texts: _Texts) -> Record:
        call_id = f"call_{self.random.getrandbits(64):016x}"
        arguments = {"query": texts.text(0.5), "limit": self.random.randint(1, 50), "threshold": 0.75}
        call = {
            "id": call_id,
            "type": "function",
            "function": {"name": "search", "arguments": json.dumps(arguments, ensure_ascii=False)},
        }
        messages = [
            *self._opening(texts),
            {"role": "user", "content": texts.text(2.5 * self.length)},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call_id, "content": texts.text(4 * self.length)},
            {"role": "assistant", "content": texts.text(4 * self.length)},
        ]
        return {"messages": messages, "tools": [_SEARCH_TOOL]}


_SEARCH_TOOL = {
    "type": "function",
    "function": {
        "name": "search",
        "description": 'Find documents. Quote exact phrases: "like this".',
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What to look for"},
                "limit": {"type": "integer", "minimum": 1},
                "threshold": {"type": "number"},
            },
            "required": ["query"],
        },
    },
}


def encode(value: Any, encoder: json.JSONEncoder) -> bytes:
    """The value as one line of a file."""
    return encoder.encode(value).encode() + b"\n"
