"""An action or a rule that no message reaches."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class AfterDrop(OurRule):
    """Drop ends the processing of a message."""

    id = "W9157"
    shortdesc = "Action or rule after one that drops every message"
    description = "Drop ends all processing: neither later actions run nor, if the rule has no conditions, later rules"
    source_url = "https://docs.aws.amazon.com/sesmailmanager/latest/APIReference/API_DropAction.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "move it before the 'Drop', give the rule that drops a condition, or take it out"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each unreachable place."""
        if not cfn.get_resources("AWS::SES::MailManagerRuleSet"):
            return
        from byoaws.lint.mail.mail_rules import after_drop

        for mistake in after_drop(cfn.template):
            yield self.mistake(mistake.path, mistake.message)
