"""Verify stored connections again: once, all the time, by one process or many."""
