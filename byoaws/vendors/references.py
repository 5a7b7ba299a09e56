"""CloudFormation's dynamic references in a vendor file: `{{resolve:secretsmanager:NAME}}` and the like.

Such a text goes into the template as it is. CloudFormation then reads the secret in the customer's account, with the
rights of whoever makes the stack, and puts it where the text stands: in a header of every message, say. No vendor has a
use for that, and a customer who reads the template easily overlooks it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.vendors.document import Document, Path

# Source: CloudFormation user guide, "Get values stored in other services using dynamic references".
_REFERENCE = re.compile(r"\{\{\s*resolve\s*:", re.IGNORECASE)


def refuse_references(document: Document) -> None:
    """List each text that holds one; what the document says elsewhere is left as it is."""
    for path, text in _texts(document.value, ()):
        if _REFERENCE.search(text):
            document.refuse(path, "holds '{{resolve:', by which CloudFormation would read a value of the customer's")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
