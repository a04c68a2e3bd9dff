"""Explain a provider's error: known messages as data, evidence from any text, one explanation."""

from jsonl_lint.explain.explanation import Explanation, explain_error, explanation_of
from jsonl_lint.explain.patterns import CATEGORIES, load_patterns
from jsonl_lint.explain.results import has_own_reason, id_of, load_line, outcome_of, pattern_of
from jsonl_lint.explain.several import Kind, explain_stream

__all__ = [
    "CATEGORIES",
    "Explanation",
    "Kind",
    "explain_error",
    "explain_stream",
    "explanation_of",
    "has_own_reason",
    "id_of",
    "load_line",
    "load_patterns",
    "outcome_of",
    "pattern_of",
]
