"""Errors of providers: every row of Together's table, the known messages of the others, and hostile input."""

from __future__ import annotations

import errno
import io
import itertools
import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Explanation, Settings, UserError, compile_plan, explain_error
from jsonl_lint.cli.arguments import VERBS
from jsonl_lint.explain import CATEGORIES, explain_stream, load_patterns
from jsonl_lint.explain.patterns import _FOLDER
from jsonl_lint.lookup import look_up
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.plans.selection import rules_matching
from tests.conftest import GOOD, ROOT, line_of

FILES = sorted(Path(_FOLDER).glob("*.json"))


def together(message: str, kind: str = "invalid_request_error", code: str | None = None) -> dict[str, Any]:
    """A body as Together's API writes it."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    return {"id": "okkMQHz-2kFHot-a023f584e9c5ff7e", "error": error}


def report(error: str) -> dict[str, Any]:
    """A file that the server has refused."""
    validation = {"valid": False, "error_type": "INVALID_FORMAT", "error": error}
    return {"id": "file-1", "object": "file", "processing_status": "INVALID_FORMAT", "validation_report": validation}


NON_SERVERLESS = (
    "Unable to access non-serverless model meta-llama/Llama-3-8b-chat-hf. Please visit "
    "https://api.together.ai/models/meta-llama/Llama-3-8b-chat-hf to create and start a new dedicated endpoint."
)
NO_MODEL = "model_not_available"
TOKENS = "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 2019 `inputs` tokens"
CREDITS = "This job would exceed your free trial credits. Please upgrade to a paid account"
CREDIT = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade."
ROLE = "Line 7: `messages[1]` must contain a `role` field"

# Together's errors, row by row: status, body -> category, pattern, retry.
KEY = "Invalid API key provided. You can find your API key at https://api.together.ai/settings/api-keys."

TABLE = [
    (400, together("Invalid request: expected ',' or '}' at line 1"), "validation", "bad-request", False),
    (400, together("temperature must be between 0 and 2"), "validation", "bad-request", False),
    (400, together(NON_SERVERLESS, code=NO_MODEL), "validation", "together-non-serverless-model", False),
    (
        400,
        together("Unable to access model a/b", code="invalid_model"),
        "validation",
        "together-unknown-model",
        False,
    ),
    (400, {"error": TOKENS, "error_type": "validation"}, "validation", "together-token-limit", False),
    (400, report(ROLE), "validation", "together-missing-role", False),
    (401, together("Invalid API key provided", code="invalid_api_key"), "auth", "together-key", False),
    (401, together("You need to be authenticated", "authentication_error"), "auth", "unauthorized", False),
    (401, CREDITS, "auth", "together-files-401", False),
    (None, f"together.AuthenticationError: {CREDITS}", "auth", "together-files-401", False),
    (
        402,
        together("Credit limit exceeded, please add credits", "credit_limit"),
        "billing",
        "together-spending-limit",
        False,
    ),
    (401, together(KEY, "invalid_request_error", "invalid_api_key"), "auth", "together-key", False),
    (402, None, "billing", "payment-required", False),
    (
        403,
        together("Input token count + max_tokens exceeds context length"),
        "validation",
        "together-token-limit",
        False,
    ),
    (403, together("The key is inactive"), "auth", "forbidden", False),
    (403, together("Blocked", code="third_party_data_sharing_blocked"), "auth", "together-third-party", False),
    (404, together("The endpoint was not found"), "not_found", "not-found", False),
    (404, together("model not found: foo/bar"), "not_found", "together-unknown-model", False),
    (404, {"error": {"message": "Batch job 123 not found"}}, "not_found", "not-found", False),
    (408, together("Request timeout"), "network", "request-timeout", True),
    (409, {"file_id": "file-99", "error": "file already exists"}, "conflict", "together-file-exists", False),
    (409, None, "conflict", "conflict", False),
    (413, None, "validation", "too-large", False),
    (415, None, "validation", "unsupported-media-type", False),
    (422, together("Unprocessable"), "validation", "unprocessable", False),
    (429, together("Rate limit exceeded", "rate_limit", "model_rate_limit"), "rate_limit", "too-many-requests", True),
    (500, together("Internal server error", "server_error"), "server", "server-error", True),
    (503, together("The server is overloaded, please try again later"), "server", "overloaded", True),
    (504, "upstream request timeout", "server", "gateway-timeout", True),
    (524, "<html>A timeout occurred</html>", "server", "gateway-timeout", True),
    (529, None, "server", "overloaded", True),
    (520, None, "server", "other-server-error", True),
    (None, "together.APIConnectionError: Connection error.", "network", "no-connection", True),
    (None, "together.APITimeoutError: Request timed out.", "network", "client-timeout", True),
    (None, report(ROLE), "validation", "together-missing-role", False),
    (200, report("Something that is not known yet"), "validation", "together-invalid-format", False),
    (None, "job ended: user error", "validation", "together-user-error", False),
    (None, "File not found or path is not a regular file: a.jsonl", "not_found", "together-no-such-file", False),
    (None, {"unavailable_reason": "multimodal_dataset"}, "validation", "together-no-estimate", False),
    (None, {"type": "billing_limit", "message": "job cancelled"}, "billing", "together-spending-limit", False),
]

TOGETHER_CHECKS = [
    ("Error parsing json payload. Unexpected format on line 1.", "together-json", 1),
    ("Invalid role `human` in conversation on line 3. Possible roles: system, user", "together-invalid-role", 3),
    ("Invalid role turns on line 3 of the input file", "together-role-turns", 3),
    ("Missing required column `content` in message on line 4.", "together-missing-content", 4),
    ("At least one message with the assistant role must be present in the example.", "together-no-assistant", None),
    ("The `messages` column must not be empty. Found empty on line 2", "together-empty-messages", 2),
    ("Could not detect a format for the line 9 with the columns: dict_keys(['q'])", "together-no-format", 9),
    ("Weight must be either 0 or 1 on line 5.", "together-weight", 5),
    ("The dataset is malformed, the `input` field must be a dictionary.", "together-preference", None),
    ("The `preferred_output` field must be a list on line 3.", "together-preference", 3),
    ("The first element of `preferred_output` must be a dictionary on line 3.", "together-preference", 3),
    ("The first element of `preferred_output` must have the 'assistant' role on line 3.", "together-preference", 3),
    ("The first element of `preferred_output` must have a 'role' field on line 3.", "together-missing-role", 3),
    ("The `non_preferred_output` field must be present in the input dictionary", "together-preference", None),
    ("The dataset is malformed, only user messages can contain images", "together-image", None),
    ("Invalid format on line 6 of the input file. Each line must be a JSON object", "together-not-object", 6),
    ("File is not UTF-8 encoded. Error raised: 'utf-8' codec can't decode byte 0xe9", "together-utf8", None),
    (
        "Invalid format on line 6 of the input file. Datasets must follow text, conversational, or instruction format.",
        "together-not-object",
        6,
    ),
    ("Unknown extension of file a.txt. Only files with extensions .jsonl", "together-file", None),
    ("CSV files are not supported for fine-tune.", "together-file", None),
    ("Invalid purpose 'finetune'. Must be one of: ('fine-tune', 'eval')", "together-purpose", None),
    ("a.parquet contains an unexpected column text. Only columns ['input_ids'] are", "together-parquet", None),
    ("a.parquet does not contain the `input_ids` column.", "together-parquet", None),
    ("An exception has occurred when loading the Parquet file a.parquet.", "together-parquet-unreadable", None),
    ("pyarrow is not installed and is required to use parquet files", "together-pyarrow", None),
    ("The image must be less than 10MB, found ~12000000 bytes", "together-image", None),
    ("error reading input file", "together-batch-line-too-large", None),
    ("Content-Type must be multipart/form-data", "together-batch-audio", None),
]

TRAINERS = [
    ("ValueError: Trailing data", "datasets-trailing-data"),
    ("datasets.table.CastError: Couldn't cast\nbecause column names don't match", "datasets-late-column"),
    ("Failed to parse string: 'soon' as a scalar of type timestamp[s]", "datasets-timestamp"),
    ("datasets.arrow_writer.SchemaInferenceError: Please pass `features`", "datasets-empty-file"),
    ("Segmentation fault (core dumped)", "datasets-null-line"),
    ("ImportError: please install 'teich'", "datasets-agent-trace"),
    (
        "datasets.exceptions.DatasetGenerationError: An error occurred while generating the dataset",
        "datasets-generation",
    ),
    ("ValueError: Trailing data\nDatasetGenerationError: An error occurred", "datasets-trailing-data"),
    (
        "pyarrow.lib.ArrowInvalid: JSON parse error: Column(/x) changed from string to number in row 1\n"
        "DatasetGenerationError: An error occurred",
        "datasets-changed-type",
    ),
    ("jinja2.exceptions.UndefinedError: 'dict object' has no attribute 'content'", "template-missing-key"),
    ("Conversation roles must alternate", "template-roles"),
    ("TypeError: Can only get item pairs from a mapping.", "template-arguments"),
    ("ValueError: Invalid role in the last message: system", "trl-last-role"),
    ("KeyError: \"Invalid keys in the example: {'q'}\"", "trl-keys"),
    ("ValueError: Messages is null", "axolotl-messages"),
    ("Error parsing tool_calls arguments as JSON", "axolotl-arguments"),
    ("Empty template generated for turn 2", "axolotl-empty-turn"),
    ("Invalid role tag in [{'from': 'bing', 'value': 'x'}].", "llamafactory-roles"),
    ("Dropped invalid example: []", "llamafactory-dropped"),
    ("RuntimeError: Cannot find valid samples, check `data/README.md`", "llamafactory-dropped"),
    ("KeyError: None", "llamafactory-settings"),
    ("RuntimeError: Invalid JSON format in tool description: [' ']", "llamafactory-tools-json"),
    ("ValueError: The number of images does not match the number of <image> tokens", "llamafactory-images"),
    ("There are errors in the dataset, the data will be deleted", "swift-deleted"),
    ("All labels in your dataset are -100. Training losses will be all 0.", "unsloth-all-masked"),
    ("TypeError: Cannot standardize non text datasets!", "unsloth-turns"),
    ("AssertionError: mask role not in the conversation", "nemo-mask"),
    ("ValueError: Unsupported data format", "mlx-format"),
    ("KeyError: 'instruction'", "python-missing-key"),
    ("RecursionError: maximum recursion depth exceeded while decoding a JSON array", "python-recursion"),
    ("UnicodeEncodeError: 'utf-8' codec can't encode character: surrogates not allowed", "python-surrogates"),
]
"""What readers and trainers say, as public reports and their code quote it."""

OTHERS = [json.loads(line) for line in (ROOT / "tests" / "provider_errors.jsonl").read_bytes().splitlines()]
"""Answers of the other providers, as their documentation and public reports quote them."""


def seen(found: Explanation) -> tuple[str, str]:
    return found.category, found.pattern


def test_a_call_in_a_message_is_no_code():
    assert explain_error(None, "Could not detect a format: dict_keys(['q'])").code == "together-no-format"


def test_the_name_of_a_key_in_a_message_is_no_code():
    assert explain_error(None, "Invalid value for tool_choice").code == "unknown"
    assert explain_error(None, "Got rate_limit_exceeded").code == "rate_limit_exceeded"
    assert explain_error(None, {"error": {"code": "quota_of_quux", "message": "no"}}).code == "quota_of_quux"


def test_keys_that_are_missing_are_not_taken_for_lines_that_are_no_objects():
    message = "Expected file to have JSONL format with prompt/completion keys. Missing `prompt` key on line 1."
    assert explain_error(None, message).pattern != "openai-not-dictionary"


# --- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "body", "category", "pattern", "retry"), TABLE)
def test_every_row_of_the_table_of_together(status: int | None, body: Any, category: str, pattern: str, retry: bool):
    found = explain_error(status, body)
    assert (found.category, found.pattern, found.retry) == (category, pattern, retry)
    assert found.code
    assert found.cause
    assert found.how
    assert found.next
    assert found.status == status


@pytest.mark.parametrize(("message", "pattern", "line"), TOGETHER_CHECKS)
def test_messages_of_the_client_and_of_the_validation(message: str, pattern: str, line: int | None):
    for body in (message, report(message), f"FileTypeError: Report: {{'message': {message!r}}}"):
        found = explain_error(None, body)
        assert (found.category, found.pattern, found.line) == ("validation", pattern, line)
    assert not found.retry


@pytest.mark.parametrize(("text", "pattern"), TRAINERS)
def test_known_messages_of_readers_and_trainers(text: str, pattern: str):
    assert seen(explain_error(None, text)) == ("validation", pattern)


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: f"{case['provider']}-{case['pattern']}")
def test_known_messages_of_the_other_providers(case: dict[str, Any]):
    body = case["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    for given_as in (body, text, text.encode()):
        assert seen(explain_error(case["status"], given_as)) == (case["category"], case["pattern"])


@pytest.mark.parametrize("case", [case for case in OTHERS if case["status"] is None], ids=lambda _: "")
def test_a_body_may_be_the_only_argument(case: dict[str, Any]):
    assert explain_error(case["body"]) == explain_error(None, case["body"])
    assert explain_error("429") == explain_error(429) == explain_error(429, None)


@pytest.mark.parametrize("body", [*(row[1] for row in TABLE), *(case["body"] for case in OTHERS)], ids=lambda _: "")
def test_every_400_is_validation(body: Any):
    assert explain_error(400, body).category == "validation"


def test_a_credits_message_with_a_401_is_a_matter_of_the_key():
    found = explain_error(401, CREDITS)
    assert "API key" in found.cause
    assert explain_error(402, CREDITS).category == "billing"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("429", 429),
        ("HTTP 503", 503),
        ("HTTP/1.1 404 Not Found", 404),
        ("Error code: 401 - {'error': {'message': 'no'}}", 401),
        ("status code 500", 500),
        ("status_code=402", 402),
        ("402 Client Error: Payment Required for url: https://api.together.ai/v1", 402),
        ("Client error '404 Not Found' for url 'https://api.together.ai/v1'", 404),
        ('{"status_code": 529}', 529),
        ('HTTP/1.1 500 Internal Server Error\ncontent-type: application/json\n\n{"error": "no"}', 500),
        ("at least 400 examples are needed", None),
        ("line 429 is too long", None),
    ],
)
def test_the_status_is_found_in_text(text: str, status: int | None):
    assert explain_error(None, text).status == status


def test_what_a_client_prints_is_read_like_the_body():
    text = f"openai.BadRequestError: Error code: 400 - {{'status': 'failure', 'message': '{NON_SERVERLESS}'}}"
    found = explain_error(None, text)
    assert seen(found) == ("validation", "together-non-serverless-model")
    assert found.message == NON_SERVERLESS


@pytest.mark.parametrize(
    ("message", "line", "pointer"),
    [
        (ROLE, 7, "/messages/1"),
        ("Line 12: `input.messages[0].content` must be a string", 12, "/input/messages/0/content"),
        ("Example 3: messages[2].tool_calls[0].function.name is missing", 3, "/messages/2/tool_calls/0/function/name"),
        ("record 4: the content is empty", 4, None),
        ("`messages` must be a list on line 5", 5, "/messages"),
        ("Invalid type for 'messages.[1].role'", None, "/messages/1/role"),
        ("line 0: bad", None, None),
        ("JSON parse error: Column(/text) changed from string to number in row 3", None, None),
        ("Extra data: line 2 column 1 (char 259)", None, None),
        ("line 7 is not JSON: Expecting value: line 1 column 1 (char 0)", 7, None),
        ("invalid value in row 3", 3, None),
    ],
)
def test_line_and_pointer_are_read_from_the_message(message: str, line: int | None, pointer: str | None):
    found = explain_error(None, report(message))
    assert (found.line, found.pointer) == (line, pointer)


def test_an_unknown_text_is_explained_as_such():
    found = explain_error(None, "quux")
    assert not found.known
    assert found.category == "validation"
    assert explain_error(None, None).pattern == explain_error(None, "").pattern == "unknown"


@pytest.mark.parametrize(
    "body",
    [
        "config.yaml: name: field required",
        "ValidationError: username: field required; password: field required",
        {"id": "msgbatch_1", "processing_status": "in_progress", "request_counts": {"canceled": 0, "expired": 0}},
    ],
)
def test_what_other_programs_say_is_not_taken_for_an_error_of_a_provider(body: Any):
    assert not explain_error(None, body).known


@pytest.mark.parametrize(
    ("cause", "pattern"),
    [
        ("SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')", "certificate-not-trusted"),
        ("NameResolutionError(\"Failed to resolve 'h' ([Errno -2] Name or service not known)\")", "name-not-resolved"),
        ("ReadTimeoutError('Read timed out. (read timeout=10)')", "client-timeout"),
        ("NewConnectionError('[Errno 111] Connection refused')", "no-connection"),
    ],
)  # fmt: skip
def test_the_cause_of_an_exhausted_connection_counts(cause: str, pattern: str):
    text = f"HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: / (Caused by {cause})"
    assert explain_error(None, text).pattern == pattern


def test_a_file_that_may_not_be_read_is_no_matter_of_the_key():
    assert explain_error(None, "PermissionError: [Errno 13] Permission denied: 'a'").pattern == "file-permission"
    assert explain_error(403, "permission denied").pattern == "forbidden"


@pytest.mark.parametrize(
    "key", ["sk-proj-abcdefGHIJ1234567890", "Bearer abcdef", "a1" * 20, "tgp_v1_ABCDEFGHIJKLMN012345"]
)
def test_keys_are_never_shown(key: str):
    for body in (f"Incorrect API key provided: {key}.", {"error": {"message": f"bad {key}", "code": f"{key}_x"}}):
        shown = json.dumps(explain_error(401, body).to_dict())
        assert key not in shown
        assert "[removed]" in shown


def test_the_name_of_a_package_is_no_key():
    text = "google.api_core.exceptions.NotFound: 404 Model not found."
    assert explain_error(None, text).message == text


# --- the data --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_data_files_are_what_their_schema_says(path: Path):
    schema = json.loads((ROOT / "schemas" / "error-patterns.schema.json").read_bytes())
    data = json.loads(path.read_bytes())
    found = jsonschema_rs.validator_for(schema).iter_errors(data)
    problems = [f"{error.instance_path}: {error.message}" for error in found]
    assert problems == []


def test_patterns_name_rules_and_commands_that_exist():
    known = load_patterns()
    patterns = [*known.special, *known.general]
    assert len({pattern.name for pattern in patterns}) == len(patterns)
    for pattern in patterns:
        assert set(pattern.rules) <= set(all_rules()), pattern.name
        words = pattern.next.split()
        if words[0] == "jsonl-lint":
            assert words[1] in VERBS, pattern.name
        for option, selectors in itertools.pairwise(words):
            if option == "--select":
                assert all(map(rules_matching, selectors.split(","))), pattern.name
    assert {pattern.category for pattern in patterns} == set(CATEGORIES)


def test_the_next_check_runs_the_rules_that_are_named_as_their_provider_has_them():
    known = load_patterns()
    for pattern in (*known.special, *known.general):
        words = pattern.next.split()
        if words[:2] != ["jsonl-lint", "check"]:
            continue
        options: dict[str, Any] = {name[2:]: value for name, value in itertools.pairwise(words) if name[:2] == "--"}
        lists = {name.replace("-", "_"): options.pop(name).split(",") for name in list(options) if "select" in name}
        plan = compile_plan(Settings(**options, **lists))
        assert [rule for rule in pattern.rules if rule not in plan.rules] == [], pattern.name


@pytest.mark.parametrize(
    ("error", "target"),
    [
        ("invalid_n_examples", "openai"),
        ("contains invalid schema (20)", "azure"),
        ("Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.", "mistral"),
        ('messages: Unexpected role "system".', "anthropic"),
        ("No valid training examples after tokenization", "fireworks"),
        ("Maximum input token count 40000 exceeds limit of 32000", "bedrock-nova"),
    ],
)
def test_the_next_check_is_that_of_the_provider_whose_error_it_is(error: str, target: str):
    assert f"jsonl-lint check FILE --target {target}" in explain_error(None, error).next


@pytest.mark.parametrize(
    ("message", "pattern"),
    [
        ("Line 4: `messages` must be a list", "together-record-shape"),
        ("Line 7: `messages[1]` must contain a `role` field", "together-missing-role"),
        ("Invalid file format. Line 3, message 2: never seen", "openai-file-format"),
        ("Invalid file format. Example 4, key \"messages\": At least one message must be from the assistant.",
         "openai-no-assistant"),
    ],
)  # fmt: skip
def test_a_validation_that_is_not_known_word_by_word_is_known_by_its_shape(message: str, pattern: str):
    assert explain_error(None, message).pattern == pattern


def test_only_rules_that_are_installed_are_named():
    assert set(explain_error(400, TOKENS).rules) <= set(all_rules())
    assert explain_error(None, ROLE).rules == ("missing-role",)


# --- several errors, files, the command ------------------------------------------------------------------------------


def kinds_of(text: bytes) -> list[tuple[str, int]]:
    return [(kind.explanation.pattern, kind.times) for kind in explain_stream(io.BytesIO(text))]


def error_line(number: int, code: str, message: str = "no") -> bytes:
    return line_of({"custom_id": f"r{number}", "error": {"message": message, "code": code}})


def test_an_error_file_is_counted_by_kind():
    lines = [error_line(number, "timeout") for number in range(3)]
    lines += [
        error_line(9, "invalid_model"),
        b"\n",
        b"{\n",
        line_of({"custom_id": "x", "response": {"status_code": 200}}),
    ]
    assert kinds_of(b"".join(lines)) == [("gateway-timeout", 3), ("together-unknown-model", 1)]


def test_every_kind_is_counted_however_many_there_are():
    failed = [{"custom_id": str(status), "response": {"status_code": status}} for status in range(300, 600)]
    kinds = explain_stream(io.BytesIO(b"".join(map(line_of, [*failed, *failed[200:]]))))
    counts = {kind.explanation.status: kind.times for kind in kinds}
    assert counts == {status: 1 + (status >= 500) for status in range(300, 600)}
    assert [kind.times for kind in kinds] == sorted(counts.values(), reverse=True)


def test_results_without_an_error():
    assert kinds_of(line_of({"custom_id": "x", "response": {"status_code": 200, "body": {}}, "error": None})) == []


def test_a_first_answer_of_any_length_is_a_result():
    answer = {"custom_id": "x", "response": {"status_code": 200, "body": {"data": "0.5, " * 400_000}}}
    assert kinds_of(line_of(answer) + error_line(1, "timeout")) == [("gateway-timeout", 1)]


def test_a_text_without_an_end_is_not_read_to_its_end():
    class Endless(io.RawIOBase):
        size = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.size += len(buffer)
            assert self.size < 100 << 20
            buffer[:] = b"a" * len(buffer)
            return len(buffer)

    assert [kind.explanation.pattern for kind in explain_stream(io.BufferedReader(Endless()))] == ["unknown"]


def test_requests_are_no_results():
    """It is not said of them that none failed."""
    request = {"custom_id": "x", "method": "POST", "url": "/v1/chat/completions", "body": {}}
    assert kinds_of(line_of(request) * 2) == [("unknown", 1)]


def test_the_errors_of_a_batch_object():
    errors = [
        {"code": "invalid_json_line", "line": 3},
        {"code": "duplicate_custom_id", "line": 5},
        {"code": "invalid_json_line"},
    ]
    batch = {"id": "batch_1", "object": "batch", "errors": {"object": "list", "data": errors}, "status": "failed"}
    kinds = explain_stream(io.BytesIO(json.dumps(batch).encode()))
    assert [(kind.explanation.code, kind.times, kind.explanation.line) for kind in kinds] == [
        ("invalid_json_line", 2, 3),
        ("duplicate_custom_id", 1, 5),
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    broken = {"messages": [{"role": "user", "content": "a"}, {"content": "b"}], "id": 1}
    path.write_bytes(GOOD + line_of(broken) + GOOD)
    return path


def test_the_line_is_looked_up_with_its_findings(data: Path):
    found = look_up(explain_error(None, report(ROLE.replace("7", "2"))), str(data), Settings())
    assert found is not None
    assert (found.line, found.exists, found.value) == (2, True, "an object of 1 key")
    assert [(finding["rule"], finding["pointer"]) for finding in found.findings][:2] == [
        ("missing-role", "/messages/1"),
        ("extra-key", "/id"),
    ]


def test_a_line_that_is_not_there(data: Path):
    found = look_up(explain_error(None, report(ROLE)), str(data), Settings())
    assert found is not None
    assert not found.exists
    assert look_up(explain_error(429), str(data), Settings()) is None
    with pytest.raises(UserError):
        look_up(explain_error(None, ROLE), str(data.parent / "missing.jsonl"), Settings())


def run(capsysbinary: Any, *args: str | Path) -> tuple[int, str, str]:
    from jsonl_lint.cli import run as main

    code = main([str(arg) for arg in args])
    out, err = capsysbinary.readouterr()
    return code, out.decode(), err.decode()


def test_a_name_of_a_file_cannot_disturb_what_shows_it(capsysbinary: Any, data: Path):
    strange = data.rename(data.with_name("\x1b[31m.jsonl"))
    for text in (ROLE, ROLE.replace("7", "999"), ROLE.replace("7", "1")):
        code, out, _ = run(capsysbinary, "explain", text, "--file", strange)
        assert (code, out.replace("\n", "").isprintable()) == (0, True)


def test_a_file_that_is_missing_or_empty_explains_nothing(capsysbinary: Any, tmp_path: Path):
    path = tmp_path / "errors.jsonl"
    code, out, err = run(capsysbinary, "explain", path)
    assert (code, out, err) == (2, "", f"jsonl-lint: {path}: no such file or directory\n")
    path.write_text("\n")
    code, out, err = run(capsysbinary, "explain", path)
    assert (code, out, "nothing is in it" in err) == (2, "", True)
    assert run(capsysbinary, "explain", "429")[0] == run(capsysbinary, "explain", path, "--status", "429")[0] == 0


def test_a_text_may_come_without_quotes(capsysbinary: Any):
    words = ["Error", "code:", "429", "-", "see", "train.jsonl"]
    quoted = run(capsysbinary, "explain", " ".join(words))
    assert run(capsysbinary, "explain", *words) == quoted
    assert "category  rate_limit\n" in quoted[1]
    for files in (["a.jsonl", "b.jsonl"], ["a.jsonl", "-"]):
        code, out, err = run(capsysbinary, "explain", *files)
        assert (code, out, "name one file at a time" in err) == (2, "", True)


def test_the_command_prints_every_field(capsysbinary: Any, data: Path):
    text = json.dumps(report(ROLE.replace("7", "2")))
    code, out, err = run(capsysbinary, "explain", text, "--file", data)
    assert (code, err) == (0, "")
    assert "category  validation\n" in out
    assert f"next      jsonl-lint check {data} --select missing-role\n" in out
    assert "place     line 2 /messages/1\n" in out
    assert re.search(rf"^{re.escape(str(data))}:2:\d+: JL204 missing-role /messages/1 the message", out, re.MULTILINE)


def test_the_next_check_has_the_target_that_is_named(capsysbinary: Any, data: Path):
    for words, expected in (
        ((ROLE, "--target", "nebius"), f"jsonl-lint check {data} --target nebius --select missing-role"),
        (("invalid_n_examples",), f"jsonl-lint check {data} --target openai --select too-few-records"),
        (("invalid_n_examples", "--target", "azure"), f"jsonl-lint check {data} --target azure --select too-few"),
        (("429", "--target", "azure"), f"jsonl-lint batch resume {data} RESULTS -o REST"),
    ):
        _, out, _ = run(capsysbinary, "explain", *words, "--file", data)
        assert f"next      {expected}" in out


def test_the_command_gives_the_same_fields_as_json(capsysbinary: Any, data: Path):
    code, out, _ = run(capsysbinary, "explain", ROLE, "--output-format", "json", "--file", data)
    entry = json.loads(out)
    assert code == 0
    expected = explain_error(None, ROLE).to_dict()
    assert {**expected, "next": entry["next"]} == {key: entry[key] for key in expected}
    assert entry["found"]["exists"] is False
    assert entry["others"] == []


def test_the_command_reads_an_error_file(capsysbinary: Any, tmp_path: Path):
    path = tmp_path / "errors.jsonl"
    path.write_bytes(error_line(1, "timeout") + error_line(2, "timeout") + error_line(3, "invalid_model"))
    code, out, _ = run(capsysbinary, "explain", path, "--output-format", "json")
    entry = json.loads(out)
    assert (code, entry["category"], entry["count"]) == (0, "server", 2)
    assert [other["category"] for other in entry["others"]] == ["not_found"]
    assert "2 times" in run(capsysbinary, "explain", path)[1]


def test_the_command_with_a_status(capsysbinary: Any):
    assert "category  validation" in run(capsysbinary, "explain", CREDIT, "--status", "400")[1]
    assert "category  billing" in run(capsysbinary, "explain", CREDIT)[1]


def test_results_without_an_error_have_every_key_in_json(capsysbinary: Any, tmp_path: Path):
    results = tmp_path / "results.jsonl"
    shown = []
    for line in (line_of({"custom_id": "x", "response": {"status_code": 200}}), error_line(1, "timeout")):
        results.write_bytes(line)
        shown.append(json.loads(run(capsysbinary, "explain", results, "--output-format", "json")[1]))
    assert shown[0].keys() == shown[1].keys()
    assert (shown[0]["count"], shown[1]["count"]) == (0, 1)


def test_an_input_that_breaks_off_is_named(capsysbinary: Any, data: Path, monkeypatch: pytest.MonkeyPatch):
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("jsonl_lint.cli.explain.open_file", lambda _: (Broken(), None))
    assert run(capsysbinary, "explain", data) == (2, "", f"jsonl-lint: {data}: input/output error\n")


def test_wrong_use(capsysbinary: Any, data: Path):
    for args in (
        ["explain", ""],
        ["explain"],
        ["explain", ROLE, "--file", "nowhere"],
        ["explain", "1", "--target", "x"],
    ):
        code, out, err = run(capsysbinary, *args, *(["--file", data] if "--target" in args else []))
        assert (code, out) == (2, "")
        assert err.count("\n") == 1


# --- hostile input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 2_000_000,
        b'{"error":' * 300_000,
        b'{"error": {"message": "' + b"x" * 3_000_000,
        b"\xff\xfe\x00" * 100_000,
        b"'message': '" * 100_000,
        b"A" * 200_000 + b"a" * 200_000 + b"_",
        b"messages[" * 100_000,
        b"[1]" * 200_000,
        b"\x1b[31m\x00\r\n" * 1000,
        json.dumps([{"code": f"c_{number}"} for number in range(50_000)]).encode(),
        json.dumps({f"key_{number}": number for number in range(100_000)}).encode(),
        b'{"status": NaN, "code": 1e999}',
        b'{"line": 99999999999999999999999, "status": -4, "code": true, "error": [[], {}, null]}',
        b'{"custom_id": "a"}\n' + b"\xff\n{]\n" * 1000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_hostile_text_is_explained(text: bytes):
    for kind in explain_stream(io.BytesIO(text)):
        found = kind.explanation
        assert found.category in CATEGORIES
        assert found.message.isprintable()
        assert len(json.dumps(found.to_dict())) < 6_000
    assert explain_error(None, text).category in CATEGORIES


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["429", "INVALID_FORMAT"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "message", "code", "status", "line", "loc", "errors", "type"]), inner
        )
    ),
    max_leaves=12,
)


@given(status=st.none() | st.integers() | st.text(max_size=4), body=json_values | st.binary(max_size=200) | st.text())
def test_anything_is_explained(status: Any, body: Any):
    found = explain_error(status, body)
    assert found.category in CATEGORIES
    assert found.code
    assert found.next
    assert found.message.isprintable()
