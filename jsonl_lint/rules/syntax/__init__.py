"""JL0xx: the file and its syntax, before any record is looked at."""
