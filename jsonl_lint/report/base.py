"""What every report format has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from jsonl_lint.model import FileResult, Finding, InputError

Event = Finding | FileResult | InputError


class Look(NamedTuple):
    """How a report for people looks. `on_stdout` is False for a report that goes to a file."""

    colour: bool = False
    quiet: bool = False
    statistics: bool = False
    on_stdout: bool = True


class Reporter(ABC):
    """Writes a report: `begin`, then `emit` for each finding, each file's result and each unreadable input, `end`."""

    name: ClassVar[str]

    def __init__(self, write: Callable[[str], None], look: Look) -> None:
        self.write = write
        self.look = look
        self.files: list[FileResult] = []
        self.input_errors: list[InputError] = []
        self.run: dict[str, Any] = {}

    def begin(self, run: dict[str, Any]) -> None:
        """`run` holds the report's version, the tool and how it was run."""
        self.run = run

    def emit(self, event: Event) -> None:
        """Findings go to `finding` at once; results and errors are kept for the end."""
        if isinstance(event, Finding):
            self.finding(event)
        elif isinstance(event, FileResult):
            self.files.append(event)
            self.file_done(event)
        else:
            self.input_errors.append(event)

    @abstractmethod
    def finding(self, finding: Finding) -> None:
        """Write one finding."""

    def file_done(self, result: FileResult) -> None:  # noqa: B027  a format may have nothing to say here
        """All findings of the file are out."""

    def end(self) -> None:  # noqa: B027  the same
        """Write what comes last."""
