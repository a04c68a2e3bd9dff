"""JL9xx: batch requests."""
