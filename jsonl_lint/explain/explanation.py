"""`explain_error`: turn a provider's status and body into category, cause, rules and advice."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from jsonl_lint.explain.evidence import Evidence, read_evidence
from jsonl_lint.explain.patterns import UNKNOWN, Pattern, match
from jsonl_lint.explain.places import place_of
from jsonl_lint.model import format_pointer
from jsonl_lint.wording import clip, printable

_LONGEST_MESSAGE = 400

_SECRETS = re.compile(
    r"(?i:\bbearer\s+)\S+"
    r"|\b(?!api_core\.)(?:sk|pk|rk|gsk|tgp|fw|hf|xai|ghp|csk|api|key)[-_][\w*.-]{12,}"
    r"|\b(?:AKIA|ASIA|AIza)[\w-]{12,}"
    r"|\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}"
)
"""Keys of providers by their prefixes, and long runs of letters and digits: errors quote the key that was sent.
`api_core` is a package of Google's, whose errors begin with its name."""


class Explanation(NamedTuple):
    """What an error means.

    `category` is one of `auth billing rate_limit validation not_found conflict server network`. `rules` would have
    caught it; `retry` says whether to send the same again, `how` how, or what to do before. `next` is a command, in
    which FILE stands for the dataset. `pattern` names the known error (`unknown`: none), and `source` and `date` say
    where it is known from. `line` and `pointer` are the place in the data that the message names.
    """

    code: str
    message: str
    category: str
    cause: str
    rules: tuple[str, ...]
    retry: bool
    how: str
    next: str
    status: int | None
    line: int | None
    pointer: str | None
    pattern: str
    source: str
    date: str

    @property
    def known(self) -> bool:
        """Whether a known message, code or status was found."""
        return self.pattern != UNKNOWN.name

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**self._asdict(), "rules": list(self.rules)}


def explain_error(status: int | str | None = None, body: Any = None) -> Explanation:
    """Explain a provider's answer: its HTTP status, its body (bytes, text or decoded JSON), or both.

    A single argument may be either. It never raises an exception because of the body. The category of every 400 is
    `validation`.
    """
    if body is None and not isinstance(status, int):
        status, body = None, status
    evidence = read_evidence(status, body)
    return explanation_of(evidence, match(evidence))


def explanation_of(evidence: Evidence, pattern: Pattern) -> Explanation:
    """Return the explanation by a pattern that was found already."""
    line, pointer = place_of(evidence)
    return Explanation(
        code=_code(evidence, pattern),
        message=_shown(evidence.messages[0]) if evidence.messages else "",
        category="validation" if evidence.status == 400 else pattern.category,
        cause=pattern.cause,
        rules=_there(pattern.rules),
        retry=pattern.retry,
        how=pattern.how,
        next=pattern.next,
        status=evidence.status,
        line=line,
        pointer=None if pointer is None else printable(clip(format_pointer(pointer), 200)),
        pattern=pattern.name,
        source=pattern.source,
        date=pattern.date,
    )


def _code(evidence: Evidence, pattern: Pattern) -> str:
    """Return the provider's own code, else the status, else the name of the pattern."""
    expected = [code for code in (*evidence.codes, *evidence.words) if code.lower() in pattern.codes]
    for code in (*expected, *(code for code in evidence.codes if "_" in code and len(code) > 5)):
        return _shown(code)
    return str(evidence.status) if evidence.status else pattern.name


def _shown(text: str) -> str:
    """Return the text as one line of bounded length, without keys."""
    return clip(printable(_SECRETS.sub("[removed]", " ".join(text[:5_000].split()))), _LONGEST_MESSAGE)


def _there(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the rules that are installed."""
    if not names:
        return ()
    from jsonl_lint.plans.registry import all_rules

    rules = all_rules()
    return tuple(name for name in names if name in rules)
