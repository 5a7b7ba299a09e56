"""A vendor file from a few answers."""
