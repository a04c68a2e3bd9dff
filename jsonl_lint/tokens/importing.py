"""Convert a provider's own answer, saved by the user, to a model registry.

It can be Together's limits (`GET /v1/fine-tunes/models/limits`, one answer or an array of them), or a list of models
(`GET /v1/models` of Together or OpenAI, an array or an object with `data`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from os.path import basename, getmtime
from typing import Any

from jsonl_lint.errors import UserError
from jsonl_lint.tokens.modelfile import read_json, shipped_registry
from jsonl_lint.wording import enumerated

_LIMITS = {"max_seq_length_sft": "sft_limit", "max_seq_length_dpo": "dpo_limit", "max_seq_length": "sft_limit"}
_CAPABILITIES = {"supports_tools": "tools", "supports_vision": "vision", "supports_reasoning": "reasoning"}


def import_models(path: str, provider: str | None = None) -> dict[str, Any]:
    """Return the registry of a saved answer; write it to a file for `--models`.

    Without a provider, it is the one that all known models of the answer have; if none is known, Together.

    Raises:
        UserError: the file cannot be read, contains no models, or has those of several providers.
    """
    data = read_json(path)
    entries = data if isinstance(data, list) else data.get("data", [data]) if isinstance(data, dict) else []
    provider = provider or _likely_provider(entries, path)
    rows = [row for entry in entries if isinstance(entry, dict) and (row := _row(entry, provider)) is not None]
    if not rows:
        raise UserError(f"{path}: no models in it: neither an answer about limits nor a list of models")
    day = datetime.fromtimestamp(getmtime(path), timezone.utc).date().isoformat()
    source = {"name": "imported", "source": f"the provider's answer in {basename(path)}", "date": day}
    known = shipped_registry().providers
    providers = [] if provider in known else [{"name": provider, "title": provider, "targets": [provider]}]
    return {"version": 1, "providers": providers, "sources": [source], "models": rows}


def _likely_provider(entries: list[Any], path: str) -> str:
    """Return who answered, as far as the models tell."""
    known = shipped_registry().models
    names = [_name_of(entry) for entry in entries if isinstance(entry, dict)]
    found = sorted({known[name].provider for name in names if name in known})
    if len(found) > 1:
        raise UserError(f"{path}: has models of {enumerated(found, 'and')}; --provider says whose answer it is")
    return found[0] if found else "together"


def _name_of(entry: Mapping[str, Any]) -> str:
    """Return the name of a model, `""` if the entry names none."""
    return next((entry[key] for key in ("model_name", "model", "id", "name") if isinstance(entry.get(key), str)), "")


def _row(entry: Mapping[str, Any], provider: str) -> dict[str, Any] | None:
    """Return the registry's row for a model, None if the entry names none."""
    name = _name_of(entry)
    if not name:
        return None
    row: dict[str, Any] = {"id": name, "provider": provider}
    for part in (entry, *(value for value in entry.values() if isinstance(value, dict))):
        for key, own in _LIMITS.items():
            if _is_count(part.get(key)):
                row.setdefault(own, part[key])
        for key, own in _CAPABILITIES.items():
            if isinstance(part.get(key), bool):
                row.setdefault("capabilities", {}).setdefault(own, part[key])
    if len(row) > 2 or name not in shipped_registry().models:  # else what is known of it keeps its source
        row["source"] = "imported"
    if _is_count(entry.get("context_length")):
        row.update(window=entry["context_length"], window_source="imported")
    return row


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
