"""A topic that SES cannot publish to."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.topics import closed_topics
from byoaws.lint.rule import OurRule


class TopicClosedToSes(OurRule):
    """Key and topic are made without an error, and no event arrives."""

    id = "E9137"
    shortdesc = "Topic that SES cannot publish to"
    description = "The policy of AWS's own key for SNS leaves SES out, and SES publishes to no FIFO topic"
    source_url = "https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "sns"]
    fix = "take KmsMasterKeyId out, or use a key of your own whose policy lets ses.amazonaws.com use it"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each topic that SES cannot publish to."""
        for found in closed_topics(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
