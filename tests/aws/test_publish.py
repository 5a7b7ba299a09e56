"""The vendor's bucket by boto3: what is sent, what is made, and that nothing is ever written over."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from byoaws.aws.publish import S3Publisher
from byoaws.aws.s3 import S3TemplateSource
from byoaws.aws.session import Limits
from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    InvalidRequest,
    NotFound,
    Throttled,
    Unreachable,
    UsageError,
)
from byoaws.iam.bucket import Place, exposures, read_only_policy, unreadable
from byoaws.quickcreate.published import url_of

Wire = Any
BUCKET = "acme-byoaws-templates"
KEY = "templates/acme/1.0.0-0123456789ab/template.yaml"
POLICY = json.dumps(read_only_policy(Place(bucket=BUCKET, prefix="templates/")))
# moto takes a Deny for one whatever its condition says, so what is written there is written without one.
OPEN = json.dumps({"Version": "2012-10-17", "Statement": [json.loads(POLICY)["Statement"][0]]})
YAML = "application/yaml"
OWN, OWNER_HEADER = "111122223333", "x-amz-expected-bucket-owner"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    with mock_aws():
        yield boto3.client("s3", region_name="us-east-1")


@pytest.fixture
def publisher(s3: Any) -> S3Publisher:
    made = S3Publisher(None, "us-east-1")
    made.create(BUCKET, OPEN)
    return made


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_bucket_is_made_fit(s3: Any, region: str) -> None:
    publisher = S3Publisher(None, region)
    assert publisher.look(BUCKET) is None
    publisher.create(BUCKET, POLICY)
    state = publisher.look(BUCKET)
    assert state is not None
    assert (state.region, state.blocks_policy, state.acls_off, state.versioned) == (region, False, True, True)
    place = Place(bucket=BUCKET, prefix="templates/")
    assert exposures(state.policy, place) == unreadable(state.policy, place, KEY) == ()
    assert s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }


def test_what_is_published_can_be_read_by_its_url(publisher: S3Publisher, s3: Any) -> None:
    version = publisher.put_new(BUCKET, KEY, b"one", content_type=YAML)
    assert version
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"swapped")
    url = url_of(BUCKET, "us-east-1", KEY, version)
    assert S3TemplateSource().read(url) == b"one"
    assert s3.get_object(Bucket=BUCKET, Key=KEY, VersionId=version)["ContentType"] == YAML


def test_nothing_is_written_where_something_is(publisher: S3Publisher) -> None:
    first = publisher.put_new(BUCKET, KEY, b"one", content_type=YAML)
    assert publisher.put_new(BUCKET, KEY, b"two", content_type=YAML) is None
    found = publisher.read(BUCKET, KEY)
    assert found is not None
    assert (found.body, found.version_id) == (b"one", first)


def test_what_was_never_there_is_none(publisher: S3Publisher, s3: Any) -> None:
    assert publisher.read(BUCKET, KEY) is None
    assert not publisher.ever_held(BUCKET, "templates/acme/")
    publisher.put_new(BUCKET, "templates/acme-two/x", b"one", content_type=YAML)
    assert not publisher.ever_held(BUCKET, "templates/acme/")


def test_what_was_deleted_was_there(publisher: S3Publisher, s3: Any) -> None:
    publisher.put_new(BUCKET, KEY, b"one", content_type=YAML)
    s3.delete_object(Bucket=BUCKET, Key=KEY)
    assert publisher.read(BUCKET, KEY) is None
    assert publisher.ever_held(BUCKET, "templates/acme/")


STATES: dict[str, tuple[Callable[[Any], object], dict[str, Any]]] = {
    "no policy": (lambda s3: s3.delete_bucket_policy(Bucket=BUCKET), {"policy": None}),
    "no ownership controls": (lambda s3: s3.delete_bucket_ownership_controls(Bucket=BUCKET), {"acls_off": False}),
    "acls": (
        lambda s3: s3.put_bucket_ownership_controls(
            Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        ),
        {"acls_off": False},
    ),
    "no access block": (lambda s3: s3.delete_public_access_block(Bucket=BUCKET), {"blocks_policy": False}),
    "suspended": (
        lambda s3: s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}),
        {"versioned": False},
    ),
    "blocked": (
        lambda s3: s3.put_public_access_block(
            Bucket=BUCKET, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
        ),
        {"blocks_policy": True},
    ),
}


@pytest.mark.parametrize(("change", "differs"), STATES.values(), ids=STATES)
def test_a_bucket_is_seen_as_it_is(change: Any, differs: dict[str, Any], publisher: S3Publisher, s3: Any) -> None:
    change(s3)
    state = publisher.look(BUCKET)
    sound = {"policy": OPEN, "blocks_policy": False, "acls_off": True, "versioned": True}
    assert {name: getattr(state, name) for name in sound} == sound | differs


# On the wire ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def aws(vendor_environment: Wire, quick: Limits) -> Wire:
    return vendor_environment


@pytest.fixture
def ours(aws: Wire, quick: Limits) -> S3Publisher:
    return S3Publisher(None, "us-east-1", limits=quick)


def error(reply: Any, code: str, status: int) -> Any:
    return reply(body=f"<Error><Code>{code}</Code><Message>no</Message></Error>", status=status)


ACTS: dict[str, Callable[[S3Publisher], object]] = {
    "look": lambda publisher: publisher.look(BUCKET),
    "read": lambda publisher: publisher.read(BUCKET, KEY),
    "ever_held": lambda publisher: publisher.ever_held(BUCKET, "templates/acme/"),
    "put_new": lambda publisher: publisher.put_new(BUCKET, KEY, b"x", content_type=YAML),
    "replace": lambda publisher: publisher.replace(BUCKET, KEY, b"x", content_type=YAML, etag='"1"'),
    "create": lambda publisher: publisher.create(BUCKET, POLICY),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_attack_every_call_says_whose_the_bucket_must_be(act: Any, aws: Wire, ours: S3Publisher, reply: Any) -> None:
    """AWS refuses a bucket of that name which somebody else holds, also one that is open to us."""
    ok = "<X><Status>Enabled</Status><OwnershipControls/><PublicAccessBlockConfiguration/></X>"
    aws.replies["*"] = reply(body=ok, headers={"ETag": '"1"', "x-amz-bucket-region": "us-east-1"})
    # The answers are not those of every call.
    with contextlib.suppress(AwsError, KeyError):
        act(ours)
    sent = [one for one in aws.sent if one.operation != "GetCallerIdentity"]
    made = f"PUT /{BUCKET}"
    assert sent
    assert {one.headers.get(OWNER_HEADER) for one in sent if one.operation != made or "?" in one.path} <= {OWN}


@pytest.mark.parametrize(("act", "sent"), [("put_new", ("if-none-match", "*")), ("replace", ("if-match", '"1"'))])
def test_attack_every_write_is_conditional(
    act: str, sent: tuple[str, str], aws: Wire, ours: S3Publisher, reply: Any
) -> None:
    aws.replies["*"] = reply(body="", headers={"ETag": '"2"', "x-amz-version-id": "v1"})
    ACTS[act](ours)
    (put,) = [one for one in aws.sent if one.method == "PUT"]
    assert put.headers[sent[0]] == sent[1]


@pytest.mark.parametrize(
    ("code", "status"), [("PreconditionFailed", 412), ("ConditionalRequestConflict", 409)], ids=["412", "409"]
)
def test_somebody_who_was_quicker_is_no_error(code: str, status: int, aws: Wire, ours: S3Publisher, reply: Any) -> None:
    aws.replies["*"] = error(reply, code, status)
    assert ours.put_new(BUCKET, KEY, b"x", content_type=YAML) is None
    assert ours.replace(BUCKET, KEY, b"x", content_type=YAML, etag='"1"') is False


def test_an_object_that_has_gone_was_changed(aws: Wire, ours: S3Publisher, reply: Any) -> None:
    aws.replies["*"] = error(reply, "NoSuchKey", 404)
    assert ours.replace(BUCKET, KEY, b"x", content_type=YAML, etag='"1"') is False
    assert ours.read(BUCKET, KEY) is None


@pytest.mark.parametrize("act", ["read", "put_new", "replace", "ever_held"])
@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, AccessDenied),
        ("NoSuchBucket", 404, NotFound),
        ("SlowDown", 503, Throttled),
        ("InternalError", 500, Unreachable),
        ("ExpiredToken", 400, BadCredentials),
    ],
)
def test_could_not_tell_is_an_error(
    act: str, code: str, status: int, kind: type[AwsError], aws: Wire, ours: S3Publisher, reply: Any
) -> None:
    aws.replies["*"] = error(reply, code, status)
    with pytest.raises(AwsError) as caught:
        ACTS[act](ours)
    assert type(caught.value) is kind
    if kind is AccessDenied:
        assert "grant us s3:" in caught.value.hint
        assert "docs/real-aws.md" in caught.value.hint


def test_an_object_larger_than_any_of_ours_is_not_taken_in(aws: Wire, ours: S3Publisher, reply: Any) -> None:
    aws.replies["*"] = reply(body=b"x" * 5_000_001, headers={"ETag": '"1"'})
    with pytest.raises(InvalidRequest, match="byoaws did not write it"):
        ours.read(BUCKET, KEY)


def test_versioning_that_has_not_taken_effect_yet(aws: Wire, ours: S3Publisher, reply: Any) -> None:
    aws.replies[f"PUT /{BUCKET}/{KEY}"] = reply(body="", headers={"ETag": '"1"'})
    aws.replies["*"] = reply(body="x", headers={"ETag": '"1"'})
    assert ours.put_new(BUCKET, KEY, b"x", content_type=YAML) == "null"
    found = ours.read(BUCKET, KEY)
    assert found is not None
    assert found.version_id == "null"


# Whose bucket --------------------------------------------------------------------------------------------------------


def listing(*names: str) -> str:
    buckets = "".join(f"<Bucket><Name>{name}</Name></Bucket>" for name in names)
    return f"<ListAllMyBucketsResult><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>"


@pytest.mark.parametrize("names", [(), (f"{BUCKET}-of-mine",)], ids=["none", "another"])
def test_attack_a_bucket_squatted_by_another_account(
    names: tuple[str, ...], aws: Wire, ours: S3Publisher, reply: Any
) -> None:
    aws.replies[f"HEAD /{BUCKET}"] = reply(body="", status=403)
    aws.replies["GET /"] = reply(body=listing(*names))
    with pytest.raises(UsageError, match=f"belongs to another account than ours, {OWN}"):
        ours.look(BUCKET)
    assert not [one for one in aws.sent if one.method == "PUT"]


def test_our_own_bucket_that_we_may_not_look_at_is_denied(aws: Wire, ours: S3Publisher, reply: Any) -> None:
    aws.replies[f"HEAD /{BUCKET}"] = reply(body="", status=403)
    aws.replies["GET /"] = reply(body=listing(BUCKET))
    with pytest.raises(AccessDenied, match="our own bucket") as caught:
        ours.look(BUCKET)
    assert "s3:ListBucket" in caught.value.hint


def test_whose_bucket_it_is_may_not_be_told(aws: Wire, ours: S3Publisher, reply: Any) -> None:
    aws.replies[f"HEAD /{BUCKET}"] = reply(body="", status=403)
    aws.replies["GET /"] = error(reply, "AccessDenied", 403)
    with pytest.raises(AccessDenied) as caught:
        ours.look(BUCKET)
    assert "s3:ListAllMyBuckets" in caught.value.hint


def test_a_fault_of_aws_says_nothing_of_whose_it_is(aws: Wire, ours: S3Publisher, reply: Any) -> None:
    aws.replies[f"HEAD /{BUCKET}"] = reply(body="", status=500)
    with pytest.raises(Unreachable):
        ours.look(BUCKET)


@pytest.mark.parametrize("code", ["BucketAlreadyExists", "BucketAlreadyOwnedByYou"])
def test_attack_a_bucket_that_somebody_made_a_moment_ago(code: str, aws: Wire, ours: S3Publisher, reply: Any) -> None:
    aws.replies[f"PUT /{BUCKET}"] = error(reply, code, 409)
    with pytest.raises(UsageError, match="a moment ago"):
        ours.create(BUCKET, POLICY)
    # Neither set up nor removed: it is not ours.
    assert [one.method for one in aws.sent if one.operation != "GetCallerIdentity"] == ["PUT"]


@pytest.mark.parametrize("removed", [True, False], ids=["removed", "left"])
def test_a_bucket_that_cannot_be_set_up_is_removed_again(
    removed: bool, aws: Wire, ours: S3Publisher, reply: Any
) -> None:
    def answer(sent: Any) -> Any:
        return error(reply, "AccessDenied", 403) if "policy" in sent.path else reply(body="")

    aws.replies[f"PUT /{BUCKET}"] = answer
    aws.replies[f"DELETE /{BUCKET}"] = reply(body="", status=204) if removed else error(reply, "AccessDenied", 403)
    with pytest.raises(AccessDenied) as caught:
        ours.create(BUCKET, POLICY)
    assert "grant us s3:PutBucketPolicy" in caught.value.hint
    assert ("was removed again" in caught.value.hint) is removed
    assert ("delete it before" in caught.value.hint) is not removed


def test_without_credentials_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
    for act in ACTS.values():
        with pytest.raises(BadCredentials):
            act(S3Publisher(None, "us-east-1"))
    assert wire.sent == []


@pytest.mark.parametrize("question", ["policy", "publicAccessBlock", "ownershipControls", "versioning"])
@pytest.mark.parametrize(("code", "status", "kind"), [("AccessDenied", 403, AccessDenied), ("X", 500, Unreachable)])
def test_attack_what_could_not_be_asked_is_not_taken_for_none(
    question: str, code: str, status: int, kind: type[AwsError], aws: Wire, ours: S3Publisher, reply: Any
) -> None:
    sound = {
        "policy": POLICY,
        "publicAccessBlock": "<PublicAccessBlockConfiguration/>",
        "ownershipControls": "<OwnershipControls/>",
        "versioning": "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    }

    def answer(sent: Any) -> Any:
        asked = next(name for name in sound if name in sent.path)
        return error(reply, code, status) if asked == question else reply(body=sound[asked])

    aws.replies[f"HEAD /{BUCKET}"] = reply(body="", headers={"x-amz-bucket-region": "us-east-1"})
    aws.replies[f"GET /{BUCKET}"] = answer
    with pytest.raises(kind) as caught:
        ours.look(BUCKET)
    assert ("grant us s3:GetBucket" in caught.value.hint) is (kind is AccessDenied)
