"""What occurs more than once in a file: the keys of its lines, and numbers, in memory that does not grow with them."""
