"""SNS's signatures, with a key of the embedded AWS's own. It is in memory alone, and ends with the process.

Source: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages". Written apart from the code that
verifies, so that one can contradict the other.
"""

import base64
import datetime
import secrets
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)
_ALGORITHMS: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303
_NEVER_SIGNED = {"SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL", "MessageAttributes"}


class Signer:
    """A key and its certificate."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.path = f"/SimpleNotificationService-{secrets.token_hex(16)}.pem"
        """Where the certificate is, at SNS's host in any region."""
        self.certificate = _certificate(self._key)
        """PEM."""

    def signature(self, message: Mapping[str, str], version: str) -> str:
        """Sign a message as a topic of this SignatureVersion does: every field that there is, in order of names."""
        names = sorted(name for name in message if name not in _NEVER_SIGNED)
        text = "".join(f"{name}\n{message[name]}\n" for name in names)
        return base64.b64encode(self._key.sign(text.encode(), padding.PKCS1v15(), _ALGORITHMS[version])).decode()


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)
