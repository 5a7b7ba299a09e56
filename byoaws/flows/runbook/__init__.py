"""A runbook, filled in."""
