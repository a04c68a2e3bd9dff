"""`Settings`: one frozen object whose fields are named like the options of the command line."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from jsonl_lint.errors import UserError
from jsonl_lint.files.source import DEFAULT_MAX_LINE_BYTES
from jsonl_lint.records.formats import BY_NAME

METHODS = ("sft", "dpo", "rl")
FORMATS = ("auto", *BY_NAME)
ENGINES = ("local", "ray")

FAIL_ON = ("error", "warning", "info")

HOW_FAST = ("jobs", "engine", "resume")
"""Settings that affect the speed of a run and not its result."""

NOT_IN_REPORTS = (*HOW_FAST, "fail_on")
"""Settings that do not affect any finding."""

DEFAULT_MAX_FINDINGS = 1000

LARGEST_NUMBER = 1 << 63
"""A report that is saved or sent holds no larger one."""

_PATHS_AND_NAMES = ("target", "schema", "model", "tokenizer", "models", "resume")
_NUMBERS = ("max_tokens", "max_findings", "max_line_bytes", "jobs")
_SWITCHES = ("near_duplicates", "decode_images", "record_hashes", "unsafe_fixes")
SELECTORS = ("select", "ignore", "extend_select", "extend_safe_fixes", "extend_unsafe_fixes", "unfixable")


@dataclass(frozen=True)
class Settings:
    """How to check and fix.

    - `target`: the name of a target, or the path of a `.json` target file.
    - `method`: `sft`, `dpo` (preference pairs) or `rl` (prompts without answers).
    - `format`: `auto`, or the one format that every record should have.
    - `schema`: the path of your own JSON Schema.
    - `model`: the model that the data is for.
    - `max_tokens`: the maximum length of a record, instead of the model's own limit.
    - `tokenizer`: a vocabulary, or the path of a `tokenizer.json`, instead of the model's own.
    - `models`: the path of your own model registry.
    - `against`: paths of files, such as validation data, that must not contain the same records.
    - `select`, `ignore`, `extend_select`: rule names, codes, code prefixes or `ALL`.
    - `fail_on`: the lowest severity (`error`, `warning` or `info`) with which a report is not `ok`.
    - `max_findings`: how many findings are kept per rule and file, 0 for all; counts stay exact.
    - `max_line_bytes`: longer lines are reported and not parsed.
    - `jobs`: processes, 0 to choose by the size of the files. A script that uses more than one needs an
      `if __name__ == "__main__":` guard.
    - `engine`: `local`, or `ray` to use a cluster, which then determines the number of processes.
    - `resume`: a folder with the results of finished ranges of large files, from which a new run continues.
    - `near_duplicates`: report records that are nearly the same as earlier ones; the file is read twice more.
    - `decode_images`: decode every image completely, with Pillow, instead of its header alone.
    - `record_hashes`: findings carry a hash of their record, by which they are recognised when lines move.
    - `unsafe_fixes`: also apply unsafe fixes.
    - `extend_safe_fixes`, `extend_unsafe_fixes`, `unfixable`: rules whose fixes count as safe, unsafe or not at all.

    Raises:
        UserError: a value is not one of these.
    """

    target: str = "together"
    method: str = "sft"
    format: str = "auto"
    schema: str | None = None
    model: str | None = None
    max_tokens: int | None = None
    tokenizer: str | None = None
    models: str | None = None
    against: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fail_on: str = "error"
    max_findings: int = DEFAULT_MAX_FINDINGS
    max_line_bytes: int = DEFAULT_MAX_LINE_BYTES
    jobs: int = 1
    engine: str = "local"
    resume: str | None = None
    near_duplicates: bool = False
    decode_images: bool = False
    record_hashes: bool = False
    unsafe_fixes: bool = False
    extend_safe_fixes: tuple[str, ...] = ()
    extend_unsafe_fixes: tuple[str, ...] = ()
    unfixable: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "against", texts_of("against", self.against))
        for name in SELECTORS:
            object.__setattr__(self, name, filled_texts(name, getattr(self, name)))
        for name in _PATHS_AND_NAMES:
            value = getattr(self, name)
            if value is not None or name == "target":
                texts = texts_of if name in ("target", "resume") else filled_texts  # of these, other messages say more
                object.__setattr__(self, name, texts(name, [value])[0])
        for name in _NUMBERS:
            value = getattr(self, name)
            if type(value) is not int and not (value is None and name == "max_tokens"):
                raise UserError(f"{name} is {value!r}; it must be a whole number")
            if value is not None and value >= LARGEST_NUMBER:
                raise UserError(f"{name} is too large; it must be below 2**63")
        for name in _SWITCHES:
            if type(getattr(self, name)) is not bool:
                raise UserError(f"{name} is {getattr(self, name)!r}; it must be True or False")
        for name, choices in (("method", METHODS), ("format", FORMATS), ("fail_on", FAIL_ON), ("engine", ENGINES)):
            if getattr(self, name) not in choices:
                raise UserError(f"{name} is {getattr(self, name)!r}; it can be {', '.join(choices)}")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise UserError(f"max_tokens is {self.max_tokens}; it must be at least 1")
        if self.max_findings < 0:
            raise UserError("max_findings is negative; 0 keeps all")
        if self.jobs < 0:
            raise UserError("jobs is negative; 0 chooses")
        if self.max_line_bytes < 1:
            raise UserError("max_line_bytes must be at least 1")

    @property
    def of_limits(self) -> tuple[str | None, int | None, str | None, str | None]:
        """What limits the length of records: the model, `max_tokens`, the tokenizer, and the registry of models."""
        return self.model, self.max_tokens, self.tokenizer, self.models

    def named_files(self) -> list[str]:
        """Return the files that the settings name beside the data; some may be names of other things."""
        own = [name for name in (self.target, self.tokenizer) if name and name.endswith(".json")]
        return [*own, *filter(None, (self.schema, self.models)), *self.against]

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return asdict(self)


def given_settings(settings: Settings | None) -> Settings:
    """Return the settings that a call was given, or the defaults.

    Raises:
        UserError: it was given something else, such as the name of a target.
    """
    if settings is None:
        return Settings()
    if not isinstance(settings, Settings):
        kind = type(settings).__name__
        raise UserError(f"settings is of type {kind}; it must be a Settings, for example Settings(target='openai')")
    return settings


def with_all_findings(settings: Settings | None) -> Settings:
    """Return the same settings, but with all findings made.

    Raises:
        UserError: as in `given_settings`.
    """
    return _with_all_findings(settings if settings is None else given_settings(settings))


@lru_cache(maxsize=16)
def _with_all_findings(settings: Settings | None) -> Settings:
    """Cached, because calls for one record ask for each."""
    return replace(given_settings(settings), max_findings=0)


def texts_of(name: str, values: Any) -> tuple[str, ...]:
    """Return the values, or the one that stands alone, as strings; a path becomes its string.

    Raises:
        UserError: a value is neither, or the values are not iterable.
    """
    values = [values] if isinstance(values, (str, os.PathLike)) else values
    found = [os.fspath(value) if isinstance(value, os.PathLike) else value for value in _iterated(name, values)]
    for value in found:
        if not isinstance(value, str):
            raise UserError(f"{name} is {value!r}; it must be a string")
    return tuple(found)


def filled_texts(name: str, values: Any) -> tuple[str, ...]:
    """Return the values as `texts_of` does.

    Raises:
        UserError: a value is empty, too.
    """
    texts = texts_of(name, values)
    if "" in texts:
        raise UserError(f"{name} is empty; is a variable of the shell not set?")
    return texts


def _iterated(name: str, values: Any) -> list[Any]:
    try:
        return list(values)
    except TypeError:
        raise UserError(f"{name} is {values!r}; it must be a list of strings") from None
