"""A receipt rule that SES refuses."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.receipt_rules import refused_rules
from byoaws.lint.rule import OurRule


class ReceiptRuleRefused(OurRule):
    """An entry of `Actions` holds one action, a rule ten of them."""

    id = "E9133"
    shortdesc = "Receipt rule that SES refuses"
    description = "Each entry of Actions holds exactly one action; a rule has at most 10 actions and 100 recipients"
    source_url = "https://docs.aws.amazon.com/ses/latest/APIReference/API_ReceiptAction.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses"]
    fix = "put one action into each entry of Actions"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each part of a rule that SES refuses."""
        for found in refused_rules(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
