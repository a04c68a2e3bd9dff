"""The keys of configuration files, from which the verb `config`, the schema and the documentation are made.

A key's value is described by a JSON Schema that uses nothing but `type`, `enum`, `minimum`, `maximum`, `minLength`,
`items`, `minItems` and `additionalProperties`; `keychecks.check_value` interprets it.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, NamedTuple

from jsonl_lint.config import FAIL_ON, FORMATS, LARGEST_NUMBER, METHODS, Settings
from jsonl_lint.errors import UserError, suggestion

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}
_DEFAULTS = {field.name: field.default for field in fields(Settings) if field.default is not MISSING}


def _number(least: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": LARGEST_NUMBER - 1}


class Key(NamedTuple):
    """One key: its name in the file, the schema of its value, what it means, its default and an example in TOML."""

    name: str
    schema: dict[str, Any]
    about: str
    default: Any
    example: str

    @property
    def in_overrides(self) -> bool:
        """Whether it may also be in an entry of `overrides`, for the files named there."""
        return self.name in OVERRIDE_KEYS

    @property
    def summary(self) -> str:
        """The first sentence."""
        first = self.about.partition(". ")[0]
        return first if first.endswith((".", "?")) else first + "."

    @property
    def takes(self) -> str:
        """A description of the valid values."""
        if "enum" in self.schema:
            return "one of " + ", ".join(self.schema["enum"])
        if self.schema["type"] == "array":
            return "a list of strings" if self.schema["items"] is _TEXT else "an array of tables"
        if "minimum" in self.schema:
            return f"a whole number, at least {self.schema['minimum']}"
        return {"string": "a string", "boolean": "true or false", "object": "a table of lists"}[self.schema["type"]]

    @property
    def shown_default(self) -> str:
        """The default, spelled as in TOML."""
        import json

        return "none" if self.default is None else json.dumps(self.default)

    def described(self) -> dict[str, Any]:
        """Return the schema with description and default, as it is published."""
        default = {} if self.default is None else {"default": self.default}
        return {"description": self.about, **self.schema, **default}


def _setting(name: str, schema: dict[str, Any], about: str, example: str) -> Key:
    """Return the key that sets the field of `Settings` with the same name."""
    default = _DEFAULTS[name.replace("-", "_")]
    return Key(name, schema, about, list(default) if isinstance(default, tuple) else default, f"{name} = {example}")


_SETTINGS = (
    _setting(
        "target",
        _TEXT,
        "The provider or trainer whose rules apply. A target's name, or the path of your own target file (.json).",
        '"together"',
    ),
    _setting(
        "method",
        {"enum": list(METHODS)},
        "The training method. `sft` data holds answers, `dpo` data pairs of answers, `rl` data prompts only.",
        '"rl"',
    ),
    _setting("format", {"enum": list(FORMATS)}, "The format that every record should have.", '"chat"'),
    _setting("schema", _TEXT, "Your own JSON Schema, which records must also satisfy. A path.", '"my.schema.json"'),
    _setting(
        "model",
        _TEXT,
        "The model that the data is for; records are measured against its limits.",
        '"Qwen/Qwen3.5-9B"',
    ),
    _setting(
        "max-tokens",
        _number(1),
        "The maximum length of a record in tokens, instead of the model's own limit.",
        "8192",
    ),
    _setting(
        "tokenizer",
        _TEXT,
        "What to count tokens with, instead of the model's own. A vocabulary, or the path of a tokenizer.json.",
        '"qwen3"',
    ),
    _setting(
        "models",
        _TEXT,
        "Your own model registry, whose entries override the built-in ones. A path.",
        '"my-models.json"',
    ),
    _setting(
        "against",
        _TEXTS,
        "Files, such as validation data, that must not contain the same records. Paths or URLs.",
        '["valid.jsonl"]',
    ),
    _setting(
        "select",
        _TEXTS,
        "Run only these rules: names, codes, code prefixes or ALL. An empty list means the default rules.",
        '["JL2"]',
    ),
    _setting("ignore", _TEXTS, "Turn these rules off.", '["consecutive-roles"]'),
    _setting("extend-select", _TEXTS, "Run these rules in addition to the selected ones.", '["JL206"]'),
    _setting(
        "max-findings",
        _number(0),
        "Show at most this many findings per rule and file, or all with 0. Counts stay exact.",
        "20",
    ),
    _setting(
        "max-line-bytes",
        _number(1),
        "Report longer lines without parsing them.",
        "1048576",
    ),
    _setting(
        "near-duplicates",
        {"type": "boolean"},
        "Report records that are nearly the same as earlier ones. Needs the extra `near-duplicates`.",
        "true",
    ),
    _setting(
        "decode-images",
        {"type": "boolean"},
        "Decode each image completely. Needs the extra `images`.",
        "true",
    ),
    _setting(
        "unsafe-fixes", {"type": "boolean"}, "`fix` also applies fixes that drop, merge or guess something.", "true"
    ),
    _setting("extend-safe-fixes", _TEXTS, "Treat the fixes of these rules as safe.", '["consecutive-roles"]'),
    _setting("extend-unsafe-fixes", _TEXTS, "Treat the fixes of these rules as unsafe.", '["utf8-bom"]'),
    _setting("unfixable", _TEXTS, "Never fix these rules.", '["JL0"]'),
)

_REASON = Key(
    "reason",
    _TEXT,
    "Why the override exists. Required where it has `ignore`.",
    None,
    'reason = "old data, not trained on"',
)
_FILES = Key(
    "files",
    {**_TEXTS, "minItems": 1},
    "Globs of files; `#` and a JSON Pointer after a glob names a place in each record.",
    None,
    'files = ["legacy/*.jsonl#/messages/*/content"]',
)

_FAIL_ON_KEY = Key(
    "fail-on",
    {"enum": list(FAIL_ON)},
    "Exit with 1 if a finding has this severity or a higher one.",
    "error",
    'fail-on = "warning"',
)

OVERRIDE_KEYS: dict[str, Key] = {key.name: key for key in (_FILES, _REASON, *_SETTINGS, _FAIL_ON_KEY)}
"""Every key of an entry of `overrides`."""

KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        *_SETTINGS,
        _FAIL_ON_KEY,
        Key(
            "per-file-ignores",
            {"type": "object", "additionalProperties": _TEXTS},
            "Rules that are off for some files. A table that maps globs to rules.",
            {},
            'per-file-ignores = {"drafts/*.jsonl" = ["JL2"]}',
        ),
        Key(
            "overrides",
            {"type": "array", "items": {"$ref": "#/$defs/override"}},
            "Other settings for some files, or rules that are off at some places of their records. Later entries win. "
            "A glob may end in `#` and a JSON Pointer, in which `*` is any key or index; then the entry holds only "
            "`ignore` and `reason`, and silences those rules there and inside.",
            [],
            '[[overrides]]\nfiles = ["legacy/*.jsonl#/messages/*/content"]\nignore = ["empty-content"]\n'
            'reason = "silent turns of the old recorder"',
        ),
        Key(
            "exclude",
            _TEXTS,
            "Globs of files and folders to skip. A path that is named explicitly is checked nevertheless, unless "
            "`force-exclude` is on.",
            [],
            'exclude = ["tmp", "data/raw/**"]',
        ),
        Key(
            "force-exclude",
            {"type": "boolean"},
            "Skip excluded files even if they are named explicitly, as hooks do with every file.",
            False,
            "force-exclude = true",
        ),
        Key(
            "baseline",
            _TEXT,
            "A file of accepted findings. A path.",
            None,
            'baseline = "jsonl-lint-baseline.json"',
        ),
        Key(
            "extend",
            _TEXT,
            "Another configuration file that this one builds on. Values here replace the values there, but `ignore`, "
            "`extend-select`, `exclude`, `per-file-ignores` and `overrides` are combined. If `select` is set here, the "
            "other file's `ignore` and `extend-select` do not count.",
            None,
            'extend = "../jsonl-lint.toml"',
        ),
    )
}
"""Every key of a configuration file."""


def find_key(text: str) -> Key:
    """Return the key with this name, at the top or in an entry of `overrides`, spelled as in the file or as in Python.

    Raises:
        UserError: there is none; the message names the closest.
    """
    known = {**KEYS, **OVERRIDE_KEYS}
    key = known.get(text.replace("_", "-"))
    if key is None:
        raise UserError(f"no configuration key is named {text!r}{suggestion(text, known)}")
    return key


_EXAMPLE = {
    "files": ["legacy/*.jsonl#/messages/*/content"],
    "ignore": ["empty-content"],
    "reason": "silent turns of the old recorder",
}


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema of a configuration file."""
    override = {
        "title": "Override",
        "description": KEYS["overrides"].about,
        "type": "object",
        "required": ["files"],
        "properties": {
            key.name: {name: part for name, part in key.described().items() if name != "default"}
            for key in OVERRIDE_KEYS.values()
        },
        "dependentRequired": {"ignore": ["reason"]},
        "additionalProperties": False,
        "examples": [_EXAMPLE],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:jsonl-lint:schema:config",
        "title": "Configuration",
        "description": "`.jsonl-lint.toml`, `jsonl-lint.toml`, and the table `tool.jsonl-lint` of `pyproject.toml`.",
        "type": "object",
        "properties": {key.name: key.described() for key in KEYS.values()},
        "additionalProperties": False,
        "examples": [{"fail-on": "warning", "per-file-ignores": {"drafts/*.jsonl": ["JL2"]}, "overrides": [_EXAMPLE]}],
        "$defs": {"override": override},
    }
