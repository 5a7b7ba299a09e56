"""A secret in Metadata."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule
from byoaws.lint.secrets.open_metadata import open_metadata


class SecretInMetadata(OurRule):
    """CloudFormation shows Metadata to everybody who may describe the stack, and masks nothing there."""

    id = "E9171"
    shortdesc = "Secret in Metadata"
    description = "Metadata is readable in plain text, also where it holds a NoEcho parameter"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"
    tags: ClassVar[list[str]] = ["byoaws", "metadata", "secrets"]
    fix = "take it out, and read it from Secrets Manager at run time; cfn-init can, under the instance's role"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each secret that Metadata shows."""
        for found in open_metadata(cfn.template):
            yield self.mistake(found.path, found.message, folds=found.folds)
