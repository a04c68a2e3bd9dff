"""Check a tool's `parameters`, a JSON Schema that comes with the data, and arguments against it.

The schema may be hostile: nested endlessly, with references to itself that double the work at every step, with patterns
that backtrack for years, or with references to a URL. So its size is measured before a library sees it, patterns run on
a linear-time engine, and nothing is fetched. What could take too long is not run, so it has no findings.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from jsonl_lint.model import Pointer
from jsonl_lint.schemas import Violation
from jsonl_lint.toolcalls.metaschema import Flaw, draft_of, is_infinite, library, schema_flaws
from jsonl_lint.toolcalls.patterns import pattern_problem
from jsonl_lint.toolcalls.simpleschema import fits, is_simple
from jsonl_lint.toolcalls.subschemas import PATTERNS, extent, located, patterns_of, referred, work
from jsonl_lint.validator import broken_by, refuse_to_fetch
from jsonl_lint.wording import excerpt

MAX_DEPTH = 100
"""How deep a schema may be nested; no provider is known to document a limit above 10."""

MAX_VALUES = 10_000
MAX_REFERENCES = 500
MAX_PATTERNS = 50
MAX_PATTERN_CHARACTERS = 5_000
"""A schema with more values, references, patterns or characters of patterns than these is not run."""

MAX_WORK = 20_000_000
"""The maximum product of the values in a schema and those in the arguments: about a second at the very most."""

RUNS_BEFORE_COMPILING = 20
"""How often a simple schema is run without the library. It is faster, but takes time to import and to compile."""

MAX_PROBLEMS = 10
MAX_VIOLATIONS = 5
"""How many problems of one schema are reported, and how many violations of one call's arguments."""

_FOREIGN = frozenset(
    ("$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary")
)
"""Keywords that change what references mean. A schema with one is not run, except for two at its root."""


class Parameters:
    """The schema of one tool's arguments. It is checked and compiled when that is first needed."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self._runs = 0

    @cached_property
    def problems(self) -> tuple[Flaw, ...]:
        """Why it is not a schema for arguments; () also for a schema that is too large to be looked into."""
        if not isinstance(self.schema, dict):
            return (Flaw((), f"the schema is {excerpt(self.schema)}; it must be an object, a JSON Schema"),)
        if self._simple:
            return () if self._kind == "object" else (self._not_for_arguments(),)
        values, depth = self._extent
        if depth > MAX_DEPTH:
            return (Flaw((), f"the schema is nested over {MAX_DEPTH} levels deep"),)
        if values > MAX_VALUES:
            return ()
        kind = self._kind
        found = list(schema_flaws(self.schema))
        known = any(flaw.pointer[:1] == ("type",) for flaw in found)
        if not known and kind != "object" and not (isinstance(kind, list) and "object" in kind):
            found.append(self._not_for_arguments())
        found += self._dangling()
        found += self._unreadable_patterns()
        return tuple(found[:MAX_PROBLEMS])

    def violations(self, arguments: dict[str, Any], size: int) -> list[Violation]:
        """Return what the arguments violate. `size` is the number of characters of their JSON text."""
        if self.problems:
            return []
        if self._runs < RUNS_BEFORE_COMPILING and self._simple and self._affordable(arguments, size):
            self._runs += 1
            if fits(self.schema, arguments):
                return []
        if self._compiled is None or not self._affordable(arguments, size):
            return []
        try:
            if self._compiled.is_valid(arguments):
                return []
            return list(_violations(self._compiled, arguments))
        except Exception:  # lone surrogates, numbers and depths that the library does not take
            return []

    @property
    def _kind(self) -> Any:
        """The type of what it describes."""
        return self.schema.get("type", "object")

    def _not_for_arguments(self) -> Flaw:
        return Flaw(("type",), f"the schema describes {excerpt(self._kind)}; arguments are an object")

    @cached_property
    def _extent(self) -> tuple[int, int]:
        """How many values it contains, and how deep it is nested."""
        return extent(self.schema, MAX_VALUES)

    @cached_property
    def _simple(self) -> bool:
        return is_simple(self.schema)

    @cached_property
    def _keys(self) -> frozenset[str]:
        """All keys in it, whatever they mean there: most schemas have none that needs a closer look."""
        found: set[str] = set()
        waiting: list[Any] = [self.schema]
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                found.update(item)
                waiting.extend(item.values())
            elif isinstance(item, list):
                waiting.extend(item)
        return frozenset(found)

    @cached_property
    def _parts(self) -> tuple[tuple[Pointer, dict[str, Any]], ...]:
        """Every schema in it with its place, itself first."""
        return tuple(located(self.schema))

    @cached_property
    def _moves_references(self) -> bool:
        """Whether a schema inside it changes what references mean."""
        return bool(self._keys & _FOREIGN) and any(part.keys() & _FOREIGN for _, part in self._parts[1:])

    def _dangling(self) -> Iterator[Flaw]:
        """Yield the references that lead nowhere, for nothing is fetched, and the model does not see what they mean."""
        if "$ref" not in self._keys or self._moves_references:
            return
        for pointer, part in self._parts:
            reference = part.get("$ref")
            if isinstance(reference, str) and referred(self.schema, reference) is None:
                yield Flaw((*pointer, "$ref"), f"the reference {excerpt(reference)} leads nowhere in the schema")

    def _unreadable_patterns(self) -> Iterator[Flaw]:
        """Yield the patterns that are no regular expressions in any dialect: the meta-schema wants one."""
        if not self._keys & PATTERNS or not self._may_run:
            return
        for pointer, part in self._parts:
            for place, text in patterns_of(part):
                problem = pattern_problem(text)
                if problem:
                    yield Flaw((*pointer, *place), f"{excerpt(text)} is not a regular expression: {problem}")

    @cached_property
    def _references(self) -> int:
        """How many references there are."""
        return sum("$ref" in part for _, part in self._parts) if "$ref" in self._keys else 0

    @cached_property
    def _may_run(self) -> bool:
        """Whether it is small enough to be compiled, and nothing in it changes what references mean."""
        if self._extent[0] > MAX_VALUES or self._references > MAX_REFERENCES:
            return False
        if self._moves_references or self.schema.keys() & _FOREIGN - {"$schema", "$id"}:
            return False
        asked = self._parts if self._keys & PATTERNS else ()
        patterns = [text for _, part in asked for _, text in patterns_of(part)]
        return len(patterns) <= MAX_PATTERNS and sum(map(len, patterns)) <= MAX_PATTERN_CHARACTERS

    @cached_property
    def _compiled(self) -> Any:
        """The library's validator, None if the schema must not be run or cannot be compiled."""
        rust = library()
        if rust is None or not self._may_run:
            return None
        schema = {key: value for key, value in self.schema.items() if key not in ("$schema", "$id")}
        try:
            return getattr(rust, f"{draft_of(self.schema)}Validator")(
                schema,
                validate_formats=False,
                retriever=refuse_to_fetch,
                pattern_options=rust.RegexOptions(size_limit=1 << 18, dfa_size_limit=1 << 20),
            )
        except Exception:  # a pattern that the linear engine does not know, a lone surrogate
            return None

    def _affordable(self, arguments: dict[str, Any], size: int) -> bool:
        """Whether the work of running it is bounded. Each part of the schema may judge each value that it can reach.

        The arguments have at most `size` values, the characters of their JSON; values are only counted if necessary.
        """
        if self._simple and size * MAX_VALUES <= MAX_WORK:
            return True
        values, depth = size, 0
        if self._references or self._extent[0] * size > MAX_WORK:
            values, depth = extent(arguments, MAX_WORK)
        judging = work(self.schema, depth, MAX_WORK) if self._references else self._extent[0]
        return judging * values <= MAX_WORK


def _violations(validator: Any, arguments: dict[str, Any]) -> Iterator[Violation]:
    left = MAX_VIOLATIONS
    for error in validator.iter_errors(arguments):
        if is_infinite(arguments, error):
            continue
        keyword, constraint, subjects = broken_by(error, arguments)
        for subject in subjects:
            if not left:
                return
            left -= 1
            yield Violation(tuple(error.instance_path), keyword, constraint, subject, "")
