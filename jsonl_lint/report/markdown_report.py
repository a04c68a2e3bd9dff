"""`markdown`: a summary for a pull request, with counts by rule and the first findings.

Everything that comes from the data is in code spans, in which forges render no markup, mentions or links.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from jsonl_lint.model import Finding, Severity, summarise
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.report.base import Reporter, ReportOptions
from jsonl_lint.report.shared import by_severity, message_and_effect, rule_counts, shown_path, shown_pointer
from jsonl_lint.wording import clip, plural, printable

MOST_CHARACTERS = 60_000
"""GitHub takes comments of up to 65,536 characters."""

MOST_SHOWN = 5
"""How many findings of each rule are listed."""

MOST_FILES = 20
"""How many files, and how many inputs that could not be checked, are listed."""

_BACKTICKS = re.compile("`+")


class MarkdownReporter(Reporter):
    """Keeps the first findings of each rule, so the length of the report is bounded. The counts are exact."""

    has_statistics = True

    def __init__(self, write: Callable[[str], object], options: ReportOptions) -> None:
        super().__init__(write, options)
        self.first: dict[tuple[str, Severity], list[Finding]] = {}
        self.room = MOST_CHARACTERS

    def finding(self, finding: Finding) -> None:
        """Keep the finding if it is one of the first."""
        kept = self.first.setdefault((finding.rule, finding.severity), [])
        if len(kept) < MOST_SHOWN:
            kept.append(finding)

    def end(self) -> None:
        """Write everything, since the report begins with its summary."""
        self.heading()
        if self.input_errors:
            self.unreadable()
        if self.files and rule_counts(self.files):
            self.table()
            if not self.options.statistics:
                self.places()
        if len(self.files) > 1:
            self.file_table()

    def line(self, text: str) -> bool:
        """Write a line if there is room for it; return whether there was."""
        self.room -= len(text) + 1
        if self.room < 0:
            return False
        self.write(text + "\n")
        return True

    def heading(self) -> None:
        """Write how many findings and records there are, and for which target and model."""
        total, run = summarise(self.files), self.run["run"]
        found = [plural(total[f"{noun}s"], noun) for noun in ("error", "warning", "info") if total[f"{noun}s"]]
        self.line(f"### jsonl-lint: {', '.join(found) or 'no findings'}\n")
        model = f", model {code(printable(run['model']))}" if run["model"] else ""
        self.line(
            f"{plural(total['records'], 'record')} in {plural(len(self.files), 'file')}, "
            f"{total['valid_records']:,} without an error (target {code(printable(run['target']))}{model}).\n"
        )
        if run["notice"]:
            self.line(f"{prose(printable(run['notice']))}\n")

    def unreadable(self) -> None:
        """Write the inputs that could not be checked. They come first, for they may hide anything."""
        for error in self.input_errors[:MOST_FILES]:
            self.line(f"- not checked: {code(shown_path(error.path))} {code(printable(clip(error.reason, 200)))}")
        more = len(self.input_errors) - MOST_FILES
        self.line(f"- and {more:,} more\n" if more > 0 else "")

    def table(self) -> None:
        """Write the counts by rule."""
        self.line("| rule | severity | findings | first place | what to do |\n|---|---|---:|---|---|")
        for item in by_severity(rule_counts(self.files)):
            kept = self.first.get((item.rule, item.severity))
            place = cell(code(place_of(kept[0]))) if kept else ""
            what = cell(prose(all_rules()[item.rule].help))
            row = f"| {item.code} {item.rule} | {item.severity.value} | {item.total:,} | {place} | {what} |"
            if not self.line(row):
                return

    def places(self) -> None:
        """Write the first findings of each rule."""
        closing = "\n</details>"
        self.room -= len(closing) + 1
        if not self.line(f"\n<details><summary>The first {MOST_SHOWN} findings of each rule</summary>"):
            return
        for item in by_severity(rule_counts(self.files)):
            kept = self.first.get((item.rule, item.severity), [])
            if kept and not self.line(f"\n{item.code} {item.rule}, {plural(item.total, item.severity.value)}:\n"):
                break
            if not all(self.line(f"- {place_and_message(finding)}") for finding in kept):
                break
        self.write(closing + "\n")

    def file_table(self) -> None:
        """Write each file's counts."""
        self.line("\n| file | format | records | without an error |\n|---|---|---:|---:|")
        for file in self.files[:MOST_FILES]:
            path = cell(code(shown_path(file.path)))
            self.line(f"| {path} | {file.format or '-'} | {file.records:,} | {file.valid_records:,} |")
        more = len(self.files) - MOST_FILES
        if more > 0:
            self.line(f"| and {more:,} more | | | |")


def place_of(finding: Finding) -> str:
    """Return `PATH:LINE:COLUMN`."""
    return f"{shown_path(finding.path)}:{finding.line}:{finding.column or 1}"


def place_and_message(finding: Finding) -> str:
    """Return a finding as an item of a list."""
    parts = [code(place_of(finding)), code(shown_pointer(finding)), code(message_and_effect(finding))]
    if finding.fix is not None:
        parts.append(f"({finding.fix.applicability.value} fix)")
    return " ".join(part for part in parts if part)


def code(text: str) -> str:
    """Return a code span for a text on one line, which may contain backticks."""
    if not text:
        return ""
    fence = "`" * (max(map(len, _BACKTICKS.findall(text)), default=0) + 1)
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str) -> str:
    """Return a text of our own, in which backticks mean code and nothing else is markup."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([\\<>*_\[\]#~@&])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def cell(text: str) -> str:
    """Escape bars, which would end a cell of a table even in a code span."""
    return text.replace("|", "\\|")
