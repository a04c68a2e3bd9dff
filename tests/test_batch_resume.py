"""`batch resume`: every request ends up in one place, whatever the provider's shape; bad files are refused."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonl_lint import Resumed, UserError, resume_batch
from jsonl_lint.cli import run

BAD_REQUEST = {"error": {"message": "temperature must be between 0 and 2", "type": "invalid_request_error"}}


def request(custom_id: str, **more: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "body": {"model": "m", "messages": [{"role": "user", "content": "hi"}]}, **more}


def openai(custom_id: str, status: int | None = 200, body: Any = None, error: Any = None) -> dict[str, Any]:
    """A result of OpenAI, Azure, Groq or Mistral."""
    response = None if status is None else {"status_code": status, "request_id": "r", "body": body or {"choices": []}}
    return {"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": error}


def together(custom_id: str, code: str, message: str = "no") -> dict[str, Any]:
    return {"custom_id": custom_id, "error": {"message": message, "code": code}}


def anthropic(custom_id: str, kind: str, error: str | None = None) -> dict[str, Any]:
    inner = {"type": "error", "error": {"type": error, "message": "no"}}
    return {"custom_id": custom_id, "result": {"type": kind, **({"error": inner} if error else {})}}


def bedrock(record_id: str, **more: Any) -> dict[str, Any]:
    return {"recordId": record_id, "modelInput": {}, **more}


def gemini(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, **more}


def vertex(said: str, status: str | None = None, **response: Any) -> dict[str, Any]:
    """A request of Vertex, which has no id, or its result, which repeats it."""
    asked = {"request": {"contents": [{"role": "user", "parts": [{"text": said}]}], "labels": {}}}
    return asked if status is None else {"status": status, "response": response, **asked}


def write(path: Path, records: list[Any]) -> Path:
    path.write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records))
    return path


def ids(path: Path) -> list[str]:
    return [json.loads(line)["custom_id"] for line in path.read_bytes().splitlines()]


class Batch:
    """A folder with `input.jsonl`, result files and what `resume_batch` makes of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rest, self.failed = folder / "rest.jsonl", folder / "failed.jsonl"

    def resume(self, requests: list[Any], *results: list[Any]) -> Resumed:
        source = write(self.folder / "input.jsonl", requests)
        files = [write(self.folder / f"results{index}.jsonl", items) for index, items in enumerate(results)]
        return resume_batch(source, files, self.rest, self.failed)


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return Batch(tmp_path)


# --- where each request goes -----------------------------------------------------------------------------------------

OUTCOMES = [
    # result, place
    (openai("x"), "answered"),
    (openai("x", 201), "answered"),
    (openai("x", 429, {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}), "rest"),
    (openai("x", 500, {"error": {"message": "The server had an error"}}), "rest"),
    (openai("x", 503), "rest"),
    (openai("x", 408), "rest"),
    (openai("x", 400, BAD_REQUEST), "failed"),
    (openai("x", 404, {"error": {"message": "The model `m` does not exist", "code": "model_not_found"}}), "failed"),
    (openai("x", 413), "failed"),
    (openai("x", 401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}), "rest"),
    (openai("x", 402), "rest"),
    (openai("x", 429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}), "rest"),
    (openai("x", None, error={"code": "batch_expired", "message": "This request could not be executed"}), "rest"),
    (openai("x", None, error={"code": "batch_cancelled", "message": "cancelled"}), "rest"),
    (openai("x", None), "rest"),
    (openai("x", None, error={"code": "something_new", "message": "never seen"}), "failed"),
    (together("x", "timeout"), "rest"),
    (together("x", "invalid_model", "model not found"), "failed"),
    (together("x", "500", "Internal server error"), "rest"),
    ({"custom_id": "x", "error": "rate limit exceeded"}, "rest"),
    ({"custom_id": "x", "response": {"status_code": 200, "body": {}}}, "answered"),
    ({"custom_id": "x", "response": {"choices": []}}, "answered"),
    (openai("x", 200, {"object": "error", "error": {"message": "overloaded", "type": "overloaded_error"}}), "rest"),
    (anthropic("x", "succeeded"), "answered"),
    (anthropic("x", "expired"), "rest"),
    (anthropic("x", "canceled"), "rest"),
    (anthropic("x", "errored", "overloaded_error"), "rest"),
    (anthropic("x", "errored", "api_error"), "rest"),
    (anthropic("x", "errored", "invalid_request_error"), "failed"),
    (anthropic("x", "errored", "invalid_request"), "failed"),
    (openai("x", "500"), "rest"),  # type: ignore[arg-type]
    ({"custom_id": "x", "response": {"status_code": 0, "body": None}}, "rest"),
    ({"custom_id": "x", "response": {"status_code": 200, "body": None}, "error": None}, "rest"),
    ({"custom_id": "x", "response": {"status_code": 503, "body": "upstream connect error"}}, "rest"),
    (gemini("x", response={"candidates": []}), "answered"),
    (gemini("x", response={}), "rest"),
    ({"custom_id": "x", "response": {}}, "rest"),
    (gemini("x", error={"code": 503, "message": "no", "status": "UNAVAILABLE"}), "rest"),
    (gemini("x", error={"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}), "failed"),
    (bedrock("x", modelOutput={"a": 1}), "answered"),
    (bedrock("x", error={"errorCode": 400, "errorMessage": "bad request"}), "failed"),
    (bedrock("x", error={"errorCode": 429, "errorMessage": "Too many requests"}), "rest"),
]


@pytest.mark.parametrize(("result", "place"), OUTCOMES)
def test_every_outcome_of_every_provider(batch: Batch, result: dict[str, Any], place: str):
    done = batch.resume([request("a"), request("x"), request("b")], [result, openai("a"), openai("b")])
    assert ids(batch.rest) == (["x"] if place == "rest" else [])
    assert ids(batch.failed) == (["x"] if place == "failed" else [])
    assert (done.answered, done.rest, sum(done.failed.values())) == (
        2 + (place == "answered"),
        int(place == "rest"),
        int(place == "failed"),
    )


def test_requests_keep_their_order_and_their_bytes(batch: Batch):
    lines = [
        b'{"custom_id":"c", "body": {"n": 1.50, "t": "\\u00e9 \xc3\xa9", "big": 123456789012345678901234567890}}\r\n',
        b"\n",
        b'  {"body": {}, "custom_id": "a"}\n',
        b'{"custom_id": "b", "body": {"x": NaN}}',
    ]
    source = batch.folder / "in.jsonl"
    source.write_bytes(b"".join(lines))
    results = write(batch.folder / "out.jsonl", [openai("a")])
    done = resume_batch(str(source), [str(results)], str(batch.rest))
    assert batch.rest.read_bytes() == lines[0] + lines[3] + b"\n"
    assert done == Resumed(requests=3, answered=1, unsent=2, again={}, failed={})


def test_failures_come_with_their_reason_and_the_request_itself(batch: Batch):
    raw = request("x", extra="\U0001f600")
    done = batch.resume([request("a"), raw], [openai("x", 400, BAD_REQUEST)])
    entry = json.loads(batch.failed.read_bytes())
    assert entry.pop("request") == raw
    assert (entry["custom_id"], entry["line"], entry["category"]) == ("x", 2, "validation")
    assert entry["message"] == BAD_REQUEST["error"]["message"]
    assert entry["cause"]
    assert entry["how"]
    assert done.failed == {"validation": 1}
    assert done.unsent == 1


def test_an_answer_counts_more_than_a_failure_and_the_last_failure_counts(batch: Batch):
    requests = [request(name) for name in "abc"]
    first = [openai("a", 500), openai("b"), openai("c", 500)]
    second = [openai("a"), openai("b", 500), openai("c", 400, BAD_REQUEST)]
    done = batch.resume(requests, first, second)
    assert (done.answered, done.rest, done.failed) == (2, 0, {"validation": 1})
    assert ids(batch.failed) == ["c"]


def test_many_failures_in_several_files_are_each_found_again(batch: Batch):
    names = [f"r{number}" for number in range(60)]
    bad = [openai(name, 400, {"error": {"message": f"reason of {name}"}}) for name in names]
    batch.resume([request(name) for name in reversed(names)], bad[::3], bad[1::3], bad[2::3])
    entries = [json.loads(line) for line in batch.failed.read_bytes().splitlines()]
    assert [entry["message"] for entry in entries] == [f"reason of {name}" for name in reversed(names)]


def test_a_mark_at_the_start_of_a_result_file_does_not_shift_places(batch: Batch):
    source = write(batch.folder / "in.jsonl", [request("a")])
    results = write(batch.folder / "out.jsonl", [openai("a", 400, BAD_REQUEST)])
    results.write_bytes(b"\xef\xbb\xbf" + results.read_bytes())
    resume_batch(str(source), [str(results)], str(batch.rest), str(batch.failed))
    assert ids(batch.failed) == ["a"]


places = st.sampled_from(["answered", "again", "failed", "unsent"])
RESULT = {"answered": (200, None), "again": (503, None), "failed": (400, BAD_REQUEST)}


@given(planned=st.lists(places, max_size=30), seed=st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_no_request_is_lost_or_sent_twice(tmp_path_factory: Any, planned: list[str], seed: Any):
    batch = Batch(tmp_path_factory.mktemp("batch"))
    names = [f"id-{number}" for number in range(len(planned))]
    results = [openai(name, *RESULT[place]) for name, place in zip(names, planned, strict=True) if place in RESULT]
    seed.shuffle(results)
    done = batch.resume([request(name) for name in names], results)
    expected = [name for name, place in zip(names, planned, strict=True) if place in ("again", "unsent")]
    assert ids(batch.rest) == expected
    assert ids(batch.failed) == [name for name, place in zip(names, planned, strict=True) if place == "failed"]
    assert done.requests == done.answered + done.rest + sum(done.failed.values()) == len(names)


def test_a_request_of_vertex_is_its_own_id(batch: Batch):
    names = "abcde"
    results = [vertex("b", "", candidates=[]), vertex("c", "Internal error"), vertex("a", "Bad Request: no such role")]
    results.append(vertex("e", ""))
    done = batch.resume([vertex(name) for name in names], results)
    assert batch.rest.read_bytes() == b"".join(json.dumps(vertex(name)).encode() + b"\n" for name in "cde")
    (failed,) = map(json.loads, batch.failed.read_bytes().splitlines())
    assert (done.answered, failed["message"], failed["request"]) == (1, "Bad Request: no such role", vertex("a"))
    with pytest.raises(UserError, match="is a result, not a request"):
        batch.resume([vertex("b", "", candidates=[])], results)


def test_a_request_may_stand_in_a_table_with_columns_of_results(batch: Batch):
    done = batch.resume([request("a", response=None, error=None), request("b")], [openai("b")])
    assert (done.answered, ids(batch.rest)) == (1, ["a"])


# --- what is refused -------------------------------------------------------------------------------------------------

REFUSED = [
    ([request("a")], [openai("b")], "is not in"),
    ([request("a"), request("b"), request("a")], [openai("a")], "3: the custom_id .* stands here and on line 1"),
    ([{"body": {}}], [], "has no `custom_id`"),
    ([{"custom_id": 7, "body": {}}], [], "has no `custom_id`"),
    (["text"], [], "has no `custom_id`"),
    ([{"requests": [request("a")]}], [], "write each item"),
    ([request("a")], [request("a")], "a request, not a result"),
    ([openai("a")], [openai("a")], "input.jsonl:1: the line is a result, not a request"),
    ([request("b"), together("a", "timeout")], [], "input.jsonl:2: the line is a result, not a request"),
    ([bedrock("a", modelOutput={})], [bedrock("a", modelOutput={})], "a result, not a request"),
    ([request("a")], [{"id": "batch_1"}], "no result"),
    ([request("a")], [[]], "no result"),
]


@pytest.mark.parametrize(("requests", "results", "complaint"), REFUSED)
def test_files_that_do_not_fit_are_refused_and_nothing_is_written(
    batch: Batch, requests: list[Any], results: list[Any], complaint: str
):
    with pytest.raises(UserError, match=complaint):
        batch.resume(requests, results)
    assert sorted(path.name for path in batch.folder.iterdir()) == ["input.jsonl", "results0.jsonl"]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b'{"custom_id": "a", "resp', r"1: the line is not JSON \(cut off"),
        (b'{"a": ' + b"[" * 100_000 + b"\n", "1: the line is not JSON"),
        (b"[\n{}\n]\n", "not lines of UTF-8, but one JSON array"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b"PK\x03\x04", "zip"),
        (b'{"custom_id": "a", "response": {}}\n\xff\xfe\n', "2: the line is not JSON"),
    ],
)
def test_broken_results_are_refused(batch: Batch, data: bytes, complaint: str):
    source = write(batch.folder / "in.jsonl", [request("a")])
    results = batch.folder / "out.jsonl"
    results.write_bytes(data)
    with pytest.raises(UserError, match=complaint):
        resume_batch(str(source), [str(results)], str(batch.rest))
    assert not batch.rest.exists()


def test_a_single_file_of_results_need_not_be_in_a_list(batch: Batch):
    source = write(batch.folder / "in.jsonl", [request("a"), request("b")])
    results = write(batch.folder / "out.jsonl", [openai("a")])
    for single in (results, str(results)):
        assert resume_batch(source, single, batch.rest).answered == 1


def test_files_may_be_compressed(batch: Batch):
    source = write(batch.folder / "in.jsonl", [request(name) for name in "abc"])
    results = write(batch.folder / "out.jsonl", [openai("a"), openai("b", 400, BAD_REQUEST)])
    for path in (source, results):
        (batch.folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    done = resume_batch(f"{source}.gz", [f"{results}.gz"], batch.rest, batch.failed)
    assert done == resume_batch(source, [results], batch.folder / "again.jsonl", batch.folder / "failed again.jsonl")
    assert (ids(batch.rest), ids(batch.failed)) == (["c"], ["b"])


def test_outputs_never_take_the_place_of_inputs(batch: Batch):
    source = write(batch.folder / "in.jsonl", [request("a")])
    results = write(batch.folder / "out.jsonl", [openai("a")])
    for rest, failed in ((source, None), (results, None), (batch.rest, source), (batch.rest, batch.rest)):
        with pytest.raises(UserError):
            resume_batch(str(source), [str(results)], str(rest), str(failed) if failed else None)
    assert ids(source) == ["a"]
    with pytest.raises(UserError, match="must be a file"):
        resume_batch(str(source), ["-"], str(batch.rest))
    with pytest.raises(UserError, match="no such file"):
        resume_batch(str(source), [str(batch.folder / "missing")], str(batch.rest))
    with pytest.raises(UserError, match="cannot write"):
        resume_batch(str(source), [str(results)], str(batch.folder / "no" / "where.jsonl"))
    with pytest.raises(UserError, match="an empty name"):
        resume_batch(str(source), [str(results)], str(batch.rest), "")


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def files(batch: Batch) -> list[str]:
    source = write(batch.folder / "in.jsonl", [request(name) for name in "abcd"])
    results = write(batch.folder / "out.jsonl", [openai("a"), openai("b", 400, BAD_REQUEST), openai("c", 402)])
    return [str(source), str(results)]


def test_the_command_says_what_it_did(batch: Batch, files: list[str], capsysbinary: Any):
    assert run(["batch", "resume", *files, "-o", str(batch.rest)]) == 0
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert err.decode().splitlines() == [
        "jsonl-lint: 4 requests: 1 answered, 2 to send (1 never answered, 1 billing)",
        "jsonl-lint: 1 request would fail again as sent: --failed FILE keeps them, with the reason",
        "jsonl-lint: some failed over the key or the account: fix that before you send the rest",
    ]
    assert ids(batch.rest) == ["c", "d"]


def test_the_command_counts_as_json(batch: Batch, files: list[str], capsysbinary: Any):
    args = ["batch", "resume", *files, "-o", str(batch.rest), "--failed", str(batch.failed)]
    assert run([*args, "--output-format", "json"]) == 0
    out, err = capsysbinary.readouterr()
    assert err == b""
    assert json.loads(out) == {
        "requests": 4,
        "answered": 1,
        "unsent": 1,
        "again": {"billing": 1},
        "failed": {"validation": 1},
        "rest": 2,
    }
    assert ids(batch.failed) == ["b"]


def test_the_command_writes_to_standard_output(files: list[str]):
    command = [sys.executable, "-m", "jsonl_lint", "batch", "resume", "-", files[1], "-o", "-", "-q"]
    with open(files[0], "rb") as source:
        done = subprocess.run(command, stdin=source, capture_output=True, timeout=60, check=True)
    assert [json.loads(line)["custom_id"] for line in done.stdout.splitlines()] == ["c", "d"]
    assert done.stderr == b""


def test_wrong_use(batch: Batch, files: list[str], capsysbinary: Any):
    wrong: list[list[str]] = [
        ["batch", "resume", *files],
        ["batch", "resume", files[0], "-o", str(batch.rest)],
        ["batch", "resume", files[0], files[0], "-o", str(batch.rest)],
        ["batch", "resume", *files, "-o", "-", "--output-format", "json"],
        ["batch", "resume", *files, "-o", str(batch.rest), "--failed", "-", "--output-format", "json"],
        ["batch", "resume", *files, "-o", files[0]],
        ["batch", "again"],
    ]
    for args in wrong:
        assert run(args) == 2
        out, err = capsysbinary.readouterr()
        assert out == b""
        assert err.count(b"\n") == 1
    assert not batch.rest.exists()
