"""The whole journey on the embedded AWS."""
