"""JL6xx: the model that the data is for, and how much it takes."""
