"""A service that is let in for anybody's account."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class ServiceForAnybody(OurRule):
    """The confused deputy between services: SES, S3, SNS and others act for whoever sets them up."""

    id = "W9112"
    shortdesc = "Service principal without SourceAccount or SourceArn"
    description = "A service that acts for many customers must be let in for this account only"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
    tags: ClassVar[list[str]] = ["byoaws", "iam", "policies"]
    fix = "demand aws:SourceAccount or aws:SourceArn in the statement's Condition"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each statement that a service may use for anybody."""
        from byoaws.lint.policies.services import confused_deputies

        for found in confused_deputies(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
