"""A condition of a rule that Mail Manager refuses."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class RuleCondition(OurRule):
    """Unions and values that stock cfn-lint does not judge where the same object holds a Ref."""

    id = "E9142"
    shortdesc = "Condition of a rule that Mail Manager refuses"
    description = (
        "Each condition holds exactly one expression, and each expression takes its own attribute, operator and values"
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ses-mailmanagerruleset-rulecondition.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "write the condition as the API takes it"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each mistake in a condition under Conditions or Unless."""
        if not cfn.get_resources("AWS::SES::MailManagerRuleSet"):
            return
        from byoaws.lint.mail.mail_shapes import CONDITION_OF_RULE, shape_mistakes

        for mistake in shape_mistakes(cfn.template, "AWS::SES::MailManagerRuleSet", CONDITION_OF_RULE):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix, folds=mistake.folds)
