"""`sarif`: SARIF 2.1.0, for code-scanning pages and editors.

A result has the message and the place, but no excerpt of the data, because such files are uploaded and kept.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

from jsonl_lint.files.inputs import is_url
from jsonl_lint.model import FileResult, Finding, Fix, Severity, Suppressed, summarise
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.report.base import ListReporter
from jsonl_lint.report.shared import Fingerprints, may_show, message_and_effect, repository_path
from jsonl_lint.rule import Rule
from jsonl_lint.secrets import without_secrets
from jsonl_lint.wording import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

FINGERPRINT = "jsonlLint/v1"

LONGEST_POINTER = 1_000
"""Longer pointers are left out, and those with a token: keys of the data may be anything, and a cut one is wrong."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class SarifReporter(ListReporter):
    """Writes all rules, then results as they come in, then the invocation with inputs that could not be checked."""

    shows_fixes = True
    shows_context = True

    def begin(self, run: dict[str, Any]) -> None:
        """Write the tool and its rules."""
        super().begin(run)
        rules = all_rules()
        self.fingerprints = Fingerprints()
        self.indices = {name: index for index, name in enumerate(rules)}
        driver = {**run["tool"], "semanticVersion": run["tool"]["version"]}
        driver["rules"] = [rule_entry(rule) for rule in rules.values()]
        self.write(f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [\n{{"tool": {{"driver": ')
        self.write(json.dumps(driver) + '}, "columnKind": "unicodeCodePoints", "results": [')

    def finding(self, finding: Finding) -> None:
        """Write one result."""
        self._result(finding, [])

    def suppressed(self, suppressed: Suppressed) -> None:
        """Write a result that a code-scanning page shows as dismissed, with the reason."""
        reason = printable(suppressed.reason)
        self._result(suppressed.finding, [{"kind": "external", "status": "accepted", "justification": reason}])

    def _result(self, finding: Finding, suppressions: list[dict[str, str]]) -> None:
        """Write one line. An empty list of suppressions means that there are none, a missing list that nobody knows."""
        result: dict[str, Any] = {
            "ruleId": finding.code,
            "ruleIndex": self.indices[finding.rule],
            "level": _LEVELS[finding.severity],
            "message": {"text": message_and_effect(finding)},
            "locations": [location(finding)],
            "partialFingerprints": {FINGERPRINT: self.fingerprints.of(finding)},
            "suppressions": suppressions,
        }
        if finding.fix is not None and finding.fix.edits and may_show(finding.fix):
            result["fixes"] = [fix_entry(finding.path, finding.fix)]
        self.item(result)

    def file_done(self, result: FileResult) -> None:
        """Forget the fingerprints, which are unique only within a file."""
        self.fingerprints.forget()

    def end(self) -> None:
        """Write the invocation and the exact counts."""
        notifications = [
            {
                "level": "error",
                "message": {"text": printable(error.reason)},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri_of(error.path)}}}],
            }
            for error in self.input_errors
        ]
        invocation = {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}
        rest = {
            "invocations": [invocation],
            "properties": {"run": self.run["run"], "summary": summarise(self.files)},
        }
        self.write("\n], " + json.dumps(rest)[1:] + "]}\n")


def rule_entry(rule: Rule) -> dict[str, Any]:
    """Return a rule as a code-scanning page shows it."""
    full = " ".join(rule.documentation().split()) or rule.summary()
    entry: dict[str, Any] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary()},
        "fullDescription": {"text": full},
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "enabled": rule.default},
    }
    help_text = rule.help or rule.summary()
    markdown = f"**{rule.summary()}**\n\n{rule.documentation()}\n\nWhat to do: {help_text}"
    entry["help"] = {"text": help_text, "markdown": markdown}
    return entry


def location(finding: Finding) -> dict[str, Any]:
    """Return the place in the file and, as a logical location, in the record."""
    region: dict[str, Any] = {"startLine": finding.line, "endLine": finding.end_line}
    if finding.column is not None and finding.line == finding.end_line:
        region["startColumn"] = finding.column
        region["endColumn"] = max(finding.end_column or finding.column, finding.column)
    if finding.byte_offset is not None:
        region["byteOffset"] = finding.byte_offset
    entry: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri_of(finding.path)}, "region": region}}
    if 0 < len(finding.pointer) <= LONGEST_POINTER and without_secrets(finding.pointer) == finding.pointer:
        last = finding.pointer.rpartition("/")[2]
        kind = "value" if last.isdecimal() else "property"
        entry["logicalLocations"] = [{"name": last, "fullyQualifiedName": finding.pointer, "kind": kind}]
    return entry


def fix_entry(path: str, fix: Fix) -> dict[str, Any]:
    """Return the edits of a fix as byte regions of the file."""
    replacements = [
        {
            "deletedRegion": {"byteOffset": edit.byte_start, "byteLength": edit.byte_end - edit.byte_start},
            "insertedContent": {"text": edit.content},
        }
        for edit in fix.edits
    ]
    change = {"artifactLocation": {"uri": uri_of(path)}, "replacements": replacements}
    return {
        "description": {"text": f"{printable(fix.title)} ({fix.applicability.value})"},
        "artifactChanges": [change],
    }


def uri_of(path: str) -> str:
    """Return a relative or `file:` URI, or the URL. Bytes that are not UTF-8 become percent escapes."""
    short = repository_path(path)
    safe = "/:" if is_url(path) else "/"
    try:
        quoted = quote(short.encode("utf-8", "surrogateescape"), safe)
    except UnicodeEncodeError:  # half a character, which only Windows allows in a name
        quoted = quote(printable(short), safe)
    return f"file://{quoted}" if os.path.isabs(short) else quoted
