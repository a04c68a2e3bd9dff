"""The reports that a command line asks for: which goes to which file, and that none overwrites an input."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import combinations
from typing import Any, NamedTuple

from jsonl_lint.cli.arguments import FORMAT
from jsonl_lint.cli.terminal import ClosedOutput, colour_for, discard_output, utf8_writer_to, writer_to
from jsonl_lint.errors import UnreadableInputError, UserError, WrongUseError
from jsonl_lint.files.inputs import (
    STANDARD_OUTPUT,
    expand_paths,
    identity,
    is_standard_output,
    is_url,
    same_file,
    source_identity,
)
from jsonl_lint.project import Project
from jsonl_lint.report import Reporter, ReportOptions, reporter_class

DEFAULT_FORMAT = "text"

Write = Callable[[str], object]


class Output(NamedTuple):
    """One report: its format, and its file or None for standard output."""

    format: str
    path: str | None


def outputs_of(given: Sequence[tuple[str, str]]) -> list[Output]:
    """Return the reports, given the values of `--output-format` and `--output-file` in their order.

    A file belongs to the nearest format before it, or to the first one if there is none before. A format without a file
    goes to standard output (`-`), which takes only one.

    Raises:
        WrongUseError: two reports for standard output, two files for one report, or one file for two.
    """
    if not any(option == FORMAT for option, _ in given):
        given = [(FORMAT, DEFAULT_FORMAT), *given]
    found: list[Output] = []
    early: list[str] = []
    for option, value in given:
        if option == FORMAT:
            found.append(Output(value, early.pop(0) if early else None))
        elif not found and not early:
            early.append(value)
        elif not found or found[-1].path is not None:
            raise WrongUseError(f"--output-file {value}: name its --output-format before it")
        else:
            found[-1] = found[-1]._replace(path=value)
    found = [output._replace(path=None) if is_standard_output(output.path) else output for output in found]
    _check(found)
    return found


def _check(outputs: Sequence[Output]) -> None:
    """Make sure that each report has a place of its own."""
    shown = [output.format for output in outputs if output.path is None]
    if len(shown) > 1:
        words = " and ".join(shown)
        raise WrongUseError(f"{words} would both go to standard output; put an --output-file after all but one")
    paths = [output.path for output in outputs if output.path is not None]
    for path, other in combinations(paths, 2):
        if path == other or same_file(path, other):
            raise WrongUseError(f"--output-file {path} is named twice")


@contextmanager
def reporters_for(outputs: Sequence[Output], options: dict[str, Any]) -> Iterator[list[Reporter]]:
    """Open the reporters, each writing to its place. Files get their names at the end, if nothing failed.

    Raises:
        UserError: a file cannot be written, standard output is closed, or a format has no place for statistics.
    """
    classes = [reporter_class(output.format) for output in outputs]
    for output, found in zip(outputs, classes, strict=True):
        if options["statistics"] and not found.has_statistics:
            raise UserError(f"--statistics: {output.format} reports have no place for counts by rule without findings")
    with ExitStack() as stack:
        reporters = []
        for output, found in zip(outputs, classes, strict=True):
            write = stack.enter_context(opened_output(output.path, alone=len(outputs) == 1))
            choice = options["color"]
            colour = colour_for(sys.stdout, choice) if output.path is None else choice == "always"
            reporters.append(found(write, ReportOptions(colour, options["quiet"], options["statistics"])))
        yield reporters


def protect_inputs(paths: Iterable[str], outputs: Iterable[Output], project: Project | None = None) -> None:
    """Make sure that no report overwrites the data, or another file that the check reads, such as a configuration.

    Files that the project passes over are not checked, so they may be overwritten.

    Raises:
        UserError: it would.
    """
    places = {identity(STANDARD_OUTPUT if output.path is None else output.path): output.path for output in outputs}
    places.pop(None, None)
    local = [path for path in paths if not is_url(path)]
    project = project or Project(isolated=True)
    for found in expand_paths(local, project.passes_over) if places else ():
        if isinstance(found, UnreadableInputError):
            continue
        for read in _read_for(found, project):
            place = source_identity(read)
            if place in places:
                if places[place] is None:
                    raise UserError(f"{read}: standard output goes into this input; send it to another file")
                raise UserError(f"{places[place]}: the report would overwrite an input")


def _read_for(path: str, project: Project) -> list[str]:
    """Return the files that are read to check this one."""
    try:
        return [path, *project.scope(path).named_files()]
    except UserError:  # the check itself reports it, beside the results of the other inputs
        return [path]


@contextmanager
def opened_output(path: str | None, *, alone: bool) -> Iterator[Write]:
    """Open standard output, or a file that is written completely or not at all."""
    if path is None:
        if isinstance(sys.stdout, ClosedOutput):
            sys.stdout.write("")
        write = writer_to(sys.stdout)
        yield write if alone else _until_closed(write)
        sys.stdout.flush()
        return
    from jsonl_lint.files.replacement import Replacement

    with Replacement(path, failure="cannot write the report") as file:
        yield utf8_writer_to(file)


def _until_closed(write: Write) -> Write:
    """Make the writer silent once its reader is gone, because reports in files still have to be finished."""
    open_ = True

    def attempt(text: str) -> None:
        nonlocal open_
        if open_:
            try:
                write(text)
                sys.stdout.flush()
            except BrokenPipeError:
                open_ = False
                discard_output()

    return attempt
