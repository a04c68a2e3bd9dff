"""Read configuration files, with the files that they extend, and report what is wrong with them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from jsonl_lint.config import SELECTORS
from jsonl_lint.errors import UserError
from jsonl_lint.files.inputs import is_url, short_path
from jsonl_lint.plans.selection import rules_matching
from jsonl_lint.project.globs import Glob, checked_glob
from jsonl_lint.project.keychecks import check_keys, split_pointer
from jsonl_lint.project.keys import KEYS
from jsonl_lint.project.suppress import PlaceIgnore
from jsonl_lint.project.toml import TABLE, config_table
from jsonl_lint.target import load_target

MOST_BASES = 16
"""How many files may extend one another in a row."""

_PATHS = ("schema", "baseline", "models")


class PathRule(NamedTuple):
    """What applies to the files that match `globs`: settings, the names of rules that are off, and of rules that are
    on though an earlier one has them off.

    `places` are places in records where rules are off, each for the files of a glob of its own.
    """

    globs: tuple[Glob, ...]
    ignored: frozenset[str]
    values: dict[str, Any]
    selected: frozenset[str] = frozenset()
    places: tuple[tuple[Glob, PlaceIgnore], ...] = ()


class ConfigFile(NamedTuple):
    """A configuration file, merged with the files that it extends, whose paths are in `extended`.

    `values` are by the names of `Settings`, with absolute paths.
    """

    path: str
    values: dict[str, Any]
    path_rules: tuple[PathRule, ...]
    exclude: tuple[Glob, ...]
    extended: tuple[str, ...] = ()


def read_config(path: str, bases: tuple[str, ...] = ()) -> ConfigFile:
    """Return the configuration in a file. `bases` are the files that led here by `extend`.

    Raises:
        UserError: it cannot be read, or is not a configuration; the message names the file and the key.
    """
    path = os.path.abspath(path)
    if path in bases:
        raise UserError(f"{short_path(bases[0])}: `extend` goes round in a circle")
    if len(bases) >= MOST_BASES:
        raise UserError(f"{short_path(bases[0])}: `extend` names more than {MOST_BASES} files one after the other")
    table = config_table(path)
    if table is None:
        raise UserError(f"{short_path(path)}: there is no table [tool.{TABLE}]")
    try:
        check_keys(table, KEYS)
        own = _compiled(path, table)
    except UserError as error:
        raise UserError(f"{short_path(path)}: {error}") from None
    if "extend" not in table:
        return own
    base_path = _placed(table["extend"], os.path.dirname(path))
    if not os.path.isfile(base_path):
        raise UserError(f"{short_path(path)}: `extend`: there is no file {short_path(base_path)}")
    base = read_config(base_path, (*bases, path))
    return ConfigFile(
        path,
        layered(base.values, own.values),
        base.path_rules + own.path_rules,
        base.exclude + own.exclude,
        (base.path, *base.extended),
    )


def layered(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge values: those in `over` replace those in `base`, but `ignore` and `extend_select` are combined.

    If `over` has `select`, these two are taken from `over` alone. A selector that `over` ignores or selects overrides
    the same one in `base`.
    """
    merged = {**base, **over}
    if "select" in over:
        for name in ("ignore", "extend_select"):
            merged[name] = tuple(over.get(name, ()))
        return merged
    for name, opposite in (("ignore", "extend_select"), ("extend_select", "ignore")):
        kept = [item for item in base.get(name, ()) if item not in over.get(opposite, ())]
        if kept or over.get(name):
            merged[name] = (*kept, *over.get(name, ()))
        else:
            merged.pop(name, None)
    return merged


def _compiled(path: str, table: Mapping[str, Any]) -> ConfigFile:
    """Return the configuration in a table, without what it extends."""
    folder = os.path.dirname(path)
    rules = [_override(entry, folder, index) for index, entry in enumerate(table.get("overrides", ()))]
    rules += [
        PathRule((_glob(folder, glob, "per-file-ignores"),), _rule_names(selectors, f"per-file-ignores.{glob}"), {})
        for glob, selectors in table.get("per-file-ignores", {}).items()
    ]
    exclude = tuple(_glob(folder, pattern, "exclude") for pattern in table.get("exclude", ()))
    return ConfigFile(path, _values(table, folder, ""), tuple(rules), exclude)


def _override(entry: Mapping[str, Any], folder: str, index: int) -> PathRule:
    """Return an entry of `overrides`."""
    where = f"overrides[{index}]."
    ignored = _rule_names(entry.get("ignore", ()), f"{where}ignore")
    globs: list[Glob] = []
    places: list[tuple[Glob, PlaceIgnore]] = []
    for text in entry["files"]:
        pattern, pointer = split_pointer(text)
        glob = _glob(folder, pattern, f"{where}files")
        if pointer is None:
            globs.append(glob)
        else:
            places.append((glob, PlaceIgnore(_steps(pointer, f"{where}files"), ignored, entry["reason"])))
    values = _values({name: value for name, value in entry.items() if name != "ignore"}, folder, where)
    selected = _rule_names((*values.get("select", ()), *values.get("extend_select", ())), where)
    return PathRule(tuple(globs), ignored, values, selected, tuple(places))


def _steps(pointer: str, where: str) -> tuple[str, ...]:
    """Return the steps of a pointer to a place; `where` is the key that holds it, for messages."""
    steps = tuple(pointer.split("/")[1:])
    if re.search("~(?![01])", pointer):
        raise UserError(f"`{where}`: {pointer} is no JSON Pointer; in a key, ~ is written ~0, and / is written ~1")
    if "**" in steps:
        raise UserError(f"`{where}`: in {pointer}, write `*` for any key or index; what is inside is silenced as well")
    return steps


def _glob(folder: str, pattern: str, where: str) -> Glob:
    """Return the glob of a key; `where` is the key."""
    if not pattern:
        raise UserError(f"`{where}` has no glob before `#`")
    return Glob(folder, checked_glob(pattern, f"`{where}`"))


def _values(table: Mapping[str, Any], folder: str, where: str) -> dict[str, Any]:
    """Return the keys with one value per file, by their Python names, after checks that a schema cannot express."""
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name in ("extend", "exclude", "per-file-ignores", "overrides", "files", "reason"):
            continue
        setting = name.replace("-", "_")
        if setting in SELECTORS:
            _rule_names(value, f"{where}{name}")
        if name in _PATHS or (name in ("target", "tokenizer") and value.endswith(".json")):
            value = _placed(value, folder)
            if name != "baseline" and not is_url(value) and not os.path.exists(value):
                raise UserError(f"`{where}{name}`: there is no file {short_path(value)}")
        if name == "against":
            value = [_placed(item, folder) for item in value]
        try:
            if name == "target":
                load_target(value)
            elif name == "tokenizer" and not value.endswith(".json"):
                from jsonl_lint.tokens.vocabulary import vocabulary_named  # takes time, and is rarely set

                vocabulary_named(value)
        except UserError as error:
            raise UserError(f"`{where}{name}`: {error}") from None
        values[setting] = tuple(value) if isinstance(value, list) else value
    return values


def _placed(path: str, folder: str) -> str:
    """Return a path that is relative to a folder; a URL is returned as it is."""
    return path if is_url(path) else os.path.join(folder, os.path.expanduser(path))


def _rule_names(selectors: Iterable[str], where: str) -> frozenset[str]:
    """Return the rules that a key's selectors name; `where` is the key, for messages."""
    try:
        return frozenset(name for selector in selectors for name in rules_matching(selector))
    except UserError as error:
        raise UserError(f"`{where}`: {error}") from None
