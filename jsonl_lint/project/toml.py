"""Read the table of a configuration file.

This imports little, because a `pyproject.toml` is also read in a project without a configuration.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.inputs import short_path

TABLE = "jsonl-lint"
"""The name of the table in `pyproject.toml`, under `tool`."""

MISSPELT = "jsonl_lint"
"""What the table is called by mistake, because the package is."""

LARGEST_FILE = 1 << 20
"""In bytes. People write configurations by hand, so a larger file is a mistake."""


def config_table(path: str) -> dict[str, Any] | None:
    """Return the table of a configuration file, None if it is a `pyproject.toml` without one.

    Raises:
        UserError: the file cannot be read, or is not TOML.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise UserError(f"{short_path(path)}: cannot read the configuration: {reason_of(error)}") from None
    inside_pyproject = os.path.basename(path) == "pyproject.toml"
    if inside_pyproject and TABLE.encode() not in data and f"tool.{MISSPELT}".encode() not in data:
        return None
    if len(data) > LARGEST_FILE:
        raise UserError(f"{short_path(path)}: too large for a configuration: more than {LARGEST_FILE:,} bytes")
    table = _parsed(data, path)
    tool = table.get("tool")
    tool = tool if isinstance(tool, dict) else {}
    found = tool.get(TABLE)
    if not inside_pyproject:
        if found is not None:
            raise UserError(f"{short_path(path)}: [tool.{TABLE}] is for pyproject.toml; here write its keys without it")
        return table
    if found is None and MISSPELT in tool:
        raise UserError(f"{short_path(path)}: [tool.{MISSPELT}] means nothing; write [tool.{TABLE}]")
    if found is not None and not isinstance(found, dict):
        raise UserError(f"{short_path(path)}: `tool.{TABLE}` takes a table")
    return found


def _parsed(data: bytes, path: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UserError(f"{short_path(path)}: not TOML: the file is not UTF-8") from None
    except RecursionError:
        raise UserError(f"{short_path(path)}: not TOML: nested too deep") from None
    except ValueError as error:
        raise UserError(f"{short_path(path)}: not TOML: {str(error)[:200]}") from None
    return table
