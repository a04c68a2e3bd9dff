"""Targets: what a provider accepts, as data. There is one JSON file for each under `jsonl_lint/targets/`."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from jsonl_lint.errors import UserError, reason_of, suggestion
from jsonl_lint.files.whole import load_json
from jsonl_lint.model import Severity, format_pointer, value_at
from jsonl_lint.wording import excerpt

_FOLDER = os.path.join(os.path.dirname(__file__), "targets")

OFF = "off"
"""In place of a severity: the rule does not apply to this target, and runs only if it is selected."""

BATCH_FORMATS = ("batch", "anthropic-batch")
"""The record formats that are batch requests: each names its own model, and needs room for the answer."""

_BATCH_RULES = "JL9"
"""The code prefix of the rules about batch requests."""

LIMITS_OF_ALL = ("extensions", "max_custom_id_characters")


class Target(NamedTuple):
    """A provider's requirements for a dataset, from its data file, which `schemas/target.schema.json` describes.

    `keys` are the keys that the target knows, by kind of object; `traits` describe what it requires where providers
    differ; `effects` say what it does with a record that a rule reports. Sizes in `limits` are in bytes.
    """

    name: str
    title: str
    status: Mapping[str, str]
    formats: tuple[str, ...]
    roles: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]
    severities: Mapping[str, Severity]
    off: frozenset[str]
    limits: Mapping[str, Any]
    traits: Mapping[str, Any]
    effects: Mapping[str, str]
    over_length: Mapping[str, str]

    def roles_in(self, format: str | None, method: str) -> tuple[str, ...]:
        """Return the valid roles: `roles`, unless `traits` has others for the format, or for chat and the method."""
        own = self.traits.get("roles_by_format", {}).get(format)
        if own is None and format == "chat":
            own = self.traits.get("roles_by_method", {}).get(method)
        return self.roles if own is None else tuple(own)

    def with_formats_of(self, method: str) -> "Target":
        """Return the target with the formats that it takes for this method alone, as `traits` has them."""
        return self._replace(formats=(*self.formats, *self.traits.get("formats_by_method", {}).get(method, ())))

    def limits_in(self, format: str | None) -> dict[str, Any]:
        """Return the limits of a file of this format; `max_batch_records` becomes `max_records` for batch requests."""
        batch = format in BATCH_FORMATS
        return {
            name.replace("_batch_", "_"): limit
            for name, limit in self.limits.items()
            if ("_batch_" in name) == batch or name in LIMITS_OF_ALL
        }

    def limit(self, name: str, format: str | None) -> Any:
        """Return one of `limits_in`, None if the target has none of this name."""
        batch = format in BATCH_FORMATS and name not in LIMITS_OF_ALL
        return self.limits.get(name.replace("_", "_batch_", 1) if batch else name)

    def effect_of(self, rule: str, code: str, pointer: str, method: str) -> str | None:
        """Return what the target does with a record with such a finding, None if that is unknown.

        `traits` may have other effects for a method. In the body of a batch request, only the effects of batch rules
        apply, since the others are about training data.
        """
        if pointer.startswith("/body/") and not code.startswith(_BATCH_RULES):
            return None
        own = self.traits.get("effects_by_method", {}).get(method, {})
        return own.get(rule) or self.effects.get(rule)

    def lists_in(self, format: str, method: str) -> dict[str, Any]:
        """Return what replaces the values of the format's schema: limits, roles, keys of each kind of object.

        A kind of object may be defined for one format only: `batch.message` is a message in a batch request. Where the
        types of parts are known, a prompt is made of these alone, and `prompt_messages` takes messages from the schema.
        """
        lists: dict[str, Any] = {**self.limits, "roles": list(self.roles_in(format, method))}
        if "part_types" in self.traits:
            lists["prompt_messages"] = None
        for kind, names in self.keys.items():
            if "." not in kind:
                lists.setdefault(kind, list(names))
            elif kind.startswith(f"{format}."):
                lists[kind.partition(".")[2]] = list(names)
        return lists

    def has_grader_keys(self, method: str) -> bool:
        """Whether records may have arbitrary keys for a grader."""
        return method == "rl" and bool(self.traits.get("grader_keys"))

    @property
    def notice(self) -> str | None:
        """A warning that the service is closing or gone, else None."""
        if self.status.get("state", "live") == "live":
            return None
        when = f" ({self.status['date']})" if "date" in self.status else ""
        return f"{self.title} is {self.status['state']}{when}: {self.status.get('note', '')}".rstrip(": ")


def target_names() -> list[str]:
    """Return the names of the built-in targets."""
    return sorted(name.removesuffix(".json") for name in os.listdir(_FOLDER) if name.endswith(".json"))


def load_target(name: str) -> Target:
    """Load a built-in target by name, or a user's own by the path of its `.json` file.

    Raises:
        UserError: there is no such target, or the file is not one.
    """
    try:
        data = read_target(name)
        if name.endswith(".json"):
            _prove(name, data)
        severities = dict(data.get("severities", {}))
        return Target(
            name=data["name"],
            title=data["title"],
            status=dict(data.get("status", {})),
            formats=tuple(data["formats"]),
            roles=tuple(data["roles"]),
            keys={kind: tuple(names) for kind, names in data.get("keys", {}).items()},
            severities={rule: Severity(value) for rule, value in severities.items() if value != OFF},
            off=frozenset(rule for rule, value in severities.items() if value == OFF),
            limits=dict(data.get("limits", {})),
            traits=dict(data.get("traits", {})),
            effects=dict(data.get("effects", {})),
            over_length=dict(data.get("over_length", {})),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{name}: not a target file: {error}") from None


def read_target(name: str, depth: int = 0) -> dict[str, Any]:
    """Read the data of a target file, merged into that of the target that it `extends`.

    Objects are merged key by key, and a null removes the base's key; anything else replaces the base's value.

    Raises:
        UserError: there is no such target, or it cannot be read.
    """
    path = name if name.endswith(".json") else os.path.join(_FOLDER, f"{name}.json")
    try:
        data: dict[str, Any] = load_json(path)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name}: the target is not JSON: {error}") from None
    except OSError as error:
        if name.endswith(".json"):
            raise UserError(f"{name}: cannot read the target: {reason_of(error)}") from None
        titles = {known: read_target(known)["title"] for known in target_names()}
        raise UserError(f"no target is named {name!r}{suggestion(name, titles, titles)}") from None
    if not isinstance(data, dict):
        raise UserError(f"{name}: not a target file: it is no object")
    base = data.pop("extends", None)
    if base is None:
        return data
    if depth > 8:
        raise UserError(f"{name}: `extends` goes round in a circle")
    merged = read_target(str(base), depth + 1)
    for key, value in data.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict) and key != "status":
            merged[key] = {own: kept for own, kept in {**merged[key], **value}.items() if kept is not None}
        elif key == "sources":
            merged[key] = [*value, *merged.get(key, [])]
        else:
            merged[key] = value
    return merged


def _prove(name: str, data: dict[str, Any]) -> None:
    """Validate a user's own target against the schema. Tests validate the built-in ones, which saves an import here.

    Raises:
        UserError: it is invalid; the message names the first wrong key.
    """
    from jsonl_lint.schemas import load_schema
    from jsonl_lint.validator import Validator

    for violation in Validator(load_schema("target")).violations(data):
        where = format_pointer(violation.pointer) or "/"
        if violation.keyword == "additionalProperties":
            reason = f"the key {excerpt(violation.subject)} is not known"
        elif violation.keyword == "required":
            reason = f"the key {excerpt(violation.subject)} is missing"
        else:
            value = value_at(data, violation.pointer)
            reason = f"{excerpt(value)} does not fit; `{violation.keyword}` is {str(violation.constraint)[:200]}"
        raise UserError(f"{name}: not a target file: at {where}, {reason} (`jsonl-lint schema target` describes it)")
