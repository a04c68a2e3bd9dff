"""JL4xx: images and the other parts of a message."""
