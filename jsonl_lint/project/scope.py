"""Determine the settings of a file: those that were given override those of its closest configuration file.

Without a configuration file, this imports nothing.
"""

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonl_lint.config import Settings, filled_texts, given_settings
from jsonl_lint.errors import UserError, suggestion
from jsonl_lint.files.inputs import STDIN, Path
from jsonl_lint.project.closest import closest_config

if TYPE_CHECKING:
    from jsonl_lint.project.baseline import Baseline
    from jsonl_lint.project.files import ConfigFile
    from jsonl_lint.project.globs import Glob
    from jsonl_lint.project.suppress import PlaceIgnore

BASELINE_NAME = "jsonl-lint-baseline.json"
"""The baseline that is written if none is named. A baseline is read only if it is named."""

MOST_KEPT = 50_000
"""What applies to a file is kept, as a run asks several times. After so many files, all is determined anew."""

_SETTINGS = frozenset(field.name for field in fields(Settings))
GIVEN = _SETTINGS | {"exclude", "force_exclude", "baseline"}
"""What a project can be given."""


class Scope(NamedTuple):
    """What applies to one file.

    `config` is the configuration file that was used, `extended` are those that it builds on, and `baseline` is the file
    of accepted findings. `excluders` are the globs that exclude the file, or a folder that it is in. `places` are
    places in records where rules are off.
    """

    settings: Settings
    config: str | None = None
    excluders: frozenset["Glob"] = frozenset()
    force_exclude: bool = False
    places: tuple["PlaceIgnore", ...] = ()
    baseline: str | None = None
    extended: tuple[str, ...] = ()

    @property
    def excluded(self) -> bool:
        """Whether the configuration excludes the file. It is checked nevertheless if it was named explicitly."""
        return bool(self.excluders)

    def named_files(self) -> list[str]:
        """Return the paths of other files that are read for a check of this one."""
        return [*self.settings.named_files(), *filter(None, (self.config, self.baseline)), *self.extended]

    def to_dict(self) -> dict[str, Any]:
        """Return the settings, and where they come from, as plain values."""
        return {
            **self.settings.to_dict(),
            "config": self.config,
            "baseline": self.baseline,
            "excluded": self.excluded,
            "force_exclude": self.force_exclude,
            "places": [
                {"pointer": "".join(f"/{part}" for part in place.pointer), "ignore": sorted(place.rules)}
                for place in self.places
            ],
        }


class Project:
    """The settings of every file of a run.

    The keys of `given` are the fields of `Settings`, and `exclude`, `force_exclude` and `baseline`; they override
    configuration files. `config` is used for all files instead of the closest one to each; with `isolated`, no
    configuration file is used.

    Raises:
        UserError: the file `config`, or what was given, is wrong.
    """

    def __init__(
        self, given: Mapping[str, Any] | None = None, *, config: Path | None = None, isolated: bool = False
    ) -> None:
        self.given = _checked(given or {})
        self.isolated = isolated
        self.config_path = None if config is None else filled_texts("config", [config])[0]
        self._in_folder: dict[str, str | None] = {}
        self._files: dict[str, ConfigFile] = {}
        self._baselines: dict[str, Baseline] = {}
        self._scopes: dict[tuple[str | None, str], Scope] = {}
        self._alike: dict[Scope, Scope] = {}  # most files have equal ones, which are kept once
        self._named: dict[str, frozenset[Glob]] = {}
        self._fixed = None if self.config_path is None else self._read(self.config_path)
        self._plain = self._scope_of(None, "")

    def scope(self, path: str) -> Scope:
        """Return what applies to this file; `-` is treated as a file in the current folder.

        Raises:
            UserError: its configuration file is wrong.
        """
        file = self._config_of(path)
        if file is None and not self.given.get("exclude"):
            return self._plain
        path = os.path.abspath(path)
        key = (None if file is None else file.path, path)
        if key not in self._scopes:
            scope = self._scope_around(file, path)
            if len(self._scopes) >= MOST_KEPT:
                self._scopes.clear()
                self._alike.clear()
            self._scopes[key] = self._alike.setdefault(scope, scope)
        return self._scopes[key]

    def _scope_around(self, file: "ConfigFile | None", path: str) -> Scope:
        """Return what applies to an absolute path; its folder may be excluded, with the configuration in it."""
        scope = self._scope_of(file, path)
        folder = os.path.dirname(file.path) if file is not None and file is not self._fixed else ""
        if folder == os.path.dirname(folder):
            return scope
        around = self._scope_if_right(folder)
        forced = scope.force_exclude or (around.excluded and around.force_exclude)
        return scope._replace(excluders=scope.excluders | around.excluders, force_exclude=forced)

    def _scope_if_right(self, path: str) -> Scope:
        """Return what applies to a path, as if there were no configuration file if it is wrong."""
        try:
            return self.scope(path)
        except UserError:  # said where the path itself is checked
            return self._plain

    def passes_over(self, path: str, argument: str) -> bool:
        """Whether a file or folder, to which this argument has led, is excluded.

        What excludes the argument itself does not count, unless `force_exclude` is on: it was named all the same.
        """
        scope = self._scope_if_right(path)
        if scope.force_exclude or not scope.excluded:
            return scope.excluded
        if argument not in self._named:
            by_name = path == argument or os.path.isdir(argument)
            self._named[argument] = self._scope_if_right(argument).excluders if by_name else frozenset()
        return not scope.excluders <= self._named[argument]

    def scope_of_input(self, path: str) -> Scope:
        """Return what applies to an argument; for a folder, what applies to the files in it.

        Raises:
            UserError: the configuration file is wrong.
        """
        return self.scope(os.path.join(path, "data.jsonl") if os.path.isdir(path) else path)

    def ready_for(self, path: str) -> Settings:
        """Return the settings for an argument, after reading its configuration and baseline.

        Raises:
            UserError: one of the two is wrong.
        """
        scope = self.scope_of_input(path)
        self._read_baseline(scope.baseline)
        return scope.settings

    def baseline(self, path: str) -> "Baseline | None":
        """Return the baseline for this file, None if its settings name none.

        Raises:
            UserError: it cannot be read.
        """
        return self._read_baseline(self.scope(path).baseline)

    def _read_baseline(self, file: str | None) -> "Baseline | None":
        if file is None:
            return None
        if file not in self._baselines:
            from jsonl_lint.project.baseline import read_baseline

            self._baselines[file] = read_baseline(file)
        return self._baselines[file]

    def replaced(self, **given: Any) -> "Project":
        """Return the same project with these values given as well."""
        return Project({**self.given, **given}, config=self.config_path, isolated=self.isolated)

    def _scope_of(self, file: "ConfigFile | None", path: str) -> Scope:
        """Return what applies to an absolute path (or "", for any) with this configuration file."""
        ignored: frozenset[str] = frozenset()
        places: list[PlaceIgnore] = []
        merged = self.given
        if file is not None:
            from jsonl_lint.project.files import layered

            values = file.values
            for rule in file.path_rules:
                if any(glob.matches(path) for glob in rule.globs):
                    values = layered(values, rule.values)
                    ignored = (ignored - rule.selected) | rule.ignored
                places += [place for glob, place in rule.places if glob.matches(path)]
            merged = layered(values, self.given)
        settings = Settings(**{name: value for name, value in merged.items() if name in _SETTINGS})
        if ignored:
            settings = replace(settings, ignore=(*settings.ignore, *sorted(ignored)))
        return Scope(
            settings,
            None if file is None else file.path,
            self._excluders(file, path),
            bool(merged.get("force_exclude")),
            tuple(places),
            merged.get("baseline"),
            () if file is None else file.extended,
        )

    def _excluders(self, file: "ConfigFile | None", path: str) -> "frozenset[Glob]":
        """Return the globs that exclude an absolute path, of this configuration file and of those that were given."""
        globs = () if file is None else file.exclude
        if path and self.given.get("exclude"):
            from jsonl_lint.project.globs import Glob

            globs += tuple(Glob(os.getcwd(), text) for text in self.given["exclude"])
        return frozenset(glob for glob in globs if glob.matches(path))

    def _config_of(self, path: str) -> "ConfigFile | None":
        if self._fixed is not None or self.isolated:
            return self._fixed
        local = path == STDIN or "://" in path
        found = closest_config(os.getcwd() if local else os.path.dirname(os.path.abspath(path)), self._in_folder)
        return None if found is None else self._read(found)

    def _read(self, path: str) -> "ConfigFile":
        path = os.path.abspath(path)
        if path not in self._files:
            from jsonl_lint.project.files import read_config

            self._files[path] = read_config(path)
        return self._files[path]


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given, lists as tuples and paths as strings.

    Raises:
        UserError: a name or a value is wrong.
    """
    if isinstance(given, Settings):
        raise UserError(
            "a Project is given a dict of what overrides its files, for example Project({'target': 'openai'})"
        )
    for name in given:
        if name not in GIVEN:
            raise UserError(f"no setting is named {name!r}{suggestion(name, sorted(GIVEN))}")
    settings = Settings(**{name: value for name, value in given.items() if name in _SETTINGS})
    found = {name: getattr(settings, name, value) for name, value in given.items()}
    if "exclude" in found:
        from jsonl_lint.project.globs import checked_glob

        globs = filled_texts("exclude", found["exclude"])
        found["exclude"] = tuple(checked_glob(text.replace(os.sep, "/"), "exclude") for text in globs)
    if type(found.get("force_exclude", False)) is not bool:
        raise UserError(f"force_exclude is {found['force_exclude']!r}; it must be True or False")
    if found.get("baseline") is not None:
        (found["baseline"],) = filled_texts("baseline", [found["baseline"]])
    return found


def project_from(settings: "Settings | Project | None") -> Project:
    """Return the project that a call was given, or one in which these settings are those of every file.

    Raises:
        UserError: it was given something else.
    """
    if isinstance(settings, Project):
        return settings
    return Project(given_settings(settings).to_dict(), isolated=True)


def load_settings(path: Path = STDIN, *, config: Path | None = None) -> Settings:
    """Return the settings for a data file from its closest configuration file, or from `config`.

    Library calls read no configuration on their own. Places in records where rules are off, and a baseline, are not
    settings: to apply these, pass a `Project` to `check_paths`.

    Raises:
        UserError: the configuration file is wrong.
    """
    return Project(config=config).scope(os.fsdecode(path)).settings
