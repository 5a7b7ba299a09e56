"""A resource policy that lets anyone in."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class OpenToAnyone(OurRule):
    """`Principal: "*"` without a condition that narrows it: every AWS account, or the whole world."""

    id = "E9111"
    shortdesc = "Resource policy that lets anyone in"
    description = "A policy of a bucket, topic, queue, key, secret or function must say who may do what it allows"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
    tags: ClassVar[list[str]] = ["byoaws", "iam", "policies"]
    fix = (
        "name who may do it under Principal; or demand a fixed aws:SourceAccount, aws:SourceArn, aws:PrincipalOrgID or "
        "aws:SourceVpce in the statement's Condition"
    )

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each statement that lets anyone in."""
        from byoaws.lint.policies.public import public_statements

        for found in public_statements(cfn.template):
            yield self.mistake(found.path, found.message, severity=found.severity)
