"""An event destination that SES never sends to."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.switches import switched_off
from byoaws.lint.rule import OurRule


class EventDestinationOff(OurRule):
    """`Enabled` of an SES event destination is false unless the template says otherwise."""

    id = "E9106"
    shortdesc = "Event destination that is switched off"
    description = "An event destination without 'Enabled: true' is made without an error and is sent no event"
    source_url = "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_EventDestinationDefinition.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses"]
    fix = "set 'Enabled: true' under EventDestination"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each event destination that can never be on."""
        for name in cfn.get_resources("AWS::SES::ConfigurationSetEventDestination"):
            for path, missing in switched_off(cfn.template, name, "EventDestination"):
                why = "has no 'Enabled', and AWS's default is false" if missing else "has 'Enabled' set to false"
                yield self.mistake(path, f"event destination '{name}' {why}: bounces and complaints go nowhere")
