"""Settings become a plan: which rules run, on which records, and what they have to look at."""
