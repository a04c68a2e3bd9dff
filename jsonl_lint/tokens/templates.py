"""The tokens that a chat template adds to a conversation, as constants for each model family.

The constants come from rendering the official template of each family and encoding the result, for a training sample
(no generation prompt). Rendering every record would need a template engine and give the same numbers, except that
Llama's template writes the current date, which may take a token more or less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Turn(NamedTuple):
    """One message: control tokens, and the text that the template puts right before and after the content.

    That text is encoded together with the content, because a token may span the seam.
    """

    tokens: int
    before: str = ""
    after: str = ""


class Thinking(NamedTuple):
    """How an answer with reasoning is written.

    - Only turns after the last question keep their reasoning, between `opening` and `closing`. These replace the turn's
      own `before`, and `tokens` replaces its own. If `kept` is false, no turn keeps reasoning.
    - `always`: these turns have `opening` and `closing` even without reasoning; `at_end`: so has the last message.
    - `strip`: the characters that are stripped from reasoning, None for all white space. Line breaks before the answer
      are stripped, too, unless it is empty.
    - `once`: the answer begins after the first `</think>`, not after the last.
    - `results`: a user's text between these is not a question.
    """

    kept: bool = True
    opening: str = ""
    closing: str = ""
    tokens: int = 0
    always: bool = False
    at_end: bool = False
    strip: str | None = None
    once: bool = False
    results: tuple[str, ...] = ()


class Template(NamedTuple):
    """The constants of one family. Costs are in tokens.

    - `start`: the cost per sample; `no_system`: the additional cost of a default system prompt, if there is none.
    - `trim`, `trim_answer`: white space is stripped from all contents, or only from answers; `drops_spaces`: spaces
      after answers are removed.
    - `gap`: the text before an answer that is not empty.
    - `later_system`: the turn of a system message that is not the first message.
    - `system_at`: all system texts are moved to the `start`, or before the `first user` or the `last user` text.
    - `joins`: roles of which consecutive messages are joined; `skips_empty`: empty texts are left out of these.
    - `again`: the turn of an answer that does not follow a question.
    - `order`: the accepted orders of roles: any, or with a question (`asked`), or with one at the start
      (`asked first`), or `alternating`.
    - `tools`: the cost of tool definitions besides their JSON, None if the template omits them; `indent` of that JSON.
    - `call`: the cost of each tool call besides its JSON.
    - `speaker`: the cost of a message's `name` besides its text, None if the template omits it.
    - `image`: the cost of an image of low detail.
    - `parts`: whether the texts of a content in parts are joined as they are. Other templates omit them, fail, trim
      each, or get them from a library.
    - `exact`: whether plain conversations are rendered exactly as by the official template.
    """

    name: str
    start: int
    system: Turn
    user: Turn
    assistant: Turn
    tool: Turn
    no_system: int = 0
    trim: bool = False
    trim_answer: bool = False
    drops_spaces: bool = False
    gap: str = ""
    later_system: Turn | None = None
    system_at: str = ""
    joins: tuple[str, ...] = ()
    skips_empty: bool = False
    again: Turn | None = None
    order: str = ""
    thinking: Thinking | None = None
    tools: int | None = None
    indent: int | None = None
    call: int = 4
    speaker: int | None = None
    image: int | None = None
    parts: bool = False
    exact: bool = True

    def opening(self, roles: Sequence[str]) -> int:
        """Return the tokens before the first message."""
        return self.start if roles and roles[0] == "system" else self.start + self.no_system

    def turn(self, role: str, before: str) -> Turn:
        """Return how a message is written; `before` is the role of the previous message, "" for the first."""
        if role == "system" and before and self.later_system is not None:
            return self.later_system
        if role == "assistant" and before != "user" and self.again is not None:
            return self.again
        found: Turn = getattr(self, role)
        return found

    @property
    def ceiling(self) -> int:
        """The most tokens that a conversation has beyond one for each byte of its line, without tools and images.

        A message's own keys (`{"role":"user","content":""},`) have more bytes than any turn here has tokens.
        """
        return self.start + self.no_system + (16 if self.exact else 64)


def _same(name: str, start: int, turn: int) -> Template:
    """Return a template in which every message costs the same."""
    return Template(name, start, Turn(turn), Turn(turn), Turn(turn), Turn(turn))


def _chatml(name: str) -> Template:
    """Return a template that writes `<|im_start|>role`, a line break, the content, `<|im_end|>`, a line break."""
    result = Turn(3, "user\n<tool_response>\n", "\n</tool_response>")
    return Template(name, 0, Turn(3, "system\n"), Turn(3, "user\n"), Turn(3, "assistant\n"), result)


_TOOL_RESPONSE = ("<tool_response>", "</tool_response>")
_QWEN3 = Thinking(
    opening="assistant\n<think>\n", closing="\n</think>\n\n", tokens=3, at_end=True, strip="\n", results=_TOOL_RESPONSE
)
_QWEN35 = _QWEN3._replace(always=True, strip=None)
_LEFT_OUT = Thinking(kept=False, strip="")
_LINE, _EMPTY_THOUGHT = Turn(1, "\n"), Turn(1, "\n<think></think>")
_GLM47 = Thinking(opening="<think>", closing="</think>", tokens=1)
_MISTRAL = Template("mistral_v3", 1, Turn(0), Turn(2), Turn(1), Turn(2))._replace(
    system_at="last user",
    joins=("user", "assistant"),
    skips_empty=True,
    order="asked first",
    drops_spaces=True,
    tools=10,
)

_ALL = (
    _chatml("qwen2.5")._replace(no_system=21, tools=78),
    _chatml("qwen3")._replace(thinking=_QWEN3, tools=83),
    _chatml("qwen3-instruct")._replace(tools=83),
    _chatml("qwen3-coder")._replace(tools=216),
    _chatml("qwen3.5")._replace(thinking=_QWEN35, trim=True, order="asked", tools=202, parts=True),
    _same("llama3", 1, 5)._replace(trim=True),
    _same("llama3.1", 26, 5)._replace(system=Turn(0), later_system=Turn(5), trim=True, tools=60, indent=4),
    _same("llama4", 1, 5)._replace(trim=True, tools=60, indent=4),
    Template("gemma", 1, Turn(0), Turn(3, "user\n"), Turn(3, "model\n"), Turn(3, "user\n"))._replace(
        trim=True, system_at="first user", order="alternating"
    ),
    _same("gemma4", 1, 5)._replace(tools=40, exact=False),
    Template("deepseek_v3", 1, Turn(0), Turn(1), Turn(2), Turn(2), system_at="start"),
    Template("deepseek_r1", 1, Turn(0), Turn(1), Turn(2), Turn(2), system_at="start", thinking=_LEFT_OUT),
    Template("deepseek_v3.1", 1, Turn(0), Turn(1), Turn(3), Turn(2), system_at="start", again=Turn(1))._replace(
        thinking=_LEFT_OUT._replace(once=True)
    ),
    Template("deepseek_v4", 1, Turn(0), Turn(1), Turn(3), Turn(2), system_at="start", joins=("user",), tools=340),
    Template("glm4.5", 2, _LINE, _LINE, _EMPTY_THOUGHT, _LINE)._replace(
        trim_answer=True, gap="\n", tools=101, thinking=_GLM47._replace(opening="\n<think>"), parts=True
    ),
    Template("glm4.7", 2, Turn(1), Turn(1), Turn(2), Turn(3))._replace(
        trim_answer=True, tools=97, thinking=_GLM47, parts=True
    ),
    Template("glm5", 2, Turn(1), Turn(1), Turn(2), Turn(3))._replace(
        trim_answer=True, tools=88, thinking=_GLM47._replace(always=True, strip=""), parts=True
    ),
    _same("kimi", 0, 4)._replace(no_system=19, tools=8, parts=True),
    _same("minimax", 158, 7)._replace(tools=230, exact=False),
    _MISTRAL._replace(
        name="mistral_v1",
        user=Turn(0, "[INST] ", " [/INST]"),
        tool=Turn(7),
        system_at="first user",
        drops_spaces=False,
        tools=None,
    ),
    _MISTRAL,
    _MISTRAL._replace(name="mistral_v7", system=Turn(2), system_at=""),
    Template("harmony", 61, Turn(7), Turn(4), Turn(6), Turn(8), tools=20, exact=False),
    # openai-cookbook, How_to_count_tokens_with_tiktoken.ipynb at c81359c; an image of low detail: OpenAI's vision guide
    _same("openai", 3, 4)._replace(tools=12, speaker=1, image=85, parts=True),
    _same("plain", 2, 5)._replace(tools=100, exact=False),
)

INEXACT = "the chat template is known only approximately"
"""Why counts with a template that is not `exact` are approximate."""

TEMPLATES = {template.name: template for template in _ALL}
"""The templates by name. `plain` stands in for unknown families."""
