"""A secret where everybody can read it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule
from byoaws.lint.secrets.plain_places import open_properties


class SecretInOpen(OurRule):
    """Tags, descriptions, user data, state machines and String parameters are shown as they are."""

    id = "E9173"
    shortdesc = "Secret in a readable property"
    description = "Whoever may describe the resource reads the secret; NoEcho masks it in CloudFormation only"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html"
    tags: ClassVar[list[str]] = ["byoaws", "secrets"]
    fix = "put the secret into AWS::SecretsManager::Secret, and its ARN here"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each secret that a property shows."""
        for found in open_properties(cfn.template):
            yield self.mistake(found.path, found.message)
