"""What arrives at the vendor's server, verified: the forwarder's posts and SNS's. For use in any web framework."""

from byoaws.webhooks.certificates import Certificates
from byoaws.webhooks.forwarder import ForwardedMail, verify_forwarder
from byoaws.webhooks.ses_events import SesEvent, parse_event
from byoaws.webhooks.sns import SnsMessage, verify_sns
from byoaws.webhooks.subscription import confirm_subscription

__all__ = [
    "Certificates",
    "ForwardedMail",
    "SesEvent",
    "SnsMessage",
    "confirm_subscription",
    "parse_event",
    "verify_forwarder",
    "verify_sns",
]
