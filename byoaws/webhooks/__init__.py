"""What arrives at the vendor's server, verified: posts of the stack's functions, and SNS's. For any web framework."""

from byoaws.webhooks.certificates import Certificates
from byoaws.webhooks.event_log import append_event
from byoaws.webhooks.forwarder import ForwardedMail, verify_forwarder
from byoaws.webhooks.keys import secrets_of
from byoaws.webhooks.registration import Registration, verify_registration
from byoaws.webhooks.ses_events import SesEvent, parse_event
from byoaws.webhooks.sns import SnsMessage, verify_sns
from byoaws.webhooks.subscription import confirm_subscription
from byoaws.webhooks.whose import SaidTopic, said_connection, said_topic

__all__ = [
    "Certificates",
    "ForwardedMail",
    "Registration",
    "SaidTopic",
    "SesEvent",
    "SnsMessage",
    "append_event",
    "confirm_subscription",
    "parse_event",
    "said_connection",
    "said_topic",
    "secrets_of",
    "verify_forwarder",
    "verify_registration",
    "verify_sns",
]
