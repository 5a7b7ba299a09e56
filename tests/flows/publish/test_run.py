"""Publishing: written once, judged before, read back after; whoever else is at it, and whatever is interrupted."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from byoaws.aws.interface import BucketState, StoredObject
from byoaws.errors import AccessDenied, AwsError, ByoawsError, LinkError, NotFound, Unreachable, UsageError
from byoaws.flows.publish.run import Edges, Published, Where, publish
from byoaws.flows.stack import generate
from byoaws.iam.bucket import Place, read_only_policy
from byoaws.quickcreate.published import name_of, parse_index, sha256
from byoaws.quickcreate.template_url import parse_template_url
from byoaws.vendor_model import Vendor

BUCKET, REGION = "acme-templates", "eu-west-1"
INDEX = "templates/mailmark/index.json"
SOUND = json.dumps(read_only_policy(Place(bucket=BUCKET, prefix="templates/")))
FIT = BucketState(region=REGION, policy=SOUND, blocks_policy=False, acls_off=True, versioned=True)


def opened(*statements: dict[str, Any]) -> BucketState:
    document = json.loads(SOUND)
    document["Statement"] += statements
    return replace(FIT, policy=json.dumps(document))


@dataclass
class Bucket:
    """`Publisher` and `TemplateSource` on a bucket in memory, with versions, and a door for whoever interferes."""

    state: BucketState | AwsError | UsageError | None = field(default_factory=lambda: FIT)
    versions: dict[str, list[bytes | None]] = field(default_factory=dict)
    """Every version of each key, oldest first; None is a delete marker."""
    writes: list[str] = field(default_factory=list)
    before: dict[str, list[Callable[[], object]]] = field(default_factory=dict)
    """What somebody else does just before the next call of that name, once each."""

    def _meanwhile(self, call: str) -> None:
        if self.before.get(call):
            self.before[call].pop(0)()

    def look(self, bucket: str) -> BucketState | None:
        assert bucket == BUCKET
        if isinstance(self.state, Exception):
            raise self.state
        return self.state

    def create(self, bucket: str, policy: str) -> None:
        assert self.state is None
        self._meanwhile("create")
        self.writes.append("bucket")
        self.state = replace(FIT, policy=policy)

    def read(self, bucket: str, key: str) -> StoredObject | None:
        self._meanwhile(f"read {key.rpartition('/')[2]}")
        held = self.versions.get(key) or [None]
        if held[-1] is None:
            return None
        return StoredObject(body=held[-1], etag=str(len(held)), version_id=f"v{len(held)}")

    def ever_held(self, bucket: str, prefix: str) -> bool:
        self._meanwhile("ever_held")
        return any(key.startswith(prefix) for key in self.versions)

    def put_new(self, bucket: str, key: str, body: bytes, *, content_type: str) -> str | None:
        self._meanwhile(f"put_new {key.rpartition('/')[2]}")
        held = self.versions.setdefault(key, [])
        if held and held[-1] is not None:
            return None
        return self.put(key, body)

    def replace(self, bucket: str, key: str, body: bytes, *, content_type: str, etag: str) -> bool:
        self._meanwhile("replace")
        held = self.versions.get(key) or [None]
        if held[-1] is None or etag != str(len(held)):
            return False
        self.put(key, body)
        return True

    def put(self, key: str, body: bytes) -> str:
        self.writes.append(key)
        self.versions.setdefault(key, []).append(body)
        return f"v{len(self.versions[key])}"

    def delete(self, key: str) -> None:
        self.versions[key].append(None)

    def fetch(self, url: str) -> bytes:
        self._meanwhile("fetch")
        place = parse_template_url(url)
        held = self.versions.get(place.key, [])
        number = int((place.version_id or "v0")[1:])
        if place.bucket != BUCKET or not 0 < number <= len(held) or held[number - 1] is None:
            raise NotFound("no such version")
        return held[number - 1]  # type: ignore[return-value]


class Anyone:
    """Reads without credentials."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def read(self, url: str) -> bytes:
        return self._bucket.fetch(url)


@pytest.fixture
def run(vendor: Vendor) -> Callable[..., Published]:
    def publish_to(held: Bucket, who: Vendor = vendor, source: Any = None, **where: Any) -> Published:
        edges = Edges(
            publisher=held,
            source=source or Anyone(held),
            now=lambda: datetime(2026, 11, 21, 4, 5, 6, tzinfo=UTC),
        )
        return publish(who, edges, Where(**{"bucket": BUCKET, "region": REGION, **where}))

    return publish_to


@pytest.fixture
def body(vendor: Vendor) -> bytes:
    return generate(vendor, "yaml").encode()


@pytest.fixture
def key(vendor: Vendor, body: bytes) -> str:
    return name_of("mailmark", "1.0.0", body).key


@pytest.fixture
def changed(vendor: Vendor) -> Vendor:
    """Another content under the same version."""
    return replace(vendor, session_duration=1800, title="Mailmark, changed")


def entries(bucket: Bucket) -> list[str]:
    held = bucket.versions[INDEX][-1]
    assert held is not None
    return [entry.key for entry in parse_index(held, "mailmark").templates]


def test_published_as_generated_and_pinned(run: Any, body: bytes, key: str) -> None:
    bucket = Bucket()
    done = run(bucket)
    assert done.as_json() == {
        "url": f"https://{BUCKET}.s3.{REGION}.amazonaws.com/{key}?versionId=v1",
        "key": key,
        "version_id": "v1",
        "sha256": sha256(body),
        "template_version": "1.0.0",
    }
    assert (done.again, done.created) == (False, False)
    assert bucket.versions[key] == [body]
    (entry,) = parse_index(bucket.versions[INDEX][-1] or b"", "mailmark").templates
    assert entry == done.entry
    assert entry.published_at == "2026-11-21T04:05:06+00:00"
    assert "ExternalId" in entry.parameters
    # The index is there before the first template is.
    assert bucket.writes == [INDEX, key, INDEX]


def test_the_same_content_again_is_the_same_answer(run: Any) -> None:
    bucket = Bucket()
    first = run(bucket)
    writes = list(bucket.writes)
    second = run(bucket)
    assert second.as_json() == first.as_json()
    assert second.again
    assert bucket.writes == writes


def test_a_changed_template_needs_a_new_version(run: Any, changed: Vendor) -> None:
    bucket = Bucket()
    first = run(bucket)
    writes = list(bucket.writes)
    with pytest.raises(UsageError, match=r"version 1\.0\.0 of 'mailmark' was published on 2026-11-21") as refused:
        run(bucket, changed)
    assert "raise stack.version" in refused.value.hint
    assert bucket.writes == writes
    newer = run(bucket, replace(changed, stack=replace(changed.stack, version="1.1.0")))
    assert entries(bucket) == [first.entry.key, newer.entry.key]
    # The old one is where it was, for stacks that were made from it.
    assert run(bucket).as_json() == first.as_json()


def test_two_vendors_share_a_bucket(run: Any, vendor: Vendor) -> None:
    bucket = Bucket()
    run(bucket)
    run(bucket, replace(vendor, name="acme"))
    assert len(entries(bucket)) == 1


# The bucket ----------------------------------------------------------------------------------------------------------


def test_a_bucket_is_made_only_when_asked_for(run: Any) -> None:
    bucket = Bucket(state=None)
    with pytest.raises(UsageError, match="there is no bucket 'acme-templates'") as refused:
        run(bucket)
    assert "--create" in refused.value.hint
    assert bucket.writes == []
    done = run(bucket, create=True)
    assert done.created
    assert isinstance(bucket.state, BucketState)
    assert bucket.state.policy == SOUND
    assert not run(bucket, create=True).created


ALL = {
    "Effect": "Allow",
    "Principal": "*",
    "Resource": ["arn:aws:s3:::acme-templates", "arn:aws:s3:::acme-templates/*"],
}
UNFIT = {
    "no policy": (replace(FIT, policy=None), "has no policy"),
    "a second statement that opens all": (opened({**ALL, "Action": "s3:*"}), "anyone may s3:PutObject"),
    "with a condition that could be true": (
        opened({**ALL, "Action": "s3:*", "Condition": {"StringLike": {"aws:UserAgent": "*byoaws*"}}}),
        "anyone may s3:PutObject",
    ),
    "listing": (opened({**ALL, "Action": "s3:ListBucket"}), "s3:ListBucket"),
    "reads elsewhere": (opened({**ALL, "Action": "s3:GetObject"}), "s3:GetObject"),
    "acls": (replace(FIT, acls_off=False), "access control lists"),
    "blocked": (replace(FIT, blocks_policy=True), "public access block"),
    "no versions": (replace(FIT, versioned=False), "versioning is off"),
    "a policy that is none": (replace(FIT, policy="{}"), "cannot be judged"),
    "another region": (replace(FIT, region="us-west-2"), "lies in region 'us-west-2'"),
}


@pytest.mark.parametrize("create", [False, True], ids=["", "create"])
@pytest.mark.parametrize(("state", "words"), UNFIT.values(), ids=UNFIT)
def test_attack_a_bucket_that_is_not_fit_is_neither_used_nor_changed(
    state: BucketState, words: str, create: bool, run: Any
) -> None:
    bucket = Bucket(state=state)
    with pytest.raises(UsageError, match=words) as refused:
        run(bucket, create=create)
    assert refused.value.hint
    assert bucket.writes == []
    assert bucket.state is state


def test_all_that_is_wrong_with_a_bucket_is_said_at_once(run: Any) -> None:
    bad = replace(opened({**ALL, "Action": "s3:ListBucket"}), acls_off=False, versioned=False, blocks_policy=True)
    with pytest.raises(UsageError) as refused:
        run(Bucket(state=bad))
    assert refused.value.message.count("\n") == 4


@pytest.mark.parametrize("error", [UsageError("another account's"), AccessDenied("denied"), Unreachable("no answer")])
def test_attack_a_bucket_of_somebody_else_or_unseen_gets_nothing(error: Any, run: Any) -> None:
    bucket = Bucket(state=error)
    with pytest.raises(type(error)):
        run(bucket, create=True)
    assert bucket.writes == []


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"region": "moon-1"}, "'moon-1' is not an AWS region"),
        ({"bucket": "Acme"}, "'Acme' is not the name of a bucket"),
        ({"bucket": "a/b"}, "is not the name of a bucket"),
        ({"bucket": "x" * 64}, "is not the name of a bucket"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_asked_is_not(where: dict[str, str], words: str, run: Any) -> None:
    with pytest.raises((UsageError, LinkError), match=words):
        run(Bucket(state=Unreachable("asked")), **where)


# Others at the same time, and earlier --------------------------------------------------------------------------------


def test_attack_an_object_with_other_bytes_is_not_written_over(run: Any, key: str) -> None:
    bucket = Bucket(versions={key: [b"evil"], INDEX: [b'{"byoaws_index": 1, "vendor": "mailmark", "templates": []}']})
    with pytest.raises(UsageError, match="holds other bytes than its name says"):
        run(bucket)
    assert bucket.versions[key] == [b"evil"]
    assert entries(bucket) == []


def test_an_interrupted_upload_is_finished_by_doing_it_again(run: Any, key: str) -> None:
    bucket = Bucket()
    bucket.before["replace"] = [lambda: (_ for _ in ()).throw(Unreachable("the line went dead"))]
    with pytest.raises(Unreachable):
        run(bucket)
    assert entries(bucket) == []
    done = run(bucket)
    assert not done.again
    assert bucket.versions[key][1:] == []
    assert entries(bucket) == [key]


@pytest.mark.parametrize(
    "moment",
    ["read index.json", "ever_held", "put_new index.json", "read template.yaml", "put_new template.yaml", "replace"],
)
def test_two_at_once_with_the_same_content_both_succeed(moment: str, run: Any, key: str) -> None:
    bucket = Bucket()
    bucket.before[moment] = [lambda: run(bucket)]
    done = run(bucket)
    assert done.as_json() == run(bucket).as_json()
    assert entries(bucket) == [key]
    assert len(bucket.versions[key]) == 1


@pytest.mark.parametrize(
    "moment",
    ["read index.json", "ever_held", "put_new index.json", "read template.yaml", "put_new template.yaml", "replace"],
)
def test_two_at_once_under_one_version_one_wins_and_nothing_is_lost(moment: str, run: Any, changed: Vendor) -> None:
    bucket = Bucket()
    won: list[Published] = []
    bucket.before[moment] = [lambda: won.append(run(bucket, changed))]
    with pytest.raises(UsageError, match="with another content"):
        run(bucket)
    assert entries(bucket) == [won[0].entry.key]


@pytest.mark.parametrize("moment", ["read index.json", "ever_held", "put_new index.json", "replace"])
def test_two_at_once_with_two_versions_are_both_in_the_index(moment: str, run: Any, vendor: Vendor, key: str) -> None:
    newer = replace(vendor, stack=replace(vendor.stack, version="2.0.0"))
    bucket = Bucket()
    bucket.before[moment] = [lambda: run(bucket, newer)]
    run(bucket)
    assert len(entries(bucket)) == 2
    assert key in entries(bucket)


def test_an_index_that_never_rests_ends_in_could_not_tell(run: Any) -> None:
    bucket = Bucket()
    bucket.before["replace"] = [lambda: bucket.put(INDEX, bucket.versions[INDEX][-1] or b"")] * 100
    with pytest.raises(Unreachable, match="changed 8 times"):
        run(bucket)


# The index -----------------------------------------------------------------------------------------------------------


def test_attack_a_lost_index_is_not_replaced(run: Any, vendor: Vendor) -> None:
    bucket = Bucket()
    run(bucket)
    bucket.delete(INDEX)
    writes = list(bucket.writes)
    for who in (vendor, replace(vendor, stack=replace(vendor.stack, version="2.0.0"))):
        with pytest.raises(UsageError, match="is gone") as refused:
            run(bucket, who)
        assert "restore" in refused.value.hint
    assert bucket.writes == writes


def test_attack_an_index_that_is_not_ours_is_not_replaced(run: Any) -> None:
    bucket = Bucket(versions={INDEX: [b'{"pages": []}']})
    with pytest.raises(UsageError, match="cannot be used"):
        run(bucket)
    assert bucket.writes == []


def test_attack_an_index_that_names_another_key(run: Any, key: str) -> None:
    """Else a stack would be updated from it."""
    bucket = Bucket()
    run(bucket)
    held = (bucket.versions[INDEX][-1] or b"").decode()
    bucket.put(INDEX, held.replace(key, "templates/mailmark/1.0.0-000000000000/template.yaml").encode())
    with pytest.raises(UsageError, match="key is not that of its version"):
        run(bucket)


def test_attack_an_index_that_claims_an_unpublished_version(run: Any, body: bytes, key: str) -> None:
    bucket = Bucket()
    run(bucket)
    held = json.loads(bucket.versions[INDEX][-1] or b"")
    held["templates"][0]["version_id"] = "v9"
    bucket.put(INDEX, json.dumps(held).encode())
    with pytest.raises(UsageError, match="no customer can read it"):
        run(bucket)


# What customers see --------------------------------------------------------------------------------------------------


@dataclass
class Sees:
    """A customer who gets something else."""

    answer: bytes | ByoawsError

    def read(self, url: str) -> bytes:
        if isinstance(self.answer, ByoawsError):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"evil", UsageError, "is not what was published"),
        (b"", UsageError, "is not what was published"),
        (AccessDenied("no"), UsageError, "no customer can read it"),
        (NotFound("no"), UsageError, "no customer can read it"),
        (Unreachable("no answer"), Unreachable, "no answer"),
    ],
    ids=["swapped", "empty", "account-wide-block", "gone", "could-not-tell"],
)
def test_attack_what_customers_would_not_get_is_not_called_published(
    answer: Any, kind: type[ByoawsError], words: str, run: Any
) -> None:
    bucket = Bucket()
    with pytest.raises(kind, match=words):
        run(bucket, source=Sees(answer))
    assert entries(bucket) == []


def test_attack_swapped_after_upload_the_pinned_url_still_gives_ours(run: Any, key: str, body: bytes) -> None:
    bucket = Bucket()
    done = run(bucket)
    bucket.put(key, b"evil")
    assert bucket.fetch(done.url) == body
    assert run(bucket).as_json() == done.as_json()


def test_attack_swapped_between_upload_and_reading_back(run: Any, key: str) -> None:
    bucket = Bucket()

    def swap() -> None:
        bucket.versions[key] = [b"evil"]

    bucket.before["fetch"] = [swap]
    with pytest.raises(UsageError, match="is not what was published"):
        run(bucket)
    assert entries(bucket) == []
