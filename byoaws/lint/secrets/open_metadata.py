"""Secrets in Metadata: CloudFormation shows all of it, and masks nothing there."""

from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.secrets.disclosure import Secrets, Shown
from byoaws.lint.worlds.intrinsics import is_intrinsic
from byoaws.lint.worlds.literals import is_secret
from byoaws.lint.worlds.walk import Mistake, Path

# Put there by tools about the template itself; no reference is resolved in them.
_TOOLS = ("AWS::CloudFormation::Interface", "AWS::CloudFormation::Designer", "cfn-lint", "aws:cdk:path", "byoaws")


def open_metadata(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the secrets in the Metadata of the template and of its resources, one mistake each."""
    secrets = Secrets(template, is_id_secret=False)
    found = []
    for path, metadata in _sections(template):
        for shown in _shown(secrets, metadata, path, ""):
            place = f"Metadata of '{path[1]}'" if path[0] == "Resources" else "the template's Metadata"
            message = f"{place} shows {shown.what} to everybody who may describe the stack"
            found.append(Mistake(path=shown.path, message=message, folds=shown.path))
    return found


def _sections(template: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    resources = template.get("Resources")
    holders: list[tuple[Path, Any]] = [((), template)]
    holders += [(("Resources", name), one) for name, one in resources.items()] if isinstance(resources, Mapping) else []
    for path, holder in holders:
        metadata = holder.get("Metadata") if isinstance(holder, Mapping) else None
        if isinstance(metadata, Mapping):
            yield (*path, "Metadata"), {key: value for key, value in metadata.items() if key not in _TOOLS}


def _shown(secrets: Secrets, written: Any, path: Path, key: str) -> Iterator[Shown]:
    if isinstance(written, str):
        if is_secret(key, written):
            yield Shown(path=path, what=f"a secret that is written out ('{key}')")
    elif isinstance(written, list):
        for index, item in enumerate(written):
            yield from _shown(secrets, item, (*path, index), key)
    elif isinstance(written, Mapping):
        if any(is_intrinsic(name) for name in written):
            yield from secrets.places(written, path)
            return
        for name, value in written.items():
            yield from _shown(secrets, value, (*path, name), str(name))
