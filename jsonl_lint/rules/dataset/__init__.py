"""JL8xx: rules about the whole dataset."""
