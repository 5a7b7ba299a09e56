"""The difference between two states of a rule set, for people: of their YAML, which has no character that deceives."""

import difflib


def difference(before: str, after: str, *, before_is: str, after_is: str) -> str:
    """Return a unified diff; empty where the two are the same."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), before_is, after_is, lineterm="")
    return "".join(f"{line}\n" for line in lines)
