"""Many connections at once: how fast, in which order, and what is told of them. Knows no AWS library."""
