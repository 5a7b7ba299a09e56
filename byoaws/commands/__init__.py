"""One click command per file: parse, call a flow, print. No logic."""
