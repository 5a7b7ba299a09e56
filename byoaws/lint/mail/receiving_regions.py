"""Addresses of regions where SES receives no mail, written out in a template.

What cfn-lint says of the regions it was asked about (E3006) is not said again here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.worlds.expand import OPAQUE, variants
from byoaws.lint.worlds.expressions import Undecidable, canonical
from byoaws.lint.worlds.walk import Mistake, Path, is_reference
from byoaws.regions import receives

_ENDPOINT = re.compile(r"\binbound-smtp\.(?P<region>[a-z0-9-]+)\.amazonaws\.(?:com|eu)\b")
_RULE_ARN = re.compile(r":ses:(?P<region>[a-z]{2}[a-z0-9-]+-\d):[^:]*:receipt-rule-set/")
_HINTS = ("inbound-smtp", "receipt-rule-set")
_SECTIONS = ("Resources", "Outputs", "Mappings")
# What people read is no address.
_PROSE = ("Description", "Metadata")


def pinned_elsewhere(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the host names and ARNs for receiving that name a region where SES does not receive."""
    found: dict[Path, Mistake] = {}
    for section in _SECTIONS:
        for path, expression in _expressions(template.get(section), (section,)):
            for region in _regions(template, expression):
                message = f"SES receives no mail in region '{region}'"
                found.setdefault(path, Mistake(path=path, message=message))
    return list(found.values())


def _expressions(written: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the outermost expressions that may hold an address."""
    if isinstance(written, str) or (is_reference(written) and "Fn::If" not in written):
        text = written if isinstance(written, str) else canonical(written)
        if any(hint in text for hint in _HINTS):
            yield path, written
    elif isinstance(written, Mapping):
        for key, value in written.items():
            if key not in _PROSE:
                yield from _expressions(value, (*path, key))
    elif isinstance(written, list):
        for index, value in enumerate(written):
            yield from _expressions(value, (*path, index))


def _regions(template: Mapping[str, Any], expression: Any) -> list[str]:
    """Return the regions that an expression names in any world and that cannot receive."""
    found: dict[str, None] = {}
    try:
        for _, value in variants(template, lambda world: world.value(expression)):
            for match in (*_ENDPOINT.finditer(str(value)), *_RULE_ARN.finditer(str(value))):
                if not receives(match["region"]) and not OPAQUE.search(match["region"]):
                    found[match["region"]] = None
    except Undecidable:
        return list(found)
    return list(found)
