"""An id that is written out beside the resource that is meant."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class IngressLinks(OurRule):
    """A reference also says what must be made first."""

    id = "W9155"
    shortdesc = "Ingress point with a wrong or a fixed reference"
    description = "An ingress point refers to the traffic policy and the rule set of its own stack by !Ref"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ses-mailmanageringresspoint.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "refer to the resource by !Ref"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each such id or reference."""
        if not cfn.get_resources("AWS::SES::MailManagerIngressPoint"):
            return
        from byoaws.lint.mail.ingress_links import wrong_links

        for mistake in wrong_links(cfn.template):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix, severity=mistake.severity)
