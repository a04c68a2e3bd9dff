"""Complete checks of a file, or of records that a caller passes in."""
