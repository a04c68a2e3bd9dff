"""What a record is: its format, messages, roles, texts and structure, and how two of them are compared."""
