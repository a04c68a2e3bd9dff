"""JL301."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import PROMPTED, Record, Repair, Sketch, Wrap, repair
from jsonl_lint.rule.encoded import decoding, holds_objects, objects_in_python
from jsonl_lint.rules.tools._base import ToolRule
from jsonl_lint.wording import guarded


class ToolsNotArray(ToolRule):
    """`tools` is not an array, or the older `functions` is none.

    The definitions of tools are a list, even if there is one tool. A JSON text in their place is not parsed: the model
    would see no tools. ShareGPT's trainers want such a text, and TRL takes one beside a prompt and answers; it must be
    JSON.

    Fix: safe for a single definition, which becomes a list of one, and for a text that holds an array of definitions as
    JSON, which is replaced by the array, unless the target may stand for a trainer that wants such a text, as
    LLaMA-Factory does. Unsafe for a text that holds the array as Python.
    """

    code = "JL301"
    name = "tools-not-array"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write an array of definitions."
    formats = (*toolcalls.FORMATS, "sharegpt")
    right_types = dict.fromkeys(
        ("chat/tools", "preference/input/tools", "bedrock/toolConfig/tools", "gemini/tools"), "array"
    )

    def concerns(self, record: Record) -> bool:
        """Whether there are tools of another type. Null is what table formats write for nothing."""
        if record.format == "sharegpt":
            return isinstance(record.value.get("tools"), str)
        if record.format == "chosen-rejected" and not isinstance(record.tools, str):
            return False  # its schema says of other types that they are wrong
        tools = toolcalls.placed_tools(record)[1]
        return tools is not None and not isinstance(tools, list)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the tools."""
        if not self.concerns(record):
            return
        if record.format == "sharegpt" or (record.format in PROMPTED and isinstance(record.tools, str)):
            error = _fault_of(record.value["tools"])
            if error is not None:
                yield self.sketch(("tools",), f"`tools` is a text that is not JSON: {guarded(error)}", fix=None)
            return
        place, tools, _ = toolcalls.placed_tools(record)
        fix = self._fixable(record, tools)
        yield self.sketch(place, f"`{place[-1]}` is {{value}}; it must be an array", fix=fix)

    def _fixable(self, record: Record, tools: Any) -> Applicability | None:
        if _is_definition(tools):
            return self.fix
        if holds_objects(tools):
            refused = record.target.severities.get(self.name, self.severity) is Severity.ERROR
            return self.fix if refused else None
        return Applicability.UNSAFE if objects_in_python(tools) else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Replace the text by the array that it holds, or put the single definition into one."""
        tools = record.at(sketch.pointer)
        if isinstance(tools, dict):
            return repair("Make it a list", Wrap(sketch.pointer, "[", "]"))
        return repair("Decode the text", decoding(sketch.pointer, tools))


_OF_DEFINITIONS = {
    "name": str,
    "function": dict,
    "toolSpec": dict,
    "functionDeclarations": list,
    "function_declarations": list,
}
"""Keys that a definition has in one format or another, and their types: in a table of tools, a name may be any key."""


def _is_definition(tools: Any) -> bool:
    return isinstance(tools, dict) and any([isinstance(tools.get(key), kind) for key, kind in _OF_DEFINITIONS.items()])


def _fault_of(text: str) -> str | None:
    """Return why a text is not JSON. ShareGPT has an empty one where there are no tools."""
    if not text:
        return None
    return toolcalls.parse_arguments(text).error if text.strip() else "it is only white space"
