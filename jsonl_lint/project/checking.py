"""Check the files of a project, each with its own settings and without its accepted findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.errors import UserError
from jsonl_lint.files.inputs import display_path
from jsonl_lint.model import Event, InputError
from jsonl_lint.project.scope import Project, Scope

if TYPE_CHECKING:
    from jsonl_lint.project.baseline import Entry


class FileCheck(NamedTuple):
    """The settings with which one file is checked, and what is accepted in it."""

    settings: Settings
    scope: Scope
    accepted: Mapping["Entry", int]


def file_check_of(project: Project, path: str) -> FileCheck:
    """Return how to check a path of a project.

    Raises:
        UserError: a configuration is wrong.
    """
    scope = project.scope(path)
    settings = scope.settings
    accepted = accepted_in(project, path)
    if accepted or scope.places:  # what is accepted must not use up what may be shown
        settings = replace(settings, max_findings=0, record_hashes=settings.record_hashes or bool(accepted))
    return FileCheck(settings, scope, accepted)


def by_project(project: Project, check: Callable[[str, Settings], Iterable[Event]]) -> Callable[[str], Iterator[Event]]:
    """Turn a check of a path with given settings into a check of a path of a project.

    A wrong configuration is reported once, however many files it applies to; none of them is checked.
    """
    told: set[str] = set()

    def checked(path: str) -> Iterator[Event]:
        try:
            file = file_check_of(project, path)
            events = check(path, file.settings)
        except UserError as error:
            if str(error) not in told:
                told.add(str(error))
                yield InputError(display_path(path), str(error))
            return
        if file.accepted or file.scope.places:
            from jsonl_lint.project.suppress import Acceptance, suppress

            acceptance = Acceptance(file.scope.places, file.accepted)
            events = suppress(events, acceptance, file.scope.settings.max_findings)
        yield from events

    return checked


def accepted_in(project: Project, path: str) -> Mapping["Entry", int]:
    """Return what the baseline accepts in a file, without entries of rules that are off: they are not stale."""
    baseline = project.baseline(path)
    entries = baseline.files.get(baseline.name_of(path)) if baseline else None
    if not entries:
        return {}
    left_out = rules_left_out(project.scope(path).settings)
    return {entry: count for entry, count in entries.items() if entry.rule not in left_out}


def settings_if_none_accepted(project: Project, path: str) -> Settings | None:
    """Return the settings of a file, None if some of its findings may be accepted.

    Raises:
        UserError: a configuration is wrong.
    """
    scope, baseline = project.scope(path), project.baseline(path)
    accepted = scope.places or (baseline and baseline.files.get(baseline.name_of(path)))
    return None if accepted else scope.settings


def rules_left_out(settings: Settings) -> frozenset[str]:
    """Return the names of the rules that are off with these settings.

    Raises:
        UserError: a selector or the target is wrong.
    """
    from jsonl_lint.plans.registry import all_rules
    from jsonl_lint.plans.selection import rules_of
    from jsonl_lint.target import load_target

    return frozenset(all_rules()) - frozenset(rules_of(settings, load_target(settings.target)))
