"""JL701."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import CONVERSATIONS, Record, Sketch, TextRule
from jsonl_lint.wording import excerpt

_BARRED = r"<\|(?!(?:begin|end)_of_(?:thought|solution)\|>)[A-Za-z][A-Za-z0-9_]{1,40}\|>"
_DEEPSEEK = "<｜[A-Za-z▁]{2,40}｜>"
_GEMMA = r"<(?:\|(?:turn|channel|tool|tool_call|tool_response)|(?:turn|channel|tool|tool_call|tool_response)\|)>"
_ANGLED = r"<(?:start_of_turn|end_of_turn|bos|eos|pad|unk|/?s|<SYS>|</SYS>)>"
_BRACKETED = (
    r"\[(?:/?INST|/?AVAILABLE_TOOLS|/?TOOL_RESULTS|TOOL_CALLS|/?SYSTEM_PROMPT|gMASK|"
    r"BEGIN_OF_TEXT|END_OF_TEXT)\]"
)
_TOKENS = (_BARRED, _DEEPSEEK, _GEMMA, _ANGLED, _BRACKETED)
_STRUCK = ("<s>", "</s>")
_PLAIN = ("instruction", "prompt-response", "prompt")
"""Formats whose texts may have a template applied, unless they belong to messages."""


class ControlTokenInContent(TextRule):
    """A text holds a control token of a chat template, like `<|im_end|>` or `[INST]`.

    The template writes these around messages. Inside one, many tokenizers turn it into the real control token: the
    model learns that an answer may end there, or that it may speak for the user. Which tokens are special depends on
    the model: ChatML and Qwen `<|im_start|>`, Llama 3 and 4 `<|eot_id|>` and `<|eot|>`, Llama 2 and Mistral `[INST]`,
    `<<SYS>>`, `<s>` and `</s>`, Gemma `<start_of_turn>` and since Gemma 4 `<|turn>` and `<turn|>`, DeepSeek (with its
    own bars), gpt-oss `<|channel|>`, GLM `[gMASK]`. In the plain-text formats, texts to which a template has already
    been applied may hold them; messages may not. In a text about HTML, `<s>` means strikethrough and is not reported,
    and neither are `<|begin_of_thought|>` and its like, by which data for reasoning such as OpenThoughts part thoughts
    from answers: they are tokens of no tokenizer.
    """

    code = "JL701"
    name = "control-token-in-content"
    severity = Severity.WARNING
    help = "Delete the token, or split the text into messages where it marks their border."
    formats = (*CONVERSATIONS, "gemini-preference", "alpaca", "chosen-rejected", "kto", *_PLAIN)
    marks = "<["
    patterns = (r"<\|[A-Za-z]", "<｜[A-Za-z▁]", _GEMMA, _ANGLED, _BRACKETED)

    def concerns(self, record: Record) -> bool:
        """Whether it has messages, or is plain and may have other texts than those of its root."""
        return record.format not in _PLAIN or any([isinstance(value, (list, dict)) for value in record.value.values()])

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each text: the first token, and how many more."""
        for text in record.texts:
            if record.format in _PLAIN and (len(text.pointer) == 1 or _is_part(text.pointer)):
                continue
            place, token, count = _first_and_count(text.value)
            if count:
                more = f" and {count - 1:,} more" if count > 1 else ""
                shown = excerpt(token, 50)[1:-1]
                message = f"the text holds the control token `{shown}`{more}"
                yield self.sketch(text.pointer, message, within=(place, place + len(token)))


def _is_part(pointer: Pointer) -> bool:
    """Whether it is the text of a part of `prompt` or `completion`, as in `/prompt/0/text`."""
    return len(pointer) == 3 and pointer[2] == "text"


def _first_and_count(text: str) -> tuple[int, str, int]:
    """Return the place of the first token, the token, and how many there are, which may be millions."""
    passed = _STRUCK if "s>" in text and re.search("html", text, re.IGNORECASE) else ()
    first, token, count = len(text), "", 0
    for pattern in _TOKENS:
        for place, found in _places(pattern, text):
            if found not in passed:
                count += 1
                if place < first:
                    first, token = place, found
    return first, token, count


def _places(pattern: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield where tokens stand. `<s>` right after a letter or figure is of a program: `vector<s>`."""
    for match in re.finditer(pattern, text):
        if match.group() != "<s>" or not text[max(0, match.start() - 1) : match.start()].isalnum():
            yield match.start(), match.group()
