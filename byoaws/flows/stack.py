"""Generate a vendor's stack, and hold a file against what would be generated."""

from byoaws.templates.stack import build
from byoaws.templates.text import to_json, to_yaml
from byoaws.vendor_model import Vendor

FORMATS = {"yaml": to_yaml, "json": to_json}
# As diff says it; without it the last line of a file would run into the next line of the difference.
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def generate(vendor: Vendor, format_name: str) -> str:
    """Return the vendor's template as text, `yaml` or `json`.

    Raises:
        UsageError, PolicyError: its blocks and packs do not fit together.
    """
    return FORMATS[format_name](build(vendor))


def difference(wanted: str, found: str, name: str) -> str:
    """Return a unified diff that turns `found` into `wanted`; empty if they are the same."""
    import difflib

    return "".join(difflib.unified_diff(_lines(found), _lines(wanted), name, "as generated now"))


def _lines(text: str) -> list[str]:
    # Not splitlines, which also splits at characters that end no line of a file.
    *whole, last = text.split("\n")
    return [f"{line}\n" for line in whole] + ([last + _NO_NEWLINE] if last else [])
