"""What tests share: hypothesis profiles, the JSON report's schema, and small makers of records and files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "bounded", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("bounded")


@cache
def report_validator() -> Any:
    schema = json.loads((ROOT / "schemas" / "report.schema.json").read_bytes())
    return jsonschema_rs.validator_for(schema)


def valid_report(report: dict[str, Any]) -> dict[str, Any]:
    """The report, if the schema describes it."""
    problems = [f"{error.instance_path}: {str(error)[:300]}" for error in report_validator().iter_errors(report)]
    assert problems == []
    return report


def valid_finding(finding: dict[str, Any]) -> dict[str, Any]:
    """The finding, if the schema describes it."""
    empty = {"errors": 0, "warnings": 0, "infos": 0, "records": 0, "valid_records": 0, "by_rule": {}}
    summary = {**empty, "fixable": {"safe": 0, "unsafe": 0}}
    run = {"target": "together", "model": None, "method": "sft", "max_tokens": None, "tokenizer": None}
    tool = {"name": "jsonl-lint", "version": "0.0.0"}
    start = {"version": 1, "tool": tool, "run": run, "files": [], "summary": summary, "input_errors": []}
    return valid_report({**start, "findings": [finding]})["findings"][0]


@pytest.fixture(autouse=True, scope="session")
def _every_report_is_described_by_its_schema() -> Iterator[None]:
    """Whatever test makes a JSON report, by library or command line, has it validated."""
    from jsonl_lint.model import Report
    from jsonl_lint.report.json_report import JsonReporter

    make, start, finish = Report.to_dict, JsonReporter.__init__, JsonReporter.end

    def checked_start(self: JsonReporter, write: Any, look: Any) -> None:
        self.written: list[str] = []

        def both(text: str) -> None:
            self.written.append(text)
            write(text)

        start(self, both, look)

    def checked_end(self: JsonReporter) -> None:
        finish(self)
        valid_report(json.loads("".join(self.written)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Report, "to_dict", lambda self: valid_report(make(self)))
        patch.setattr(JsonReporter, "__init__", checked_start)
        patch.setattr(JsonReporter, "end", checked_end)
        yield


def chat(*turns: str, **more: Any) -> dict[str, Any]:
    """A chat record: user and assistant in turn, beginning with the user."""
    roles = ("user", "assistant")
    messages = [{"role": roles[index % 2], "content": text} for index, text in enumerate(turns or ("Hello", "Hi"))]
    return {"messages": messages, **more}


def line_of(record: Any) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


GOOD = line_of(chat())
"""A line without a defect."""
