"""`publish`: shape, exit codes and what is said beside it; what is published is tested with its flow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from byoaws import factory
from byoaws.aws.interface import BucketState, StoredObject
from byoaws.errors import AccessDenied, Unreachable, UsageError
from byoaws.iam.bucket import Place, read_only_policy
from byoaws.quickcreate.template_url import parse_template_url

pytestmark = pytest.mark.usefixtures("vendor_env")

BUCKET = "acme-templates"
FIT = BucketState(
    region="us-east-1",
    policy=json.dumps(read_only_policy(Place(bucket=BUCKET, prefix="templates/"))),
    blocks_policy=False,
    acls_off=True,
    versioned=True,
)


class Buckets:
    """A fit bucket, both as we and as anyone sees it; None is no bucket, an error is what AWS answers."""

    def __init__(self, state: Any = FIT) -> None:
        self.state = state
        self.held: dict[str, list[bytes]] = {}

    def look(self, bucket: str) -> BucketState | None:
        if isinstance(self.state, Exception):
            raise self.state
        return self.state

    def create(self, bucket: str, policy: str) -> None:
        self.state = FIT

    def read(self, first: str, key: str | None = None) -> Any:
        if key is None:
            place = parse_template_url(first)
            return self.held[place.key][int(place.version_id or "0")]
        held = self.held.get(key)
        return StoredObject(body=held[-1], etag=str(len(held)), version_id=str(len(held) - 1)) if held else None

    def ever_held(self, bucket: str, prefix: str) -> bool:
        return bool(self.held)

    def put_new(self, bucket: str, key: str, body: bytes, *, content_type: str) -> str:
        self.held[key] = [body]
        return "0"

    def replace(self, bucket: str, key: str, body: bytes, *, content_type: str, etag: str) -> bool:
        self.held[key].append(body)
        return True


@pytest.fixture
def publish(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `publish` with a bucket in memory."""

    def invoke(buckets: Buckets, *args: str, **options: Any) -> Result:
        monkeypatch.setattr(factory, "publisher", lambda settings, region: buckets)
        monkeypatch.setattr(factory, "template_source", lambda: buckets)
        return run("publish", "--bucket", BUCKET, *args, **options)

    return invoke


def test_json_shape_is_the_same_each_time(publish: Callable[..., Result]) -> None:
    buckets = Buckets()
    first, second = (publish(buckets, "--format", "json") for _ in range(2))
    done = json.loads(first.stdout)
    assert list(done) == ["url", "key", "version_id", "sha256", "template_version"]
    assert done["url"].endswith(f"{done['key']}?versionId=0")
    assert first.stdout == second.stdout
    assert "nothing was written" not in first.stderr
    assert "nothing was written" in second.stderr


def test_text(publish: Callable[..., Result]) -> None:
    buckets = Buckets(None)
    done = publish(buckets, "--create")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Published\n")
    assert f"https://{BUCKET}.s3.us-east-1.amazonaws.com/templates/mailmark/1.0.0-" in done.stdout
    assert f"made bucket {BUCKET}" in done.stderr
    assert "set template_url" in done.stderr
    assert publish(buckets).stdout.startswith("Published again\n")


def test_what_the_vendor_file_names_already_needs_no_advice(publish: Callable[..., Result]) -> None:
    buckets = Buckets()
    url = json.loads(publish(buckets, "--format", "json").stdout)["url"]
    assert "set template_url" not in publish(buckets, env={"MAILMARK_CFN_TEMPLATE_URL": url}).stderr


def test_without_colour_no_escape(publish: Callable[..., Result]) -> None:
    assert "\x1b[" in publish(Buckets(), env={"FORCE_COLOR": "1"}).stdout
    plain = publish(Buckets(), env={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert "\x1b" not in plain.stdout + plain.stderr


def test_region_and_profile_reach_the_bucket(
    run: Callable[..., Result], publish: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str | None, str]] = []

    def opened(settings: Any, region: str) -> Buckets:
        asked.append((settings.profile, region))
        return Buckets(UsageError("seen"))

    monkeypatch.setattr(factory, "publisher", opened)
    run("publish", "--bucket", BUCKET, "--region", "eu-west-1", "--profile", "acme")
    run("publish", "--bucket", BUCKET, env={"AWS_REGION": "eu-central-1"})
    assert asked == [("acme", "eu-west-1"), (None, "eu-central-1")]


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (None, 2, "there is no bucket"),
        (UsageError("belongs to another account"), 2, "belongs to another account"),
        (AccessDenied("refused", hint="grant us s3:GetBucketPolicy"), 3, "grant us s3:GetBucketPolicy"),
        (Unreachable("no answer"), 3, "no answer"),
    ],
    ids=["none", "another-account", "denied", "unreachable"],
)
def test_exit_codes(state: Any, code: int, words: str, publish: Callable[..., Result]) -> None:
    done = publish(Buckets(state))
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr
    assert done.stderr.count("error:") == 1


def test_a_changed_template_under_the_same_version(publish: Callable[..., Result], cwd: Path) -> None:
    import byoaws.vendors

    buckets = Buckets()
    assert publish(buckets).exit_code == 0
    writes = {key: len(held) for key, held in buckets.held.items()}
    source = (Path(byoaws.vendors.__file__).parent / "mailmark.yaml").read_text()
    (cwd / "byoaws.yaml").write_text(source.replace("title: Mailmark", "title: Mailmark Two", 1))
    done = publish(buckets)
    assert done.exit_code == 2
    assert "raise stack.version" in done.stderr
    assert {key: len(held) for key, held in buckets.held.items()} == writes
