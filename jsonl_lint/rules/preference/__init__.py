"""JL5xx: preference pairs."""
