"""A rule or an action that Mail Manager refuses."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class RuleAction(OurRule):
    """Unions and values that stock cfn-lint does not judge where the same object holds a Ref."""

    id = "E9143"
    shortdesc = "Rule or action that Mail Manager refuses"
    description = (
        "Each action holds exactly one kind of action with all that it needs; a set has at most 40 rules of 10 actions"
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ses-mailmanagerruleset-ruleaction.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "write the action as the API takes it"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each mistake in a rule set outside its conditions."""
        if not cfn.get_resources("AWS::SES::MailManagerRuleSet"):
            return
        from byoaws.lint.mail.mail_shapes import ACTION, FRAME, shape_mistakes

        for mistake in shape_mistakes(cfn.template, "AWS::SES::MailManagerRuleSet", FRAME, ACTION):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix, folds=mistake.folds)
