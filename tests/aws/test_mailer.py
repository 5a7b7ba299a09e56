"""Mail through the vendor's own SES: what is sent, and what a refusal becomes."""

import json
from typing import Any

import pytest

from byoaws.aws.mailer import BotoMailer
from byoaws.aws.session import Limits
from byoaws.errors import AccessDenied, AwsError

Wire = Any
Reply = Any
SEND = "POST /v2/email/outbound-emails"


def send(quick: Limits) -> None:
    mailer = BotoMailer(None, "eu-west-1", limits=quick)
    mailer.send(sender="ops@example.com", recipient="team@example.com", subject="№ 7 failed", text="Do this.\n")


def test_one_plain_message_is_sent_with_the_vendors_keys(
    vendor_environment: Wire, quick: Limits, reply: type[Reply]
) -> None:
    vendor_environment.replies[SEND] = reply(body='{"MessageId": "1"}')
    send(quick)
    (sent,) = vendor_environment.asked(SEND)
    assert json.loads(sent.body) == {
        "FromEmailAddress": "ops@example.com",
        "Destination": {"ToAddresses": ["team@example.com"]},
        "Content": {
            "Simple": {
                "Subject": {"Data": "№ 7 failed", "Charset": "UTF-8"},
                "Body": {"Text": {"Data": "Do this.\n", "Charset": "UTF-8"}},
            }
        },
    }
    assert "AKIAIOSFODNN7EXAMPLE" in sent.headers["authorization"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", AccessDenied), ("MessageRejected", AwsError)],
    ids=["denied", "rejected"],
)
def test_a_refusal_is_told(vendor_environment: Wire, quick: Limits, code: str, kind: type[AwsError]) -> None:
    vendor_environment.replies[SEND] = vendor_environment.json_refusal(code, "no", 400)
    with pytest.raises(kind):
        send(quick)
