"""What no single line shows: records are compared, and read again, when a file has ended."""
