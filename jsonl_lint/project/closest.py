"""Find the closest configuration file. Where there is none, this costs three look-ups in each folder above the data."""

import os

CONFIG_NAMES = (".jsonl-lint.toml", "jsonl-lint.toml", "pyproject.toml")
"""Of several in one folder, the first is used; a `pyproject.toml` only if it has the table `tool.jsonl-lint`."""


def closest_config(folder: str, known: dict[str, str | None]) -> str | None:
    """Return the closest configuration file in the folder or above it. `known` keeps the results by folder.

    Raises:
        UserError: a `pyproject.toml` that speaks of jsonl-lint is not TOML.
    """
    passed: list[str] = []
    found: str | None = None
    while folder not in known:
        passed.append(folder)
        found = _config_in(folder)
        above = os.path.dirname(folder)
        if found is not None or above == folder:
            break
        folder = above
    else:
        found = known[folder]
    known.update(dict.fromkeys(passed, found))
    return found


def _config_in(folder: str) -> str | None:
    """Return the configuration file in this folder itself."""
    for name in CONFIG_NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and (name != "pyproject.toml" or _has_table(path)):
            return path
    return None


def _has_table(path: str) -> bool:
    """Whether a `pyproject.toml` is a configuration of this tool; one that may not be read is that of others."""
    from jsonl_lint.project.toml import config_table

    return os.access(path, os.R_OK) and config_table(path) is not None
