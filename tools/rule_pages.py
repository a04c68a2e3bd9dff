"""The pages about rules: one each, and the table of all; everything in them comes from the rules and their fixtures."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from jsonl_lint.plans.registry import all_rules
from jsonl_lint.rule import Rule
from jsonl_lint.target import load_target, target_names
from tools.examples import failing_lines, first_line
from tools.markdown import cell, fenced


def pages(fixtures: Path) -> dict[str, str]:
    """Every page about rules by its path in the checkout, without the notice."""
    families = rules_by_family()
    every = [rule for rules in families.values() for rule in rules]
    return {
        "docs/rules.md": index(families),
        **{f"docs/rules/{rule.name}.md": page(rule, fixtures / rule.name) for rule in every},
    }


def rules_by_family() -> dict[str, list[Rule]]:
    """The shipped rules in the order of their codes, by the folder that holds them."""
    families: dict[str, list[Rule]] = {}
    for rule in all_rules().values():
        package, _, _ = type(rule).__module__.rpartition(".")
        if package.startswith("jsonl_lint.rules."):
            families.setdefault(package.rpartition(".")[2], []).append(rule)
    return families


def family_about(family: str) -> tuple[str, str]:
    """A family's code block and subject, from the first line of its package's docstring."""
    summary = (import_module(f"jsonl_lint.rules.{family}").__doc__ or "").strip().splitlines()[0]
    block, _, about = summary.partition(": ")
    return block, about.rstrip(".")


def family_table() -> str:
    """The rule families and how many rules each has."""
    families = rules_by_family()
    total = sum(len(rules) for rules in families.values())
    rows = ["| codes | rules | about |", "|---|---|---|"]
    for family, rules in families.items():
        block, about = family_about(family)
        rows.append(f"| [{block}](docs/rules.md#{family}) | {len(rules)} | {about} |")
    return f"{total} rules in {len(families)} families:\n\n" + "\n".join(rows)


def index(families: dict[str, list[Rule]]) -> str:
    """All rules, one in each row, under a heading for each family."""
    parts = [
        "# Rules\n\n"
        "Each rule has a page with the reason, an example and what to do; `jsonl-lint rule NAME` prints the reason\n"
        "and what to do. The severity is the rule's own; a target may set another.\n"
        "`fix` says what kind of repair the defect allows: `safe` keeps the meaning of the record, `unsafe` drops,\n"
        "merges or guesses something, `-` means that only the author can repair it. See [fixing.md](fixing.md).\n"
    ]
    for family, rules in families.items():
        block, about = family_about(family)
        rows = [
            f"| {rule.code} | [{rule.name}](rules/{rule.name}.md) | {rule.severity.value} | {_fix(rule)} "
            f"| {cell(rule.summary())} |"
            for rule in rules
        ]
        head = f"## {family}\n\n{block}: {about}.\n\n| code | rule | severity | fix | finds |\n|---|---|---|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n")
    return "\n".join(parts)


def page(rule: Rule, folder: Path) -> str:
    """Everything about one rule, with an example of each kind where there is a fixture."""
    facts = [
        f"- code: {rule.code}",
        f"- severity: {_severity(rule)}",
        f"- fix: {_fix(rule)}",
    ]
    if not rule.default:
        facts.append("- off by default: select it by name or code")
    parts = [f"# {rule.name}", rule.summary(), rule.documentation(), f"What to do: {rule.help}"]
    parts.append("\n".join(facts))
    for verb, lines in (("Fails", failing_lines(rule, folder)), ("Passes", first_line(folder / "pass.jsonl"))):
        if lines:
            parts.append(f"{verb}:\n\n{fenced(lines)}")
    parts.append("[All rules](../rules.md)")
    return "\n\n".join(part for part in parts if part) + "\n"


def _severity(rule: Rule) -> str:
    targets = [load_target(name) for name in target_names()]
    other = [
        f"{target.severities[rule.name].value} for the target {target.name}"
        for target in targets
        if target.severities.get(rule.name, rule.severity) is not rule.severity
    ]
    return ", ".join([rule.severity.value, *other])


def _fix(rule: Rule) -> str:
    return rule.fix.value if rule.fix else "-"
