"""A traffic policy that decides nothing."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class UselessTrafficPolicy(OurRule):
    """Its default action and its statements all say the same."""

    id = "W9153"
    shortdesc = "Traffic policy that lets everything in, or nothing"
    description = "A traffic policy without a statement against its default lets everybody in, or nobody"
    source_url = "https://docs.aws.amazon.com/ses/latest/dg/eb-filters.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "write 'DefaultAction: DENY' and allow your own recipients, or add a statement with 'Action: DENY'"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each traffic policy that decides nothing."""
        if not cfn.get_resources("AWS::SES::MailManagerTrafficPolicy"):
            return
        from byoaws.lint.mail.traffic_policies import useless_policies

        for mistake in useless_policies(cfn.template):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix)
