"""JL401."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint import images
from jsonl_lint.model import Applicability, Pointer, Severity
from jsonl_lint.records.formats import is_message
from jsonl_lint.records.untyped import GEMINI_PARTS, GEMINI_SYSTEM
from jsonl_lint.rule import Record, Rename, Repair, SchemaRule, Sketch, Violation, key_meant_for, repair, shown_key
from jsonl_lint.rule.excuses import holds_nothing_known, is_misnamed_text, misnamed_text
from jsonl_lint.rules.images._base import ImageRule
from jsonl_lint.rules.images._blocks import block_problems, is_somewhere, result_problems
from jsonl_lint.wording import enumerated, excerpt


class InvalidContentPart(SchemaRule, ImageRule):
    """A content part of a message does not have the required shape.

    Parts are objects with a `type`: `{"type": "text", "text": …}` and `{"type": "image_url", "image_url": {"url": …}}`.
    Each target defines its other types: at OpenAI the assistant may refuse, in a part that stands alone. Some targets
    require the URL as a text, without the object around it, and some take no parts at all. OpenAI's images have a
    `detail` of low, high or auto, or none; images and documents of Anthropic have a `source`. Parts of Gemini and
    Bedrock have no type: their one key says what they are, and files, media, results of tools and reasoning have keys
    that they need. Gemini's preference pairs are made of texts. At Anthropic, a tool's result is a text or a list of
    parts, at Bedrock a list of texts, JSON and media.

    Fix: safe where a text stands under `value` or `content` and there is no `text`. The key is renamed.
    """

    code = "JL401"
    name = "invalid-content-part"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = 'Write {"type": "text", "text": …} or {"type": "image_url", "image_url": {"url": …}}.'
    leaves = ("extra-message-key",)  # beside a part's text; a part of which nothing is known is this one finding
    right_types = {
        "/content/*/type": "string",
        "/content/*/text": "string",
        "/content/*/image_url": "/traits/image_url_shape",
        "/parts": "array",
        "/parts/*/text": "string",
    }

    def word(self, violation: Violation) -> str:
        """Say that a part of Gemini or Bedrock, or what it holds, is no object."""
        place = violation.pointer[-1]
        return f"{'the part' if isinstance(place, int) else f'`{place}`'} is {{value}}; it must be an object"

    def advise(self, violation: Violation, value: Any) -> str:
        """Show a part of these formats."""
        place = violation.pointer[-1]
        return _UNTYPED_HELP if isinstance(place, int) else f"Write what `{place}` needs."

    def fixable(self, violation: Violation, value: Any) -> None:
        """Nobody knows what it should have been."""

    def concerns(self, record: Record) -> bool:
        """Whether any part is more than a text, or the target takes no parts; Gemini's system message."""
        if images.trait(record, "part_types") == []:
            return any(True for _ in images.contents(record))
        of_texts = images.trait(record, "text_roles") or ()
        if any([content.meaning in of_texts for content in images.contents(record)]):
            return True
        if any([key in record.value for key in GEMINI_SYSTEM]) and record.format in _NEEDED:
            return True
        plain = {"text"} if record.format in _NEEDED else {"type", "text"}
        return any(not _is_plain_text(part, plain) for content in images.contents(record) for part in content.parts)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each part that is wrong."""
        needed = _NEEDED.get(record.format or "")
        if needed is not None:
            yield from self._untyped(record, needed)
            return
        types, shape = images.trait(record, "part_types"), images.trait(record, "image_url_shape")
        of_texts, details = images.trait(record, "text_roles") or (), images.trait(record, "image_details")
        for content in images.contents(record):
            key = f"`{content.pointer[-1]}`" if record.format == "instruction" else "the content"
            if record.format == "instruction" and content.parts and all(map(is_message, content.parts)):
                words = f"{key} is a list of messages; the target takes a text there"
                yield self._by_hand(content.pointer, words, _MESSAGES_HELP["chat" in record.target.formats])
                continue
            if types == [] or content.meaning in of_texts:
                whose = "" if types == [] else f" in a {content.meaning} message"
                words = f"{key} is a list of parts; the target takes texts alone{whose}"
                yield self._by_hand(content.pointer, words, f"Write {key} as a text.")
                continue
            help = _HELP.get(record.format or "") or _help(types, shape)
            for index, part in enumerate(content.parts):
                where = (*content.pointer, index)
                for pointer, message in _problems(part, types, shape, details):
                    yield self._by_hand((*where, *pointer), message, help)
                for pointer, message in block_problems(part) if record.format == "anthropic-batch" else ():
                    yield self._by_hand((*where, *pointer), message, help)
                if _lacks_text(part, types):
                    yield self._without_text(where, part, help)
                problem = _refusal_problem(part, content) if types and "refusal" in types else ""
                if problem:
                    yield self._by_hand(where, problem, _REFUSAL_HELP)

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Rename the key of the text."""
        key = misnamed_text(record.at(sketch.pointer))
        return repair("Rename the key to `text`", Rename((*sketch.pointer, key), "text")) if key else None

    def _by_hand(self, where: Pointer, message: str, help: str = "") -> Sketch:
        return self.sketch(where, message, help, fix=None)

    def _without_text(self, where: Pointer, part: dict[str, Any], help: str = "") -> Sketch:
        """Return the finding for a part whose text is missing, or has another name."""
        meant, key = key_meant_for("text", part), misnamed_text(part)
        advice = f"Rename `{shown_key(meant)}` to `text`." if meant else help
        return self.sketch(where, "the part has no `text`", advice, fix=self.fix if key else None)

    def _untyped(self, record: Record, needed: dict[str, tuple[tuple[str, type], ...]]) -> Iterator[Sketch]:
        for content in images.contents(record):
            for index, part in enumerate(content.parts):
                where = (*content.pointer, index)
                if part == {}:
                    yield self._by_hand(where, "the part is empty", "Write the text, or delete the part.")
                elif isinstance(part, dict) and part.keys() == {"videoMetadata"}:
                    yield self._by_hand(where, "the part has `videoMetadata` but no video", _VIDEO_HELP)
                elif is_misnamed_text(part) or holds_nothing_known(part):
                    yield self._without_text(where, part, _UNTYPED_HELP)
                if isinstance(part, dict):
                    yield from self._in_untyped(record, where, part, needed)
        for key in GEMINI_SYSTEM if record.format != "bedrock" else ():
            if isinstance(record.value.get(key), dict):
                yield from self._system(key, record.value[key])

    def _in_untyped(
        self, record: Record, where: Pointer, part: dict[str, Any], needed: dict[str, tuple[tuple[str, type], ...]]
    ) -> Iterator[Sketch]:
        types = images.trait(record, "part_types")
        for key in part if types else ():
            if key in GEMINI_PARTS and key not in ("text", *types):
                words = f"the part is a `{key}`; the target takes {enumerated(types, 'and')}"
                yield self._by_hand((*where, key), words, _UNTYPED_HELP)
        for key in [key for key in part if key in needed]:
            yield from self._needs((*where, key), part[key], needed[key], f"Write what `{key}` needs.")
            if key in _STORED and not is_somewhere(part[key]):
                words = "`source` has neither `bytes` nor an `s3Location` with a `uri`"
                yield self._by_hand((*where, key, "source"), words, _STORED_HELP)
        if record.format == "bedrock":
            yield from self._thought((*where, "reasoningContent"), part.get("reasoningContent"))
            for pointer, words in result_problems(part):
                yield self._by_hand((*where, *pointer), words, _RESULT_HELP)

    def _thought(self, where: Pointer, value: Any) -> Iterator[Sketch]:
        if isinstance(value, dict) and "redactedContent" not in value:
            yield from self._needs(where, value, (("reasoningText", dict),), _THOUGHT_HELP)
            said = value.get("reasoningText")
            yield from self._needs((*where, "reasoningText"), said, (("text", str),), _THOUGHT_HELP)

    def _system(self, key: str, value: dict[str, Any]) -> Iterator[Sketch]:
        parts = value.get("parts")
        if "parts" not in value:
            yield self._by_hand((key,), f"`{key}` has no `parts`", _SYSTEM_HELP)
        elif not isinstance(parts, list) or not parts:
            words = f"`parts` is {excerpt(parts)}; it must be a list of parts"
            yield self._by_hand((key, "parts"), words, _SYSTEM_HELP)
        else:
            for index, part in enumerate(parts):
                if not isinstance(part, dict) or not isinstance(part.get("text"), str):
                    words = f"the part is {excerpt(part)}; it must hold a text"
                    yield self._by_hand((key, "parts", index), words, _SYSTEM_HELP)

    def _needs(
        self,
        where: Pointer,
        value: Any,
        needed: tuple[tuple[str, type], ...],
        help: str,
    ) -> Iterator[Sketch]:
        for key, kind in needed if isinstance(value, dict) else ():
            if key not in value:
                meant = key_meant_for(key, value)
                advice = f"Rename `{shown_key(meant)}` to `{key}`." if meant else help
                yield self._by_hand(where, f"`{where[-1]}` has no `{key}`", advice)
            elif not isinstance(value[key], kind):
                words = f"`{key}` is {excerpt(value[key])}; it must be {_KINDS[kind]}"
                yield self._by_hand((*where, key), words, help)
            elif key in _NEVER_EMPTY and not value[key].strip():
                yield self._by_hand((*where, key), f"`{key}` is empty", help)


def _help(types: list[str] | None, shape: str | None) -> str:
    """Return what the parts of a target look like, `""` if they are the usual ones."""
    if types is not None and "image_url" not in types:
        return f"Write {_TEXT_PART}."
    return f'Write {_TEXT_PART} or {{"type": "image_url", "image_url": …}}.' if shape == "string" else ""


_TEXT_PART = '{"type": "text", "text": …}'
_UNTYPED_HELP = 'Write {"text": …}.'
_VIDEO_HELP = "Put it into the part with the video."
_HELP = {"anthropic-batch": 'Write {"type": "text", "text": …} or {"type": "image", "source": {…}}.'}
_MESSAGES_HELP = (
    "Write the content of the message.",
    "Convert the file with `jsonl-lint convert FILE --to chat -o OUT`: all messages become `messages`.",
)
"""For a target without chat records, and for one that takes them."""
_REFUSAL_HELP = 'Write [{"type": "refusal", "refusal": …}] as the content of an assistant message.'
_THOUGHT_HELP = 'Write {"reasoningContent": {"reasoningText": {"text": …}}}.'
_SYSTEM_HELP = 'Write {"parts": [{"text": …}]}.'
_RESULT_HELP = 'Write {"text": …} or {"json": {…}}.'
_STORED = ("image", "video")
_STORED_HELP = 'Write {"s3Location": {"uri": "s3://…"}}.'
_KINDS: dict[type, str] = {str: "a text", dict: "an object", list: "an array"}
_MEDIUM = (("format", str), ("source", dict))
_NEEDED: dict[str, dict[str, tuple[tuple[str, type], ...]]] = {
    "gemini": {
        "fileData": (("mimeType", str), ("fileUri", str)),
        "inlineData": (("mimeType", str), ("data", str)),
        "functionResponse": (("name", str), ("response", dict)),
    },
    "gemini-preference": {},
    "bedrock": {
        "image": _MEDIUM,
        "video": _MEDIUM,
        "document": _MEDIUM,
        "toolResult": (("content", list),),
    },
}
"""What the parts of these formats need inside, with the type: the API references of Gemini and Bedrock's Converse."""

_NEVER_EMPTY = ("name", "mimeType", "fileUri")
"""Texts among these of which no other rule says that they are empty."""


def _is_plain_text(part: Any, keys: set[str]) -> bool:
    """Whether the part has these keys alone: a text, and a type that says so."""
    return (
        isinstance(part, dict)
        and part.keys() == keys
        and part.get("type", "text") == "text"
        and isinstance(part["text"], str)
    )


def _lacks_text(part: Any, types: list[str] | None) -> bool:
    """Whether the part says that it is a text, of which the target takes some, and holds none."""
    is_text = isinstance(part, dict) and part.get("type") == "text" and (types is None or "text" in types)
    return is_text and "text" not in part


def _problems(
    part: Any, types: list[str] | None, shape: str | None, details: list[str] | None
) -> Iterator[tuple[Pointer, str]]:
    if not isinstance(part, dict):
        yield (), f"the part is {excerpt(part)}; it must be an object"
        return
    kind = part.get("type")
    if "type" not in part:
        yield (), "the part has no `type`"
    elif not isinstance(kind, str) or (types is not None and kind not in types):
        wanted = f"; the target takes {enumerated(types, 'and')}" if types else "; it must be a text"
        yield ("type",), f"the type is {excerpt(kind)}{wanted}"
    elif kind == "text":
        if "text" in part and not isinstance(part["text"], str):
            yield ("text",), f"`text` is {excerpt(part['text'])}; it must be a text"
    elif kind == "image_url":
        yield from _image_problems(part, shape)
        yield from _detail_problems(part["image_url"], details) if "image_url" in part else ()


def _refusal_problem(part: Any, content: images.Content) -> str:
    """Return what is wrong with a refusal, `""` if nothing is."""
    if not isinstance(part, dict) or part.get("type") != "refusal":
        return ""
    if not isinstance(part.get("refusal"), str):
        return "the part has no text under `refusal`"
    if content.meaning not in (None, "assistant"):
        return f"a {content.meaning} message holds a refusal; only the assistant's may"
    return "" if len(content.parts) == 1 else "a refusal stands beside another part; it must be the only one"


def _detail_problems(given: Any, details: list[str] | None) -> Iterator[tuple[Pointer, str]]:
    detail = given.get("detail") if isinstance(given, dict) else None
    if details and detail is not None and detail not in details:
        yield ("image_url", "detail"), f"`detail` is {excerpt(detail)}; the target takes {enumerated(details, 'and')}"


def _image_problems(part: dict[str, Any], shape: str | None) -> Iterator[tuple[Pointer, str]]:
    given = part.get("image_url")
    if "image_url" not in part:
        yield (), "the part has no `image_url`"
    elif isinstance(given, dict) and shape != "string":
        if "url" not in given:
            yield ("image_url",), "there is no `url`"
        elif given["url"] == "":
            yield ("image_url", "url"), "`url` is empty"
        elif not isinstance(given["url"], str):
            yield ("image_url", "url"), f"`url` is {excerpt(given['url'])}; it must be a text"
    elif not isinstance(given, str) or shape == "object" or not given:
        wanted = "a text, the URL itself" if shape == "string" else "an object with a `url`"
        yield ("image_url",), f"`image_url` is {excerpt(given)}; it must be {wanted}"
