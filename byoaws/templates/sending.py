"""Building block `sending`: a configuration set, and where its events go."""

from troposphere import Ref, ses

from byoaws.templates.names import CONFIGURATION_SET, TOPIC_POLICY, TOPICS, prefix
from byoaws.templates.stack import Stack, sub


def add(stack: Stack) -> None:
    """Add the configuration set and, with block `notifications`, one event destination per topic."""
    name = f"{prefix(stack)}-${{Unique}}"
    stack.add(
        ses.ConfigurationSet(
            CONFIGURATION_SET,
            Name=sub(name),
            ReputationOptions=ses.ReputationOptions(ReputationMetricsEnabled=True),
            SendingOptions=ses.SendingOptions(SendingEnabled=True),
            SuppressionOptions=ses.SuppressionOptions(SuppressedReasons=["BOUNCE", "COMPLAINT"]),
        )
    )
    stack.names["stack:configuration-set"] = f"${{{CONFIGURATION_SET}}}"
    stack.output("ConfigurationSetName", Ref(CONFIGURATION_SET), "SES configuration set to send with")
    if not stack.has("notifications"):
        return
    for event, topic in TOPICS.items():
        stack.add(
            ses.ConfigurationSetEventDestination(
                f"{event.capitalize()}Events",
                # SES publishes a test message on creation, so the policy must be there first.
                DependsOn=TOPIC_POLICY,
                ConfigurationSetName=Ref(CONFIGURATION_SET),
                EventDestination=ses.EventDestination(
                    Name=f"{event}-to-sns",
                    Enabled=True,  # AWS's default is false: no event would ever come
                    MatchingEventTypes=[event],
                    SnsDestination=ses.SnsDestination(TopicARN=Ref(topic)),
                ),
            )
        )
