"""Validate against any JSON Schema, such as a user's own, with a library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.whole import load_json
from jsonl_lint.schemas import Schema, Violation, part_at, references_in, violations_of


class Validator:
    """A schema compiled by jsonschema-rs, or if that cannot be imported, by jsonschema, a hundred times slower.

    With `formats`, a value that breaks a `format` is a violation in any draft; jsonschema knows fewer formats.

    Raises:
        Exception: of the library's own kinds; the schema cannot be compiled.
    """

    is_valid: Callable[[Any], bool]
    """Whether a value satisfies the schema, at the speed of a hand-written check."""

    def __init__(self, schema: Schema, *, formats: bool = False) -> None:
        self.schema = schema
        try:
            import jsonschema_rs
        except ImportError:
            self.is_valid, self._violations = _compile_python(schema, formats)
        else:
            self.is_valid, self._violations = _compile_rust(schema, formats, jsonschema_rs)

    def violations(self, value: Any) -> list[Violation]:
        """Return every violation; each missing or unexpected key is one."""
        return list(self._violations(value))


_Compiled = tuple[Callable[[Any], bool], Callable[[Any], Iterator[Violation]]]
"""What says whether a value is valid, and what finds its violations."""


def _compile_rust(schema: Schema, formats: bool, library: Any) -> _Compiled:
    compiled = library.validator_for(schema, retriever=refuse_to_fetch, validate_formats=formats)

    def violations(value: Any) -> Iterator[Violation]:
        for error in compiled.iter_errors(value):
            parent = part_at(schema, error.schema_path[:-1])
            yield from violations_of(parent, tuple(error.instance_path), *broken_by(error, value))

    return compiled.is_valid, violations


def broken_by(error: Any, value: Any) -> tuple[str, Any, list[str | None]]:
    """Return the keyword that an error of jsonschema-rs is about, its value in the schema, and the keys that break it.

    They are taken from the error: its path does not lead to them from inside a schema that another `$id` embeds.
    """
    kind = error.kind
    if kind.name == "propertyNames":
        return "propertyNames", None, [kind.error.instance]
    if kind.name == "falseSchema" and error.schema_path[-1:] == ["additionalProperties"]:
        return "additionalProperties", False, list(part_at(value, error.instance_path))
    return kind.name, kind.value, getattr(kind, "unexpected", None) or [getattr(kind, "property", None)]


def _compile_python(schema: Schema, formats: bool) -> _Compiled:
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    library = validators.validator_for(schema, default=Draft202012Validator)
    library.check_schema(schema)
    resource = Registry().with_resource("", DRAFT202012.create_resource(schema))
    for reference in references_in(schema):
        resource.resolver(schema.get("$id", "")).lookup(reference)
    compiled = library(schema, registry=Registry(), format_checker=library.FORMAT_CHECKER if formats else None)

    def violations(value: Any) -> Iterator[Violation]:
        for error in compiled.iter_errors(value):
            parent = error.schema if isinstance(error.schema, dict) else {}
            instance: Any = error.instance
            required: Any = error.validator_value
            subjects: list[str | None] = [None]
            if error.validator == "required":  # the missing key stands only in the message
                subjects = [key for key in required if error.message.startswith(repr(key))][:1]
            elif error.validator == "additionalProperties":
                subjects = [key for key in instance if key not in parent.get("properties", {})]
            keyword = str(error.validator or "falseSchema")
            yield from violations_of(parent, tuple(error.absolute_path), keyword, required, subjects)

    return compiled.is_valid, violations


def refuse_to_fetch(uri: str) -> Any:
    """Refuse to fetch anything: what a schema refers to must be part of it.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{uri} is outside the schema; nothing is fetched")


def load_user_schema(path: str) -> Validator:
    """Return a user's own schema, checked against its meta-schema.

    Raises:
        UserError: the file cannot be read, is not JSON or is not a JSON Schema.
    """
    try:
        schema = load_json(path)
    except OSError as error:
        raise UserError(f"{path}: cannot read the schema: {reason_of(error)}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: the schema is not JSON: {error}") from None
    from jsonschema import exceptions, validators

    if isinstance(schema, bool):
        schema = {"allOf": [schema]}
    if not isinstance(schema, dict):
        raise UserError(f"{path}: not a JSON Schema: it is neither an object nor a boolean")
    if not isinstance(schema.get("$schema", ""), str):
        raise UserError(f"{path}: not a JSON Schema: its `$schema` is no address")
    try:
        library: Any = validators.validator_for(schema)
        library.check_schema(schema, format_checker=None)  # the engine knows better what a pattern is
        return Validator(schema, formats=True)
    except exceptions.SchemaError as error:
        where = "/".join(str(step) for step in error.absolute_path)
        raise UserError(f"{path}: not a valid JSON Schema: {error.message[:200]} (at /{where})") from None
    except Exception as error:  # the engine's own errors: unknown $ref, a bad pattern
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        if where := "/".join(map(str, getattr(error, "instance_path", ()))):
            reason += f" (at /{where})"
        raise UserError(f"{path}: the schema cannot be compiled: {reason[:200]}") from None
