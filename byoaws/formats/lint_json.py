"""Findings as JSON, in the shape that docs/commands.md promises."""

import json
from dataclasses import asdict

from byoaws.formats.interface import Look
from byoaws.lint.interface import Linted


def render(linted: Linted, look: Look) -> str:
    """Return the findings as indented JSON."""
    return json.dumps({"findings": [asdict(item) for item in linted.findings]}, indent=2) + "\n"
