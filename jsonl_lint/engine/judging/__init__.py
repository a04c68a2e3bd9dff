"""Judge one line: what is wrong with it, where, and how it is fixed."""
