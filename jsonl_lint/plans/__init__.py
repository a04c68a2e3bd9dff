"""Compile settings into a plan: which rules run, on which records, and what they have to see."""
