"""JL7xx: what stands in the texts."""
