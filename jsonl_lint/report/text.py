"""`text` and `full`: reports for people, with a line for each finding in input order and a summary at the end."""

from __future__ import annotations

from collections.abc import Callable

from jsonl_lint.model import Context, FileResult, Finding, Severity, counts_by_rule, summarise
from jsonl_lint.report.base import Reporter, ReportOptions
from jsonl_lint.wording import plural, printable

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


class TextReporter(Reporter):
    """Writes lines like `PATH:LINE:COL: CODE name pointer message`."""

    has_statistics = True

    def __init__(self, write: Callable[[str], object], options: ReportOptions) -> None:
        super().__init__(write, options)
        self.shown: dict[str, int] = {}

    def finding(self, finding: Finding) -> None:
        """Write one line."""
        self.shown[finding.rule] = self.shown.get(finding.rule, 0) + 1
        if not self.options.statistics:
            self.write(self.line(finding) + "\n")

    def line(self, finding: Finding) -> str:
        """Return the line of a finding, in which the code has the colour of the severity."""
        from jsonl_lint.report.shared import shown_pointer  # not before there is a finding

        place = f"{printable(finding.path)}:{finding.line}:{finding.column or 1}:"
        pointer = shown_pointer(finding)
        words = [self.paint(finding.code, _COLOURS[finding.severity]), self.paint(finding.rule, "1")]
        words += [self.paint(pointer, "2")] if pointer else []
        return " ".join([place, *words, finding.message])

    def paint(self, text: str, code: str) -> str:
        """Return the text with an ANSI colour, if colours are wanted."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.options.colour else text

    def file_done(self, result: FileResult) -> None:
        """Say how many findings were counted but not shown, most first."""
        shown, self.shown = self.shown, {}
        if self.options.statistics:
            return
        more = {rule: count - shown.get(rule, 0) for rule, count in counts_by_rule(result.counts).items()}
        for rule, hidden in sorted(more.items(), key=lambda item: (-item[1], item[0])):
            if hidden > 0:
                name, verb = self.paint(rule, "1"), "is" if hidden == 1 else "are"
                self.write(f"{printable(result.path)}: {hidden:,} more of {name} {verb} not shown (--max-findings)\n")

    def end(self) -> None:
        """Write the counts if they were asked for, and the summary."""
        if self.options.statistics:
            self.statistics()
        if not self.options.quiet:
            self.write(self.summary() + "\n")

    def statistics(self) -> None:
        """Write the counts by rule, most first."""
        from jsonl_lint.report.shared import rule_counts

        counts = rule_counts(self.files)
        width = max((len(f"{item.total:,}") for item in counts), default=0)
        for item in counts:
            severity = self.paint(f"{item.severity.value:<7}", _COLOURS[item.severity])
            self.write(f"{item.total:>{width},}  {severity}  {item.rule}\n")

    def summary(self) -> str:
        """Return the last line: how many records and findings there are, and for which target and model."""
        total = summarise(self.files)
        run = self.run["run"]
        fixable = total["fixable"]["safe"] + total["fixable"]["unsafe"]
        parts = [
            plural(total["records"], "record"),
            self.paint(plural(total["errors"], "error"), "31" if total["errors"] else "32"),
            self.paint(plural(total["warnings"], "warning"), "33" if total["warnings"] else "32"),
        ]
        parts += [plural(total["infos"], "info")] if total["infos"] else []
        parts += [f"{fixable:,} fixable"]
        parts += [f"{total['suppressed']:,} suppressed"] if total["suppressed"] else []
        files = f" in {plural(len(self.files), 'file')}" if len(self.files) != 1 else ""
        failed = f"; {plural(len(self.input_errors), 'input')} could not be checked" if self.input_errors else ""
        model = f", model {printable(run['model'])}" if run["model"] else ", no model"
        return f"{', '.join(parts)}{files}{failed} (target {printable(run['target'])}{model})"


class FullReporter(TextReporter):
    """Writes one line for each finding, with an excerpt, the help and the fix below it, and a summary."""

    shows_fixes = True
    shows_context = True

    def line(self, finding: Finding) -> str:
        """Return the line of a finding, indented lines about it, and a blank line."""
        colour = _COLOURS[finding.severity]
        lines = [super().line(finding)]
        if finding.context is not None:
            lines += [f"      | {finding.context.text}", f"      | {self.paint(_carets(finding.context), colour)}"]
        lines += [f"    severity: {self.paint(finding.severity.value, colour)}"]
        lines += [f"    effect: {printable(finding.effect)}"] if finding.effect else []
        lines += [f"    help: {finding.help}"]
        if finding.fix is not None:
            from jsonl_lint.report.shared import shown_fix  # not before there is a finding

            lines += [f"    fix: {shown_fix(finding)}"]
        return "\n".join(lines) + "\n"


def _carets(context: Context) -> str:
    """Return the line with carets below the place, at least one."""
    before, marked = context.text[: context.start], context.text[context.start : context.end]
    return " " * _columns(before) + "^" * max(_columns(marked), 1)


def _columns(text: str) -> int:
    """Return the width of a text in a terminal: wide East Asian characters take two columns, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(ch) else 2 if east_asian_width(ch) in "WF" else 1 for ch in text)
