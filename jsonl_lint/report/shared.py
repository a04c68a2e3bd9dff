"""What several formats share: counts, sentences, paths, fingerprints."""

import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from jsonl_lint.files.inputs import is_url
from jsonl_lint.model import FileResult, Finding, Fix, InputError, Severity, summarise
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.wording import MARGIN, plural, printable, without_keys

LONGEST_POINTER = 200
LONGEST_PATH = 200
"""How many characters of a pointer or path people are shown."""

NOT_CHECKED = "not-checked"
"""The name in place of a rule's if an input could not be checked."""

MOST_FIX_CHARACTERS = 200
"""A fix that writes more would repeat the data, and is left out."""


class RuleCount(NamedTuple):
    """How many findings a rule has with one severity, shown or not. A target can give some of them another severity."""

    code: str
    rule: str
    severity: Severity
    total: int


def rule_counts(files: Iterable[FileResult]) -> list[RuleCount]:
    """Return exact counts over all files, most first."""
    counts: dict[tuple[str, Severity], int] = {}
    for file in files:
        for key, count in file.counts.items():
            counts[key] = counts.get(key, 0) + count
    rules = all_rules()
    found = [RuleCount(rules[rule].code, rule, severity, count) for (rule, severity), count in counts.items()]
    return sorted(found, key=lambda item: (-item.total, item.rule, item.severity.value))


def by_severity(counts: list[RuleCount]) -> list[RuleCount]:
    """Return the counts with errors first, then warnings, then infos."""
    return sorted(counts, key=lambda item: -item.severity.rank)


def statistics_entries(files: Iterable[FileResult]) -> list[dict[str, Any]]:
    """Return the counts as `schemas/report.schema.json` describes them."""
    return [
        {"code": item.code, "rule": item.rule, "severity": item.severity.value, "count": item.total}
        for item in rule_counts(files)
    ]


def shown_pointer(finding: Finding) -> str:
    """Return the JSON Pointer, clipped, printable, and without keys and tokens."""
    return _shown(finding.pointer[: LONGEST_POINTER + MARGIN])


@lru_cache(maxsize=1_000)  # most findings are in the same few places of their records
def _shown(pointer: str) -> str:
    return printable(without_keys(pointer, LONGEST_POINTER))


def message_and_effect(finding: Finding) -> str:
    """Return the message, and what the target does with such a record."""
    return _with_effect(finding.message, finding)


def message_and_place(finding: Finding) -> str:
    """Return the message with the place in the record in parentheses, and what the target does with such a record."""
    pointer = shown_pointer(finding)
    return _with_effect(f"{finding.message} ({pointer})" if pointer else finding.message, finding)


def _with_effect(message: str, finding: Finding) -> str:
    return f"{message}. {printable(finding.effect)}" if finding.effect else message


def may_show(fix: Fix) -> bool:
    """Whether the fix writes little of the data, and no key or token."""
    return sum(len(edit.content) for edit in fix.edits) <= MOST_FIX_CHARACTERS and not fix.inserts_secret


def shown_path(path: str) -> str:
    """Return a path as people are shown it: printable, and clipped at the beginning, because its end says most."""
    shown = printable(path)
    return shown if len(shown) <= LONGEST_PATH else "…" + shown[-(LONGEST_PATH - 1) :]


def shown_error(path: str, reason: str) -> tuple[str, str]:
    """Return an input that could not be read, and why, as people are shown them."""
    return shown_path(path), printable(reason)


def repository_path(path: str) -> str:
    """Return the path as forges want it: relative to the current folder if it is inside, with forward slashes.

    A URL is returned as it is.
    """
    if is_url(path):
        return path
    if os.path.isabs(path):
        here = os.path.join(os.getcwd(), "")
        path = path.removeprefix(here)
    return os.path.normpath(path).replace(os.sep, "/")


def summary_words(files: list[FileResult], errors: list[InputError]) -> list[str]:
    """Return `8 records`, `6 errors`, `4 warnings` and so on, without infos and unreadable inputs if there are none."""
    total = summarise(files)
    words = [
        plural(total["records"], "record"),
        plural(total["errors"], "error"),
        plural(total["warnings"], "warning"),
    ]
    words += [plural(total["infos"], "info")] if total["infos"] else []
    words += [f"{total['fixable']['safe'] + total['fixable']['unsafe']:,} fixable"]
    words += [f"{plural(len(errors), 'input')} not checked"] if errors else []
    return words


def fingerprint(*parts: str) -> str:
    """Return 32 hexadecimal digits that depend on all parts."""
    from hashlib import blake2b

    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Fingerprints:
    """Makes names for findings that stay the same when lines move: from rule, path, pointer and the excerpt.

    Equal findings of a file are numbered, so that each has its own name. `forget` must be called after each file.
    """

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def of(self, finding: Finding) -> str:
        """Return the name of a finding, 32 hexadecimal digits."""
        around = finding.context.text if finding.context else ""
        name = fingerprint(finding.rule, repository_path(finding.path), finding.pointer, around)
        number = self.seen.get(name, 0)
        self.seen[name] = number + 1
        return fingerprint(name, str(number)) if number else name

    def forget(self) -> None:
        """Forget the findings of a file, because it has ended."""
        self.seen.clear()


def shown_fix(finding: Finding) -> str:
    """Return what the fix does, in words, and its applicability; "" without a fix. The help is not said twice."""
    if finding.fix is None:
        return ""
    title = (
        "`jsonl-lint fix` does so"
        if finding.fix.title == finding.help.removesuffix(".")
        else printable(finding.fix.title)
    )
    return f"{title} ({finding.fix.applicability.value})"
