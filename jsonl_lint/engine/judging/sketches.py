"""What is wrong with a line as such, as sketches in the words of the rules that report it."""

from __future__ import annotations

from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Collection
from typing import Any

from jsonl_lint import jsonspan
from jsonl_lint.jsonspan import JsonSyntaxError, Problem
from jsonl_lint.model import Applicability
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import Sketch
from jsonl_lint.wording import excerpt, printable

_MOST_CUT_BYTES = 3
"""A character of four bytes may lack the last of them."""

BOM = "\ufeff"
BOM_INSIDE = Sketch(
    "utf8-bom",
    (),
    "the line begins with a byte order mark",
    "Delete the three bytes EF BB BF; they come from files that were joined.",
    start=0,
    end=1,
    fix=Applicability.SAFE,
)
BLANK_LINE = Sketch("blank-line", (), "the line is blank", "Delete the line.", start=0, end=0, fix=Applicability.SAFE)


def oversize_sketches(plan: Plan, line: bytes, limit: int | None) -> list[Sketch]:
    """A record over the target's own limit, its line end not counted."""
    if limit is None or len(line) <= limit:
        return []
    size = len(line) - len(line_end(line))
    if size <= limit:
        return []
    detail = f"the record has {size:,} bytes; the target takes at most {limit:,}"
    return [problem_sketch(plan, Problem("record-too-large", 0, 1, detail))]


def seems_to_hold_a_record(value: Any) -> bool:
    """Whether this is a string that begins as a record does."""
    return isinstance(value, str) and value.lstrip()[:1] == "{"


def not_an_object_sketches(plan: Plan, value: Any, *, broken: bool, holds_json: bool = False) -> list[Sketch]:
    """A record that is not an object; `broken` says whether its line is not JSON either.

    `holds_json`: it is known to be a string that holds JSON.
    """
    if holds_json or (seems_to_hold_a_record(value) and _is_json(plan, value)):
        return [problem_sketch(plan, Problem("double-encoded-record", -1, -1, "broken" if broken else ""))]
    shown = excerpt(value)
    return [
        Sketch(sketch.rule, (), sketch.message.replace("{value}", shown), sketch.help)
        for sketch in plan.not_an_object()
    ]


def problem_sketch(plan: Plan, problem: Problem, text: str = "") -> Sketch:
    """A problem of the parser or reader, in its rule's words."""
    rule = plan.by_kind.line[problem.kind]
    fix = rule.fixable(text, problem) if rule.fix else None
    kind, start, end, detail, pointer = problem
    words = rule.explain(problem)
    return Sketch(kind, pointer, words, rule.help, start=start, end=end, fix=fix, detail=detail)


def syntax_error_sketch(plan: Plan, text: str, error: JsonSyntaxError, saturated: Collection[str]) -> Sketch:
    """A syntax error, named by the first rule that knows it; without much advice if that is in `saturated`."""
    for rule in plan.by_kind.syntax:
        if rule.takes_all and rule.name in saturated:
            return rule.mark("", error.position)
        sketch = rule.recognise(text, error)
        if sketch is not None:
            advice = rule.advise(text, error) if sketch.help == rule.help and rule.name not in saturated else ""
            return sketch._replace(help=advice) if advice else sketch
    raise AssertionError("the last rule knows every syntax error")


def user_schema_sketches(plan: Plan, record: dict[str, Any]) -> list[Sketch]:
    """Violations of the schema that the user gave."""
    schema = plan.user_schema
    try:
        violations = [] if schema is None or schema.is_valid(record) else schema.violations(record)
    except (ValueError, RecursionError) as error:
        return [Sketch("schema-violation", (), f"the record cannot be checked: {printable(str(error)[:80])}")]
    return [sketch for violation in violations for sketch in plan.report(violation._replace(rule="schema-violation"))]


def _is_json(plan: Plan, text: str) -> bool:
    """Whether the text is JSON, or can be read as if it were."""
    try:
        plan.parse(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        try:
            return jsonspan.is_unicode(text) and bool(jsonspan.parse(text))
        except JsonSyntaxError:
            return False
    return True


def invalid_utf8_sketch(text: str, first: int, count: int) -> Sketch:
    """Bytes that are not UTF-8: in the decoded text each is a lone surrogate."""
    more = f", and {count - 1:,} more on this line" if count > 1 else ""
    message = f"byte 0x{ord(text[first]) - 0xDC00:02X} at offset {{offset}} of the file is not UTF-8{more}"
    may_be_utf16 = "\0" in text
    western = not may_be_utf16 and jsonspan.may_be_windows_1252(text)
    doubt = "" if western or may_be_utf16 else ", which does not look like Windows-1252"
    help_text = f"Write the file as UTF-8; decode this line from its true encoding{doubt}."
    fix = Applicability.UNSAFE if western else None
    return Sketch("invalid-utf8", (), message, help_text, start=first, end=first + 1, fix=fix)


def ends_inside_character(text: str) -> bool:
    """Whether all that is not UTF-8 is a character that was cut off with the end of the text."""
    first, count = jsonspan.surrogates(text)
    if not count or len(text) - first > _MOST_CUT_BYTES:
        return False
    try:
        return not getincrementaldecoder("utf-8")().decode(jsonspan.encode(text[first:]))
    except UnicodeDecodeError:
        return False


def comment_hides_end(text: str, error: JsonSyntaxError) -> bool:
    """Whether the record only seems to be cut off, because a comment hides how it ends."""
    last = error.problems[-1] if error.problems else None
    if last is None or last.kind != "comment-in-json" or last.detail == "/*":
        return False
    ending = text.rstrip()
    return last.end >= len(ending) and ending.startswith("{") and ending.endswith("}")


def line_end(line: bytes) -> bytes:
    """CRLF, LF or nothing."""
    return b"\r\n" if line.endswith(b"\r\n") else b"\n" if line.endswith(b"\n") else b""


def without_boms(line: bytes) -> bytes:
    """The line without the byte order marks that it may begin with."""
    while line.startswith(BOM_UTF8):
        line = line[len(BOM_UTF8) :]
    return line
