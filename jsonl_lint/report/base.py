"""The base classes of all report formats."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from jsonl_lint.model import Event, FileResult, Finding, InputError, Suppressed


class Look(NamedTuple):
    """Options of a report: `statistics` means counts by rule instead of findings."""

    colour: bool = False
    quiet: bool = False
    statistics: bool = False


class Reporter(ABC):
    """Writes a report: `begin`, then `emit` for each finding, each file's result and each unreadable input, `end`."""

    has_statistics: ClassVar[bool] = False
    """Whether the format has a place for counts without findings (`--statistics`)."""
    wants_census: ClassVar[bool] = False
    """Whether it shows the census of the records, for which each of them is parsed a second time."""
    shows_fixes: ClassVar[bool] = False
    """Whether it shows the edits of a fix, and not only that there is one; making them takes time."""
    shows_context: ClassVar[bool] = False
    """Whether it uses the excerpt around a finding, which takes time to make as well."""

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
        elif isinstance(event, Suppressed):
            self.suppressed(event)
        else:
            self.input_errors.append(event)

    @abstractmethod
    def finding(self, finding: Finding) -> None:
        """Write one finding."""

    def suppressed(self, suppressed: Suppressed) -> None:  # noqa: B027  most formats only count these, in the summary
        """Write one finding that is accepted."""

    def file_done(self, result: FileResult) -> None:  # noqa: B027  a format may have nothing to say here
        """All findings of the file are out."""

    def end(self) -> None:  # noqa: B027  the same
        """Write what comes last."""


class ListReporter(Reporter):
    """A report that is one JSON document around a list, of which each item stands on a line of its own."""

    _separator = "\n"

    def item(self, entry: dict[str, Any]) -> None:
        """Write one item."""
        self.write(self._separator + json.dumps(entry))
        self._separator = ",\n"
