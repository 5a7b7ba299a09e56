"""Mail that is to be received where SES cannot."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.receiving_regions import pinned_elsewhere
from byoaws.lint.rule import OurRule


class RegionWithoutReceiving(OurRule):
    """SES sends in more regions than it receives in."""

    id = "E9136"
    shortdesc = "Region where SES receives no mail"
    description = "A host name or an ARN for receiving names a region where SES does not receive"
    source_url = "https://docs.aws.amazon.com/general/latest/gr/ses.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses"]
    fix = "receive in a region that can, such as eu-central-1 or us-east-1, or use Mail Manager"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each address in a region that receives no mail."""
        for found in pinned_elsewhere(cfn.template):
            yield self.mistake(found.path, found.message)
