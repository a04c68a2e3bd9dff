"""What a chat template adds to the texts of a conversation, as constants of each model family.

The figures come from rendering the official template of each family and encoding the result, for a training sample
(no generation prompt). Rendering itself would need a template engine and gives the same numbers, except that Llama's
writes the date of the day, which may cost a token more or less.
"""

from __future__ import annotations

from typing import NamedTuple


class Turn(NamedTuple):
    """One message: control tokens, and the text that the template puts right before and after the content.

    That text is encoded together with the content, because a token may span the seam.
    """

    tokens: int
    before: str = ""
    after: str = ""


class Thinking(NamedTuple):
    """How an answer that holds reasoning is written.

    Only the turn after the last question keeps its reasoning, between `opening` and `closing`, which then stand
    before the answer instead of the turn's own `before`, with `tokens`. With `kept` false no turn keeps it. `always`:
    the last turn has them even without reasoning. `strip`: white space around reasoning and line breaks before the
    answer go.
    """

    kept: bool = True
    opening: str = ""
    closing: str = ""
    tokens: int = 0
    always: bool = False
    strip: bool = True


class Template(NamedTuple):
    """The constants of one family, in tokens.

    `start`: once a sample; `no_system`: more, if there is no system message (a default prompt). `trim`,
    `trim_answer`: white space around contents, or around answers only, goes. `system_in_user`: the system text stands
    before the first user text. `tools`: definitions cost this much and their JSON; None: the template leaves them out.
    `indent` of that JSON. `call`: each tool call costs this much and its JSON. `name`: a message's `name` costs this
    much and its text; None: it is left out. `image`: an image of low detail costs this much. `exact`: whether plain
    conversations come out exactly as with the official template.
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
    system_in_user: bool = False
    thinking: Thinking | None = None
    tools: int | None = None
    indent: int | None = None
    call: int = 4
    speaker: int | None = None
    image: int | None = None
    exact: bool = True

    @property
    def ceiling(self) -> int:
        """What no conversation exceeds beyond one token for each byte of its line, tools and images apart.

        A message's own keys (`{"role":"user","content":""},`) have more bytes than any turn here has tokens.
        """
        return self.start + self.no_system + (16 if self.exact else 64)


def _same(name: str, start: int, turn: int) -> Template:
    """Every message costs the same."""
    return Template(name, start, Turn(turn), Turn(turn), Turn(turn), Turn(turn))


def _chatml(name: str) -> Template:
    """`<|im_start|>role`, a line break, the content, `<|im_end|>`, a line break: 3 tokens and the text between."""
    result = Turn(3, "user\n<tool_response>\n", "\n</tool_response>")
    return Template(name, 0, Turn(3, "system\n"), Turn(3, "user\n"), Turn(3, "assistant\n"), result)


_QWEN_THINKING = Thinking(opening="assistant\n<think>\n", closing="\n</think>\n\n", tokens=3, always=True)
_LINE, _EMPTY_THOUGHT = Turn(1, "\n"), Turn(1, "\n<think></think>\n")

_ALL = (
    _chatml("qwen2.5")._replace(no_system=21, tools=78),
    _chatml("qwen3")._replace(thinking=_QWEN_THINKING, tools=83),
    _chatml("qwen3-coder")._replace(tools=216),
    _chatml("qwen3.5")._replace(thinking=_QWEN_THINKING, trim=True, tools=202),
    _same("llama3", 1, 5)._replace(trim=True),
    Template("llama3.1", 26, Turn(0), Turn(5), Turn(5), Turn(5), trim=True, tools=60, indent=4),
    _same("llama4", 1, 5)._replace(trim=True, tools=60, indent=4),
    Template("gemma", 1, Turn(0), Turn(3, "user\n"), Turn(3, "model\n"), Turn(3, "user\n"))._replace(
        trim=True, system_in_user=True
    ),
    _same("gemma4", 1, 5)._replace(tools=40, exact=False),
    Template("deepseek_v3", 1, Turn(0), Turn(1), Turn(2), Turn(2)),
    Template("deepseek_r1", 1, Turn(0), Turn(1), Turn(2), Turn(2), thinking=Thinking(kept=False, strip=False)),
    Template("deepseek_v3.1", 1, Turn(0), Turn(1), Turn(3), Turn(2), thinking=Thinking(kept=False, strip=False)),
    Template("glm4.5", 2, _LINE, _LINE, _EMPTY_THOUGHT, _LINE)._replace(
        trim_answer=True, tools=101, thinking=Thinking(opening="\n<think>", closing="</think>\n", tokens=1)
    ),
    Template("glm4.7", 2, Turn(1), Turn(1), Turn(2), Turn(3))._replace(
        trim_answer=True, tools=97, thinking=Thinking(opening="<think>", closing="</think>", tokens=1)
    ),
    Template("glm5", 2, Turn(1), Turn(1), Turn(2), Turn(3))._replace(
        trim_answer=True,
        tools=88,
        thinking=Thinking(opening="<think>", closing="</think>", tokens=1, always=True, strip=False),
    ),
    _same("kimi", 0, 4)._replace(no_system=19, tools=8),
    _same("minimax", 158, 7)._replace(tools=230, exact=False),
    Template("mistral_v1", 1, Turn(0), Turn(7), Turn(1), Turn(7), system_in_user=True),
    Template("mistral_v3", 1, Turn(0), Turn(2), Turn(1), Turn(2), system_in_user=True, tools=10),
    Template("harmony", 61, Turn(7), Turn(4), Turn(6), Turn(8), tools=20, exact=False),
    # openai-cookbook, How_to_count_tokens_with_tiktoken.ipynb at c81359c; an image of low detail: OpenAI's vision guide
    _same("openai", 3, 4)._replace(tools=12, speaker=1, image=85),
    _same("plain", 2, 5)._replace(tools=100, exact=False),
)

TEMPLATES = {template.name: template for template in _ALL}
"""By name. `plain` stands in for a family that is not known."""
