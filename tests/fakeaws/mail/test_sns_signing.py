"""SNS's signatures, as the receivers verify them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from byoaws.errors import WebhookForged
from byoaws.fakeaws.mail.sns_signing import Signer
from byoaws.webhooks import Certificates, verify_sns

TOPIC = "arn:aws:sns:eu-west-1:111122223333:bounces"


@dataclass(frozen=True)
class Connection:
    account_id: str = "111122223333"
    region: str = "eu-west-1"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


def message(**fields: str) -> dict[str, str]:
    now = datetime.now(UTC).isoformat()
    return {"MessageId": "1", "TopicArn": TOPIC, "Message": "text\nwith Ünicode", "Timestamp": now, **fields}


def signed(signer: Signer, version: str, fields: dict[str, str]) -> dict[str, Any]:
    return {
        **fields,
        "SignatureVersion": version,
        "Signature": signer.signature(fields, version),
        "SigningCertURL": f"https://sns.eu-west-1.amazonaws.com{signer.path}",
    }


def verify(signer: Signer, document: dict[str, Any]) -> None:
    certificates = Certificates(lambda _: signer.certificate)
    verify_sns(json.dumps(document).encode(), Connection(), certificates=certificates)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    "fields",
    [
        message(Type="Notification"),
        message(Type="Notification", Subject="subject"),
        message(Type="SubscriptionConfirmation", Token="t", SubscribeURL="https://sns.eu-west-1.amazonaws.com/"),
    ],
    ids=["notification", "with a subject", "confirmation"],
)
def test_verified(signer: Signer, version: str, fields: dict[str, str]) -> None:
    verify(signer, signed(signer, version, fields) | {"UnsubscribeURL": "https://x.example/"})


def test_another_key(signer: Signer) -> None:
    document = signed(Signer(), "2", message(Type="Notification"))
    document["SigningCertURL"] = f"https://sns.eu-west-1.amazonaws.com{signer.path}"
    with pytest.raises(WebhookForged):
        verify(signer, document)


def test_each_has_a_key_of_its_own(signer: Signer) -> None:
    assert Signer().path != signer.path
    assert b"PRIVATE" not in signer.certificate
