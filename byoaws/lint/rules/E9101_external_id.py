"""A role that another account can assume without the right ExternalId."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.policies.trust import trust_mistakes
from byoaws.lint.rule import OurRule


class ExternalIdRequired(OurRule):
    """The confused deputy: whoever knows the role's ARN has the vendor open it for them."""

    id = "E9101"
    shortdesc = "Role opens for another account without its ExternalId"
    description = "A role that another account may assume must demand the one ExternalId, and name one account only"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
    tags: ClassVar[list[str]] = ["byoaws", "iam", "trust"]
    fix = "demand the ExternalId in the statement's Condition: 'StringEquals: {sts:ExternalId: !Ref ExternalId}'"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each mistake in a trust policy."""
        for name in cfn.get_resources(["AWS::IAM::Role", "AWS::Serverless::Function"]):
            for mistake in trust_mistakes(cfn.template, name):
                yield self.mistake(mistake.path, mistake.message, fix=mistake.fix)
