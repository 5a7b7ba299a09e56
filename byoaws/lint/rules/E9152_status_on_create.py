"""An ingress point that can be updated and not created."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class StatusOnCreate(OurRule):
    """The property is for updates; AWS refuses it when the ingress point is made."""

    id = "E9152"
    shortdesc = "StatusToUpdate on an ingress point that is new"
    description = "AWS refuses to create an ingress point with StatusToUpdate"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ses-mailmanageringresspoint.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "leave 'StatusToUpdate' out until the ingress point is there"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each ingress point with StatusToUpdate."""
        if not cfn.get_resources("AWS::SES::MailManagerIngressPoint"):
            return
        from byoaws.lint.mail.ingress_points import status_on_create

        for mistake in status_on_create(cfn.template):
            yield self.mistake(mistake.path, mistake.message)
