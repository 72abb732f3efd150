"""The objects of the API, their values and their names."""
