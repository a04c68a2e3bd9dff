"""JL107."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Delete, Record, Repair, SchemaRule, Sketch, Violation, repair, shown_key
from jsonl_lint.rule.excuses import is_older_call

_SPEAKER = {"role", "from"}
_SAID = {"content", "parts", "value", "tool_calls", "function_call"}
_PARTS = (("content",), ("parts",))
_ESSENTIAL = ("tool_calls", "tool_call_id", "function_call", "content")


class ExtraMessageKey(SchemaRule):
    """A message has a key that no chat format knows.

    Trainers drop it without a word, or fill it with null in every other message. Often it is a misspelt key.

    Fix: unsafe. The key is dropped with its value; what calls, results and texts are made of is not, nor anything of a
    message that has no content or role, which the key may hold.
    """

    code = "JL107"
    name = "extra-message-key"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Drop the key, or check its spelling."

    def excuses(self, violation: Violation, value: Any) -> bool:
        """What `legacy-function-call` reports."""
        return is_older_call(value, violation.pointer, violation.subject or "")

    def word(self, violation: Violation) -> str:
        """The key, and what it is in."""
        holder = "content part" if violation.pointer[-2:-1] in _PARTS else "message"
        return f"the key `{shown_key(violation.subject or '')}` is not part of a {holder}"

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Without these keys the rest would mean something else; a misspelt one holds what the message says."""
        complete = all(any(key in value and key != violation.subject for key in keys) for keys in (_SPEAKER, _SAID))
        return self.fix if complete and violation.subject not in _ESSENTIAL else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """The key goes with its value."""
        return repair(f"Drop the key `{shown_key(str(sketch.pointer[-1]))}`", Delete(sketch.pointer))
