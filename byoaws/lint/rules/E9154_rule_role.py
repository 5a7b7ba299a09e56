"""A role that cannot do what a rule's action asks of it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class RuleRole(OurRule):
    """The rule set is made without an error, and its action fails for every message."""

    id = "E9154"
    shortdesc = "Role of an action that lacks what the action needs"
    description = "SES assumes the role of an action; the role must let it, and permit what the action calls"
    source_url = "https://docs.aws.amazon.com/ses/latest/dg/eb-policies.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "give the role what the action needs"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each fault of a role."""
        if not cfn.get_resources("AWS::SES::MailManagerRuleSet"):
            return
        from byoaws.lint.mail.rule_roles import weak_roles

        for mistake in weak_roles(cfn.template):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix)
