"""`byoaws publish` on the embedded AWS: a bucket made, a template published, linked, deployed, and attacked."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from click.testing import CliRunner, Result

from byoaws import factory
from byoaws.aws.s3 import S3TemplateSource
from byoaws.cli import main
from byoaws.errors import UsageError
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.flows.publish.run import Edges, Where, publish
from byoaws.iam.bucket import Place, read_only_policy
from byoaws.quickcreate.published import parse_index
from byoaws.quickcreate.url import parse
from byoaws.settings import Settings
from byoaws.vendor_model import Vendor

REGION = "us-east-1"
INDEX = "templates/mailmark/index.json"
_NUMBERS = count()


@pytest.fixture
def bucket(request: pytest.FixtureRequest) -> str:
    """A name that no other test of this worker uses."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw")
    return f"byoaws-published-{worker}-{next(_NUMBERS)}"


@pytest.fixture
def env(fake_aws: FakeAws, operator: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """This process as the vendor's administrator, who publishes."""
    for name, value in fake_aws.environment(fake_aws.publisher).items():
        monkeypatch.setenv(name, value)
    return operator


@pytest.fixture
def byoaws(env: Mapping[str, str]) -> Callable[..., Result]:
    def run(*args: str, **more: str) -> Result:
        return CliRunner().invoke(main, args, env=more, catch_exceptions=False, prog_name="byoaws")

    return run


@pytest.fixture
def s3(fake_aws: FakeAws) -> Any:
    return fake_aws.client(fake_aws.publisher, "s3", REGION)


def published(done: Result) -> dict[str, str]:
    assert done.exit_code == 0, done.stderr
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def test_published_linked_and_deployed(
    bucket: str, byoaws: Callable[..., Result], fake_aws: FakeAws, aws_customer: Account
) -> None:
    first = published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))
    again = published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))
    assert again == first
    url = {"MAILMARK_CFN_TEMPLATE_URL": first["url"]}
    made = published(byoaws("link", "--format", "json", **url))
    assert made["template_url"] == first["url"]
    page = QuickCreatePage.open(fake_aws, parse(made["url"]), customer=aws_customer)
    assert "RoleArn" in page.create(acknowledge=True).outputs
    doctor = byoaws("doctor", "--format", "json", **url)
    checks = {item["code"]: item for item in json.loads(doctor.stdout)["checks"]}
    assert (checks["D201"]["status"], checks["D202"]["status"]) == ("PASS", "PASS")
    assert first["key"] in checks["D201"]["summary"]


def test_the_index_says_what_was_published(bucket: str, byoaws: Callable[..., Result], s3: Any) -> None:
    done = published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))
    index = parse_index(s3.get_object(Bucket=bucket, Key=INDEX)["Body"].read(), "mailmark")
    (entry,) = index.templates
    assert (entry.key, entry.sha256, entry.version_id) == (done["key"], done["sha256"], done["version_id"])


def test_who_may_only_assume_roles_is_told_what_to_grant(
    bucket: str, byoaws: Callable[..., Result], fake_aws: FakeAws
) -> None:
    published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))
    done = byoaws("publish", "--bucket", bucket, **fake_aws.environment(fake_aws.vendor))
    assert done.exit_code == 3
    assert "grant us s3:ListBucket" in done.stderr


@pytest.mark.parametrize("create", [[], ["--create"]], ids=["", "create"])
def test_attack_a_squatted_bucket(
    create: list[str], bucket: str, byoaws: Callable[..., Result], fake_aws: FakeAws, aws_customer: Account
) -> None:
    theirs = fake_aws.client(aws_customer, "s3", REGION)
    theirs.create_bucket(Bucket=bucket)
    done = byoaws("publish", "--bucket", bucket, *create)
    assert done.exit_code == 2
    assert "belongs to another account than ours" in done.stderr
    assert "Contents" not in theirs.list_objects_v2(Bucket=bucket)


ALL = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "s3:*"}
REFERER = {"StringLike": {"aws:Referer": "https://acme.example/*"}}


@pytest.mark.parametrize("condition", [{}, {"Condition": REFERER}], ids=["", "that could be true"])
def test_attack_a_bucket_that_shows_more(
    condition: dict[str, Any], bucket: str, byoaws: Callable[..., Result], s3: Any
) -> None:
    published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))
    s3.put_object(Bucket=bucket, Key="private/key", Body=b"x")
    document: Any = read_only_policy(Place(bucket=bucket, prefix="templates/"))
    document["Statement"].append({**ALL, **condition, "Resource": f"arn:aws:s3:::{bucket}/*"})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    before = s3.list_object_versions(Bucket=bucket)["Versions"]
    done = byoaws("publish", "--bucket", bucket, "--create")
    assert done.exit_code == 2
    assert "'All'" in done.stderr
    assert s3.list_object_versions(Bucket=bucket)["Versions"] == before


def test_attack_an_existing_bucket_is_not_opened(bucket: str, byoaws: Callable[..., Result], s3: Any) -> None:
    s3.create_bucket(Bucket=bucket)
    done = byoaws("publish", "--bucket", bucket, "--create")
    assert done.exit_code == 2
    assert all(words in done.stderr for words in ("has no policy", "public access block", "versioning is off"))
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)


def test_attack_a_template_swapped_after_the_upload(bucket: str, byoaws: Callable[..., Result], s3: Any) -> None:
    """The pinned URL gives what was published; one without its version is found out."""
    done = published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))
    s3.put_object(Bucket=bucket, Key=done["key"], Body=b"Resources: {}")
    assert S3TemplateSource().read(done["url"]).startswith(b"AWSTemplateFormatVersion")
    assert published(byoaws("publish", "--bucket", bucket, "--format", "json")) == done
    unpinned = done["url"].partition("?")[0]
    doctor = byoaws("doctor", MAILMARK_CFN_TEMPLATE_URL=unpinned)
    assert doctor.exit_code == 1
    assert "not what its key says" in " ".join(doctor.stdout.split())


def test_attack_a_pinned_version_that_was_deleted(bucket: str, byoaws: Callable[..., Result], s3: Any) -> None:
    done = published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))
    s3.delete_object(Bucket=bucket, Key=done["key"], VersionId=done["version_id"])
    again = byoaws("publish", "--bucket", bucket)
    assert again.exit_code == 2
    assert "no customer can read it" in again.stderr


def test_attack_a_lost_index(bucket: str, byoaws: Callable[..., Result], s3: Any) -> None:
    published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))
    s3.delete_object(Bucket=bucket, Key=INDEX)
    done = byoaws("publish", "--bucket", bucket)
    assert done.exit_code == 2
    assert "is gone" in done.stderr
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key=INDEX)


def test_publishers_at_once_lose_nothing(
    bucket: str, byoaws: Callable[..., Result], settings: Settings, vendor: Vendor, s3: Any
) -> None:
    """Four threads: two versions, one of them with two contents. Of these, one wins."""
    published(byoaws("publish", "--bucket", bucket, "--create", "--format", "json"))

    def numbered(version: str, title: str) -> Vendor:
        return replace(vendor, title=title, stack=replace(vendor.stack, version=version))

    def attempt(who: Vendor) -> str:
        source = S3TemplateSource()
        edges = Edges(publisher=factory.publisher(settings, REGION), source=source, now=factory.now)
        try:
            return publish(who, edges, Where(bucket=bucket, region=REGION)).entry.key
        except UsageError as error:
            return error.message

    whos = [numbered("2.0.0", "One"), numbered("2.0.0", "Two"), numbered("3.0.0", "Three"), numbered("4.0.0", "Four")]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(attempt, whos))
    index = parse_index(s3.get_object(Bucket=bucket, Key=INDEX)["Body"].read(), "mailmark")
    assert [entry.version for entry in index.templates][:1] == ["1.0.0"]
    assert sorted(entry.version for entry in index.templates) == ["1.0.0", "2.0.0", "3.0.0", "4.0.0"]
    refused = [answer for answer in answers if "with another content" in answer]
    assert len(refused) == 1
    assert {entry.key for entry in index.templates[1:]} == set(answers) - set(refused)
