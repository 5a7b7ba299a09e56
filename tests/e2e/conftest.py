"""The real verifier, pointed at the embedded AWS."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import botocore.loaders
import pytest

from byoaws import factory
from byoaws.commands.progress import Silent
from byoaws.fakeaws.interface import FakeAws
from byoaws.flows.check import Verifier
from byoaws.model import VerificationReport
from byoaws.settings import Settings, read_settings
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Target

REGION = "us-east-1"


@pytest.fixture(scope="session")
def vendor_environment(fake_aws: FakeAws) -> Mapping[str, str]:
    """The environment of the vendor's operator, without anything of the machine that runs the tests."""
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "BYOAWS_", "MAILMARK_")) and not name.lower().endswith("_proxy")
    }
    return {
        **mine,
        **fake_aws.environment(fake_aws.vendor),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MAILMARK_AWS_ACCOUNT_ID": fake_aws.vendor.account_id,
    }


@pytest.fixture(scope="session")
def service_models() -> botocore.loaders.Loader:
    """Parsing them again for every verification would be most of the running time."""
    return botocore.loaders.create_loader()


@pytest.fixture
def operator(
    vendor_environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    service_models: botocore.loaders.Loader,
) -> Mapping[str, str]:
    """This process, as the vendor's operator: it works in an empty folder with a store of its own."""
    monkeypatch.setattr("botocore.session.create_loader", lambda *_: service_models)
    env = {**vendor_environment, "BYOAWS_DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)}
    for name in os.environ.keys() - env.keys():
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return env


@pytest.fixture
def settings(operator: Mapping[str, str], tmp_path: Path) -> Settings:
    return read_settings(operator, cwd=tmp_path)


@pytest.fixture
def vendor(settings: Settings) -> Vendor:
    return factory.vendor(settings)


@pytest.fixture
def verifier(settings: Settings) -> Verifier:
    """As `byoaws verify` puts it together."""
    return factory.verifier(settings, Silent())


@pytest.fixture
def verify(verifier: Verifier, vendor: Vendor) -> Callable[..., VerificationReport]:
    """Verify a role with an ExternalId."""

    def run(role_arn: str, external_id: str, *, wait: float = 0, vendor: Vendor = vendor) -> VerificationReport:
        target = Target(role_arn=role_arn, external_id=external_id, region=REGION, vendor=vendor, wait=wait)
        return verifier.check(target)

    return run
