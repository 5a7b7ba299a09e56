"""A receipt rule that SES never runs."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.switches import switched_off
from byoaws.lint.rule import OurRule


class ReceiptRuleOff(OurRule):
    """`Enabled` of an SES receipt rule is false unless the template says otherwise."""

    id = "E9105"
    shortdesc = "Receipt rule that is switched off"
    description = "A receipt rule without 'Enabled: true' is made without an error and receives nothing"
    source_url = "https://docs.aws.amazon.com/ses/latest/APIReference/API_ReceiptRule.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses"]
    fix = "set 'Enabled: true' under Rule"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each receipt rule that can never be on."""
        for name in cfn.get_resources("AWS::SES::ReceiptRule"):
            for path, missing in switched_off(cfn.template, name, "Rule"):
                why = "has no 'Enabled', and AWS's default is false" if missing else "has 'Enabled' set to false"
                yield self.mistake(path, f"receipt rule '{name}' {why}: SES will not run it, and says nothing")
