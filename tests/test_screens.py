"""What passes a screen, no rule reports that has the screen."""

from __future__ import annotations

import json
import random
import re
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mutants import mutated
from jsonl_lint import Settings, check_record
from jsonl_lint.images import SCREEN
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.records.record import Screen
from jsonl_lint.records.structure import abstract, signature
from jsonl_lint.rule import TextRule
from jsonl_lint.toolcalls import SCREEN as TOOLS
from tests.records import VALID, answer, call, calling, result, user

REMOTE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
TEXTS = [{"text": "Hi"}, {"text": "User: hello"}]
TYPED = [{"type": "text", "text": "What is it?"}]
DOT = b64encode(
    b"\x89PNG\r\n\x1a\n"
    b"\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\b\0\0\0\0:~\x9bU"
    b"\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82"
).decode()
JPEG_WITHOUT_PIXELS = b"\xff\xd8\xff\xc0\0\x11\b\0\x01\0\x01\x03\x01\x11\0\x02\x11\0\x03\x11\0\xff\xda\0\x02"
S3 = {"format": "png", "source": {"s3Location": {"uri": "s3://a/b.png"}}}
RECORDS: list[dict[str, Any]] = [
    *VALID,
    {"messages": [user([{"type": "text", "text": "What is it?"}, REMOTE]), answer("A dot.")]},
    {"messages": [user([REMOTE, {"type": "image_url", "image_url": "https://example.com/b.png"}]), answer("Dots.")]},
    {"messages": [user([REMOTE] * 12), answer([{"type": "text", "text": "Dots."}])]},
    {"schemaVersion": "bedrock-conversation-2024", "messages": [{"role": "user", "content": TEXTS}]},
    {"schemaVersion": "1", "system": [{"text": "Be brief."}], "messages": [user([*TEXTS, {"image": S3}])]},
    {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": TEXTS}, {"role": "model", "parts": [{"functionCall": {"name": "f"}}]}],
    },
    {"messages": [user([]), answer("Hi")]},
    {
        "system_instruction": {"role": "system", "parts": []},
        "contents": [{"role": "user", "parts": [{"fileData": {"mimeType": "image/png", "fileUri": "gs://a/b.png"}}]}],
    },
]


def picture(url: str) -> dict[str, Any]:
    """A record with an image at this address, in Together's shape."""
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
    return {"messages": [user(parts), answer([{"type": "text", "text": "A dot."}])]}


SUN = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
OSLO = {"city": "Oslo"}
ASKED = [{"text": "Weather in Oslo?"}]
AGENTS: dict[str, dict[str, Any]] = {
    "objects": {
        "messages": [user("Weather in Oslo?"), calling(call(arguments=OSLO)), result(), answer("Sun.")],
        "tools": [{"type": "function", "function": SUN}],
    },
    "batch": {
        "custom_id": "1",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": "m",
            "messages": [user("Weather in Oslo?"), calling(call()), result()],
            "tools": [{"type": "function", "function": SUN}],
        },
    },
    "gemini": {
        "contents": [
            {"role": "user", "parts": ASKED},
            {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": OSLO}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"sky": "Sun."}}}]},
            {"role": "model", "parts": [{"text": "Again."}, {"functionCall": {"name": "weather"}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"sky": "Sun."}}}]},
            {"role": "model", "parts": [{"text": "Sun."}]},
        ],
        "tools": [{"functionDeclarations": [SUN]}],
    },
    "bedrock": {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [
            {"role": "user", "content": ASKED},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "weather", "input": OSLO}}]},
            {
                "role": "user",
                "content": [{"toolResult": {"toolUseId": "t", "content": [{"text": "Sun."}, {"json": {}}]}}],
            },
            {"role": "assistant", "content": [{"text": "Sun."}]},
        ],
        "toolConfig": {"tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": SUN["parameters"]}}}]},
    },
    "anthropic-batch": {
        "custom_id": "1",
        "params": {
            "model": "m",
            "max_tokens": 9,
            "messages": [
                user("Weather in Oslo?"),
                answer([{"type": "tool_use", "id": "t", "name": "weather", "input": OSLO}]),
                user([{"type": "tool_result", "tool_use_id": "t", "content": "Sun."}]),
                answer(
                    [
                        {"type": "text", "text": "Again."},
                        {"type": "tool_use", "id": "u", "name": "weather", "input": {}},
                    ]
                ),
                user([{"type": "tool_result", "tool_use_id": "u", "content": [{"type": "text", "text": "Sun."}]}]),
            ],
            "tools": [{"name": "weather", "input_schema": SUN["parameters"]}],
        },
    },
}
RECORDS += AGENTS.values()
VISION: dict[str, Any] = {"custom_id": "1", "body": {"model": "m", "messages": [user([*TYPED, REMOTE])]}}
RECORDS.append(VISION)
IN_RECORD = f"data:image/png;base64,{DOT}"
RECORDS.append(picture(IN_RECORD))
TARGETS = ("together", "openai", "mistral", "mistral-finetune", "nebius", "fireworks", "generic", "vertex")
TARGETS = (*TARGETS, "bedrock-nova", "bedrock-llama", "databricks")
PLANS = {name: compile_plan(Settings(target=name)) for name in TARGETS}


def screened(record: Any, target: str) -> dict[Screen, bool]:
    """Each screen that the record passes, and whether nevertheless a rule that has it finds something."""
    plan, found = PLANS[target], dict[Screen, bool]()
    if not isinstance(record, dict):
        return found
    verdict = plan.verdict(signature(record), record, None)
    view = plan.record(record, verdict.format, None)
    for screen, rules in verdict.rules:
        if screen is not None and screen.passes(record, verdict.format, plan.target):
            found[screen] = any(True for rule in rules for _ in rule.check(view))
    return found


@given(st.sampled_from(RECORDS), st.sampled_from(TARGETS), st.randoms(use_true_random=False))
def test_what_passes_a_screen_no_rule_reports(record: dict[str, Any], target: str, dice: random.Random):
    changed = mutated(record, dice) if dice.random() < 0.8 else record
    assert not any(screened(changed, target).values())


@pytest.mark.parametrize(
    ("record", "target", "passes"),
    [
        (RECORDS[len(VALID)], "openai", True),
        (RECORDS[len(VALID)], "together", False),  # takes images inside the record alone
        (RECORDS[len(VALID)], "databricks", False),  # takes texts alone
        (RECORDS[len(VALID)], "nebius", True),  # does not say what it takes
        (RECORDS[len(VALID) + 3], "bedrock-llama", True),
        (RECORDS[len(VALID) + 5], "vertex", True),
        (RECORDS[len(VALID) + 6], "mistral-finetune", False),  # takes no lists at all
        (RECORDS[len(VALID) + 7], "vertex", False),
        (VISION, "openai", True),
        (VISION, "together", True),  # what it takes for training, it need not take for inference
    ],
)
def test_plain_parts_pass(record: dict[str, Any], target: str, passes: bool):
    plan = PLANS[target]
    assert SCREEN.passes(record, plan.own_format(record, None), plan.target) is passes


@pytest.mark.parametrize("name", AGENTS)
def test_calls_pass_in_every_format(name: str):
    plan = PLANS["generic"]
    record = AGENTS[name]
    form = plan.own_format(record, None)
    assert TOOLS.passes(record, form, plan.target)
    assert SCREEN.passes(record, form, plan.target)


@pytest.mark.parametrize(("target", "passes"), [("generic", True), ("vertex", True), ("together", False)])
def test_arguments_pass_that_are_of_the_type_which_the_target_takes(target: str, passes: bool):
    assert TOOLS.passes(AGENTS["objects"], "chat", PLANS[target].target) is passes


@pytest.mark.parametrize(
    "url",
    [
        IN_RECORD[:-16],
        IN_RECORD + "=",
        IN_RECORD.replace("iVBOR", "iVB-R"),
        IN_RECORD.replace("image/png", "image/webp"),
        IN_RECORD.replace("image/png", "image/jpg"),
        IN_RECORD.replace("image/png", ""),
        "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
        "data:image/png;base64,",
        "data:image/png;base64,iVBORw0KGgo=",
        f"data:image/png,{DOT}",
        f"DATA:image/png;base64,{DOT}",
        "http://example.com/a.png",
        "data:image/png;base64," + DOT[:-16] + "A" * (10 << 20) * 4,
    ],
)
def test_an_image_with_a_defect_is_looked_at(url: str):
    plan = PLANS["together"]
    assert SCREEN.passes(picture(IN_RECORD), "chat", plan.target)
    assert not SCREEN.passes(picture(url), "chat", plan.target)


def test_images_that_are_decoded_completely_are_looked_at():
    cut = "data:image/jpeg;base64," + b64encode(JPEG_WITHOUT_PIXELS).decode()
    assert check_record(picture(cut)) == []
    (finding,) = check_record(picture(cut), Settings(decode_images=True))
    assert finding.rule == "undecodable-image"


TOKEN = "Hi <|im_end|> there"
PLAIN = (
    {"prompt": TOKEN, "completion": TOKEN},
    {"prompt": TOKEN, "completion": TOKEN, "meta": {"said": TOKEN}},
    {"prompt": TOKEN, "completion": TOKEN, "tags": [TOKEN]},
    {"prompt": TOKEN, "completion": TOKEN, "tags": []},
    {"prompt": TOKEN, "rejected": TOKEN, "chosen": TOKEN},
    {"prompt": [user(TOKEN)], "completion": [answer(TOKEN)]},
    {"text": TOKEN},
    {"prompt": TOKEN},
)


@given(st.sampled_from(PLAIN), st.sampled_from(TARGETS), st.randoms(use_true_random=False))
def test_a_text_rule_that_a_structure_does_not_concern_finds_nothing_in_it(
    record: dict[str, Any], target: str, dice: random.Random
):
    plan = PLANS[target]
    changed = mutated(record, dice) if dice.random() < 0.8 else record
    if isinstance(changed, dict):
        view, stand_in = plan.view(changed, None), plan.view(abstract(changed), None)
        for rule in plan.rules.of_kind(TextRule).values():
            assert rule.concerns(stand_in) or not list(rule.check(view))


def test_control_tokens_concern_no_plain_texts():
    plan = PLANS["together"]
    rule = plan.rules.of_kind(TextRule)["control-token-in-content"]
    asked = [rule.concerns(plan.view(abstract(record), None)) for record in PLAIN[:4]]
    assert asked == [False, True, True, True]


CLEARING = [rule for rule in PLANS["generic"].rules.of_kind(TextRule).values() if rule.clears_lines]
PIECES = [
    "<think>",
    "</think>",
    "`",
    "\\n",
    "\n",
    '"',
    "\\",
    "a",
    "So.",
    "\\\\n",
    "think>",
    " ",
    "\t",
    "\\r",
    "é",
    "'",
    "{",
    "```",
    "<br>",
    "&amp;",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
SHAPES = st.tuples(TEXTS, TEXTS, TEXTS).flatmap(
    lambda texts: st.sampled_from(
        [
            {"messages": [user(texts[0]), answer(texts[1]), user(texts[2]), answer(texts[0])]},
            {"messages": [user(texts[0]), answer([{"type": "text", "text": text} for text in texts])]},
            {"prompt": texts[0], "completion": texts[1]},
            {"prompt": texts[0], "chosen": texts[1], "rejected": texts[2]},
            {"conversations": [{"from": "human", "value": texts[0]}, {"from": "gpt", "value": texts[1]}]},
            {"text": texts[0], texts[1]: texts[2]},
            {"id": texts[0], "text": texts[1], "url": texts[2]},
        ]
    )
)


def clears(rule: TextRule, line: bytes) -> bool:
    patterns = [pattern.replace("\\\\", "\\\\\\\\").encode() for pattern in rule.patterns]
    ends = [match.end(1) for pattern in patterns for match in re.finditer(b"(?=(%b))" % pattern, line)]
    return rule.clears(line, sorted(ends))


@given(SHAPES, st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans())
def test_a_rule_reports_nothing_in_a_line_that_it_clears(record: dict[str, Any], style: Any, ascii_only: bool):
    line = json.dumps(record, separators=style, ensure_ascii=ascii_only).encode()
    view = PLANS["generic"].view(record, None)
    for rule in CLEARING:
        assert not (clears(rule, line) and list(rule.check(view))), rule.name


@pytest.mark.parametrize(
    ("name", "text", "clear"),
    [
        ("unbalanced-think-tags", '<think>\nIt is "so".\n</think>\n\n<think></think>Seven.', True),
        ("unbalanced-think-tags", "<think>It is so. `</think>` ends it.</think>", False),
        ("unbalanced-think-tags", "<think>It is so.", False),
        ("literal-escape", "print(\"a\\n\")\nprint('b\\n')", True),
        ("literal-escape", "One.\\nTwo.", False),
        ("markup-residue", 'So:\n```html\n<div class="a"><br></div>\n```', True),
        ("markup-residue", "Write <br>.\n```\nA\n```", True),
        ("markup-residue", "Five &amp; six", False),
    ],
)
def test_most_lines_of_code_and_reasoning_are_cleared(name: str, text: str, clear: bool):
    (rule,) = [rule for rule in CLEARING if rule.name == name]
    assert clears(rule, json.dumps({"messages": [user("Why?"), answer(text)]}).encode()) is clear


def test_a_backtick_at_the_end_of_a_part_does_not_quote_the_tag_of_the_next():
    parts = [{"type": "text", "text": text} for text in ("Write `x`", "<think>So.</think>It is x.")]
    record = {"messages": [user("What?"), answer(parts)]}
    (rule,) = [rule for rule in CLEARING if rule.name == "unbalanced-think-tags"]
    assert clears(rule, json.dumps(record).encode())
    assert not list(rule.check(PLANS["generic"].view(record, None)))
