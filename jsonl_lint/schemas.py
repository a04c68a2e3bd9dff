"""The JSON Schemas that say what a record looks like, and validators made from them.

`schemas/*.schema.json` are the truth for shape. Beside a constraint, `x-rules` names the rule that reports its
violation; `x-target` names the list in a target's data file that replaces the value of a keyword.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.model import Pointer

Schema = dict[str, Any]

_FOLDERS = (Path(__file__).parent / "schemas", Path(__file__).parent.parent / "schemas")
"""Inside an installed wheel; beside the package in a checkout."""

DEFAULT_RULE = "wrong-type"


class Violation(NamedTuple):
    """A constraint of a schema that a value breaks: `keyword` with its value `constraint`, at `pointer`.

    `subject` is the missing or unexpected key where there is one, and is not part of `pointer`.
    """

    pointer: Pointer
    keyword: str
    constraint: Any
    subject: str | None
    rule: str


class Validator:
    """A compiled schema: `is_valid` at the speed of a hand-written check, `violations` for what it rejects."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.is_valid: Callable[[Any], bool]
        self._errors: Callable[[Any], Iterator[Violation]]
        try:
            import jsonschema_rs
        except ImportError:
            self._compile_python()
        else:
            self._compile_rust(jsonschema_rs)

    def violations(self, value: Any) -> list[Violation]:
        """Every violation, outermost first; a missing or an unexpected key is one each."""
        return list(self._errors(value))

    def _compile_rust(self, engine: Any) -> None:
        compiled = engine.validator_for(self.schema, retriever=_refuse)
        self.is_valid = compiled.is_valid

        def errors(value: Any) -> Iterator[Violation]:
            for error in compiled.iter_errors(value):
                *steps, keyword = error.schema_path
                kind = error.kind
                subjects = getattr(kind, "unexpected", None) or [getattr(kind, "property", None)]
                yield from self._violations(tuple(error.instance_path), steps, str(keyword), subjects)

        self._errors = errors

    def _compile_python(self) -> None:
        """Where no wheel of jsonschema-rs exists: the same verdicts, a hundred times slower."""
        from jsonschema import Draft202012Validator, validators
        from referencing import Registry

        engine = validators.validator_for(self.schema, default=Draft202012Validator)
        compiled = engine(self.schema, registry=Registry())
        self.is_valid = compiled.is_valid

        def errors(value: Any) -> Iterator[Violation]:
            for error in compiled.iter_errors(value):
                subjects: list[str | None] = [None]
                parent = error.schema if isinstance(error.schema, dict) else {}
                instance: Any = error.instance
                required: Any = error.validator_value
                if error.validator == "required":
                    # One error a missing key, but the key stands only in the message: match by order of the list.
                    subjects = [key for key in required if error.message.startswith(repr(key))][:1]
                elif error.validator == "additionalProperties":
                    subjects = [key for key in instance if key not in parent.get("properties", {})]
                yield from _violations_of(parent, tuple(error.absolute_path), str(error.validator), subjects)

        self._errors = errors

    def _violations(
        self, pointer: Pointer, steps: list[str | int], keyword: str, subjects: list[str | None]
    ) -> Iterator[Violation]:
        parent: Any = self.schema
        for step in steps:
            try:
                parent = parent[step]
            except (KeyError, IndexError, TypeError):  # inside a schema that another `$id` embeds
                parent = {}
        yield from _violations_of(parent if isinstance(parent, dict) else {}, pointer, keyword, subjects)


def _violations_of(parent: Schema, pointer: Pointer, keyword: str, subjects: list[str | None]) -> Iterator[Violation]:
    for subject in subjects:
        rule = parent.get("x-rules", {}).get(keyword, DEFAULT_RULE)
        if isinstance(rule, dict):
            rule = rule.get(subject, DEFAULT_RULE)
        yield Violation(pointer, keyword, parent.get(keyword), subject, rule)


def schema_names() -> list[str]:
    """The names that `load_schema` knows."""
    return sorted(path.name.removesuffix(".schema.json") for path in _folder().glob("*.schema.json"))


def load_schema(name: str) -> Schema:
    """A shipped schema by name, for example `chat`.

    Raises:
        UserError: no schema has this name.
    """
    path = _folder() / f"{name}.schema.json"
    if not path.is_file():
        raise UserError(f"no schema is named {name!r}; there are: {', '.join(schema_names())}")
    schema: Schema = json.loads(path.read_bytes())
    return schema


def specialise(schema: Schema, lists: dict[str, Any]) -> Schema:
    """A copy of the schema in which each `x-target` keyword has the target's own value (`lists` by name)."""

    def copy(node: Any) -> Any:
        if isinstance(node, list):
            return [copy(item) for item in node]
        if not isinstance(node, dict):
            return node
        result = {key: copy(value) for key, value in node.items()}
        for keyword, name in node.get("x-target", {}).items():
            if name in lists:
                result[keyword] = lists[name]
        return result

    specialised: Schema = copy(schema)
    return specialised


def load_user_schema(path: str) -> Validator:
    """A user's own schema, checked against its meta-schema.

    Raises:
        UserError: the file cannot be read, is not JSON or is not a JSON Schema.
    """
    try:
        schema = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise UserError(f"{path}: cannot read the schema: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: the schema is not JSON: {error}") from None
    from jsonschema import exceptions, validators

    if isinstance(schema, bool):
        schema = {"allOf": [schema]}
    if not isinstance(schema, dict):
        raise UserError(f"{path}: not a JSON Schema: it is neither an object nor a boolean")
    try:
        validators.validator_for(schema).check_schema(schema)
        return Validator(schema)
    except exceptions.SchemaError as error:
        where = "/".join(str(step) for step in error.absolute_path)
        raise UserError(f"{path}: not a valid JSON Schema: {error.message[:200]} (at /{where})") from None
    except Exception as error:  # the engine's own errors: unknown $ref, a bad pattern
        raise UserError(f"{path}: the schema cannot be compiled: {str(error)[:200]}") from None


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri} is outside the schema; nothing is fetched")


def _folder() -> Path:
    return next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[0])
