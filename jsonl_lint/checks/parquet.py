"""Read a Parquet file in a separate process with limited memory.

The reader is a large C++ library. A hostile or damaged file may crash it or make it allocate any amount of memory; here
that ends only the separate process, and becomes one clear error. The process answers in JSON, so nothing of what it
sends is executed.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport, RawFinding
from jsonl_lint.engine.parquet import Table, check_table
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.model import Severity
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.wording import printable

MAX_MEMORY = 4 << 30

_CHILD = """
import json, sys
job = json.load(sys.stdin)
sys.path[:] = job["sys_path"]
from jsonl_lint.checks.parquet import answer
answer(job)
"""


def read_table(path: str, settings: Settings) -> Table:
    """Return what is known of the Parquet file, and what is wrong with its rows.

    Raises:
        UnreadableInputError: it is not Parquet, it is damaged, or pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        raise UnreadableInputError(path, "Parquet needs pyarrow: pip install 'jsonl-lint[parquet]'")
    job = {"path": path, "settings": settings.to_dict(), "sys_path": sys.path, "max_memory": MAX_MEMORY}
    done = subprocess.run(
        [sys.executable, "-c", _CHILD],
        input=json.dumps(job).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if done.returncode:
        reason = f"reading it crashed: it is damaged, or needs more than {MAX_MEMORY >> 30} GiB of memory"
        raise UnreadableInputError(path, reason)
    found = json.loads(done.stdout)
    if "reason" in found:
        raise UnreadableInputError(path, found["reason"])
    return _unpacked(found, settings)


def answer(job: dict[str, Any]) -> None:
    """Do all that the process is for: read the table, and print what was found or why it cannot be read."""
    plan = compile_plan(Settings(**job["settings"]))
    _confine(job["max_memory"])
    try:
        found = _packed(check_table(job["path"], plan))
    except MemoryError:
        found = {"reason": f"reading it needs more than {MAX_MEMORY >> 30} GiB of memory"}
    except Exception as error:  # pyarrow's own errors, most of them a ValueError or an OSError
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        found = {"reason": f"not readable as Parquet: {printable(reason[:200])}"}
    json.dump(found, sys.stdout)


def _packed(table: Table) -> dict[str, Any]:
    report = table.report
    return {
        "columns": table.columns,
        "records": report.records,
        "valid_records": report.valid_records,
        "counts": [[rule, severity.value, count] for (rule, severity), count in report.counts.items()],
        "findings": report.findings,
    }


def _unpacked(found: dict[str, Any], settings: Settings) -> Table:
    report = PartialReport(settings.max_findings)
    report.lines = report.records = found["records"]
    report.valid_records = found["valid_records"]
    report.counts = {(rule, Severity(severity)): count for rule, severity, count in found["counts"]}
    raw = [RawFinding(*values) for values in found["findings"]]
    report.findings = [finding._replace(severity=Severity(finding.severity)) for finding in raw]
    return Table(found["columns"], report)


def _confine(max_memory: int) -> None:
    """Limit the memory, where the system can, and leave Ctrl-C to the process that the user started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = max_memory if most == resource.RLIM_INFINITY else min(max_memory, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
