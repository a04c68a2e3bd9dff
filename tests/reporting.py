"""What the tests of reports share: hostile findings and files, and a reporter's text without a command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from jsonl_lint import Edit, FileResult, Finding, Fix, InputError, Severity
from jsonl_lint.api import check_events, run_entry
from jsonl_lint.checks.file import Extras
from jsonl_lint.config import Settings
from jsonl_lint.model import Applicability, Context, Event
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.report import REPORTERS, ReportOptions, reporter_class
from jsonl_lint.wording import printable

FORMATS = sorted(REPORTERS)

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(2)</script>",
    "</title></head>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --> ]]>",
    "\u202eevil\u2028",
    "\x00\x07\x1b[31m\x85",
    "::error file=x::y",
    "%0A::error::y",
    "a,b:c=d%25",
    "```` ` ``` |",
    "@everyone #1 [x](javascript:alert(1)) ![y](z)",
    "</details>\n\n# heading",
    "\ufffe\uffff\ud800",
    "漢字 \U0001f600 e\u0301",
    "x" * 3_000,
    "a/b~c",
    "",
]

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))
lines = st.integers(1, 10**9)
RULES = list(all_rules().values())


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    parts = [printable(draw(texts))[:60] for _ in range(3)]
    start = len(parts[0])
    before, place, after = (draw(st.integers(0, 500)) for _ in range(3))
    end = draw(st.sampled_from([None, before + place]))
    return Context("".join(parts), start, start + len(parts[1]), before, end, before + place + after)


fixes = st.builds(
    Fix,
    st.sampled_from(Applicability),
    texts.filter(bool),
    st.lists(
        st.builds(lambda start, size, text: Edit(start, start + size, text), st.integers(0, 10**6), lines, texts),
        min_size=1,
        max_size=3,
    ).map(tuple),
)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    rule = draw(st.sampled_from(RULES))
    line, column = draw(lines), draw(st.none() | st.integers(1, 10**6))
    return Finding(
        path=draw(texts) or "-",
        line=line,
        end_line=line + draw(st.sampled_from([0, 0, 3])),
        column=column,
        end_column=None if column is None else column + draw(st.integers(0, 99)),
        byte_offset=None if column is None else draw(st.integers(0, 10**9)),
        pointer="".join("/" + part.replace("~", "~0").replace("/", "~1") for part in draw(st.lists(texts, max_size=2))),
        code=rule.code,
        rule=rule.name,
        severity=draw(st.sampled_from(Severity)),
        message=printable(draw(texts)) or "message",
        help=printable(draw(texts)),
        fix=draw(st.none() | fixes),
        effect=draw(st.none() | texts),
        context=draw(st.none() | contexts()),
    )


@st.composite
def runs(draw: st.DrawFn) -> list[Event]:
    """The events of a run: files with their findings, and inputs that could not be read."""
    events: list[Event] = []
    for _ in range(draw(st.integers(0, 2))):
        path = draw(texts) or "-"
        found = [finding._replace(path=path) for finding in draw(st.lists(findings(), max_size=4))]
        counts: dict[tuple[str, Severity], int] = {}
        for finding in found:
            key = finding.rule, finding.severity
            counts[key] = counts.get(key, 0) + 1 + draw(st.sampled_from([0, 0, 5]))
        events += [*found, FileResult(path, draw(st.sampled_from([None, "chat"])), 10, 5, 5, 3, counts)]
    return [*events, *(InputError(draw(texts), draw(texts)) for _ in range(draw(st.integers(0, 1))))]


def report_of(name: str, events: Iterable[Event], **options: Any) -> str:
    """The report with these events."""
    written: list[str] = []
    reporter = reporter_class(name)(written.append, ReportOptions(**options))
    reporter.begin(run_entry(Settings()))
    for event in events:
        reporter.emit(event)
    reporter.end()
    return "".join(written)


def events_of(*paths: Path | str, **settings: Any) -> list[Event]:
    """What the library says of these files."""
    return list(
        check_events(
            [str(path) for path in paths], Settings(**{"ignore": ("JL80",), **settings}), extras=Extras(census=True)
        )
    )


def hostile_file(folder: Path) -> Path:
    """A file with a hostile name, in whose records every text, key and role is hostile, and broken lines."""
    path = folder / "a <b>&\"'`,:%25|@x.jsonl"
    records: list[Any] = []
    for text in HOSTILE:
        user = {"role": "user", "content": text, text: text}
        records += [
            {"messages": [{"role": text, "content": text}]},
            {"messages": [user, {"role": "assistant", "content": ""}], text: text},
            {text: text},
            text,
            {"conversations": [{"from": text, "value": text}]},
        ]
    broken = ["<script>alert(3)</script>", "{'<script>': 1}", '{"messages": [{"role": "<b>"', '{"text": "a",}']
    path.write_text("".join(line + "\n" for line in [*map(json.dumps, records), *broken]))
    return path
