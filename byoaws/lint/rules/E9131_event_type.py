"""A kind of event that SES does not know."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.event_destinations import misspelt_types
from byoaws.lint.rule import OurRule


class EventType(OurRule):
    """CloudFormation's schema takes any text for an event type."""

    id = "E9131"
    shortdesc = "Unknown SES event type"
    description = "SES refuses an event destination that names a kind of event that there is not"
    source_url = "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_EventDestinationDefinition.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses"]
    fix = "use the spelling that SES knows"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each event type that SES does not know."""
        for found in misspelt_types(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
