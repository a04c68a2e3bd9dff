"""A project's configuration: which settings apply to which of its files, and which findings are accepted in them."""

from jsonl_lint.project.checking import (
    accepted_in,
    by_project,
    file_check_of,
    rules_left_out,
    settings_if_none_accepted,
)
from jsonl_lint.project.scope import BASELINE_NAME, GIVEN, Project, load_settings, project_from

__all__ = [
    "BASELINE_NAME",
    "GIVEN",
    "Project",
    "accepted_in",
    "by_project",
    "file_check_of",
    "load_settings",
    "project_from",
    "rules_left_out",
    "settings_if_none_accepted",
]
