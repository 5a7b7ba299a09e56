"""An ingress point, relay, archive or address list that Mail Manager refuses."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule

_TYPES = (
    "AWS::SES::MailManagerIngressPoint",
    "AWS::SES::MailManagerRelay",
    "AWS::SES::MailManagerArchive",
    "AWS::SES::MailManagerAddressList",
)


class MailResource(OurRule):
    """Unions and values that stock cfn-lint does not judge where the same object holds a Ref."""

    id = "E9144"
    shortdesc = "Ingress point, relay, archive or list that Mail Manager refuses"
    description = "The properties of Mail Manager's resources hold what its API takes"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SES.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "write the properties as the API takes them"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each mistake in the properties of these resources."""
        there = [type_ for type_ in _TYPES if cfn.get_resources(type_)]
        if not there:
            return
        from byoaws.lint.mail.mail_shapes import FRAME, UNIONS, shape_mistakes

        for type_ in there:
            for mistake in shape_mistakes(cfn.template, type_, FRAME, *UNIONS):
                yield self.mistake(mistake.path, mistake.message, fix=mistake.fix, folds=mistake.folds)
