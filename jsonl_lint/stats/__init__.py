"""Statistics of a dataset: counts and distributions, in one pass and in bounded memory."""

from jsonl_lint.stats.collect import Statistics, stats_of

__all__ = ["Statistics", "stats_of"]
