"""An event destination that leads to no place, or to two."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.event_destinations import refused_destinations
from byoaws.lint.rule import OurRule


class EventDestinationPlace(OurRule):
    """SES takes exactly one destination, CloudFormation's schema any number."""

    id = "E9132"
    shortdesc = "Event destination that SES refuses"
    description = (
        "An event destination has exactly one of SnsDestination, CloudWatchDestination, EventBridgeDestination, ..."
    )
    source_url = "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_EventDestinationDefinition.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses"]
    fix = "give it one of SnsDestination, EventBridgeDestination, CloudWatchDestination, KinesisFirehoseDestination"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each event destination that SES refuses."""
        for found in refused_destinations(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
