"""Actions of the version of the SES API that the vendor does not call."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.iam.ses_versions import PREFIX
from byoaws.lint.policies.ses_versions import version_mistakes
from byoaws.lint.rule import OurRule


class SesApiVersion(OurRule):
    """SES API v1 and v2 check different IAM actions for the same thing."""

    id = "E9107"
    shortdesc = "Action of the wrong SES API version"
    description = "A policy that grants SES API v1's actions to a caller of v2, or the reverse, ends in AccessDenied"
    source_url = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_sesv2.html"
    tags: ClassVar[list[str]] = ["byoaws", "iam", "ses"]
    fix = "grant the action under the name that the API which is called checks"

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {"asked": {"default": [], "type": "list", "itemtype": "string"}}

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each action whose counterpart in the other API is missing."""
        # cfn-lint's own -x takes no colon in a value.
        asked = [name if ":" in name else f"{PREFIX}{name}" for name in self.config.get("asked", [])]
        for mistake in version_mistakes(cfn.template, asked):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix, severity=mistake.severity)
