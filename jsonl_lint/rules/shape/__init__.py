"""JL1xx: which format a record has, and its outer shape."""
