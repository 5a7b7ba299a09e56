"""One file per step. The name begins with the step's number."""
