"""The base classes of all report formats."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from jsonl_lint.model import Event, FileResult, Finding, InputError, Suppressed


class ReportOptions(NamedTuple):
    """Options of a report. With `statistics`, it has counts by rule instead of findings."""

    colour: bool = False
    quiet: bool = False
    statistics: bool = False


class Reporter(ABC):
    """Writes a report with `write`: `begin`, then `emit` for each event, then `end`."""

    has_statistics: ClassVar[bool] = False
    """Whether the format has a place for counts without findings (`--statistics`)."""
    shows_census: ClassVar[bool] = False
    """Whether it shows what the records are like, for which each of them is parsed a second time."""
    shows_fixes: ClassVar[bool] = False
    """Whether it shows the edits of fixes, and not only that there is a fix; making edits takes time."""
    shows_context: ClassVar[bool] = False
    """Whether it uses the excerpt around a finding, which takes time to make as well."""

    def __init__(self, write: Callable[[str], object], options: ReportOptions) -> None:
        self.write = write
        self.options = options
        self.files: list[FileResult] = []
        self.input_errors: list[InputError] = []
        self.run: dict[str, Any] = {}

    def begin(self, run: dict[str, Any]) -> None:
        """Begin the report. `run` has the report's version, the tool and how it was run."""
        self.run = run

    def emit(self, event: Event) -> None:
        """Take one event. Findings are passed on at once; results and errors are also kept for the end."""
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
        """Write one accepted finding."""

    def file_done(self, result: FileResult) -> None:  # noqa: B027  a format may have nothing to say here
        """Write what follows the last finding of a file."""

    def end(self) -> None:  # noqa: B027  the same
        """Write what comes last."""


class ListReporter(Reporter):
    """A report that is one JSON document around a list, each item of which is on a line of its own."""

    _separator = "\n"

    def item(self, entry: dict[str, Any]) -> None:
        """Write one item."""
        self.write(self._separator + json.dumps(entry))
        self._separator = ",\n"
