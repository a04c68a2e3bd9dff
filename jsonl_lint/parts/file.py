"""The format of part files: write entries, read and validate them.

A part file is JSONL: a header, then an entry for each input with what was found, then the number of inputs. Part files
come from elsewhere and are not trusted.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import fields
from hashlib import blake2b
from typing import Any, BinaryIO, NamedTuple

from jsonl_lint.checks.file import FileHead
from jsonl_lint.config import FORMATS, HOW_FAST, NOT_IN_REPORTS, Settings
from jsonl_lint.engine import PartialReport
from jsonl_lint.engine.wire import checked, decode
from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.head import Head
from jsonl_lint.files.inputs import STANDARD_INPUT, STDIN
from jsonl_lint.model import Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.project import Project
from jsonl_lint.rule import FileFacts
from jsonl_lint.version import __version__

FORMAT, VERSION = "jsonl-lint part", 1

_Types = dict[str, set[type]]
"""Keys of an object, with the types that each value may have."""

_NONE = type(None)

_ENTRY: _Types = {
    "path": {str},
    "listed": {bool},
    "settings": {dict, _NONE},
    "head": {dict, _NONE},
    "error": {str, _NONE},
}
"""The entry of an input, without its report."""

_FACTS: _Types = {"size": {int, _NONE}, "encoding": {str}, "layout": {str}, "lfs": {bool}, "format": {str, _NONE}}
_ABOUT: _Types = {"format_line": {int}, "base": {int}, "head_bytes": {int}, "compression": {str, _NONE}}
_HEAD: _Types = {**_FACTS, **_ABOUT, "digest": {str}}
"""What is known of a file before its lines are checked, and the digest of the bytes that were read for that."""

_JSON_TYPES = {"str": str, "int": int, "bool": bool, "None": _NONE, "tuple[str, ...]": list}
_GIVEN: _Types = {
    **{
        field.name: {_JSON_TYPES[kind] for kind in str(field.type).split(" | ")}
        for field in fields(Settings)
        if field.name not in HOW_FAST
    },
    "exclude": {list},
    "force_exclude": {bool},
    "baseline": {str, _NONE},
}
"""The settings that a project may be given, with the types that they have in JSON."""


class Share(NamedTuple):
    """The number of a part, from 1, and how many there are."""

    part: int
    parts: int


def start_entry(project: Project, first: str, share: Share) -> dict[str, Any]:
    """Return the header of a part file: its format and version, its share, and the check. `first` is the first path."""
    given = {name: value for name, value in project.given.items() if name in _GIVEN}
    about = {"given": given, "config": project.config_path, "isolated": project.isolated, "first": first}
    return {"format": FORMAT, "version": VERSION, "tool": __version__, **share._asdict(), **about}


class PartFile:
    """A part file that is read entry by entry.

    Raises:
        UserError: it cannot be read, or does not begin like a part file of this version.
    """

    def __init__(self, path: str, stack: ExitStack) -> None:
        self.path = path
        self.line = 0
        self.entry_at: int | None = None
        """Where the last entry begins, unless the file is a pipe."""
        try:
            source, is_ours = (STANDARD_INPUT, False) if path == STDIN else (path, True)
            self.handle: BinaryIO = stack.enter_context(open(source, "rb", closefd=is_ours))  # noqa: SIM115
        except (OSError, ValueError) as error:
            raise UserError(f"{path or repr(path)}: {reason_of(error)}") from None
        start = self.object()
        if [start.get("format"), start.get("version")] != [FORMAT, VERSION]:
            raise self.wrong("it does not begin like one")
        if start.get("tool") != __version__:
            raise UserError(f"{path}: written by another version of jsonl-lint; this is {__version__}")
        try:
            self.share = Share(checked(start.get("part"), int), checked(start.get("parts"), int))
            self.about = {name: start.get(name) for name in ("given", "config", "isolated", "first")}
            self.first: str = checked(self.about["first"], str)
            checked(self.about["isolated"], bool)
            if self.about["config"] is not None:
                checked(self.about["config"], str)
            _check_given(self.about["given"])
        except ValueError as error:
            raise self.wrong(str(error)) from None
        if not 1 <= self.share.part <= self.share.parts:
            raise self.wrong("a part that there is not")

    def next(self) -> dict[str, Any]:
        """Return the next entry. Its values have the right types, except for its report, which `report` validates.

        The report is left out if it can be read again: those of all parts may not fit into memory.

        Raises:
            UserError: it is not an entry.
        """
        self.entry_at = self.handle.tell() if self.handle.seekable() else None
        entry = self.object()
        if set(entry) == {"end"}:
            if entry["end"] != self.line - 2:
                raise self.wrong("it ends too early")
            if self.handle.read(1):
                raise self.wrong("it goes on after its end")
        elif set(entry) != {*_ENTRY, "report"}:
            raise self.wrong("an entry with other keys")
        elif not _fits(entry, _ENTRY):
            raise self.wrong("an entry with values of other types")
        if self.entry_at is not None:
            entry.pop("report", None)
        return entry

    def project(self) -> Project:
        """Return the project of the check, whose configuration files are read again."""
        return Project(self.about["given"], config=self.about["config"], isolated=bool(self.about["isolated"]))

    def object(self) -> dict[str, Any]:
        """Return the object on the next line."""
        self.line += 1
        try:
            line = self.handle.readline()
            value = json.loads(line)
        except (OSError, ValueError, RecursionError):
            raise self.wrong("no JSON; is the file whole?") from None
        if type(value) is not dict:
            raise self.wrong("no object")
        return value

    def report(self, entry: dict[str, Any], plan: Plan) -> PartialReport:
        """Return the report of the last entry."""
        if self.entry_at is not None:
            self.handle.seek(self.entry_at)
            self.line -= 1
            entry = self.object()
        try:
            return decode(entry.get("report"), plan)
        except (ValueError, RecursionError) as error:
            raise self.wrong(str(error)) from None

    def wrong(self, reason: str) -> UserError:
        """Return the error for a file that `check --part` did not write like this."""
        return UserError(f"{self.path}: line {self.line} is not what `check --part` writes: {reason}")


def _fits(value: dict[str, Any], types: _Types) -> bool:
    return all(type(value[name]) in wanted for name, wanted in types.items())


def head_entry(about: FileHead, head: Head) -> dict[str, Any]:
    """Return what is known of a file before its lines are checked, as an entry's `head`."""
    facts = {name: getattr(about.facts, name) for name in _FACTS}
    digest = blake2b(head.data, digest_size=16).hexdigest()
    return {**facts, **{name: getattr(about, name) for name in _ABOUT}, "digest": digest}


def head_of(value: dict[str, Any], shown: str, plan: Plan) -> FileHead:
    """Return the `FileHead` that `head_entry` turned into this value.

    Raises:
        ValueError: `head_entry` did not write it.
    """
    if set(value) != set(_HEAD) or not _fits(value, _HEAD):
        raise ValueError("what is known of a file has other keys or types")
    if value["format"] is not None and value["format"] not in FORMATS:
        raise ValueError("an unknown format")
    limits = plan.target.limits_in(value["format"])
    facts = FileFacts(shown, limits=limits, **{name: value[name] for name in _FACTS})
    return FileHead(facts, **{name: value[name] for name in _ABOUT})


def settings_entry(settings: Settings) -> dict[str, Any]:
    """Return the settings that affect the report, as they are after a round trip through JSON."""
    values = {name: value for name, value in settings.to_dict().items() if name not in NOT_IN_REPORTS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _check_given(value: Any) -> None:
    """Validate the settings from the command line, some of which name files: a schema, a target, a baseline.

    Raises:
        ValueError: it is something else.
    """
    for name, item in checked(value, dict).items():
        kinds = _GIVEN.get(name)
        if kinds is None or type(item) not in kinds:
            raise ValueError("other settings")
        if type(item) is list and not all(type(part) is str for part in item):
            raise ValueError("settings of other types")
        if name == "fail_on":
            Severity(item)
