"""What a dataset is made of: counts and distributions, in one pass and bounded memory."""

from jsonl_lint.stats.collect import Statistics, stats_of
from jsonl_lint.stats.distribution import Bin, Distribution

__all__ = ["Bin", "Distribution", "Statistics", "stats_of"]
