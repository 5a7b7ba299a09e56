"""Publish a vendor's template where any customer's CloudFormation reads it: written once, never over something else.

The order is what makes it safe: the bucket is judged before anything is written; the index exists before the first
template, so that a missing one means a lost one; a template is in the index only after it was read back as a customer
reads it. Whatever is interrupted is finished by doing it again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from byoaws.aws.interface import Publisher, TemplateSource
from byoaws.errors import AccessDenied, NotFound, Unreachable, UsageError
from byoaws.flows.publish.public_bucket import prepare
from byoaws.model import Json
from byoaws.quickcreate.published import Entry, Index, Name, index_key, name_of, parse_index, sha256, url_of
from byoaws.quickcreate.template_url import BUCKET_NAME
from byoaws.regions import require_aws_region
from byoaws.templates.stack import build
from byoaws.templates.text import MAXIMUM_BYTES, to_yaml
from byoaws.vendor_model import Vendor

_TRIES = 8
"""How often others may be quicker to change the index, before we give up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The bucket that templates go to."""

    bucket: str
    region: str
    create: bool = False
    """Make the bucket if nobody has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """What publishing needs of the world."""

    publisher: Publisher
    source: TemplateSource
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What came of it."""

    url: str
    """Of this very version of the object."""
    entry: Entry
    again: bool
    """The same content had been published before, and nothing was written."""
    created: bool
    """The bucket was made."""

    def as_json(self) -> dict[str, Json]:
        """The shape of `byoaws publish --format json`; the same each time the same content is published."""
        return {
            "url": self.url,
            "key": self.entry.key,
            "version_id": self.entry.version_id,
            "sha256": self.entry.sha256,
            "template_version": self.entry.version,
        }


def publish(vendor: Vendor, edges: Edges, where: Where) -> Published:
    """Publish what `byoaws generate` prints.

    Raises:
        UsageError: the bucket is not ours, or not fit; the version was published with another content; the index or
            an object is not what byoaws wrote. What was there is left as it was.
        LinkError: no URL of that bucket is one that CloudFormation takes.
        AwsError: AWS refused or did not answer; doing it again finishes what was begun.
    """
    _check(where)
    template = build(vendor)
    body = to_yaml(template).encode()
    if len(body) > MAXIMUM_BYTES:
        raise UsageError(f"the template has {len(body):,} bytes; CloudFormation reads {MAXIMUM_BYTES:,}")
    name = name_of(vendor.name, vendor.stack.version, body)
    url_of(where.bucket, where.region, name.key, "x" * 32)  # refuses what could have no URL, before anything is asked
    created = prepare(edges.publisher, where.bucket, region=where.region, key=name.key, create=where.create)
    job = _Job(edges=edges, where=where, name=name, body=body, template=template)
    index, _ = job.index()
    known = job.published_before(index)
    entry = known or job.enter(job.upload())
    return Published(url=job.read_back(entry.version_id), entry=entry, again=known is not None, created=created)


def _check(where: Where) -> None:
    require_aws_region(where.region)
    if not BUCKET_NAME.fullmatch(where.bucket):
        raise UsageError(
            f"'{where.bucket[:70]}' is not the name of a bucket",
            hint="3 to 63 lower-case letters, digits, hyphens and dots",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    edges: Edges
    where: Where
    name: Name
    body: bytes
    template: Mapping[str, Any]

    def index(self) -> tuple[Index, str]:
        """The index and its ETag; one is begun where nothing was ever published."""
        publisher, bucket, vendor = self.edges.publisher, self.where.bucket, self.name.vendor
        key = index_key(vendor)
        found = publisher.read(bucket, key)
        if found is None:
            held = publisher.ever_held(bucket, key.removesuffix("index.json"))
            if not held:
                begun = Index(vendor=vendor).to_json().encode()
                publisher.put_new(bucket, key, begun, content_type="application/json")
            found = publisher.read(bucket, key)  # ours, or that of somebody who was quicker
            if found is None and held:
                raise UsageError(
                    f"the index '{key}' of bucket '{bucket}' is gone, and templates of '{vendor}' were published there",
                    hint="stacks are updated from it, so byoaws makes no new one: restore its last version (aws s3api "
                    "list-object-versions), or publish in another bucket",
                )
        if found is None:
            raise Unreachable(f"the index '{key}' was written and is not there", hint="try again")
        return parse_index(found.body, vendor), found.etag

    def published_before(self, index: Index) -> Entry | None:
        """The entry of the same content, if it was published.

        Raises:
            UsageError: the version was published with another content.
        """
        entry = index.find(self.name.version)
        if entry is not None and entry.sha256 != sha256(self.body):
            raise UsageError(
                f"version {entry.version} of '{index.vendor}' was published on {entry.published_at[:10]} with another "
                f"content ('{entry.key}'; this one would be '{self.name.key}')",
                hint="raise stack.version in the vendor file; what was published is never changed",
            )
        return entry

    def upload(self) -> str:
        """Put the template there, unless these very bytes are; return the version id."""
        publisher, bucket, key = self.edges.publisher, self.where.bucket, self.name.key
        found = publisher.read(bucket, key)
        if found is None:
            version_id = publisher.put_new(bucket, key, self.body, content_type="application/yaml")
            if version_id is not None:
                self.read_back(version_id)
                return version_id
            found = publisher.read(bucket, key)
        if found is None:
            raise Unreachable(f"'{key}' is just being written by somebody else", hint="try again")
        if found.body != self.body:
            raise UsageError(
                f"'{bucket}/{key}' holds other bytes than its name says, so somebody else put them there",
                hint="nothing was written; find out who may write to the bucket, and publish in another one",
            )
        self.read_back(found.version_id)
        return found.version_id

    def enter(self, version_id: str) -> Entry:
        """Add the template to the index, whoever else is adding to it; return its entry."""
        mine = Entry(
            version=self.name.version,
            key=self.name.key,
            sha256=sha256(self.body),
            version_id=version_id,
            published_at=self.edges.now().astimezone(UTC).isoformat(timespec="seconds"),
            parameters=tuple(self.template.get("Parameters") or {}),
        )
        for _ in range(_TRIES):
            index, etag = self.index()
            theirs = self.published_before(index)
            if theirs is not None:
                return theirs
            text = index.with_entry(mine).to_json().encode()
            if self.edges.publisher.replace(
                self.where.bucket, index.key, text, content_type="application/json", etag=etag
            ):
                return mine
        raise Unreachable(
            f"the index '{index_key(self.name.vendor)}' changed {_TRIES} times while we tried to add to it",
            hint="try again when nobody else publishes; the template itself is there",
        )

    def read_back(self, version_id: str) -> str:
        """Read the template as a customer's CloudFormation will; return its URL.

        Raises:
            UsageError: a customer would get something else, or nothing.
        """
        url = url_of(self.where.bucket, self.where.region, self.name.key, version_id)
        try:
            seen = self.edges.source.read(url)
        except (AccessDenied, NotFound) as error:
            raise UsageError(
                f"'{self.name.key}' is in the bucket, but no customer can read it: {error}",
                hint="look for an account-wide block of public access (S3, Block Public Access settings for this "
                "account), an organization's policy, or a version that somebody deleted; then publish again",
            ) from None
        if seen != self.body:
            raise UsageError(
                f"what customers would read at '{self.name.key}' is not what was published",
                hint="somebody changed it, or something answers in S3's place; use it for no link",
            )
        return url
