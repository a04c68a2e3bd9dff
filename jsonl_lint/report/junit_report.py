"""`junit`: JUnit XML, which every CI server shows. A file is a test suite, and a rule with findings is a test case."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from jsonl_lint.model import FileResult, Finding, InputError, Severity
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.report.base import Reporter
from jsonl_lint.report.shared import message_and_place
from jsonl_lint.wording import plural, printable

MOST_SHOWN = 20
"""How many findings of a rule are listed for a file; the counts are exact."""


class JunitReporter(Reporter):
    """Writes a suite when its file is done. Rules below `fail_on` pass, and their findings are output."""

    def begin(self, run: dict[str, Any]) -> None:
        """Open the root. It has no counts, for which all suites would have to wait."""
        super().begin(run)
        self.shown: dict[tuple[str, Severity], list[str]] = {}
        self.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="jsonl-lint">\n')

    def finding(self, finding: Finding) -> None:
        """Keep the finding until the file ends, if there are not many."""
        lines = self.shown.setdefault((finding.rule, finding.severity), [])
        if len(lines) < MOST_SHOWN:
            lines.append(f"{finding.line}:{finding.column or 1}: {message_and_place(finding)}")

    def file_done(self, result: FileResult) -> None:
        """Write the file's suite. A file without findings is one test that passes."""
        found: dict[str, list[Severity]] = {}
        for rule, severity in result.counts:
            found.setdefault(rule, []).append(severity)
        failing = result.failing()
        failed = {rule for rule, severities in found.items() if not set(severities).isdisjoint(failing)}
        suite = _suite(result.path, tests=max(len(found), 1), failures=len(failed))
        for rule, severities in found.items():
            case = _case(suite, result.path, f"{all_rules()[rule].code} {rule}")
            worst_first = sorted(severities, key=lambda severity: -severity.rank)
            self._fill(case, rule, {each: result.counts[rule, each] for each in worst_first}, failing)
        if not found:
            _case(suite, result.path, "no findings")
        self._write(suite)
        self.shown = {}

    def _fill(self, case: Element, rule: str, counts: dict[Severity, int], fails: list[Severity]) -> None:
        """Add a rule's findings to its test case: those that fail the run fail the test, the others are its output."""
        failing = [each for each in counts if each in fails]
        lesser = [each for each in counts if each not in failing]
        if failing:
            message = plural(sum(counts[each] for each in failing), "finding")
            failure = SubElement(case, "failure", message=message, type=failing[0].value)
            failure.text = self._text(rule, counts, failing)
        if lesser:
            head = "\n".join(f"{each.value}, {plural(counts[each], 'finding')}" for each in lesser)
            SubElement(case, "system-out").text = f"{head}\n{self._text(rule, counts, lesser)}"

    def _text(self, rule: str, counts: dict[Severity, int], severities: list[Severity]) -> str:
        """Return a rule's findings with these severities, a line each, and its help."""
        lines: list[str] = []
        for severity in severities:
            shown = self.shown.get((rule, severity), [])
            lines += shown
            if counts[severity] > len(shown):
                lines.append(f"and {counts[severity] - len(shown):,} more")
        return "\n".join([*lines, f"What to do: {all_rules()[rule].help}"])

    def end(self) -> None:
        """Write a suite for each input that could not be checked, and close the root."""
        for error in self.input_errors:
            self._write(_unreadable(error))
        self.write("</testsuites>\n")

    def _write(self, suite: Element) -> None:
        indent(suite)
        self.write(tostring(suite, encoding="unicode") + "\n")


def _suite(path: str, *, tests: int, failures: int = 0, errors: int = 0) -> Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return Element("testsuite", {"name": printable(path), **counts})


def _case(suite: Element, path: str, name: str) -> Element:
    """Add a test case. XML cannot spell control characters, so those of paths are escaped; messages have none."""
    return SubElement(suite, "testcase", classname=printable(path), name=name)


def _unreadable(error: InputError) -> Element:
    suite = _suite(error.path, tests=1, errors=1)
    case = _case(suite, error.path, "not checked")
    SubElement(case, "error", message=printable(error.reason), type="input")
    return suite
