"""Generate a vendor's stack, and hold a file against what would be generated."""

from byoaws.model import Vendor
from byoaws.templates.stack import build
from byoaws.templates.text import to_json, to_yaml

FORMATS = {"yaml": to_yaml, "json": to_json}


def generate(vendor: Vendor, format_name: str) -> str:
    """Return the vendor's template as text, `yaml` or `json`.

    Raises:
        UsageError, PolicyError: its blocks and packs do not fit together.
    """
    return FORMATS[format_name](build(vendor))


def difference(wanted: str, found: str, name: str) -> str:
    """Return a unified diff that turns `found` into `wanted`; empty if they are the same."""
    import difflib

    lines = difflib.unified_diff(
        found.splitlines(keepends=True), wanted.splitlines(keepends=True), name, "as generated now"
    )
    return "".join(lines)
