"""Whether a statement's Resource can be a bucket, or what lies in one.

The ARN of a bucket has no slash; that of an object has the bucket's, a slash and the key.
"""

from collections.abc import Mapping
from typing import Any

from byoaws.lint.worlds.expand import OPAQUE, World

_BUCKET = "AWS::S3::Bucket"


def reaches(world: World, resource: Any, *, is_bucket: bool) -> bool:
    """Say whether a Resource element, evaluated, may match buckets, or else objects; True where only AWS can tell."""
    entries = resource if isinstance(resource, list) else [resource]
    texts = [_plain(world, entry) for entry in entries if isinstance(entry, str)]
    if len(texts) != len(entries):
        return True
    return any("/" not in text if is_bucket else _may_be_object(text) for text in texts)


def _may_be_object(text: str) -> bool:
    return any(part in text for part in ("/", "*", "?")) or OPAQUE.search(text) is not None


def _plain(world: World, text: str) -> str:
    """Put plain words in for buckets of the template."""
    for token in OPAQUE.findall(text):
        name, _, attribute = world.names.get(token, "").removeprefix("${").removesuffix("}").partition(".")
        declared = world.section("Resources").get(name)
        if isinstance(declared, Mapping) and declared.get("Type") == _BUCKET and attribute in ("", "Arn"):
            text = text.replace(token, "bucket")
    return text
