"""What rules about secrets look for: where they can be read."""
