"""`doctor`: shape and exit codes; what each check means is tested with its flow."""

import json
from collections.abc import Callable, Mapping

import pytest
from click.testing import Result

from byoaws import factory
from byoaws.aws.interface import BucketState, Caller
from byoaws.errors import BadCredentials, NotFound
from byoaws.flows.stack import generate
from byoaws.vendors.file import load_vendor

pytestmark = pytest.mark.usefixtures("vendor_env")


class Ours:
    """The vendor's own credentials, sound or not."""

    def __init__(self, account_id: str | None) -> None:
        self._account_id = account_id

    def caller(self) -> Caller:
        if self._account_id is None:
            raise BadCredentials("no credentials", hint="set AWS_PROFILE")
        return Caller(account_id=self._account_id, arn=f"arn:aws:iam::{self._account_id}:user/byoaws")


class Published:
    """What is at the template's URL."""

    def __init__(self, template: str | None) -> None:
        self._template = template

    def read(self, url: str) -> bytes:
        if self._template is None:
            raise NotFound("no such object", hint="upload it")
        return self._template.encode()


class Buckets:
    """Our buckets: one that anyone may read all of."""

    def __init__(self, account_id: str | None) -> None:
        self._account_id = account_id

    def look(self, bucket: str) -> BucketState:
        if self._account_id is None:
            raise BadCredentials("no credentials", hint="set AWS_PROFILE")
        actions = ["s3:GetObject", "s3:GetObjectVersion"]
        statement = {"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": f"arn:aws:s3:::{bucket}/*"}
        policy = json.dumps({"Statement": statement})
        return BucketState(region="us-east-1", policy=policy, blocks_policy=False, acls_off=True, versioned=True)


@pytest.fixture
def doctor(
    run: Callable[..., Result], vendor_env: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run doctor with fakes at the edges; all is well unless told otherwise."""

    def examine(
        *args: str,
        account: str | None = "111122223333",
        template: str | None = "",
        env: Mapping[str, str] | None = None,
    ) -> Result:
        sound = generate(load_vendor("mailmark", vendor_env), "yaml")
        monkeypatch.setattr(factory, "vendor_aws", lambda settings: Ours(account))
        monkeypatch.setattr(factory, "publisher", lambda settings, region: Buckets(account))
        monkeypatch.setattr(factory, "template_source", lambda: Published(sound if template == "" else template))
        return run("doctor", *args, env=env)

    return examine


def test_json_shape(doctor: Callable[..., Result]) -> None:
    done = doctor("--format", "json")
    assert done.exit_code == 0
    checks = json.loads(done.stdout)["checks"]
    assert {tuple(item) for item in checks} == {("code", "name", "status", "summary", "causes", "fix", "evidence")}
    assert [(item["code"], item["name"], item["status"]) for item in checks] == [
        ("D101", "vendor-file", "PASS"),
        ("D102", "own-identity", "PASS"),
        ("D103", "trusted-principal", "WARN"),
        ("D201", "published-template", "PASS"),
        ("D202", "published-bucket", "PASS"),
        ("D301", "store", "PASS"),
    ]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, 0),
        ({"account": "999999999999"}, 1),
        ({"account": None}, 3),
        ({"template": None}, 1),
        ({"template": "Resources: {}"}, 1),
        ({"env": {"BYOAWS_STORE": "sqlite:////dev/null/x"}}, 1),
        ({"env": {"BYOAWS_STORE": "sqlite:////proc/no/such/s"}}, 0),
        ({"account": None, "template": None}, 1),
    ],
    ids=[
        "sound",
        "other-account",
        "no-credentials",
        "no-template",
        "old-template",
        "no-store",
        "no-store-yet",
        "worst-wins",
    ],
)
def test_exit_codes(wrong: dict, code: int, doctor: Callable[..., Result]) -> None:
    done = doctor(**wrong)
    assert done.exit_code == code, done.stdout
    assert ("FAIL" in done.stdout) == (code == 1)
    assert ("UNKNOWN" in done.stdout) == (wrong.get("account", "") is None)


def test_says_what_to_do(doctor: Callable[..., Result]) -> None:
    done = doctor(account="999999999999")
    assert "we run in account 999999999999, but the vendor file says 111122223333" in " ".join(done.stdout.split())
    assert "--profile" in done.stdout
