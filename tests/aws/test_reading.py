"""An account that is only looked at: nothing that changes anything gets through, and no answer is too much."""

import io
import zipfile
from typing import Any

import pytest
from botocore.session import get_session

from byoaws.aws import function_code
from byoaws.aws.reading import BotoReader, _named, _plain
from byoaws.errors import Unreachable
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.lifecycle.port import READING

SERVICES = ("cloudformation", "iam", "lambda", "mailmanager", "s3", "ses", "sesv2", "sns", "sqs", "sts")


@pytest.fixture
def reader(fake_aws: FakeAws, aws_customer: Account, monkeypatch: pytest.MonkeyPatch) -> BotoReader:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in fake_aws.environment(aws_customer).items():
        monkeypatch.setenv(name, value)
    return BotoReader.of_profile(None, "us-east-1")


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("s3", "delete_bucket"),
        ("ses", "set_active_receipt_rule_set"),
        ("cloudformation", "create_stack"),
        ("sts", "assume_role"),
        ("lambda", "invoke"),
        ("iam", "put_role_policy"),
        ("sqs", "receive_message"),
        ("cloudformation", "detect_stack_drift"),
        ("sesv2", "send_email"),
        ("s3", "_make_api_call"),
        ("s3", "generate_presigned_url"),
    ],
)
def test_what_may_change_something_is_never_called(service: str, operation: str) -> None:
    class Nobody:
        boto = None

        def ask(self, *_: Any) -> Any:
            raise AssertionError("called")

    looking = BotoReader(Nobody(), "us-east-1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="only looks"):
        looking.ask(service, operation)
    with pytest.raises(ValueError, match="only looks"):
        looking.every(service, operation, "Key")


def test_what_begins_as_reading_is_reading_in_every_service_that_we_ask() -> None:
    """No operation of AWS that writes is called `Get...` and the like, but for those that hand out credentials."""
    from botocore import xform_name

    for service in SERVICES:
        model = get_session().get_service_model(service)
        for name in model.operation_names:
            if xform_name(name).startswith(READING):
                assert name.startswith(("Describe", "Get", "List", "Simulate"))


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("sesv2", "get_account", "ses:GetAccount"),
        ("s3", "list_buckets", "s3:ListAllMyBuckets"),
        ("s3", "get_public_access_block", "s3:GetBucketPublicAccessBlock"),
        ("iam", "get_role", "iam:GetRole"),
    ],
)
def test_errors_name_the_action_that_is_lacking(service: str, operation: str, action: str) -> None:
    assert _named(service, operation) == action


def test_pages_are_put_together(reader: BotoReader, fake_aws: FakeAws, aws_customer: Account) -> None:
    iam = fake_aws.client(aws_customer, "iam", "us-east-1")
    for number in range(5):
        iam.create_group(GroupName=f"g{number}")
    assert len(reader.every("iam", "list_groups", "Groups", PaginationConfig={"PageSize": 2})) == 5  # type: ignore[arg-type]
    assert reader.every("sesv2", "list_configuration_sets", "ConfigurationSets") == []


def test_pages_that_never_end_are_given_up(reader: BotoReader, monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless:
        def can_paginate(self, name: str) -> bool:
            return False

        def list_things(self, **_: Any) -> dict[str, Any]:
            return {"Things": [1], "NextToken": "again"}

    monkeypatch.setitem(reader._clients, "ses", Endless())
    with pytest.raises(Unreachable, match="pages"):
        reader.every("ses", "list_things", "Things")


def test_an_answer_that_is_too_deep_is_no_answer(reader: BotoReader, monkeypatch: pytest.MonkeyPatch) -> None:
    deep: Any = {}
    for _ in range(500):
        deep = {"a": deep}

    class Deep:
        def get_template(self, **_: Any) -> Any:
            return {"TemplateBody": deep}

        def describe_it(self, **_: Any) -> Any:
            raise RecursionError

    monkeypatch.setitem(reader._clients, "cloudformation", Deep())
    for operation in ("get_template", "describe_it"):
        with pytest.raises(Unreachable, match=r"nested|RecursionError"):
            reader.ask("cloudformation", operation)


def test_what_is_no_json_becomes_text() -> None:
    from datetime import UTC, datetime

    assert _plain({"at": datetime(2026, 1, 2, tzinfo=UTC), "b": b"x", "c": [1, None]}, "x") == {
        "at": "2026-01-02T00:00:00+00:00",
        "b": "bytes",
        "c": [1, None],
    }


ASKED = "https://lambda.us-east-1.amazonaws.com"
AWS = "https://awslambda-us-east-1-tasks.s3.us-east-1.amazonaws.com/snapshots/x?versionId=1&X-Amz-Signature=s"


@pytest.mark.parametrize(
    ("location", "endpoint", "wanted"),
    [
        (AWS, ASKED, AWS),
        ("http://127.0.0.1:4566/code", "https://127.0.0.1:4566", "https://127.0.0.1:4566/code"),
        (AWS.replace("https", "http"), ASKED, None),
        ("https://amazonaws.com.evil.example/x", ASKED, None),
        ("https://evilamazonaws.com/x", ASKED, None),
        ("https://x.amazonaws.com:8443/x", ASKED, None),
        ("https://x.amazonaws.com@evil.example/x", ASKED, None),
        ("http://169.254.169.254/latest/meta-data", ASKED, None),
        ("file:///etc/passwd", ASKED, None),
        ("", ASKED, None),
    ],
)
def test_code_is_fetched_from_aws_only(location: str, endpoint: str, wanted: str | None) -> None:
    if wanted is None:
        with pytest.raises(Unreachable):
            function_code.place_of(location, endpoint, "amazonaws.com")
    else:
        assert function_code.place_of(location, endpoint, "amazonaws.com") == wanted


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()


def test_code_is_unpacked() -> None:
    assert function_code.unpacked(packed({"index.py": b"x = 1", "a/b": b""})) == {"index.py": b"x = 1", "a/b": b""}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no zip",
        packed({"index.py": b"x"})[:-30],
        packed({"bomb": b"\0" * 50_000_000}),
        packed({str(number): b"" for number in range(101)}),
    ],
    ids=["empty", "no zip", "cut off", "bomb", "many files"],
)
def test_code_that_is_none_or_too_much_is_refused(body: bytes) -> None:
    with pytest.raises(Unreachable):
        function_code.unpacked(body)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_of_code_that_is_damaged_nothing_but_the_documented_error_comes(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        file.writestr("index.py", b"import os\n" * 20)
    sound = out.getvalue()
    refused = 0
    for at in range(len(sound)):
        body = bytearray(sound)
        body[at] ^= 0xFF
        try:
            function_code.unpacked(bytes(body))
        except Unreachable:
            refused += 1
    assert refused > 20


@pytest.mark.parametrize("location", ["https://[x", "https://a.amazonaws.com:port/x", "https://a.amazonaws.com:99999/"])
def test_what_is_no_url_is_none_of_awss(location: str) -> None:
    with pytest.raises(Unreachable):
        function_code.place_of(location, "https://lambda.eu-west-1.amazonaws.com", "amazonaws.com")


def test_a_size_that_lies_is_not_believed() -> None:
    body = bytearray(packed({"bomb": b"\0" * 5_000_000}))
    for start in (body.find(b"PK\x03\x04") + 22, body.find(b"PK\x01\x02") + 24):
        body[start : start + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Unreachable):
        function_code.unpacked(bytes(body))


class Silent:
    """Answers everything with 200 and nothing in it, as what stands between us and AWS may."""

    def can_paginate(self, name: str) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        return lambda **_: {"ResponseMetadata": {"HTTPStatusCode": 200}}


def test_attack_an_answer_with_nothing_in_it_says_nothing(reader: BotoReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as an answer it said: no stack of that name, nothing attached to the role, no rule that takes mail away."""
    for service in ("cloudformation", "iam", "s3", "ses"):
        monkeypatch.setitem(reader._clients, service, Silent())
    for service, operation, key in (
        ("cloudformation", "describe_stacks", "Stacks"),
        ("iam", "list_attached_role_policies", "AttachedPolicies"),
    ):
        with pytest.raises(Unreachable, match=f"no usable answer \\({key} is missing"):
            reader.every(service, operation, key)
    with pytest.raises(Unreachable, match="empty"):
        reader.ask("s3", "get_bucket_lifecycle_configuration", Bucket="b")
    # Here nothing is an answer: no rule set is active, nobody is told.
    assert reader.ask("ses", "describe_active_receipt_rule_set") == {}
    assert reader.ask("s3", "get_bucket_notification_configuration", Bucket="b") == {}
