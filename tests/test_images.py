"""Rules about images and other parts: real images, damaged ones, and any value in their place."""

import base64
import io
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from jsonl_lint import Settings, UserError, check_file, check_record, compile_plan
from jsonl_lint.images.encoded import MAX_SEGMENTS, PIECE, Base64
from tests.conftest import resolve, takes_linear_time, target_with


def picture(kind, size=(3, 2), **options):
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind, **options)
    return file.getvalue()


PNG, JPEG, GIF, WEBP = (picture(kind) for kind in ("PNG", "JPEG", "GIF", "WEBP"))


def url(raw, media_type="image/png"):
    return f"data:{media_type};base64,{base64.b64encode(raw).decode()}"


def data(raw, media_type="image/png"):
    start = len(f"data:{media_type};base64,")
    return Base64(url(raw, media_type), start, media_type)


def part(address):
    return {"type": "image_url", "image_url": {"url": address}}


TEXT = {"type": "text", "text": "What is this?"}
ANSWER = {"role": "assistant", "content": [{"type": "text", "text": "A square."}]}


def chat(*parts, **keys):
    return {"messages": [{"role": "user", "content": list(parts), **keys}, ANSWER]}


def rules(record, **settings):
    return sorted({f.rule for f in check_record(record, Settings(**settings)) if f.code.startswith("JL4")})


# Cases tried with the checks of Together (see `test_together_cases.py`), by their numbers: those about images.
CASES = {
    71: (chat(TEXT, part("http://example.com/a.png")), ["unsupported-image-url"]),
    72: (chat(TEXT, part(url(GIF, "image/gif"))), ["unsupported-image-type"]),
    73: (chat(TEXT, part(url(JPEG, "image/jpg"))), ["image-jpg-alias"]),
    74: (chat(*[part(url(PNG))] * 11), ["too-many-images"]),
    75: (chat(part(url(PNG + bytes(10 * 1024 * 1024)))), ["image-too-large"]),
    76: (
        {"messages": [{"role": "user", "content": [TEXT]}, {"role": "assistant", "content": [part(url(PNG))]}]},
        ["image-on-wrong-role"],
    ),
    77: (
        {"messages": [{"role": "user", "content": [TEXT]}, {"role": "assistant", "content": "Yes."}]},
        ["mixed-content-shapes"],
    ),
    78: (chat(TEXT, part("data:image/png;base64,!!!notb64")), ["invalid-base64"]),
    79: (chat(TEXT, part(url(PNG)), weight=1), ["trained-image-message"]),
}


@pytest.mark.parametrize(
    ("named", "raw", "advice"),
    [
        ("image/PNG", PNG, "Write image/png."),
        ("image/gif", PNG, "Write image/png."),
        ("image/JPEG", PNG, "Write image/png."),
        ("image/gif", GIF, "Convert the image to a type that the target takes."),
        ("image/svg+xml", b"<svg/>", "Convert the image to a type that the target takes."),
    ],
)
def test_a_type_that_is_only_called_wrong_needs_no_other_image(named, raw, advice):
    (found,) = check_record(chat(TEXT, part(url(raw, named))), Settings(select=("unsupported-image-type",)))
    assert found.help == advice


def test_weights_of_many_messages_with_images_take_linear_time():
    settings = Settings(select=("weight-on-non-assistant",), max_findings=1)

    def check(count: int) -> None:
        user = {"role": "user", "content": [part(url(PNG))], "weight": "1"}
        assert check_record({"messages": [user] * count + [{"role": "assistant", "content": "Yes."}]}, settings)

    assert takes_linear_time(check, 2_000)


def test_the_weight_of_a_message_with_an_image_is_reported_once():
    record = chat(TEXT, part(url(PNG)), weight=1)
    assert [finding.rule for finding in check_record(record)] == ["trained-image-message"]
    assert check_record(chat(TEXT, part(url(PNG)), weight=0)) == []
    assert [finding.rule for finding in check_record(chat(TEXT, weight=1))] == ["weight-on-non-assistant"]
    assert [finding.rule for finding in check_record(record, Settings(target="openai"))] == ["weight-on-non-assistant"]


@pytest.mark.parametrize("keys", [("image", "document", "video"), ("video", "document", "image")])
@pytest.mark.parametrize("within", [False, True], ids=["part", "result"])
def test_what_is_wrong_in_a_part_is_found_in_its_order(tmp_path: Path, keys: tuple[str, ...], within: bool):
    """Only the first findings are shown, so each run has to make them in the same order."""
    part = dict.fromkeys(keys, "x") if within else {key: {} for key in keys}
    content = [{"toolResult": {"toolUseId": "a", "content": [part]}}] if within else [part]
    path = tmp_path / "data.jsonl"
    record = {"schemaVersion": "bedrock-conversation-2024", "messages": [{"role": "user", "content": content}]}
    path.write_text(json.dumps(record) + "\n")
    settings = Settings(target="bedrock-nova", max_findings=1, select=("invalid-content-part",))
    (finding,) = check_file(path, settings).findings
    assert keys[0] in finding.pointer.split("/")


def test_an_image_url_that_is_null_is_not_said_to_be_missing():
    (found,) = check_record(chat(TEXT, {"type": "image_url", "image_url": None}))
    assert found.pointer == "/messages/0/content/1/image_url"
    assert found.message == "`image_url` is null; it must be an object with a `url`"


@pytest.mark.parametrize("number", CASES)
def test_tried_cases_of_images(number):
    record, wanted = CASES[number]
    assert rules(record) == wanted
    severities = {finding.severity.value for finding in check_record(record) if finding.rule in wanted}
    assert severities == {"error"}


def test_the_largest_image_is_the_clients():
    """The client of 2.14.0 compares the length of the data URL with `23 + 4 * 10 MiB // 3` characters."""
    longest = 23 + 4 * 10 * 1024 * 1024 // 3
    for size, refused in ((10 * 1024 * 1024 - 1, False), (10 * 1024 * 1024, True)):
        for media_type in ("image/png", "image/jpeg", "image/webp"):
            address = f"data:{media_type};base64," + "A" * (-(-size // 3) * 4 - (-size % 3)) + "=" * (-size % 3)
            assert (len(address) > longest) is refused
            assert ("image-too-large" in rules(chat(part(address)))) is refused


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (640, 2), (300, 500)])
def test_headers_are_read_as_pillow_reads_them(kind, size):
    image = data(picture(kind, size))
    assert image.problem is None
    assert image.kind == f"image/{kind.lower()}"
    assert image.pixels == size


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"progressive": True}), ("WEBP", {"lossless": True}), ("WEBP", {"exif": b"Exif\0\0II*\0" + bytes(9)})],
)
def test_other_kinds_of_headers(kind, options):
    assert data(picture(kind, (37, 21), **options)).pixels == (37, 21)


def test_a_jpeg_may_hold_much_before_its_size():
    comment = b"\xff\xfe\xff\xff" + bytes(65533)
    raw = JPEG[:2] + comment * 5 + JPEG[2:]
    assert data(raw).pixels == (3, 2)
    endless = JPEG[:2] + b"\xff\xfe\x00\x02" * (MAX_SEGMENTS + 1) + JPEG[2:]
    assert data(endless).pixels is None


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 40))
def test_any_bytes_are_read_as_they_are(raw, offset, size):
    image = data(raw)
    assert image.size == len(raw)
    assert image.problem is None or not raw
    assert image.read(offset, size) == raw[offset : offset + size]


@given(st.sampled_from([PNG, JPEG, GIF, WEBP]), st.integers(0, 700), st.binary(max_size=30))
def test_damaged_images_never_fail(raw, at, noise):
    image = data(raw[:at] + noise + raw[at + len(noise) :])
    assert image.pixels is None or min(image.pixels) > 0
    assert data(raw[:at]).pixels in (None, (3, 2))


ALPHABET = st.text("AZaz09+/=-_ \né", max_size=40)


@given(ALPHABET, st.sampled_from([0, 4, PIECE - 4, PIECE, PIECE + 4]))
@example("=A", 0)
@example("====", PIECE)
def test_base64_is_what_the_standard_library_accepts(text, before):
    """In Python's strict mode: the alphabet, padding at the end alone, whole groups of four."""
    text = "A" * before + text
    stripped = text.rstrip("=")
    fine = (
        text.isascii()
        and len(text) % 4 == 0
        and len(text) - len(stripped) <= 2
        and all(character.isalnum() or character in "+/" for character in stripped)
    )
    problem = Base64(text, 0, "image/png").problem
    assert (problem is None) == (fine and bool(text))
    if problem is None:
        base64.b64decode(text, validate=True)


def test_a_large_image_is_checked_without_a_copy():
    address = url(PNG + bytes(10_000_000))
    image = Base64(address, len("data:image/png;base64,"), "image/png")
    tracemalloc.start()
    try:
        assert image.problem is None
        assert image.pixels == (3, 2)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_hostile_urls_are_short_work():
    for address in (
        "data:" + "a" * 5_000_000,
        "data:" + ";" * 1_000_000 + ",",
        "data:image/png;base64," + "=" * 5_000_000,
        "data:image/png;base64," + "\u00e9" * 1_000_000,
        "x" * 5_000_000,
        "a+" * 1_000_000 + ":",
        url(JPEG[:2] + b"\xff" * 5_000_000, "image/jpeg"),
    ):
        findings = check_record(chat(part(address)), Settings(select=("JL4",)))
        assert findings
        assert all(len(finding.message) < 300 for finding in findings)


def test_targets_take_images_in_different_ways(tmp_path):
    remote, plain = chat(part("https://example.com/a.png")), chat({"type": "image_url", "image_url": url(PNG)})
    assert rules(remote, **target_with(tmp_path, image_sources=["data", "https"])) == []
    assert rules(plain) == ["invalid-content-part"]
    assert rules(plain, **target_with(tmp_path, image_url_shape="string")) == []
    assert rules(chat(part(url(PNG))), **target_with(tmp_path, image_url_shape="string")) == ["invalid-content-part"]
    assert rules(chat(part(url(GIF, "image/gif"))), **target_with(tmp_path, image_types=["image/gif"])) == []
    assert rules(CASES[77][0], target="openai") == []
    assert rules(CASES[79][0], target="openai") == []
    assert rules(CASES[76][0], **target_with(tmp_path, image_roles=None)) == []


@pytest.mark.parametrize("address", [url(PNG), "https://example.com/a.png"])
def test_openai_takes_three_details_of_an_image(address):
    def details(detail, target="openai"):
        return rules(chat({"type": "image_url", "image_url": {"url": address, "detail": detail}}), target=target)

    assert all(details(detail) == [] for detail in ("low", "high", "auto", None))
    assert all(details(detail) == ["invalid-content-part"] for detail in ("max", "medium", 1, ["low"]))
    assert details("max", "azure") == []
    [finding] = check_record(
        chat(TEXT, {"type": "image_url", "image_url": {"url": address, "detail": "max"}}), Settings(target="openai")
    )
    assert finding.pointer == "/messages/0/content/1/image_url/detail"
    assert finding.message == '`detail` is "max"; the target takes low, high and auto'


def test_batch_requests_may_hold_what_training_may_not():
    message = {"role": "user", "content": [TEXT, part("https://example.com/a.gif"), {"type": "video_url"}]}
    record = {"custom_id": "1", "body": {"model": "m", "messages": [message, {"role": "assistant", "content": "A."}]}}
    assert rules(record) == []


def test_images_are_decoded_as_a_whole_only_on_request():
    torn = chat(part(url(picture("JPEG", (200, 200))[:700], "image/jpeg")))
    assert rules(torn) == []
    assert rules(torn, decode_images=True) == ["undecodable-image"]
    for raw, media_type in ((PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")):
        assert rules(chat(part(url(raw, media_type))), decode_images=True) == []


def test_what_pillow_does_not_take_for_an_image_gets_the_same_message_in_each_run():
    record = chat(part(url(b"GIF89a\x01\0\x01\0\0\0\0,", "image/gif")))
    [finding] = check_record(record, Settings(select=("undecodable-image",), decode_images=True))
    assert finding.message == "the image/gif cannot be decoded: its header is damaged"


def test_a_decompression_bomb_is_not_unpacked():
    """A header of 60,000 times 60,000 pixels: ten gigabytes, once decoded."""
    bomb = PNG[:16] + (60_000).to_bytes(4, "big") * 2 + PNG[24:]
    assert rules(chat(part(url(bomb))), decode_images=True) == []


def test_decoding_without_pillow_is_one_clear_error(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match="Pillow"):
        compile_plan(Settings(decode_images=True))


def test_pillow_is_imported_only_on_request(tmp_path):
    file = tmp_path / "data.jsonl"
    file.write_text(json.dumps(chat(part(url(PNG)))) + "\n")
    program = (
        "import sys; from jsonl_lint import check_paths; check_paths([sys.argv[1]]);"
        "print([name for name in ('PIL', 'jsonschema_rs', 'jsonschema') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([url(PNG), "data:,", "text"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "image_url", "url"]) | st.text(max_size=3),
            inner | st.sampled_from(["text", "image_url", url(JPEG, "image/jpg")]),
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.sampled_from(["content", "part", "image_url", "url"]), JSON, st.sampled_from(["chat", "batch", "preference"]))
@example("part", {"type": "image_url", "image_url": {"url": 5}}, "preference")
def test_any_value_in_the_place_of_images(place, value, form):
    image = {"type": "image_url", "image_url": value if place == "image_url" else {"url": value}}
    content = value if place == "content" else [TEXT, value if place == "part" else image]
    messages = [{"role": "user", "content": content}, ANSWER]
    record = {
        "chat": {"messages": messages},
        "batch": {"custom_id": "1", "body": {"model": "m", "messages": messages}},
        "preference": {
            "input": {"messages": messages[:1]},
            "preferred_output": messages[1:],
            "non_preferred_output": [{"role": "assistant", "content": content}],
        },
    }[form]
    for finding in check_record(record, Settings(max_findings=0, decode_images=True)):
        assert finding.message
        resolve(record, finding.pointer)


@given(JSON, JSON)
def test_any_value_in_the_place_of_prompt_and_completion(prompt, completion):
    record = {"prompt": prompt, "completion": completion}
    for finding in check_record(record, Settings(max_findings=0)):
        resolve(record, finding.pointer)


def test_a_png_that_is_cut_off_cannot_be_decoded():
    whole = picture("PNG", (200, 200))
    for raw in (whole, whole + b"more bytes", whole[:33], whole[:33] + bytes(100_000)):  # chunks that nobody knows
        assert rules(chat(part(url(raw)))) == []
    for size in (35, 40, 100, len(whole) - 13, len(whole) - 7):
        assert rules(chat(part(url(whole[:size])))) == ["undecodable-image"]


def test_a_document_is_no_image_of_another_type():
    assert rules(chat(part(url(b"%PDF-1.7\n1 0 obj")))) == ["undecodable-image"]


@pytest.mark.parametrize(
    ("more", "after", "words"),
    [
        (b"", "\n", r'character 105 of the data is "\n"'),
        (b"a", "\n", r'character 109 of the data is "\n"'),
        (b"ab", "=", "its length, 109, is not a multiple of 4"),
        (b"", "A", "the last character stands alone"),
    ],
)
def test_what_is_wrong_with_base64_is_really_there(more, after, words):
    text = base64.b64encode(PNG + more).decode() + after
    (finding,) = check_record(chat(part(f"data:image/png;base64,{text}")))
    assert finding.rule == "invalid-base64"
    assert words in finding.message


def test_an_image_without_data_is_said_to_have_none():
    """Whether its base64 stands after the comma of a data URL, or by itself."""
    inline = {"contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": ""}}]}]}
    for record in (chat(part("data:image/png;base64,")), inline):
        found = [each for each in check_record(record, Settings(target="generic")) if each.rule == "invalid-base64"]
        assert [each.message for each in found] == ["the image is not base64: there is no data"]


def test_the_types_that_a_target_takes_are_listed():
    part = {"type": "image", "image": "a.png"}
    (finding,) = check_record(
        {"messages": [{"role": "user", "content": [part]}, {"role": "assistant", "content": "Ho"}]},
        Settings(target="openai", select=("invalid-content-part",)),
    )
    assert finding.message == 'the type is "image"; the target takes text, image_url and refusal'


@pytest.mark.parametrize("key", ["prompt", "chosen", "rejected"])
def test_parts_in_the_conversations_of_a_pair_are_judged(key):
    roles = {"prompt": "user", "chosen": "assistant", "rejected": "assistant"}
    record = {name: [{"role": role, "content": name}] for name, role in roles.items()}
    settings = Settings(target="fireworks", format="chosen-rejected")
    assert check_record(record, settings) == []
    record[key][-1]["content"] = [{"type": "image_url", "image_url": {"url": "ftp://a/b.png"}}, {"type": "txt"}]
    assert {(found.rule, found.pointer) for found in check_record(record, settings)} >= {
        ("unsupported-image-url", f"/{key}/0/content/0/image_url/url"),
        ("invalid-content-part", f"/{key}/0/content/1/type"),
    }


@pytest.mark.parametrize("form", ["instruction", "kto"])
@pytest.mark.parametrize(
    ("message", "rule", "place"),
    [
        ({"content": "Hi"}, "missing-role", "/prompt/1"),
        ("Hi", "message-not-object", "/prompt/1"),
        ({"role": "narrator", "content": "Hi"}, "unknown-role", "/prompt/1/role"),
        ({"role": "user"}, "missing-content", "/prompt/1"),
        ({"role": "user", "content": ["Hi"]}, "invalid-content-part", "/prompt/1/content/0"),
        ({"role": "user", "content": [part("data:image/png;base64,#")]}, "invalid-base64", None),
    ],
)
def test_messages_of_a_prompt_are_judged_as_messages(form, message, rule, place):
    """One defect is one finding, and the messages beside it are not taken for parts."""
    record = {"prompt": [{"role": "system", "content": "Be kind."}, message], "completion": [ANSWER]}
    if form == "kto":
        record["label"] = True
    (finding,) = check_record(record, Settings(target="generic"))
    assert finding.rule == rule
    assert finding.pointer == (place or "/prompt/1/content/0/image_url/url")
    record["prompt"][1] = {"role": "user", "content": [TEXT]}
    assert check_record(record, Settings(target="generic")) == []


def test_where_a_prompt_is_made_of_parts_messages_are_none():
    record = {"prompt": [{"role": "narrator", "content": "Hi"}], "completion": [TEXT]}
    assert [finding.rule for finding in check_record(record)] == ["invalid-content-part"]


@pytest.mark.parametrize(("target", "places"), [("together", ["/prompt", "/completion"]), ("generic", [])])
def test_conversations_as_prompt_and_completion_are_named_once_and_convertible(target, places):
    record = {"prompt": chat(TEXT)["messages"], "completion": [{"role": "assistant", "content": "Hello."}]}
    found = check_record(record, Settings(target=target, select=("invalid-content-part",)))
    assert [finding.pointer for finding in found] == places
    assert all("--to chat" in finding.help for finding in found)


@pytest.mark.parametrize("texts", [{"prompt": "Hi"}, {"completion": "Hello."}])
def test_a_text_beside_a_conversation_is_not_made_a_part(texts):
    record = {"prompt": chat(TEXT)["messages"][:1], "completion": [{"role": "assistant", "content": "Hello."}], **texts}
    assert {finding.rule for finding in check_record(record)} == {"invalid-content-part"}


@pytest.mark.parametrize(
    ("target", "part", "expected"),
    [
        ("together", {"type": "video"}, 'Write {"type": "text", "text": …} or {"type": "image_url", "image_url": {"ur'),
        ("mistral", {"type": "image_url", "image_url": {"url": "x"}}, 'Write {"type": "text", "text": …} or {"type": '),
        ("mistral", {"type": "video"}, 'Write {"type": "text", "text": …} or {"type": "image_url", "image_url": …}.'),
        ("databricks", {"type": "image_url", "image_url": {"url": "x"}}, 'Write {"type": "text", "text": …}.'),
        ("databricks", {"type": "text"}, 'Write {"type": "text", "text": …}.'),
    ],
)
def test_the_parts_that_are_advised_are_those_of_the_target(target: str, part: dict[str, Any], expected: str):
    answer = {"role": "assistant", "content": "A square."}
    record = {"messages": [{"role": "user", "content": [part]}, answer]}
    found = check_record(record, Settings(target=target, select=("invalid-content-part",)))
    assert [finding.help.startswith(expected) for finding in found] == [True]
