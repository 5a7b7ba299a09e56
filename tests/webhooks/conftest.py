"""SNS's part, played with a key of our own: certificates, signatures, messages."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from byoaws.errors import WebhookUndecided
from byoaws.webhooks import Certificates

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
# Written out here, from the guide, and not taken from what is tested.
SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    "UnsubscribeConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}


@dataclass(frozen=True)
class Account:
    """A connection, as far as SNS is concerned."""

    account_id: str | None = "111122223333"
    region: str = "eu-west-1"


@dataclass
class Sns:
    """Signs as SNS does, and has its certificate where it says."""

    key: rsa.RSAPrivateKey
    served: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if url not in self.served:
            raise WebhookUndecided("no answer")
        return self.served[url]

    def certificates(self, **options: Any) -> Certificates:
        return Certificates(self.fetch, **options)

    def post(self, *, version: str = "2", **changes: Any) -> dict[str, Any]:
        """A message as SNS posts it, signed; `changes` are made before it is."""
        message: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
            "TopicArn": "arn:aws:sns:eu-west-1:111122223333:bounces",
            "Message": '{"eventType": "Send"}',
            "Timestamp": NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE_URL,
            **changes,
        }
        if message["Type"] != "Notification":
            query = f"Action=ConfirmSubscription&TopicArn={message['TopicArn']}&Token=abc"
            message.setdefault("Token", "abc")
            message.setdefault("SubscribeURL", f"https://sns.eu-west-1.amazonaws.com/?{query}")
        return self.sign(message)

    def sign(self, message: dict[str, Any]) -> dict[str, Any]:
        names = [name for name in SIGNED.get(message["Type"], []) if message.get(name) is not None]
        text = "".join(f"{name}\n{message[name]}\n" for name in names).encode("utf-8", "surrogatepass")
        algorithm = SHA1() if message["SignatureVersion"] == "1" else SHA256()  # noqa: S303  SNS's version 1
        signature = self.key.sign(text, padding.PKCS1v15(), algorithm)
        return {**message, "Signature": base64.b64encode(signature).decode()}


def certificate(key: Any, *, since: datetime, until: datetime) -> bytes:
    """A certificate that its own key signed."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(since).not_valid_after(until)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def pems(rsa_key: rsa.RSAPrivateKey) -> dict[str, bytes]:
    """Certificates, good and bad."""
    now, day = datetime.now(UTC), timedelta(days=1)
    return {
        "good": certificate(rsa_key, since=now - day, until=now + day),
        "expired": certificate(rsa_key, since=now - 2 * day, until=now - day),
        "of tomorrow": certificate(rsa_key, since=now + day, until=now + 2 * day),
        "elliptic": certificate(ec.generate_private_key(ec.SECP256R1()), since=now - day, until=now + day),
        "text": b"<html>no certificate</html>",
        "empty": b"",
    }


@pytest.fixture
def sns(rsa_key: rsa.RSAPrivateKey, pems: dict[str, bytes]) -> Sns:
    return Sns(key=rsa_key, served={CERTIFICATE_URL: pems["good"]})


@pytest.fixture
def body() -> Callable[[Any], bytes]:
    return lambda document: json.dumps(document).encode()


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def now() -> datetime:
    return NOW
