"""A connection at work: its role opened for the vendor's own application."""
