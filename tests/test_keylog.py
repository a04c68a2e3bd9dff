"""Keys that records are compared by: the same findings however the file is cut."""

from __future__ import annotations

import json
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Block, PartialReport, check_block
from jsonl_lint.engine import dataset_findings
from tests.conftest import Check, found, line_of, plan_of


def request(name: Any, model: str = "a") -> dict[str, Any]:
    return {"custom_id": name, "body": {"model": model, "messages": [{"role": "user", "content": "x"}]}}


names = st.sampled_from(["1", "2", "é3", "", 4])
requests = st.lists(st.builds(request, names, st.sampled_from(["a", "b"])), max_size=8)


@given(requests, st.lists(st.integers(0, 400), max_size=5), st.randoms(use_true_random=False))
def test_the_findings_do_not_depend_on_how_the_file_is_cut(records: list[dict[str, Any]], cuts: list[int], random: Any):
    plan = plan_of()
    lines = [line_of(record) for record in records]
    whole = check_block(Block("x", 1, 0, b"".join(lines), "batch", 1), plan).finished()
    edges = sorted({min(cut % (len(lines) + 1), len(lines)) for cut in cuts} | {0, len(lines)})
    parts = [
        check_block(Block("x", 1, 0, b"".join(lines[start:end]), "batch", 1, synchronised=start == 0), plan)
        for start, end in pairwise(edges)
    ]
    while len(parts) > 1:
        index = random.randrange(len(parts) - 1)
        parts[index : index + 2] = [PartialReport.merge(parts[index], parts[index + 1])]
    merged = reduce(PartialReport.merge, parts, PartialReport(plan.settings.max_findings)).finished()
    assert list(dataset_findings(merged, plan)) == list(dataset_findings(whole, plan))
    assert (merged.valid_records, merged.counts) == (whole.valid_records, whole.counts)


def test_a_record_with_two_errors_is_invalid_once(check_bytes: Check):
    urls = ["/v1/chat/completions", "/v1/completions"]
    data = b"".join(line_of({**request("same"), "url": url}) for url in urls)
    report = check_bytes(data, extend_select=("mixed-endpoints",))
    rules = [rule for _, rule in found(report) if rule in ("duplicate-custom-id", "mixed-endpoints")]
    assert sorted(rules) == ["duplicate-custom-id", "mixed-endpoints"]
    assert report.files[0].valid_records == 1


def test_every_further_line_is_reported_and_named_in_full_where_it_stands(check_bytes: Check):
    data = b"".join(line_of(request("é")) for _ in range(3))
    report = check_bytes(data)
    again = [finding for finding in report.findings if finding.rule == "duplicate-custom-id"]
    assert [finding.line for finding in again] == [2, 3]
    for finding in again:
        assert finding.pointer == "/custom_id"
        assert finding.byte_offset is not None
        assert json.loads(data[finding.byte_offset :].split(b",")[0]) == "é"


def test_findings_beyond_the_limit_are_counted(check_bytes: Check):
    data = b"".join(line_of(request("same")) for _ in range(30))
    report = check_bytes(data, max_findings=3)
    assert len([finding for finding in report.findings if finding.rule == "duplicate-custom-id"]) == 3
    assert report.to_dict()["summary"]["by_rule"]["duplicate-custom-id"] == 29
    assert report.files[0].valid_records == 1


def test_keys_that_stand_in_all_records_or_in_none(check_bytes: Check):
    chat = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    weighted = {**chat, "weight": 0.5}
    for first, second in ((chat, weighted), (weighted, chat)):
        report = check_bytes(b"".join(map(line_of, [first, first, second, second])), target="fireworks")
        assert [place for place in found(report) if place[1] == "mixed-optional-keys"] == [(3, "mixed-optional-keys")]
        (message,) = [each.message for each in report.findings if each.rule == "mixed-optional-keys"]
        keys = "none of them" if second is chat else "weight"
        assert message == f'of the keys that must be in all records or in none, this record has "{keys}", unlike line 1'
    assert not found(check_bytes(b"".join(map(line_of, [weighted, chat])), select=("mixed-optional-keys",)))


@pytest.mark.parametrize("target", ["openai", "azure"])
@pytest.mark.parametrize("bad", [{"url": " "}, {"url": "/v1/nothing"}, {"body": {**request("a")["body"], "model": ""}}])
@pytest.mark.parametrize("at", [0, 1])
def test_a_wrong_url_or_model_is_not_one_more_of_the_file(
    check_bytes: Check, target: str, bad: dict[str, Any], at: int
):
    if bad == {"url": "/v1/nothing"} and target == "azure":
        return  # whose endpoints are not listed
    good = {"method": "POST", "url": "/v1/chat/completions"}
    requests = [{**request(str(number)), **good} for number in range(3)]
    requests[at] |= bad
    (finding,) = check_bytes(b"".join(map(line_of, requests)), target=target).findings
    assert (finding.line, finding.rule) == (at + 1, "invalid-body" if "body" in bad else "unsupported-url")


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("said", [5, [], [5], *([{"role": "user", "content": each}] for each in (5, [5], [{}]))])
def test_a_conversation_that_cannot_be_read_is_not_said_to_lack_a_key(check_bytes: Check, at: int, said: Any):
    image = {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://a/b.png"}}}}
    turns = [{"role": "user", "content": [{"text": "x"}, image]}, {"role": "assistant", "content": [{"text": "y"}]}]
    records = [{"schemaVersion": "bedrock-conversation-2024", "messages": turns} for _ in range(3)]
    records[at]["messages"] = said
    report = check_bytes(b"".join(map(line_of, records)), target="bedrock-nova", ignore=("too-few-records",))
    assert {finding.line for finding in report.findings} == {at + 1}
    assert "mixed-optional-keys" not in report.summary["by_rule"]
