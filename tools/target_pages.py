"""The pages about targets: one each, and the table of all; everything in them comes from the targets' data files."""

from __future__ import annotations

from typing import Any

from jsonl_lint.plans.registry import all_rules
from jsonl_lint.target import read_target, target_names

DOUBTFUL = ("reported", "unknown")
"""The confidences on which no error is built."""


def pages() -> dict[str, str]:
    """Every page about targets by its path in the checkout, without the notice."""
    targets = [read_target(name) for name in target_names()]
    return {
        "docs/targets.md": index(targets),
        **{f"docs/targets/{data['name']}.md": page(data) for data in targets},
    }


def index(targets: list[dict[str, Any]]) -> str:
    """The list of targets, and which rule weighs how much for which."""
    rows = [
        f"| [{data['name']}](targets/{data['name']}.md) | {data['title']} | {_state(data)} "
        f"| {', '.join(data['formats'])} |"
        for data in targets
    ]
    return (
        "# Targets\n\n"
        "A target is what a provider or trainer takes. `--target NAME` checks for it, `jsonl-lint targets NAME`\n"
        "prints what its page here says. Each is one data file; `jsonl-lint schema target` describes such files.\n"
        "Every value has a source with a date. What sources contradict, or do not say, is a warning at most.\n\n"
        "| target | provider | state | formats |\n|---|---|---|---|\n" + "\n".join(rows) + "\n\n" + _OWN + "\n"
        "## Rules by target\n\n"
        "Where a target gives a rule another severity: E error, W warning, I info, `off` not about this target. Rules\n"
        "without a row weigh the same everywhere.\n\n" + severity_table(targets) + "\n"
    )


_OWN = """## Your own

A file that ends in `.json` is a target too. It changes what it `extends`: objects are merged key by key, `null` takes a
key away, anything else replaces.

`my-target.json`:

```json
{
  "extends": "together",
  "name": "house",
  "title": "Our own rules",
  "limits": { "min_records": 100 },
  "severities": { "extra-key": "error", "assistant-first": "off" }
}
```

```sh
jsonl-lint check data/train.jsonl --target my-target.json
jsonl-lint targets my-target.json
```
"""


def severity_table(targets: list[dict[str, Any]]) -> str:
    """A row for each rule whose severity some target sets, a column for each target."""
    letters = {"error": "E", "warning": "W", "info": "I", "off": "`off`"}
    names = [data["name"] for data in targets]
    rows = [f"| rule | own | {' | '.join(names)} |", f"|---|---|{'---|' * len(names)}"]
    for rule in all_rules().values():
        cells = []
        for data in targets:
            own = data.get("severities", {}).get(rule.name, rule.severity.value)
            cells.append("" if own == rule.severity.value else letters[own])
        if any(cells):
            rows.append(
                f"| [{rule.name}](rules/{rule.name}.md) | {letters[rule.severity.value]} | {' | '.join(cells)} |"
            )
    return "\n".join(rows)


def links() -> str:
    """Every target, for the README."""
    names = target_names()
    return f"{len(names)} targets: " + ", ".join(f"[{name}](docs/targets/{name}.md)" for name in names) + "."


def _state(data: dict[str, Any]) -> str:
    """`live`, or another state with its date."""
    status = data["status"]
    return f"{status['state']} ({status['date']})" if "date" in status else str(status["state"])


def page(data: dict[str, Any]) -> str:
    """Everything about one target."""
    status, over = data["status"], data["over_length"]
    note = f" ({status['note']})" if "note" in status else ""
    parts = [
        f"# {data['name']}",
        f"{data['title']}. State: {_state(data)}{note}.",
        f"- formats: {', '.join(data['formats'])}\n- roles: {_codes(data['roles'])}\n"
        f"- a record of too many tokens: {over['behaviour']}. {over.get('note', '')}".rstrip(),
    ]
    for title, key in (("Limits", "limits"), ("How it wants things", "traits"), ("Keys that it knows", "keys")):
        if data.get(key):
            parts.append(f"## {title}\n\n| | |\n|---|---|\n{_rows(data[key])}")
    if data.get("severities") or data.get("effects"):
        parts.append(f"## Rules\n\n{_RULES}\n\n{rule_table(data)}")
    doubts = sorted(rule for rule in data.get("severities", {}) if _doubtful(data, f"/severities/{rule}"))
    if doubts:
        parts.append(f"## Only warnings\n\n{_DOUBTS}\n\n" + ", ".join(_linked(rule) for rule in doubts) + ".")
    if data.get("not_covered"):
        parts.append("## Not covered\n\n" + "\n".join(f"- {sentence}" for sentence in data["not_covered"]))
    parts.append("## Sources\n\n" + "\n".join(_source(source) for source in data["sources"]))
    parts.append("[All targets](../targets.md)")
    return "\n\n".join(parts) + "\n"


_RULES = "Rules whose severity is set for this target, or of which it is known what the provider does."

_DOUBTS = """For these the sources contradict each other, only users report it, or nothing is documented. An error would
stop data that the provider may well take, so they are warnings at most."""


def rule_table(data: dict[str, Any]) -> str:
    """The rules that the target says something of, in the order of the codes."""
    severities, effects = data.get("severities", {}), data.get("effects", {})
    known = [name for name in all_rules() if name in severities or name in effects]
    others = sorted({*severities, *effects} - set(known))
    rows = ["| rule | severity | what the provider does |", "|---|---|---|"]
    for name in [*known, *others]:
        own = severities.get(name) or (all_rules()[name].severity.value if name in known else "")
        rows.append(f"| {_linked(name)} | {own} | {effects.get(name, '')} |")
    return "\n".join(rows)


def _linked(name: str) -> str:
    return f"[{name}](../rules/{name}.md)" if name in all_rules() else name


def _doubtful(data: dict[str, Any], pointer: str) -> bool:
    found = [source["confidence"] for source in data["sources"] if pointer in source["for"]]
    return bool(found) and all(confidence in DOUBTFUL for confidence in found)


def _source(source: dict[str, Any]) -> str:
    pointers = ", ".join(f"`{pointer}`" for pointer in source["for"])
    return f"- {source['source']}. {source['date']}, {source['confidence']}. For {pointers}"


def _rows(values: dict[str, Any]) -> str:
    return "\n".join(f"| `{key}` | {_shown(value)} |" for key, value in values.items())


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return _codes(value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_shown(item)}" for key, item in value.items())
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:,}" if isinstance(value, int) else f"`{value}`"


def _codes(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)
