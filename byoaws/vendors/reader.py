"""The text of a vendor file to a `Vendor`, or to the list of everything that is wrong with it.

Loads YAML and pydantic_core; `byoaws.vendors.file` imports it only when a file is read.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic_core import ValidationError

from byoaws import shipped
from byoaws.errors import UsageError, VendorFileError
from byoaws.problem import Problem
from byoaws.registry import BLOCKS, PROBES
from byoaws.vendor_model import Vendor
from byoaws.vendors.document import Document, parse
from byoaws.vendors.inbound import pipeline
from byoaws.vendors.mistakes import LIMIT, problems
from byoaws.vendors.names import Names
from byoaws.vendors.own_packs import ReadFile, own_packs
from byoaws.vendors.references import refuse_references
from byoaws.vendors.schema import Known, checked, vendor
from byoaws.vendors.substitute import substitute


def known_names() -> Known:
    """Return what vendor files may name: the packs that ship with byoaws, and the registered blocks and probes."""
    files = shipped.folder("byoaws.policies").iterdir()
    packs = [entry.name.removesuffix(".yaml") for entry in files if entry.name.endswith(".yaml")]
    return Known(
        packs=Names(kind="pack", builtins=packs),
        blocks=Names(kind="block", builtins=BLOCKS.builtins, added=BLOCKS.targets),
        probes=Names(kind="probe", builtins=PROBES.builtins, added=PROBES.targets),
    )


def _no_files(path: str) -> str:
    raise UsageError(f"'{path}' cannot be read: the vendor file is in no folder")


def read_vendor(
    text: str,
    *,
    source: str,
    env: Mapping[str, str],
    known: Known,
    called: str | None = None,
    read_file: ReadFile = _no_files,
) -> Vendor:
    """Check the text of a vendor file.

    Args:
        text: YAML.
        source: where the text is from, for messages.
        env: what `${NAME}` is filled in from.
        known: names that the file may refer to.
        called: the name that the file was asked for by; its own must be the same.
        read_file: gives the text of a file below the vendor file's folder: packs of its own, certificates.

    Raises:
        VendorFileError: every mistake in the file, and in those packs.
    """
    document = parse(text)
    substitute(document, env)
    refuse_references(document)
    keys = _keys(document, known)
    if keys and called is not None and keys["name"] != called:
        document.refuse(("name",), f"'{keys['name']}' is not the name that the file is offered under, '{called}'")
    own = own_packs(document, read_file, source)
    mail = pipeline(document, read_file)
    if keys is None or document.problems:
        raise VendorFileError(source, _listed(document.problems))
    return replace(vendor(keys, source, own, mail), by_name=called is not None)


def _keys(document: Document, known: Known) -> dict[str, Any] | None:
    if () in document.unusable:
        return None
    if not isinstance(document.value, dict):
        what = "expected keys with values" if document.value is not None else "the file is empty"
        document.refuse((), what, mark=(1, 1))
        return None
    try:
        return checked(document.value, known)
    except ValidationError as error:
        document.problems += problems(error, document)
        return None


def _listed(found: list[Problem]) -> list[Problem]:
    """In the order of the file, what concerns the whole file last, then those of its packs; at most LIMIT."""
    ordered = sorted(found, key=lambda problem: (problem.source, problem.line is None, problem.line or 0))
    if len(ordered) <= LIMIT:
        return ordered
    rest = Problem(where="", line=None, message=f"and {len(ordered) - LIMIT} more mistakes")
    return [*ordered[:LIMIT], rest]
