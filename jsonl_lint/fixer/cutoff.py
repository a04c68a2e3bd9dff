"""Know whether what has been written ends with a record that is cut off: deleting the next one could complete it."""

from __future__ import annotations

from collections.abc import Iterable

from jsonl_lint.engine.fragments import SAYS_SPREAD
from jsonl_lint.fixer.judge import Judge
from jsonl_lint.fixer.mend import Mended, Refusal
from jsonl_lint.fixer.patch import Patch, lines_of
from jsonl_lint.plans.plan import Plan
from jsonl_lint.records.formats import formats_of


class CutOff:
    """Follows what is written. `open`: what comes next may be read as a part of a record that is cut off."""

    def __init__(self, plan: Plan) -> None:
        self.parse = plan.parse
        self.formats = plan.target.formats
        self.open = False
        self.after_value = False
        """Whether the last line was an object or array, so that the next one cannot go on in the same record."""

    def without_deletion(self, original: Patch, mended: Mended, judge: Judge) -> Mended:
        """Return what has been mended, or the original where a record would be deleted after one that is cut off."""
        if not self.open or mended.patch.text:
            return mended
        refused = (*mended.refused, *refusals(mended.fixed))
        return Mended(original, judge.judge(original.text).findings, {}, refused)

    def note(self, lines: Iterable[bytes]) -> None:
        """Note lines that have been written, none of which is cut off."""
        if self.open:
            self.open = not any(map(self._begins_anew, lines))

    def note_record(self, record: Mended) -> None:
        """Note a record that has been written after fixing."""
        if any([finding.rule in SAYS_SPREAD for finding in record.findings]) and not self._is_json(record.patch.text):
            self.open, self.after_value = True, False
        elif self.open:
            self.note(lines_of(record.patch.text))

    def _is_json(self, record: bytes) -> bool:
        try:
            self.parse(record)
        except ValueError:
            return False
        return True

    def _begins_anew(self, line: bytes) -> bool:
        """Whether the line is certainly a record, and no part of one."""
        if line.isspace():
            return False
        try:
            value = self.parse(line) if line.startswith((b"{", b"[")) else None
        except ValueError:
            value = None
        anew = self.after_value or (isinstance(value, dict) and bool(formats_of(value.keys(), self.formats)))
        self.after_value = value is not None
        return anew and self.after_value


def refusals(rules: Iterable[str]) -> tuple[Refusal, ...]:
    """Return why the fixes of these rules are not kept, which would delete the record or the blank line after it."""
    why = "what follows would be read as a part of the record before it, which is cut off"
    return tuple([Refusal(rule, why) for rule in rules])
