"""JL303."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import ToolRule
from jsonl_lint.toolcalls import Definition, Remark
from jsonl_lint.wording import excerpt


class InvalidToolName(ToolRule):
    """The name of a tool has characters that providers refuse.

    Names are 1 to 64 of the characters a-z, A-Z, 0-9, `_` and `-`: dots, spaces and other letters are refused by
    OpenAI, Mistral and those who follow them; Gemini also takes dots, so its names are not checked. If the record
    defines no tools, the names in its calls are checked instead.
    """

    code = "JL303"
    name = "invalid-tool-name"
    severity = Severity.ERROR
    help = "Use only letters, digits, _ and -, 64 at most, and change the calls as well."
    formats = tuple(name for name in toolcalls.FORMATS if name != "gemini")
    late = False  # the screen asks for its look at definitions

    def concerns(self, record: Record) -> bool:
        """Whether there are definitions or calls."""
        return toolcalls.defines_tools(record) or toolcalls.has_calls(record)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield names of definitions or, where there are none, names in calls."""
        for remark in toolcalls.remarks(record, _look):
            yield self.sketch(remark.pointer, remark.message)
        if not toolcalls.defines_tools(record):
            for call in toolcalls.calls(record):
                if call.name is not None and not toolcalls.TOOL_NAME.fullmatch(call.name):
                    yield self.sketch(call.name_pointer, _words(call.name))


@toolcalls.about_each_definition
def _look(definition: Definition) -> Iterator[Remark]:
    if definition.name and not toolcalls.TOOL_NAME.fullmatch(definition.name):
        yield Remark((*definition.shape.function, "name"), _words(definition.name))


def _words(name: str) -> str:
    if len(name) > 64:
        return f"the name {excerpt(name)} has {len(name):,} characters; 64 are allowed"
    return f"the name {excerpt(name)} contains characters other than letters, digits, _ and -"
