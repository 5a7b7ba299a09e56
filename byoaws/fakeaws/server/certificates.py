"""Throwaway certificates for loopback, so that the embedded AWS speaks TLS as AWS does.

Without it, the bucket policies that everyone should have (deny unless `aws:SecureTransport`) would lock everybody out.
The authority's key is never written anywhere: nothing can be signed by it later.
"""

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from byoaws.regions import partition_of, sending_regions

_LIFETIME = datetime.timedelta(days=30)
_CLOCK_SKEW = datetime.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """PEM files of one embedded AWS."""

    authority: Path
    """The certificate authority that clients must trust."""
    bundle: Path
    """The authority and the system's own ones, for functions that also call out."""
    certificate: Path
    """For `127.0.0.1` and `localhost`."""
    key: Path
    """Its private key."""
    of_aws: Path
    """Certificate and private key for hosts of AWS that are played on loopback: SNS and SES receiving, by region."""


def write_certificates(directory: Path) -> Certificates:
    """Make an authority and one certificate for loopback, and write them to `directory`."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "byoaws embedded AWS")])
    authority = (
        _builder(subject=name, issuer=name, key=authority_key.public_key(), issuer_key=authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    files = Certificates(
        authority=directory / "authority.pem",
        bundle=directory / "bundle.pem",
        certificate=directory / "server.pem",
        key=directory / "server.key",
        of_aws=directory / "aws.pem",
    )
    loopback = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
    certificate, key = _issue(authority_key, name, loopback)
    authority_pem = authority.public_bytes(Encoding.PEM)
    files.authority.write_bytes(authority_pem)
    files.bundle.write_bytes(authority_pem + _system_authorities())
    files.certificate.write_bytes(certificate)
    _write_secret(files.key, key)
    _write_secret(files.of_aws, b"".join(_issue(authority_key, name, _hosts_of_aws())))
    return files


def _issue(
    authority_key: ec.EllipticCurvePrivateKey, authority: x509.Name, names: list[x509.GeneralName]
) -> tuple[bytes, bytes]:
    """Return a certificate for `names` and its private key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(names[0].value))])
    certificate = (
        _builder(subject=subject, issuer=authority, key=key.public_key(), issuer_key=authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), private


def _hosts_of_aws() -> list[x509.GeneralName]:
    return [
        x509.DNSName(f"{service}.{region}.{partition_of(region).dns_suffix}")
        for service in ("sns", "inbound-smtp")
        for region in sending_regions()
    ]


def _write_secret(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _builder(
    *, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, issuer_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
        # Python 3.13 verifies strictly: without these two it refuses the chain.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _system_authorities() -> bytes:
    paths = ssl.get_default_verify_paths()
    system = Path(paths.cafile or paths.openssl_cafile)
    return b"\n" + system.read_bytes() if system.is_file() else b""
