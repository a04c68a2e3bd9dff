"""JL508."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import SchemaRule
from jsonl_lint.schemas import Violation


class ToolsAtRoot(SchemaRule):
    """A preference record has its `tools` at the root.

    They belong into `input`, beside the messages; at the root Together refuses them as an extra key.

    Fix: safe. The definitions are moved into `input`.
    """

    code = "JL508"
    name = "tools-at-root"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Move `tools` into `input`."

    def word(self, violation: Violation) -> str:
        """Nothing varies but the place."""
        return "`tools` stand at the root, not in `input`"
