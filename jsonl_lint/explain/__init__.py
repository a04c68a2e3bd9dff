"""What a provider's error means: patterns as data, evidence from any text, one explanation."""

from jsonl_lint.explain.evidence import Evidence, read_evidence
from jsonl_lint.explain.explanation import Explanation, explain_error, explanation_of
from jsonl_lint.explain.patterns import CATEGORIES, Pattern, load_patterns, match
from jsonl_lint.explain.results import Outcome, has_own_reason, id_of, load_line, outcome_of, pattern_of
from jsonl_lint.explain.several import Kind, explain_stream

__all__ = [
    "CATEGORIES",
    "Evidence",
    "Explanation",
    "Kind",
    "Outcome",
    "Pattern",
    "explain_error",
    "explain_stream",
    "explanation_of",
    "has_own_reason",
    "id_of",
    "load_line",
    "load_patterns",
    "match",
    "outcome_of",
    "pattern_of",
    "read_evidence",
]
