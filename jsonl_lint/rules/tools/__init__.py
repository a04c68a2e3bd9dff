"""JL3xx: tools: definitions, calls, arguments and results."""
