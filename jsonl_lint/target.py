"""Targets: what a provider takes, as data. One JSON file each under `jsonl_lint/targets/`."""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.model import Severity

_FOLDER = os.path.join(os.path.dirname(__file__), "targets")


class Target(NamedTuple):
    """A provider's rules for a dataset; each figure has its source in the data file."""

    name: str
    title: str
    formats: tuple[str, ...]
    roles: tuple[str, ...]
    severities: dict[str, Severity]
    limits: dict[str, Any]


def target_names() -> list[str]:
    """The shipped targets."""
    return sorted(name.removesuffix(".json") for name in os.listdir(_FOLDER) if name.endswith(".json"))


def load_target(name: str) -> Target:
    """A shipped target by name, or a user's own target file by its path (a `.json` file; `extends` names a base).

    Raises:
        UserError: there is no such target, or the file is not one.
    """
    try:
        data = _read(name)
        return Target(
            name=data["name"],
            title=data["title"],
            formats=tuple(data["formats"]),
            roles=tuple(data["roles"]),
            severities={rule: Severity(value) for rule, value in data.get("severities", {}).items()},
            limits=dict(data.get("limits", {})),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{name}: not a target file: {error}") from None


def _read(name: str, depth: int = 0) -> dict[str, Any]:
    path = name if name.endswith(".json") else os.path.join(_FOLDER, f"{name}.json")
    try:
        with open(path, "rb") as file:
            data: dict[str, Any] = json.load(file)
    except OSError as error:
        if name.endswith(".json"):
            raise UserError(f"{name}: cannot read the target: {(error.strerror or '').lower()}") from None
        import difflib

        close = difflib.get_close_matches(name, target_names(), 1)
        hint = f"; did you mean {close[0]}?" if close else f"; there are: {', '.join(target_names())}"
        raise UserError(f"no target is named {name!r}{hint}") from None
    base = data.pop("extends", None)
    if base is None:
        return data
    if depth > 8:
        raise UserError(f"{name}: `extends` goes round in a circle")
    merged = _read(str(base), depth + 1)
    for key, value in data.items():
        merged[key] = {**merged[key], **value} if isinstance(value, dict) and key in merged else value
    return merged
