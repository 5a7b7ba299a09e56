"""A receipt rule that is made before its function lets SES call it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.code.invocations import early_mail_functions
from byoaws.lint.rule import OurRule


class EarlyMailFunction(OurRule):
    """SES tests the function of a Lambda action when the rule is made."""

    id = "E9166"
    shortdesc = "Receipt rule before its function's permission"
    description = "SES refuses a rule whose function does not yet let SES call it"
    source_url = "https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html"
    tags: ClassVar[list[str]] = ["byoaws", "lambda", "ses"]
    fix = "make the receipt rule depend on the permission"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each Lambda action that SES refuses."""
        for found in early_mail_functions(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
