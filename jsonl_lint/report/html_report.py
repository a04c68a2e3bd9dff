"""`html`: a page for people who look through many findings. It needs no network access and no other files.

Its content security policy allows only its own script and style, so that even a mistake in escaping the data would do
no harm.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.model import FileResult, Finding, Severity, summarise
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.report.base import Reporter, ReportOptions
from jsonl_lint.report.shared import by_severity, rule_counts, shown_error, shown_fix, shown_path, shown_pointer
from jsonl_lint.wording import plural, printable

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_SHOWN = 50
"""How many findings of each rule the page has."""

MOST_FILES = 200
"""How many files, and how many inputs that could not be checked, it lists."""

PIECES = 500
"""How many pieces of the page are written at a time; a finding has some thirty."""

TEMPLATES = os.path.join(os.path.dirname(__file__), "templates")


class HtmlReporter(Reporter):
    """Keeps the first findings of each rule, so the size of the page is bounded. The counts are exact."""

    has_statistics = True
    shows_census = True
    shows_fixes = True
    shows_context = True

    def __init__(self, write: Callable[[str], object], options: ReportOptions) -> None:
        super().__init__(write, options)
        self.first: dict[tuple[str, Severity], list[Finding]] = {}
        self.environment = environment()

    def finding(self, finding: Finding) -> None:
        """Keep the finding if it is one of the first."""
        kept = self.first.setdefault((finding.rule, finding.severity), [])
        if len(kept) < MOST_SHOWN and not self.options.statistics:
            kept.append(finding)

    def end(self) -> None:
        """Write the page piece by piece: as one text it would double the memory of a small run."""
        from jsonl_lint.report.charts import charts_of

        script, style = source_of("report.js"), source_of("report.css")
        total = summarise(self.files)
        page = self.environment.get_template("report.html.jinja").stream(
            script=script,
            style=style,
            script_hash=digest_of(script),
            style_hash=digest_of(style),
            tool=self.run["tool"],
            run=self.run["run"],
            total=total,
            share=_share(total["valid_records"], total["records"]),
            rules=self._rules(),
            charts=charts_of(file.census for file in self.files if file.census is not None),
            files=[_file(file) for file in self.files[:MOST_FILES]],
            file_count=len(self.files),
            unreadable=[shown_error(error.path, error.reason) for error in self.input_errors[:MOST_FILES]],
            unreadable_count=len(self.input_errors),
            plural=plural,
        )
        page.enable_buffering(PIECES)
        for text in page:
            self.write(text)

    def _rules(self) -> list[dict[str, Any]]:
        """Return what the page says about each rule with findings, errors first."""
        found = []
        for item in by_severity(rule_counts(self.files)):
            rule = all_rules()[item.rule]
            kept = self.first.get((item.rule, item.severity), [])
            entry = {**item._asdict(), "severity": item.severity.value, "summary": rule.summary(), "help": rule.help}
            paragraphs = [" ".join(text.split()) for text in rule.documentation().split("\n\n") if text.strip()]
            hidden = item.total - len(kept)
            found.append({**entry, "about": paragraphs, "findings": map(_shown, kept), "hidden": hidden})
        return found


class ShownFinding(NamedTuple):
    """A finding as the page shows it. `before`, `marked` and `after` are the excerpt; `marked` is the place itself."""

    path: str
    place: str
    pointer: str
    message: str
    effect: str
    help: str
    fix: str
    before: str
    marked: str
    after: str


def _shown(finding: Finding) -> ShownFinding:
    context = finding.context
    text = context.text if context else ""
    start, end = (context.start, context.end) if context else (0, 0)
    rule_help = all_rules()[finding.rule].help
    lines = str(finding.line) if finding.line == finding.end_line else f"{finding.line}-{finding.end_line}"
    return ShownFinding(
        path=shown_path(finding.path),
        place=f"{lines}:{finding.column or 1}",
        pointer=shown_pointer(finding),
        message=finding.message,
        effect=printable(finding.effect or ""),
        help=finding.help if finding.help != rule_help else "",
        fix=shown_fix(finding),
        before=text[:start],
        marked=text[start:end],
        after=text[end:],
    )


def _file(file: FileResult) -> dict[str, Any]:
    errors = sum(count for (_, severity), count in file.counts.items() if severity is Severity.ERROR)
    return {
        "path": shown_path(file.path),
        "format": file.format or "unknown",
        "bytes": file.bytes,
        "records": file.records,
        "valid_records": file.valid_records,
        "errors": errors,
        "others": sum(file.counts.values()) - errors,
    }


def _share(part: int, whole: int) -> str:
    """Return a percentage that is never rounded to all or nothing."""
    if not whole:
        return ""
    share = 100 * part / whole
    if 99 < share < 100 or 0 < share < 1:
        return "over 99 %" if share > 50 else "under 1 %"
    return f"{share:.0f} %"


def environment() -> Environment:
    """Return what renders pages. It is made before the check, so that nothing is found missing after hours.

    Raises:
        UserError: the extra is not installed.
    """
    try:
        import jinja2
        import leather  # noqa: F401
    except ImportError as error:
        raise UserError(f"the html report needs {error.name}: pip install 'jsonl-lint[html]'") from None
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def source_of(name: str) -> str:
    """Return the text of a file that goes into pages."""
    with open(os.path.join(TEMPLATES, name), encoding="utf-8") as file:
        return file.read()


def digest_of(text: str) -> str:
    """Return the hash by which the page's policy allows a script or style: that of the text between the tags."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
