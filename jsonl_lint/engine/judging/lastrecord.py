"""Cache what is asked of a record twice: first to see whether it can be passed over, and if not, to judge it."""

from __future__ import annotations

from typing import Any

from jsonl_lint.engine.judging.look import rules_left
from jsonl_lint.engine.judging.texts import rules_for
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.lostdigits import may_have_changed
from jsonl_lint.records.structure import number_holders
from jsonl_lint.rule import RecordRule, TextRule


class LastRecord:
    """Answers what is asked of a record, and remembers the answers until another one is asked about."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.forget(None)

    def look_at(self, record: object) -> None:
        """Forget the last record if this is another one."""
        if self.record is not record:
            self.forget(record)

    def forget(self, record: object) -> None:
        """Know nothing yet of this record."""
        self.record = record
        self._changed: bool | None = None
        self._left: list[RecordRule] | None = None
        self._texts: list[TextRule] | None = None

    def may_have_changed(self, record: dict[str, Any], line: bytes) -> bool:
        """Whether the parser may have lost digits of a number in the record, so that its spelling must be checked."""
        self.look_at(record)
        if self._changed is None:
            known = self.plan.common_tails.known
            self._changed = may_have_changed(
                [value for value in number_holders(record) if id(value) not in known], line
            )
        return self._changed

    def rules_left(self, record: dict[str, Any], verdict: Verdict) -> list[RecordRule]:
        """Return the rules that have to see the record."""
        self.look_at(record)
        if self._left is None:
            self._left = rules_left(verdict.rules, self.plan.target, record, verdict)
        return self._left

    def text_rules(self, record: dict[str, Any], verdict: Verdict, marked: int) -> list[TextRule]:
        """Return the text rules that have to see the record. `marked` is the set of those with marks in its line."""
        self.look_at(record)
        if self._texts is None:
            self._texts = rules_for(self.plan, record, verdict.format, marked)
        return self._texts
