"""Statistics of a dataset: counts and distributions, in one pass and in bounded memory."""

from jsonl_lint.stats.collect import stats_of
from jsonl_lint.stats.statistics import Statistics

__all__ = ["Statistics", "stats_of"]
