"""Findings with places relative to a part of a file, as the engine makes them."""

from typing import NamedTuple

from jsonl_lint.model import Applicability, Context, Finding, Fix, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.wording import printable, unguarded, with_places


def record_hash(record: bytes) -> str:
    """Return the hash that identifies a record wherever it is and however its line ends: half a SHA-256, in hex."""
    from hashlib import sha256  # 4 ms to import: only where it is wanted

    return sha256(record.rstrip(b"\r\n")).hexdigest()[:32]


class RawFinding(NamedTuple):
    """A finding in a part of a file: `line` counts from 0, and `byte_offset` from the start of the part."""

    line: int
    column: int
    end_column: int
    code: str
    pointer: str
    end_line: int
    byte_offset: int
    rule: str
    severity: Severity
    message: str
    help: str
    context: Context | None = None
    record_hash: str = ""
    fix: Fix | tuple[()] = ()
    """Empty if there is none. The bytes of its edits count from the start of the part, too."""

    def shifted(self, lines: int, offset: int) -> "RawFinding":
        """Return the same finding for a part that begins earlier by this many lines and bytes."""
        if not lines and not offset:
            return self
        return RawFinding(
            self.line + lines,
            self.column,
            self.end_column,
            self.code,
            self.pointer,
            self.end_line + lines,
            self.byte_offset + offset,
            self.rule,
            self.severity,
            self.message,
            self.help,
            self.context,
            self.record_hash,
            self.fix.shifted(offset) if self.fix and self.fix.edits else self.fix,
        )


def unmade_fix(rule_help: str, applicability: Applicability | None) -> Fix | tuple[()]:
    """Return a fix without edits, of which only the applicability is known; titles end without a full stop."""
    return Fix(applicability, rule_help.removesuffix("."), ()) if applicability else ()


def finding_of(raw: RawFinding, path: str, lines: int, offset: int, plan: Plan) -> Finding:
    """Return the final finding; its part of the file begins after `lines` lines and `offset` bytes."""
    first, column, end_column, code, pointer, last, start = raw[:7]
    rule, severity, message, help_text, context, hash_of_record, fix = raw[7:]
    line, end_line, start = first + lines + 1, last + lines + 1, start + offset
    if "{" in message:
        message = message.replace("{range}", f"lines {line} to {end_line}").replace("{offset}", str(start))
        message = with_places(message, line)
    if not message.isprintable():
        message = printable(unguarded(message))
    return Finding(
        path,
        line,
        end_line,
        column,
        end_column,
        start,
        pointer,
        code,
        rule,
        severity,
        message,
        with_places(help_text, line),
        (fix.shifted(offset) if offset and fix.edits else fix) if fix else None,
        effect=plan.target.effect_of(rule, code, pointer, plan.settings.method),
        context=context,
        record_hash=hash_of_record,
    )
