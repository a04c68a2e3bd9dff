"""The HTML report: strictly parsed, bounded, and nothing of the data becomes markup or script."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonl_lint import Applicability, Edit, Fix, Settings, UserError
from jsonl_lint.api import run_entry
from jsonl_lint.model import Census, Event, FileResult, Finding
from jsonl_lint.report import ReportOptions
from jsonl_lint.report.charts import Chart, charts_of, message_rows, role_chart, role_rows
from jsonl_lint.report.html_report import MOST_SHOWN, HtmlReporter
from jsonl_lint.stats.census import MOST_ROLES, OTHER
from tests.conftest import ROOT, chat, line_of
from tests.reporting import events_of, hostile_file, report_of, runs, texts

_LOADING = {"img", "iframe", "link", "object", "embed", "form", "base"}
_LINKS = ("href", "src", "action", "formaction", "xlink:href", "data", "srcset")


def page_of(events: list[Event], **options: Any) -> Any:
    """The page as a tree, if a strict parser takes it and nothing in it could run or load."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page = parser.parse(report_of("html", events, **options))
    for element in page.iter():
        for name in element.attrib:
            assert not str(name).startswith("on"), (element.tag, name)
            assert str(name).rpartition("}")[2] not in _LINKS, (element.tag, name)
    assert not {element.tag for element in page.iter()} & _LOADING
    assert len(list(page.iter("script"))) == len(list(page.iter("style"))) == 1
    return page


def having(page: Any, name: str) -> list[Any]:
    """The elements of a class."""
    return [element for element in page.iter() if name in element.get("class", "").split()]


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    monkeypatch.chdir(ROOT)
    return events_of("fixtures/sample.jsonl", "fixtures/content-wrong-type/pass.jsonl", "missing.jsonl")


def test_a_fix_that_does_what_the_help_says_does_not_repeat_it(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"[" + line_of(chat()).strip() + b"]\n")
    assert "Fix: jsonl-lint fix does so (safe)" in text_of(page_of(events_of(str(path))))


def test_the_page_says_what_was_found(sample: list[Event]):
    page = page_of(sample)
    assert text_of(next(page.iter("h1"))) == "1 input could not be checked, 6 errors"
    figures = {text_of(item.find("dt")): text_of(item.find("dd")) for item in having(page, "figures")[0]}
    assert figures == {
        "records": "19",
        "without an error": "13 68 %",
        "errors": "6",
        "warnings": "4",
        "infos": "0",
        "fixable": "6 2 safely",
    }
    names = [text_of(element) for element in having(page, "name")]
    assert names[0] == "empty-messages JL203"
    assert len(names) == 10
    assert text_of(having(page, "unreadable")[0]) == "missing.jsonl no such file or directory"
    assert [text_of(row[0]) for row in having(page, "files")[0].iter("tr")] == [
        "file",
        "fixtures/sample.jsonl",
        "fixtures/content-wrong-type/pass.jsonl",
    ]


def test_each_finding_shows_its_place_in_the_line(sample: list[Event]):
    page = page_of(sample)
    shown = {text_of(having(item, "place")[0]): item for rule in having(page, "findings") for item in rule}
    item = shown["fixtures/sample.jsonl:4:24"]
    assert text_of(having(item, "pointer")[0]) == "/messages/0/role"
    assert text_of(next(item.iter("mark"))) == '"human"'
    assert text_of(next(item.iter("pre"))).startswith('{"messages": [{"role": "human", "content": "Name a')
    assert list(shown["fixtures/sample.jsonl:5:1"].iter("pre")) == []


def test_a_fix_is_shown_with_its_applicability(sample: list[Event]):
    fix = Fix(Applicability.UNSAFE, "Delete the <b>key</b>", (Edit(1, 2, ""),))
    events: list[Event] = [item._replace(fix=fix) if isinstance(item, Finding) else item for item in sample]
    assert text_of(having(page_of(events), "extra")[-1]) == "Fix: Delete the <b>key</b> (unsafe)"


def test_a_clean_run_has_a_page_too(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat()))
    page = page_of(events_of(path))
    assert text_of(next(page.iter("h1"))) == "No errors and no warnings"
    assert having(page, "rule") == []
    assert text_of(next(page_of([]).iter("h1"))) == "No errors and no warnings"


def test_the_page_allows_its_own_script_and_style_alone(sample: list[Event]):
    page = page_of(sample)
    (policy,) = (item.get("content") for item in page.iter("meta") if item.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", report_of("html", sample))


def test_the_page_is_bounded_and_its_counts_are_exact(tmp_path: Path):
    sizes = []
    for count in (1_000, 10_000):
        path = tmp_path / f"{count}.jsonl"
        path.write_bytes((line_of({"messages": []}) + line_of(chat(id=1))) * count)
        events = events_of(path, max_findings=0)
        page = page_of(events)
        sizes.append(len(report_of("html", events)))
        assert text_of(having(page, "count")[0]) == f"{count:,}"
        assert [len(list(rule)) for rule in having(page, "findings")] == [MOST_SHOWN, MOST_SHOWN]
        assert text_of(having(page, "hidden-count")[0]) == f"{count - MOST_SHOWN:,} more not shown here"
    assert max(sizes) < 100_000
    assert abs(sizes[1] - sizes[0]) < 2_000


def test_many_files_and_unreadable_inputs_are_counted():
    results: list[Event] = [FileResult(f"{number}.jsonl", "chat", 1, 1, 1, 1, {}) for number in range(1_500)]
    assert "and 1,300 more" in report_of("html", results)


@given(
    runs(), st.dictionaries(st.integers(0, 10**6), st.integers(1, 10**9)), st.dictionaries(texts, st.integers(1, 99))
)
@settings(max_examples=40)
def test_no_data_becomes_markup(events: list[Event], messages: dict[int, int], roles: dict[str, int]):
    counts = [
        item._replace(census=Census(messages, roles)) if isinstance(item, FileResult) else item for item in events
    ]
    page = page_of(counts)
    shown = [text_of(element) for element in having(page, "message")]
    found = [item for item in events if isinstance(item, Finding)]
    assert sorted(shown) == sorted(" ".join(item.message.replace("`", "").split()) for item in found)


def test_a_hostile_file_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    path = hostile_file(tmp_path)
    page = page_of(events_of(path.name))
    assert {item.get("data-file") for rule in having(page, "findings") for item in rule} == {path.name}
    assert any("<script>alert(1)</script>" in text_of(item) for item in page.iter("pre"))
    assert any("{{ 7 * 7 }}" in text_of(item) for item in page.iter("pre"))


def test_without_its_libraries_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    for missing in ("leather", "jinja2"):
        monkeypatch.setitem(sys.modules, missing, None)
        with pytest.raises(UserError, match=rf"^the html report needs {missing}: pip install 'jsonl-lint\[html\]'$"):
            report_of("html", [])


# --- what the records are like ---------------------------------------------------------------------------------------


def census_of(path: Path) -> Census | None:
    (result,) = (event for event in events_of(path) if isinstance(event, FileResult))
    return result.census


def test_the_census_counts_messages_and_roles(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    records = [
        chat(),
        chat("a", "b", "c"),
        {"messages": []},
        {"messages": [{"content": "x"}, "y", {"role": 1}]},
        {"conversations": [{"from": "human", "value": "x"}]},
        {"input": {"messages": [{"role": "user", "content": "x"}]}, "preferred_output": []},
        {"contents": [{"role": "user", "parts": []}, {"role": "model", "parts": []}]},
        {"custom_id": "1", "body": {"messages": [{"role": "user", "content": "x"}]}},
        {"text": "x"},
        ["x"],
    ]
    path.write_bytes(b"".join(map(line_of, records)) + b"{\n\n")
    assert census_of(path) == Census(
        {2: 2, 3: 2, 0: 1, 1: 3}, {"user": 6, "assistant": 2, "(none)": 3, "human": 1, "model": 1}
    )


def test_the_census_sees_every_line_of_a_stream_and_is_bounded(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(line_of({"messages": [{"role": str(number) * 9}]}) for number in range(5_000)))
    census = census_of(path)
    assert census is not None
    assert census.messages == {1: 5_000}
    assert len(census.roles) == MOST_ROLES + 1
    assert census.roles[OTHER] == 5_000 - MOST_ROLES
    assert all(len(role) <= 40 for role in census.roles)


def test_the_census_is_whole_however_many_processes_are_wanted(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat()) * 500)
    (result,) = events_of(path, jobs=2)
    assert isinstance(result, FileResult)
    assert result.census == Census({2: 500}, {"user": 500, "assistant": 500})


def test_nobody_else_pays_for_the_census(tmp_path: Path):
    from jsonl_lint import check_file

    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat()))
    assert check_file(path).files[0].census is None


def test_charts_have_figures_for_those_who_do_not_see_them(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat()) * 3 + line_of(chat("a", "b", "c", "d")))
    charts = list(page_of(events_of(path)).iter("figure"))
    assert [text_of(chart.find("figcaption")) for chart in charts] == ["Messages in a record", "Messages by role"]
    rows = [[text_of(cell) for cell in row] for row in charts[0].iter("tr")]
    assert rows == [["2", "3 records"], ["3", "0 records"], ["4", "1 record"]]
    assert [text_of(row[0]) for row in charts[1].iter("tr")] == ["assistant", "user"]
    assert charts_of([]) == []


def _labels(chart: Chart) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", chart.svg)


def test_the_axes_of_charts_count_in_whole_numbers():
    """Half a record is none, and a quarter is not 0.2."""
    assert sorted(filter(None, _labels(role_chart({"user": 1})))) == ["0", "1", "user"]
    assert {"0", "5"} < set(_labels(role_chart({"user": 7, "gpt-4.125": 6})))
    assert "2.5" not in _labels(role_chart({"user": 7}))
    assert "gpt-4.125" in _labels(role_chart({"gpt-4.125": 7}))
    assert "1.25M" in _labels(role_chart({"user": 1_010_000}))


def test_long_conversations_share_bars():
    rows = message_rows({1: 5, 2: 1, 3: 1, 4: 2, 20: 7})
    assert rows == [("0", 0), ("1", 5), ("2", 1), ("3-4", 3), ("5-8", 0), ("9-16", 0), ("17-32", 7)]
    assert message_rows({1: 5, 3: 1}) == [("1", 5), ("2", 0), ("3", 1)]
    assert len(message_rows({10**9: 1})) < 40


def test_rare_roles_share_a_bar_and_odd_ones_are_quoted():
    assert role_rows({"user": 5, "": 2, " user": 1}) == [("user", 5), ('""', 2), ('" user"', 1)]
    rows = role_rows({str(number): 1 for number in range(20)})
    assert rows[-1] == ("12 others", 12)


# --- in a real browser -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_browser_opens_the_page_and_runs_nothing_but_its_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The page's own script has run (it shows the tool bar), and the data's scripts have not."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("there is no Chromium on this machine")
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "report.html"
    page.write_text(report_of("html", events_of(hostile_file(tmp_path).name)), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    command = [browser, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    tree = html5lib.parse(done.stdout.decode(), namespaceHTMLElements=False)
    (toolbar,) = having(tree, "toolbar")
    assert toolbar.get("hidden") is None
    assert re.fullmatch(r"[0-9,]+ of [0-9,]+ findings", text_of(next(toolbar.iter("output"))))
    assert len(list(tree.iter("script"))) == 1


def test_the_page_is_written_as_it_is_made(tmp_path: Path):
    written: list[str] = []
    reporter = HtmlReporter(written.append, ReportOptions())
    reporter.begin(run_entry(Settings()))
    for event in events_of(hostile_file(tmp_path)):
        reporter.emit(event)
    assert not written
    reporter.end()
    assert len(written) > 10
    assert max(map(len, written)) < len("".join(written)) / 5
