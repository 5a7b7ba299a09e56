"""The throwaway certificates: good for loopback, and for nothing else."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from byoaws.fakeaws.server.certificates import Certificates, write_certificates


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return write_certificates(tmp_path)


def verify(files: Certificates, host: str, authority: Path, certificate: Path | None = None) -> None:
    store = Store([x509.load_pem_x509_certificate(authority.read_bytes())])
    leaf = x509.load_pem_x509_certificate((certificate or files.certificate).read_bytes())
    PolicyBuilder().store(store).build_server_verifier(x509.DNSName(host)).verify(leaf, [])


def test_authority_vouches_for_localhost(files: Certificates) -> None:
    verify(files, "localhost", files.authority)


def test_certificate_is_for_no_other_host(files: Certificates) -> None:
    with pytest.raises(VerificationError):
        verify(files, "s3.amazonaws.com", files.authority)


@pytest.mark.parametrize("host", ["sns.us-east-1.amazonaws.com", "inbound-smtp.eu-west-1.amazonaws.com"])
def test_another_certificate_is_for_hosts_of_aws_that_are_played_here(files: Certificates, host: str) -> None:
    verify(files, host, files.authority, files.of_aws)


@pytest.mark.parametrize("host", ["s3.us-east-1.amazonaws.com", "sts.amazonaws.com", "localhost", "amazonaws.com"])
def test_it_is_for_no_other_host(files: Certificates, host: str) -> None:
    with pytest.raises(VerificationError):
        verify(files, host, files.authority, files.of_aws)


def test_each_authority_is_its_own(files: Certificates, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = write_certificates(tmp_path / "other")
    with pytest.raises(VerificationError):
        verify(files, "localhost", other.authority)


def test_no_key_but_the_servers_is_written(files: Certificates, tmp_path: Path) -> None:
    with_keys = {path for path in tmp_path.iterdir() if b"PRIVATE KEY" in path.read_bytes()}
    assert with_keys == {files.key, files.of_aws}
    assert {path.stat().st_mode & 0o777 for path in with_keys} == {0o600}
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.certificate, files.key)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.of_aws)


def test_bundle_begins_with_the_authority(files: Certificates) -> None:
    assert files.bundle.read_bytes().startswith(files.authority.read_bytes())
