"""Which fixes may be made: those that the settings permit, of findings that are not accepted."""

from __future__ import annotations

from typing import NamedTuple

from jsonl_lint.engine import RawFinding
from jsonl_lint.model import Applicability
from jsonl_lint.plans.plan import Plan
from jsonl_lint.project.baseline import Entry
from jsonl_lint.project.suppress import Acceptance

Places = frozenset[tuple[str, str]]
"""Rules and pointers of findings in one record."""

NOWHERE: Places = frozenset()


class Permission(NamedTuple):
    """Permits the fixes of one file, or of the record in which a baseline accepts findings at the places `accepted`.

    With `rejecting`, records that still have errors are taken out.
    """

    plan: Plan
    acceptance: Acceptance
    rejecting: bool = False
    accepted: Places = NOWHERE

    def in_record(self, accepted: Places) -> Permission:
        """Return the same permission for a record in which a baseline accepts findings at these places."""
        return self if accepted == self.accepted else self._replace(accepted=accepted)

    def permits(self, finding: RawFinding) -> bool:
        """Whether the finding has a fix that the settings permit, and is not accepted."""
        if not finding.fix or not self.allows(finding.fix.applicability):
            return False
        return not self.accepts(finding)

    def accepts(self, finding: RawFinding) -> bool:
        """Whether the finding is accepted where it is."""
        place = (finding.rule, finding.pointer)
        return place in self.accepted or self.acceptance.at_place(*place) is not None

    def allows(self, applicability: Applicability | None) -> bool:
        """Whether the settings permit fixes of this applicability; None means that there is no fix."""
        return applicability is Applicability.SAFE or (applicability is not None and self.plan.settings.unsafe_fixes)

    def permits_rule(self, rule: str, usual: Applicability) -> bool:
        """Whether a rule is selected, and the settings permit its fixes, whose usual applicability is given."""
        return rule in self.plan.rules and self.allows(self.plan.applicability(rule, usual))

    def permits_in_file(self, rule: str) -> bool:
        """Whether a rule about files is selected, its fix permitted, and its finding not accepted."""
        return self.permits_rule(rule, Applicability.SAFE) and not self.acceptance.accepts(Entry(rule, "", ""))
