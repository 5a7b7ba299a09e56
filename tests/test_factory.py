"""The factory picks what the settings ask for, and imports it only then."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from byoaws import factory
from byoaws.aws.boto import BotoVendorAws
from byoaws.aws.s3 import S3TemplateSource
from byoaws.aws.threads import ThreadedVendor
from byoaws.errors import FakeAwsError, StoreMissing, UnknownName
from byoaws.factories.fleet import fleet_store
from byoaws.settings import Settings, read_settings
from byoaws.store.sql import SqlStore
from byoaws.verify.runner import ProbeResult

HEAVY = (
    "boto3",
    "botocore",
    "cfnlint",
    "troposphere",
    "sqlalchemy",
    "alembic",
    "pydantic",
    "pydantic_core",
    "yaml",
    "cryptography",
    "rich",
)


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    return lambda env=None, **given: read_settings({"HOME": str(tmp_path), **(env or {})}, cwd=tmp_path, **given)


def test_now_is_in_utc() -> None:
    assert factory.now().utcoffset() == timedelta(0)
    assert factory.now().tzinfo is UTC


def test_vendor_is_filled_in_from_the_settings_and_nothing_else(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILMARK_AWS_ACCOUNT_ID", "999999999999")
    vendor = factory.vendor(settings({"MAILMARK_AWS_ACCOUNT_ID": "111122223333"}))
    assert vendor.account.account_id == "111122223333"


def test_store_is_made_in_the_data_directory(settings: Callable[..., Settings], tmp_path: Path) -> None:
    store = factory.store(settings({"BYOAWS_DATA_DIR": str(tmp_path / "data")}))
    try:
        assert isinstance(store, SqlStore)
        assert store.list() == []
    finally:
        store.close()
    assert (tmp_path / "data" / "byoaws.sqlite3").is_file()


@pytest.mark.parametrize("url", ["mysql://h/d", "store.db", "//u:p@h"], ids=["database", "file", "no-scheme"])
def test_store_of_another_kind(url: str, settings: Callable[..., Settings]) -> None:
    with pytest.raises(UnknownName) as refused:
        factory.store(settings(store=url))
    assert refused.value.known == ("postgresql", "sqlite")


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite"])
def test_store_with_a_driver(scheme: str, settings: Callable[..., Settings], tmp_path: Path) -> None:
    factory.store(settings(store=f"{scheme}:///{tmp_path}/s.sqlite3"), begins=True).close()
    assert (tmp_path / "s.sqlite3").is_file()
    factory.store(settings(store=f"{scheme}:///{tmp_path}/s.sqlite3")).close()


@pytest.mark.parametrize("opened", [factory.store, fleet_store], ids=["store", "fleet"])
@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_store_that_somebody_named_is_made_only_by_what_begins_a_connection(
    by: str, opened: Callable[[Settings], object], settings: Callable[..., Settings], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/typo/s.sqlite3"
    named = settings(store=url) if by == "option" else settings({"BYOAWS_STORE": url})
    with pytest.raises(StoreMissing, match="there is no store at"):
        opened(named)
    assert list(tmp_path.iterdir()) == []


def test_verifier_asks_the_sts_region_that_it_is_given(settings: Callable[..., Settings]) -> None:
    class Ignored:
        def started(self, probe: object) -> None: ...
        def finished(self, result: ProbeResult) -> None: ...
        def waiting(self, seconds: float) -> None: ...

    verifier = factory.verifier(settings(), Ignored())
    assert isinstance(verifier.vendor_aws("us-gov-west-1"), ThreadedVendor)
    assert verifier.now is factory.now
    before = verifier.clock.now()
    asyncio.run(verifier.clock.sleep(0))
    assert verifier.clock.now() >= before


def test_ports_to_aws_and_the_linter(settings: Callable[..., Settings]) -> None:
    assert isinstance(factory.vendor_aws(settings({"AWS_REGION": "cn-north-1"})), BotoVendorAws)
    assert isinstance(factory.template_source(), S3TemplateSource)


def test_the_linter_keeps_results_in_the_cache_unless_told_otherwise(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    chosen = settings({"XDG_CACHE_HOME": str(tmp_path / "cache")})
    (tmp_path / "t.yaml").write_text("Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    kept = tmp_path / "cache" / "byoaws" / "lint"
    assert factory.linter(chosen, jobs=1, use_cache=False)([tmp_path / "t.yaml"]).findings == ()
    assert not kept.exists()
    assert factory.linter(chosen, jobs=1)([tmp_path / "t.yaml"]).findings == ()
    assert len(list(kept.iterdir())) == 1


def test_rules_are_explained() -> None:
    assert factory.explainer()("E9101").startswith("# E9101: ")


@pytest.mark.parametrize("start", [factory.fake_aws, lambda: factory.stage("us-east-1")], ids=["fake-aws", "stage"])
def test_embedded_aws_that_is_not_installed(start: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FakeAwsError) as refused:
        start()
    assert refused.value.hint == "pip install 'byoaws[demo]'"


def test_importing_it_loads_nothing_heavy() -> None:
    code = f"import sys, json, byoaws.factory; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
