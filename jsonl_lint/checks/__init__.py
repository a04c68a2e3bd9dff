"""Whole checks: of one file, and of records that a caller hands over."""
