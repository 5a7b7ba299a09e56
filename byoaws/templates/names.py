"""Logical names that blocks share, and the parameters that more than one block declares."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the names alone are wanted where no template is made
    from byoaws.templates.stack import Stack

CONFIGURATION_SET = "ConfigurationSet"
USED_CONFIGURATION_SET = "UsedConfigurationSet"
"""In `Stack.computed`: the stack's own configuration set, or the one that it joins."""
IDENTITY = "Identity"
INBOUND_BUCKET = "InboundBucket"
INBOUND_BUCKET_POLICY = "InboundBucketPolicy"
SETUP = "ReceiptRuleSetup"
RECEIPT_RULE = "ReceiptRule"
FORWARDER = "ForwarderFunction"
FORWARDER_DEAD_LETTERS = "ForwarderDeadLetters"
FORWARDER_ALARM = "ForwarderAlarm"
FORWARDER_PERMISSION = "ForwarderPermission"
FORWARDER_LOGS = "ForwarderLogs"
REGISTRATION = "RegistrationFunction"
ACCESS_ROLE = "AccessRole"
ACCESS_POLICY = "vendor-permissions"
"""What IAM calls the role's one policy."""
TOPIC_POLICY = "EventTopicPolicy"
TOPICS = {"bounce": "BounceTopic", "complaint": "ComplaintTopic", "delivery": "DeliveryTopic"}
"""SES event type to the topic that carries it."""

INBOUND_PREFIX = "inbound/"
"""Where SES puts received mail in the bucket."""

_HTTPS_URL = r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s#]*)?"


def https_url_parameter(stack: "Stack", name: str, *, label: str, description: str) -> Any:
    """Declare a parameter that takes an https URL."""
    return stack.parameter(
        name,
        group="Webhooks",
        label=label,
        Description=description,
        AllowedPattern=_HTTPS_URL,
        ConstraintDescription="must be an https:// URL",
        MaxLength=2048,
    )


def connection_id_parameter(stack: "Stack") -> Any:
    """Declare the parameter that holds the connection's id, once, and return a reference to it."""
    name = stack.vendor.parameters.connection_id
    if name in stack.shared:
        return stack.shared[name]
    stack.shared[name] = stack.parameter(
        name,
        group="Webhooks",
        label="Connection",
        Description=f"What {stack.vendor.title} calls this connection; stands in what is posted",
        Default="",
        AllowedPattern="[A-Za-z0-9_-]*",
        MaxLength=64,
    )
    return stack.shared[name]


def lambda_trust() -> dict[str, Any]:
    """Trust policy of a function's own role."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }


def function_role_path(stack: "Stack") -> str:
    """IAM path of the functions' own roles: apart from the vendor's role, which the vendor may be limited to."""
    return f"{stack.vendor.role_path}functions/"


def prefix(stack: "Stack") -> str:
    """Begin of the stack's resource names: the vendor's name, short enough for a bucket of 62 characters."""
    return stack.vendor.name[:22].rstrip("-")
