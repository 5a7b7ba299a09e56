"""Beside `byoaws.factory`: more of what picks concrete classes, by subject."""
