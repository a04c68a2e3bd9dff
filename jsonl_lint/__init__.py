"""jsonl-lint: find every defect of a fine-tuning dataset before it is uploaded.

>>> import jsonl_lint
>>> [finding.rule for finding in jsonl_lint.check_record({"messages": []})]
['empty-messages']
"""

from __future__ import annotations

from jsonl_lint.version import __version__

TYPE_CHECKING = False  # the name alone tells type checkers; `typing` takes longer than the command needs to heed Ctrl-C
if TYPE_CHECKING:
    from typing import Any

    from jsonl_lint.api import check_file, check_paths, check_record, check_records, count_tokens
    from jsonl_lint.batch import Resumed, resume_batch
    from jsonl_lint.config import Settings
    from jsonl_lint.convert import Converted, convert_file, convert_record
    from jsonl_lint.engine import PartialReport, check_block
    from jsonl_lint.errors import UnreadableInputError, UserError
    from jsonl_lint.explain import Explanation, explain_error
    from jsonl_lint.files.source import Block
    from jsonl_lint.fixing import fix_file, fix_record, undo_file
    from jsonl_lint.model import Applicability, Edit, FileResult, Finding, Fix, InputError, Severity
    from jsonl_lint.plans.plan import Plan
    from jsonl_lint.plans.planning import compile_plan
    from jsonl_lint.project import Project, load_settings
    from jsonl_lint.results import FixResult, RefusedFix, Report
    from jsonl_lint.stats import Statistics, stats_of
    from jsonl_lint.tokens.measure import TokenCount

_HOMES = {
    "api": ("check_file", "check_paths", "check_record", "check_records", "count_tokens"),
    "batch": ("Resumed", "resume_batch"),
    "config": ("Settings",),
    "convert": ("Converted", "convert_file", "convert_record"),
    "engine": ("PartialReport", "check_block"),
    "errors": ("UnreadableInputError", "UserError"),
    "explain": ("Explanation", "explain_error"),
    "files.source": ("Block",),
    "fixing": ("fix_file", "fix_record", "undo_file"),
    "model": ("Applicability", "Edit", "FileResult", "Finding", "Fix", "InputError", "Severity"),
    "plans.plan": ("Plan",),
    "plans.planning": ("compile_plan",),
    "project": ("Project", "load_settings"),
    "results": ("FixResult", "RefusedFix", "Report"),
    "stats": ("Statistics", "stats_of"),
    "tokens.measure": ("TokenCount",),
}

__all__ = [
    "Applicability",
    "Block",
    "Converted",
    "Edit",
    "Explanation",
    "FileResult",
    "Finding",
    "Fix",
    "FixResult",
    "InputError",
    "PartialReport",
    "Plan",
    "Project",
    "RefusedFix",
    "Report",
    "Resumed",
    "Settings",
    "Severity",
    "Statistics",
    "TokenCount",
    "UnreadableInputError",
    "UserError",
    "__version__",
    "check_block",
    "check_file",
    "check_paths",
    "check_record",
    "check_records",
    "compile_plan",
    "convert_file",
    "convert_record",
    "count_tokens",
    "explain_error",
    "fix_file",
    "fix_record",
    "load_settings",
    "resume_batch",
    "stats_of",
    "undo_file",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for, when it is asked for: `jsonl-lint --version` needs none of it."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
