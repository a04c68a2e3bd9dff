"""`stats_of`, which goes through each file once, counts every record and lets the engine check it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache, partial

from jsonl_lint.config import Settings
from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.files.inputs import STDIN, display_path, expand_paths
from jsonl_lint.files.source import Progress
from jsonl_lint.model import InputError
from jsonl_lint.project import Project, project_from
from jsonl_lint.stats.counting import counting_by
from jsonl_lint.stats.several import file_counter
from jsonl_lint.stats.statistics import Statistics


def stats_of(
    paths: Iterable[str | os.PathLike[str]],
    settings: Settings | Project | None = None,
    on_progress: Progress | None = None,
    *,
    tokens: bool = True,
    limits: Iterable[int] = (),
) -> Iterator[Statistics | InputError]:
    """Yield the statistics of each file in turn, from files, folders and globs; `-` is standard input.

    For an input that cannot be read, an `InputError` is yielded instead. `settings.jobs` processes count large files,
    or several small ones at a time. Memory: some 256 KB of lines in each, and eight bytes per record. With `tokens`,
    the tokens of each record are counted for `settings.model`, and compared with `limits`, `settings.max_tokens` and
    the limits of the model. A `Project` has the settings of each file.

    Raises:
        UserError: a setting is wrong, or the configuration of the first path.
    """
    project = project_from(settings)
    names = [os.fsdecode(path) for path in ([paths] if isinstance(paths, (str, bytes, os.PathLike)) else paths)]
    asked = tuple(limits) if tokens else None
    counting_for = cache(lambda settings: counting_by(settings, asked))
    speed = project.scope_of_input(names[0] if names else STDIN).settings
    counting_for(speed)
    told: set[str] = set()
    inputs = list(expand_paths(names, project.passes_over))
    settings_of = partial(_settings_of, project)
    with file_counter(inputs, speed, settings_of, counting_for, on_progress or (lambda _: None)) as count:
        for found in inputs:
            try:
                if isinstance(found, UnreadableInputError):
                    raise found
                yield count(found, settings_of(found))
            except UnreadableInputError as error:
                yield InputError(display_path(error.path), error.reason)
            except UserError as error:
                if str(error) not in told:
                    told.add(str(error))
                    yield InputError(display_path(str(found)), str(error))


def _settings_of(project: Project, path: str) -> Settings:
    return project.scope(path).settings
