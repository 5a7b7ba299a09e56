"""Building block `sending`: a configuration set, and where its events go.

A customer who has a configuration set already may name it: none is made then, and the events of that one go to the
stack's topics, too. What else it says is left as it is.
"""

from typing import Any

from troposphere import Equals, If, Ref, ses

from byoaws.templates.names import CONFIGURATION_SET, TOPIC_POLICY, TOPICS, USED_CONFIGURATION_SET, prefix
from byoaws.templates.stack import Stack, sub

_EXISTING = "ExistingConfigurationSetName"
_MAKES = "MakesConfigurationSet"


def add(stack: Stack) -> None:
    """Add the configuration set and, with block `notifications`, one event destination per topic."""
    existing = stack.parameter(
        _EXISTING,
        group="Sending",
        label="Configuration set that is there already",
        Description="Empty: the stack makes one. Else the name of one of yours; its events then go to the topics, too",
        Default="",
        AllowedPattern="[A-Za-z0-9_-]{0,64}",
    )
    stack.template.add_condition(_MAKES, Equals(existing, ""))
    name = f"{prefix(stack)}-${{Unique}}"
    stack.add(
        ses.ConfigurationSet(
            CONFIGURATION_SET,
            Condition=_MAKES,
            Name=sub(name),
            ReputationOptions=ses.ReputationOptions(ReputationMetricsEnabled=True),
            SendingOptions=ses.SendingOptions(SendingEnabled=True),
            SuppressionOptions=ses.SuppressionOptions(SuppressedReasons=["BOUNCE", "COMPLAINT"]),
        )
    )
    used = If(_MAKES, Ref(CONFIGURATION_SET), existing)
    stack.computed[USED_CONFIGURATION_SET] = used
    stack.names["stack:configuration-set"] = f"${{{USED_CONFIGURATION_SET}}}"
    stack.output("ConfigurationSetName", used, "SES configuration set to send with")
    if stack.has("notifications"):
        _add_destinations(stack, used)


def _add_destinations(stack: Stack, used: Any) -> None:
    for event, topic in TOPICS.items():
        stack.add(
            ses.ConfigurationSetEventDestination(
                f"{event.capitalize()}Events",
                # SES publishes a test message on creation, so the policy must be there first.
                DependsOn=TOPIC_POLICY,
                ConfigurationSetName=used,
                EventDestination=ses.EventDestination(
                    # In a set that others use, too, two stacks must not take the same name.
                    Name=If(_MAKES, f"{event}-to-sns", sub(f"{prefix(stack)}-${{Unique}}-{event}")),
                    Enabled=True,  # AWS's default is false: no event would ever come
                    MatchingEventTypes=[event],
                    SnsDestination=ses.SnsDestination(TopicARN=Ref(topic)),
                ),
            )
        )
