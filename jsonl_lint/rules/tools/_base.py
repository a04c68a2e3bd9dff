"""What the rules about tools have in common that see real records."""

from __future__ import annotations

from jsonl_lint import toolcalls
from jsonl_lint.rule import Record, RecordRule


class ToolRule(RecordRule):
    """Judges tools. Most records have none that is wrong, and the screen says so at once for all these rules."""

    formats = toolcalls.FORMATS
    needs = "tools"
    screen = toolcalls.SCREEN
    late = True


class CallRule(ToolRule):
    """Judges calls."""

    def concerns(self, record: Record) -> bool:
        """Whether there are calls."""
        return toolcalls.has_calls(record)


class DefinedCallRule(ToolRule):
    """Judges calls by the definitions of their tools, those of the older `function_call` too."""

    def concerns(self, record: Record) -> bool:
        """Whether there are definitions and calls."""
        return toolcalls.defines_tools(record) and (toolcalls.has_calls(record) or toolcalls.has_older_calls(record))


class ArgumentsRule(ToolRule):
    """Judges how the arguments of calls are written, those of the older `function_call` too."""

    def concerns(self, record: Record) -> bool:
        """Whether there are calls."""
        return toolcalls.has_calls(record) or toolcalls.has_older_calls(record)


class DefinitionRule(ToolRule):
    """Judges definitions. The screen asks what it says of them, so it is not late."""

    late = False

    def concerns(self, record: Record) -> bool:
        """Whether there are definitions."""
        return toolcalls.defines_tools(record)
