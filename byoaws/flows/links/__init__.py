"""Quick-Create links, and the template that they stand for."""
