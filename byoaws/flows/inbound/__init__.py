"""Received mail, posted once more."""
