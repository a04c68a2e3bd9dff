"""URLs: read as they come, listed where they can be, and one clear error for whatever fails, without secrets."""

from __future__ import annotations

import gzip
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from jsonl_lint import Settings, check_paths
from jsonl_lint.cli import run
from jsonl_lint.files import remote
from jsonl_lint.files.inputs import display_path, expand_paths, is_url
from jsonl_lint.model import Severity
from tests.conftest import GOOD, NO_MESSAGES, ROOT, found
from tests.test_ranges import mixed_lines

BIG = GOOD * 20_000


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


RELEASED = threading.Event()
"""A server that sends nothing may end."""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by path: data, an error status, or fewer bytes than it promised."""

    seen: list[str] = []

    def do_HEAD(self) -> None:
        self.answer(b"")

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.answer(None)

    def answer(self, body: bytes | None) -> None:
        path = self.path.partition("?")[0]
        data = {
            "/data.jsonl": GOOD + NO_MESSAGES,
            "/packed.jsonl.gz": gzip.compress(NO_MESSAGES),
            "/big.jsonl": BIG,
        }.get(path, b"")
        if path.startswith("/status/"):
            self.send_error(int(path.rpartition("/")[2]))
            return
        if path == "/odd.jsonl":
            self.wfile.write(b'{"text": "secret"}\r\n\r\n')
            return
        if path == "/round.jsonl":
            self.send_response(302)
            self.send_header("Location", path)
            self.end_headers()
            return
        if path == "/silent.jsonl" and body is None:
            RELEASED.wait(30)
        self.send_response(200)
        if path == "/unpacked.jsonl.gz":
            data = gzip.compress(NO_MESSAGES)
            self.send_header("Content-Encoding", "gzip")
        if path == "/short.jsonl":
            data = BIG[: 1 << 19]
        self.send_header("Content-Length", str(len(BIG if path == "/short.jsonl" else data)))
        self.end_headers()
        self.wfile.write(data if body is None else body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def reasons(*urls: str) -> list[str]:
    """The errors of these URLs, with a good file behind them, which is checked all the same."""
    sample = str(ROOT / "fixtures" / "sample.jsonl")
    report = check_paths([*urls, sample])
    assert [file.path for file in report.files if file.path == sample] == [sample]
    return [error.reason for error in report.input_errors]


# --- what can be read ------------------------------------------------------------------------------------------------


def test_a_url_has_the_report_of_the_file(memory: Any, tmp_path: Path):
    data = mixed_lines(600)
    memory.pipe("/bucket/data.jsonl", data)
    (tmp_path / "data.jsonl").write_bytes(data)
    remote = check_paths(["memory://bucket/data.jsonl"], Settings(jobs=2))
    local = check_paths([tmp_path / "data.jsonl"])
    assert [finding._replace(path="") for finding in remote.findings] == [
        finding._replace(path="") for finding in local.findings
    ]
    assert [file._replace(path="") for file in remote.files] == [file._replace(path="") for file in local.files]
    assert remote.files[0].path == "memory://bucket/data.jsonl"


def test_a_compressed_url(memory: Any):
    memory.pipe("/data.jsonl.gz", gzip.compress(GOOD + NO_MESSAGES))
    report = check_paths(["memory://data.jsonl.gz"])
    assert found(report) == [(1, "wrong-extension"), (2, "empty-messages")]
    assert report.files[0].compression == "gzip"


def test_folders_and_globs(memory: Any):
    for name in ("b.jsonl", "a.jsonl.gz", "sub/c.ndjson", "d.txt"):
        memory.pipe(f"/bucket/{name}", GOOD)
    listed = lambda url: [Path(path).name for path in expand_paths([url])]  # noqa: E731
    assert listed("memory://bucket") == listed("memory://bucket/") == ["a.jsonl.gz", "b.jsonl", "c.ndjson"]
    assert listed("memory://bucket/*.jsonl") == ["b.jsonl"]
    assert listed("memory://bucket/**/*.ndjson") == ["c.ndjson"]
    assert listed("memory://bucket/d.txt") == ["d.txt"]
    assert all(is_url(path) for path in expand_paths(["memory://bucket"]))


def test_the_web(server: str):
    urls = [f"{server}/data.jsonl?token=secret", f"{server}/packed.jsonl.gz", f"{server}/big.jsonl"]
    report = check_paths(urls, Settings(ignore=("JL80",)))
    assert report.input_errors == ()
    assert [file.records for file in report.files] == [2, 1, 20_000]
    assert report.files[0].path == f"{server}/data.jsonl"
    assert [finding.rule for finding in report.findings] == ["empty-messages", "wrong-extension", "empty-messages"]


def test_a_big_answer_is_one_request(server: str):
    Handler.seen.clear()
    check_paths([f"{server}/big.jsonl"], Settings(ignore=("JL80",)))
    assert Handler.seen == ["/big.jsonl"]


def test_records_that_may_be_alike_are_asked_for_again(server: str):
    Handler.seen.clear()
    report = check_paths([f"{server}/big.jsonl"])
    assert Handler.seen == ["/big.jsonl"] * 4, "to check, to choose, to compare, and for labels"
    assert report.files[0].counts["duplicate-record", Severity.WARNING] == 19_999


def test_an_answer_that_the_client_unpacks(server: str):
    report = check_paths([f"{server}/unpacked.jsonl.gz"], Settings(ignore=("wrong-extension",)))
    assert (found(report), report.input_errors) == ([(1, "empty-messages")], ())


# --- what cannot -----------------------------------------------------------------------------------------------------


def test_what_is_not_there(memory: Any):
    memory.pipe("/bucket/a.txt", GOOD)
    assert reasons("memory://no.jsonl", "memory://bucket/*.jsonl", "memory://bucket") == [
        "not found",
        "no file matches",
        "the folder holds no .jsonl or .ndjson file",
    ]


@pytest.mark.parametrize(("status", "reason"), [(403, "status 403"), (404, "status 404"), (500, "status 500")])
def test_an_answer_that_is_an_error(server: str, status: int, reason: str):
    (said,) = reasons(f"{server}/status/{status}?token=secret")
    assert reason in said
    assert "secret" not in said


def test_an_answer_that_breaks_off(server: str):
    (reason,) = reasons(f"{server}/short.jsonl?token=secret")
    assert "ClientPayloadError" in reason
    assert "secret" not in reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [("odd", "ClientResponseError: Bad status line"), ("round", "TooManyRedirects")],
)
def test_an_answer_that_the_client_cannot_read_is_no_status(server: str, path: str, reason: str):
    (error,) = check_paths([f"{server}/{path}.jsonl"]).input_errors
    assert error.reason == reason


def test_a_server_may_take_its_time_but_not_be_silent(server: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote, "SILENCE_SECONDS", 0.2)
    options = remote._patience("http")
    assert options["client_kwargs"]["timeout"].total is None
    (error,) = check_paths([f"{server}/silent.jsonl"]).input_errors
    RELEASED.set()
    assert "imeout" in error.reason


def test_what_is_configured_for_the_web_stays(server: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(fsspec.config.conf, "http", {"client_kwargs": {"headers": {"X-Key": "k"}}})
    assert remote._patience("http")["client_kwargs"]["headers"] == {"X-Key": "k"}
    assert check_paths([f"{server}/data.jsonl"]).files[0].records == 2


def test_a_server_that_is_not_there():
    (reason,) = reasons("http://127.0.0.1:9/data.jsonl?token=secret")
    assert "Error" in reason
    assert "secret" not in reason


def test_unknown_kinds_of_url():
    (reason,) = reasons("nowhere://bucket/data.jsonl")
    known = "there are s3://, gs://, hf://, https:// and others that fsspec knows"
    assert reason == f"no URL begins with nowhere://; {known}"


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "s3fs", None)
        assert reasons("s3://b/a.jsonl") == ["to read s3:// URLs: pip install 'jsonl-lint[remote]'"]
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    assert reasons("s3://b/a.jsonl", "https://h/*.jsonl") == ["to read URLs: pip install 'jsonl-lint[remote]'"] * 2


def test_the_command_exits_with_2_and_one_line(server: str, capsys: pytest.CaptureFixture[str]):
    assert run([f"{server}/status/404?token=secret", "-q"]) == 2
    assert capsys.readouterr().err == f"jsonl-lint: {server}/status/404: the server answers with status 404\n"


def test_a_report_beside_a_url(memory: Any, tmp_path: Path):
    memory.pipe("/a.jsonl", GOOD)
    (tmp_path / "out.txt").write_text("before")
    assert run(["memory://a.jsonl", "--output-file", str(tmp_path / "out.txt")]) == 0
    assert (tmp_path / "out.txt").read_text().startswith("1 records") or "1 record" in (
        tmp_path / "out.txt"
    ).read_text()


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pass@host/a.jsonl?sig=x#y", "https://host/a.jsonl"),
        ("s3://key:secret@bucket/a.jsonl", "s3://bucket/a.jsonl"),
        ("s3://bucket/a?b.jsonl", "s3://bucket/a?b.jsonl"),
        ("hf://datasets/me/data@main/a.jsonl", "hf://datasets/me/data@main/a.jsonl"),
        ("simplecache::https://host/a.jsonl", "simplecache::https://host/a.jsonl"),
        ("-", "-"),
        ("a/b.jsonl", "a/b.jsonl"),
    ],
)
def test_urls_are_shown_without_secrets(url: str, shown: str):
    assert display_path(url) == shown


def test_a_file_that_looks_like_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:").mkdir()
    (tmp_path / "s3:" / "a.jsonl").write_bytes(NO_MESSAGES)
    assert found(check_paths(["s3://a.jsonl"])) == [(1, "empty-messages")]


@pytest.mark.parametrize("name", ["a.jsonl::x", "a.jsonl::file://x", "cache::a.jsonl"])
def test_a_name_with_colons_is_no_other_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """fsspec would read `a.jsonl` as the first link of a chain."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    assert run([name, "-q"]) == 2
    assert capsys.readouterr().err == f"jsonl-lint: {name}: no such file or directory\n"


def test_plain_files_never_need_fsspec():
    script = "import sys; sys.modules['fsspec'] = None; import jsonl_lint; print(jsonl_lint.check_file('README.md').ok)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "False\n"
