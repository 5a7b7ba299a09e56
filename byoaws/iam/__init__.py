"""Policy documents as values: build them, and say who may do what, and why. Pure; no AWS library."""
