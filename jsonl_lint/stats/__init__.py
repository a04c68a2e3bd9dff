"""Statistics of a dataset: counts and distributions, in one pass and in bounded memory."""

from jsonl_lint.distribution import Bin, Distribution
from jsonl_lint.stats.collect import Statistics, stats_of

__all__ = ["Bin", "Distribution", "Statistics", "stats_of"]
