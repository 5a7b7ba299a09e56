"""Posts of SNS that nobody can trust."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.topics import untrusted_posts
from byoaws.lint.rule import OurRule


class UntrustedPost(OurRule):
    """What arrives over plain HTTP was read on the way, and what has no signature may be anybody's."""

    id = "W9138"
    shortdesc = "Subscription whose messages cannot be trusted"
    description = "SNS posts in plain text over http, and without a signature where RawMessageDelivery is on"
    source_url = "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html"
    tags: ClassVar[list[str]] = ["byoaws", "sns"]
    fix = "use protocol https"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each subscription whose messages cannot be trusted."""
        for found in untrusted_posts(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
