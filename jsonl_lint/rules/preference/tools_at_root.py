"""JL508."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Move, Record, Repair, SchemaRule, Sketch, Violation, repair


class ToolsAtRoot(SchemaRule):
    """A preference record has its `tools` at the root.

    They belong into `input`, beside the messages. Together's client refused them at the root as an extra key until
    version 2.14; what the server does with them today is not documented.

    Fix: safe, unless `input` has tools of its own or they are no definitions, but a number, for example. They are moved
    there.
    """

    code = "JL508"
    name = "tools-at-root"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Move `tools` into `input`."

    def word(self, violation: Violation) -> str:
        """Return the message, which is always the same."""
        return "`tools` is at the root, not in `input`"

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if `input` is an object without tools, and these are a list, or a text that may hold one."""
        found = value.get("input") if isinstance(value, dict) else None
        movable = (
            isinstance(found, dict) and "tools" not in found and isinstance(value["tools"], (list, str, type(None)))
        )
        return self.fix if movable else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Move the tools to the end of `input`."""
        return repair("Move `tools` into `input`", Move(sketch.pointer, ("input",), "tools"))
