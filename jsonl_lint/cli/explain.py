"""`explain`: what a provider's error means, and what to do next."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import click

from jsonl_lint.cli.completion import FILE_PATH
from jsonl_lint.cli.context import given_in, project_of
from jsonl_lint.cli.options import debug_option, target_option, text_or_json_option, which_config_options
from jsonl_lint.cli.terminal import EXIT_CLEAN, writer_to
from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.files.inputs import STDIN, open_file, reading
from jsonl_lint.wording import printable

if TYPE_CHECKING:
    from jsonl_lint.explain import Explanation, Kind
    from jsonl_lint.lookup import Found


@click.command(short_help="Explain a provider's error.")
@click.argument("words", nargs=-1, required=True, metavar="TEXT|-", type=FILE_PATH)
@click.option(
    "--status", type=click.IntRange(100, 599), metavar="N", help="The HTTP status, if TEXT does not contain it."
)
@click.option(
    "--file",
    "path",
    metavar="FILE",
    type=FILE_PATH,
    help="The dataset in which to look up the line that the error names.",
)
@target_option("The provider or trainer whose rules apply to the dataset.")
@which_config_options
@text_or_json_option
@debug_option
@click.pass_context
def explain(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    status: int | None,
    path: str | None,
    output_format: str,
    **_options: Any,
) -> int:
    """Explain a provider's error: category, cause, the rules that find it, whether to retry, and the next command.

    TEXT is a status, a message, a JSON body, or a file with one of these, such as a batch's error file; `-` is
    standard input.
    """
    from jsonl_lint.explain import Kind, explain_error, explain_stream
    from jsonl_lint.lookup import look_up

    text = _text_of(words, ctx)
    with _opened(text) as handle, reading(text):
        kinds = explain_stream(handle, status)
    if kinds and not (kinds[0].explanation.known or kinds[0].explanation.message):
        raise UserError(f"{printable(text)}: nothing is in it that could be explained")
    found: list[Found | None] = [None] * len(kinds)
    if path is not None:
        settings = project_of(ctx).scope(path).settings
        found = [look_up(kind.explanation, path, settings) for kind in kinds]
    given = _Given(path, ctx.params["target"] if "target" in given_in(ctx) else None)
    write = writer_to(sys.stdout)
    if output_format == "json":
        entries = [_entry(kind, place, given) for kind, place in zip(kinds, found, strict=True)]
        main = entries[0] if entries else _entry(Kind(explain_error(200), 0), None, given)
        write(json.dumps({**main, "others": entries[1:]}, indent=2) + "\n")
    elif not kinds:
        write("No request in these results failed.\n")
    else:
        write("\n".join(_page(kind, place, given) for kind, place in zip(kinds, found, strict=True)))
    sys.stdout.flush()
    return EXIT_CLEAN


_NAME = re.compile(r"\S+\.(?:jsonl?|ndjson|txt|log)(?:\.\w+)?")
"""What is the name of a file and no error."""


def _text_of(words: tuple[str, ...], ctx: click.Context) -> str:
    """Return the argument; several are a text that was pasted without quotes."""
    text = " ".join(words)
    if not text.strip():
        raise click.UsageError("paste an error: a status, a message or a JSON body", ctx)
    if len(words) > 1 and all(word == STDIN or _NAME.fullmatch(word) for word in words):
        raise click.UsageError("name one file at a time", ctx)
    return text


def _opened(text: str) -> AbstractContextManager[BinaryIO]:
    """Return the text itself, the file that it names, or standard input, which stays open."""
    if text == STDIN:
        return nullcontext(open_file(STDIN)[0])
    try:
        is_file = os.path.isfile(text)
    except ValueError:  # a NUL byte
        is_file = False
    if not is_file and _NAME.fullmatch(text):
        raise UnreadableInputError(printable(text), "no such file or directory")
    return open_file(text)[0] if is_file else io.BytesIO(text.encode("utf-8", "replace"))


class _Given(NamedTuple):
    """What the next command is about: the dataset, and the target whose rules apply to it."""

    path: str | None
    target: str | None


def _entry(kind: Kind, place: Found | None, given: _Given) -> dict[str, Any]:
    entry = {**kind.explanation.to_dict(), "count": kind.times, "found": place.to_dict() if place else None}
    return {**entry, "next": _next(kind.explanation, given)}


def _next(explanation: Explanation, given: _Given) -> str:
    words = explanation.next.split(" ")
    if given.target is not None and words[:2] == ["jsonl-lint", "check"]:
        rest = words[5:] if words[3:4] == ["--target"] else words[3:]
        words = [*words[:3], "--target", shlex.quote(given.target), *rest]
    return " ".join(shlex.quote(given.path) if word == "FILE" and given.path else word for word in words)


def _page(kind: Kind, place: Found | None, given: _Given) -> str:
    found = kind.explanation
    rows = [
        ("category", found.category),
        ("code", found.code),
        ("message", found.message),
        ("count", f"{kind.times:,} times" if kind.times > 1 else ""),
        ("cause", found.cause),
        ("rules", ", ".join(found.rules)),
        ("retry", f"{'yes' if found.retry else 'no'}. {found.how}"),
        ("next", printable(_next(found, given))),
        ("source", f"{found.source} ({found.date})" if found.known else ""),
        ("place", _place(found)),
    ]
    lines = [f"{name:<10}{value}" for name, value in rows if value]
    return "\n".join([*lines, *_found_lines(place)]) + "\n"


def _place(found: Explanation) -> str:
    line = f"line {found.line}" if found.line else ""
    return " ".join(part for part in (line, found.pointer or "") if part)


def _found_lines(place: Found | None) -> list[str]:
    """Return what the dataset holds there, with findings as `check` prints them."""
    if place is None:
        return []
    path = printable(place.path)
    if not place.exists:
        return [f"{'found':<10}{path} has no line {place.line}"]
    lines = [f"{'found':<10}{place.value}"] if place.value is not None else []
    for finding in place.findings:
        where = f"{path}:{place.line}:{finding['column']}"
        name = " ".join(part for part in (finding["code"], finding["rule"], finding["pointer"]) if part)
        lines.append(f"{where}: {name} {finding['message']}")
    return lines if place.findings else [*lines, f"{'found':<10}{path}:{place.line}: no finding on this line"]
