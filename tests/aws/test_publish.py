import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from byoaws.aws.publish import S3Publisher, public_read_policy
from byoaws.aws.s3 import S3TemplateSource
from byoaws.aws.session import Limits
from byoaws.errors import AwsError, BadCredentials, UsageError

Wire = Any
BUCKET = "acme-byoaws-templates"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    with mock_aws():
        yield boto3.client("s3", region_name="us-east-1")


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_what_is_published_can_be_read_by_its_url(s3: Any, region: str) -> None:
    publisher = S3Publisher(None, region)
    publisher.create_bucket(BUCKET)
    url = publisher.put_template(BUCKET, "templates/a b/t.json", b"{}", content_type="application/json")
    assert url == f"https://{BUCKET}.s3.{region}.amazonaws.com/templates/a%20b/t.json"
    assert S3TemplateSource().read(url) == b"{}"
    assert s3.get_object(Bucket=BUCKET, Key="templates/a b/t.json")["ContentType"] == "application/json"
    location = s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"]
    assert location == (None if region == "us-east-1" else region)


def test_only_reading_of_the_prefix_is_open(s3: Any) -> None:
    S3Publisher(None, "us-east-1").create_bucket(BUCKET)
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    (statement,) = policy["Statement"]
    assert statement["Action"] == "s3:GetObject"
    assert statement["Resource"] == f"arn:aws:s3:::{BUCKET}/templates/*"
    assert s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc")]
)
def test_the_policy_names_the_partition(region: str, partition: str) -> None:
    (statement,) = public_read_policy("b", region)["Statement"]  # type: ignore[misc]
    assert statement["Resource"] == f"arn:{partition}:s3:::b/templates/*"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_attack_a_bucket_that_exists_is_not_opened(s3: Any, region: str) -> None:
    """us-east-1 answers "created" for a bucket one has, and what it holds would become public."""
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=BUCKET, **place)
    with pytest.raises(UsageError, match="exists already"):
        S3Publisher(None, region).create_bucket(BUCKET)
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=BUCKET)


@pytest.mark.parametrize("status", [403, 500])
def test_attack_a_bucket_that_may_be_somebody_s_is_not_created(
    vendor_environment: Wire, reply: Any, status: int
) -> None:
    vendor_environment.replies["*"] = reply(body="", status=status)
    with pytest.raises(AwsError):
        S3Publisher(None, "us-east-1", limits=Limits(attempts=1)).create_bucket(BUCKET)
    assert {sent.method for sent in vendor_environment.sent} == {"HEAD"}


@pytest.mark.parametrize("key", ["template.json", "/templates/t.json", "templates/", "", "private/templates/t.json"])
def test_a_key_that_nobody_could_read_is_refused(s3: Any, key: str) -> None:
    with pytest.raises(UsageError, match="not public"):
        S3Publisher(None, "us-east-1").put_template(BUCKET, key, b"{}", content_type="application/json")


def test_a_dotted_bucket_gets_a_url_that_tls_works_for(s3: Any) -> None:
    publisher = S3Publisher(None, "us-east-1")
    publisher.create_bucket("acme.templates")
    url = publisher.put_template("acme.templates", "templates/t", b"{}", content_type="application/json")
    assert url == "https://s3.us-east-1.amazonaws.com/acme.templates/templates/t"


def test_without_credentials_nothing_is_published(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
    with pytest.raises(BadCredentials):
        S3Publisher(None, "us-east-1").create_bucket(BUCKET)
    assert wire.sent == []
