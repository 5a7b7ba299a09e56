"""Building block `notifications`: SNS topics for bounces, complaints and deliveries, posted to the vendor.

The topics are not encrypted with `alias/aws/sns`: SES cannot publish to such a topic, and events would be lost in
silence. SNS signs what it posts (version 2, SHA-256); the vendor checks that signature, not the webhook secret.
"""

from troposphere import GetAtt, Ref, sns, sqs

from byoaws.templates.names import TOPIC_POLICY, TOPICS, https_url_parameter
from byoaws.templates.stack import Stack, sub

_DEAD_LETTERS = "EventDeadLetters"
_FOURTEEN_DAYS = 1_209_600


def add(stack: Stack) -> None:
    """Add three topics, their policy, an https subscription each, and a queue for what could not be delivered."""
    endpoint = https_url_parameter(
        stack,
        stack.vendor.parameters.sending_webhook_url,
        label="Webhook for sending events",
        description=f"Where SNS posts bounces, complaints and deliveries; given by {stack.vendor.title}",
    )
    _add_dead_letters(stack)
    for event, name in TOPICS.items():
        # The name, since SNS allows 100 characters, which a title may have by itself.
        stack.names[f"stack:{event}-topic"] = f"${{{name}}}"
        stack.add(sns.Topic(name, DisplayName=f"{stack.vendor.name} {event} events", SignatureVersion="2"))
        stack.add(
            sns.SubscriptionResource(
                f"{event.capitalize()}Subscription",
                TopicArn=Ref(name),
                Protocol="https",
                Endpoint=endpoint,
                RawMessageDelivery=False,  # raw delivery drops the signature
                RedrivePolicy={"deadLetterTargetArn": GetAtt(_DEAD_LETTERS, "Arn")},
                DependsOn=f"{_DEAD_LETTERS}Policy",
            )
        )
    _add_topic_policy(stack)


def _add_topic_policy(stack: Stack) -> None:
    condition = {
        "StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")},
        "ArnLike": {"aws:SourceArn": sub("arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:*")},
    }
    if stack.has("sending"):
        configuration_set = stack.names["stack:configuration-set"]
        condition["ArnLike"]["aws:SourceArn"] = stack.sub(
            f"arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:configuration-set/{configuration_set}"
        )
    stack.add(
        sns.TopicPolicy(
            TOPIC_POLICY,
            Topics=[Ref(name) for name in TOPICS.values()],
            PolicyDocument={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "SesMayPublish",
                        "Effect": "Allow",
                        "Principal": {"Service": "ses.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": [Ref(name) for name in TOPICS.values()],
                        "Condition": condition,
                    }
                ],
            },
        )
    )


def _add_dead_letters(stack: Stack) -> None:
    stack.names["stack:event-dead-letters"] = f"${{{_DEAD_LETTERS}.Arn}}"
    stack.add(sqs.Queue(_DEAD_LETTERS, MessageRetentionPeriod=_FOURTEEN_DAYS, SqsManagedSseEnabled=True))
    stack.add(
        sqs.QueuePolicy(
            f"{_DEAD_LETTERS}Policy",
            Queues=[Ref(_DEAD_LETTERS)],
            PolicyDocument={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "TopicsMayKeepWhatTheyCannotDeliver",
                        "Effect": "Allow",
                        "Principal": {"Service": "sns.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": GetAtt(_DEAD_LETTERS, "Arn"),
                        "Condition": {
                            "StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")},
                            "ArnEquals": {"aws:SourceArn": [Ref(name) for name in TOPICS.values()]},
                        },
                    }
                ],
            },
        )
    )
