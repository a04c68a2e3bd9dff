"""JL2xx: messages, roles, content, weights and reasoning."""
