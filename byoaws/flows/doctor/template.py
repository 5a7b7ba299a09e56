"""The operator's published template: is it what we generate, and does its bucket show more than it should?"""

from collections.abc import Callable, Mapping
from typing import Any

from byoaws.aws.interface import Publisher, TemplateSource
from byoaws.errors import AccessDenied, AwsError, ByoawsError, InvalidRequest, LinkError, NotFound, UsageError
from byoaws.flows.publish.public_bucket import judge
from byoaws.iam.bucket import Place
from byoaws.model import Json, ProbeResult
from byoaws.quickcreate.published import PREFIX, parse_key
from byoaws.quickcreate.template_url import TemplateUrl, parse_template_url
from byoaws.regions import partition_of
from byoaws.templates.stack import METADATA_KEY, build, content_sha256
from byoaws.templates.text import read_template
from byoaws.vendor_model import Vendor
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of

OpenPublisher = Callable[[str], Publisher]
"""Opens the vendor's buckets of a region."""

_TEMPLATE = Answers("D201", "published-template")
_BUCKET = Answers("D202", "published-bucket")
_PUBLISH = "run `byoaws publish`, and set template_url to the url that it prints; older links stay as they are"


def template_check(vendor: Vendor, source: TemplateSource) -> ProbeResult:
    """Read the template as a customer does, and hold it against what we generate."""
    if vendor.template_url is None:
        return _TEMPLATE.warned("no template is published yet, so no link can be built", _PUBLISH)
    try:
        place = parse_template_url(vendor.template_url)
        body, ours = source.read(vendor.template_url), build(vendor)
    except (AccessDenied, NotFound, InvalidRequest) as error:
        return _TEMPLATE.failed(
            f"the published template cannot be read: {error}", error.hint or _PUBLISH, evidence=evidence_of(error)
        )
    except AwsError as error:
        return _TEMPLATE.unknown(
            f"could not read the published template: {error}", error.hint or "try again", evidence=evidence_of(error)
        )
    except ByoawsError as error:
        return _TEMPLATE.failed(str(error), error.hint)
    return _compare(vendor, place, body, ours)


def _compare(vendor: Vendor, place: TemplateUrl, body: bytes, ours: Mapping[str, Any]) -> ProbeResult:
    name, published = parse_key(place.key), read_template(body)
    version = name.version if name else _version(published or {})
    called = f"the published template, {f'version {version}' if version else 'of no known version'} ('{place.key}'),"
    evidence: dict[str, Json] = {"key": place.key, "version": version, "version_id": place.version_id}
    if name and not name.holds(body):
        return _TEMPLATE.failed(
            f"{called} is not what its key says: somebody has put another one in its place",
            "use it for no link; find out who may write to the bucket, then publish again in another one",
            evidence=evidence,
        )
    if published is None or _content(published) != content_sha256(ours):
        return _TEMPLATE.failed(
            f"{called} differs from what we generate, version {vendor.stack.version}",
            f"{_PUBLISH}; raise stack.version first, if that version is published already",
            evidence=evidence,
        )
    return _TEMPLATE.passed(f"{called} is the one we generate", evidence=evidence)


def _content(template: Mapping[str, Any]) -> str | None:
    try:
        return content_sha256(template)
    except (TypeError, ValueError, AttributeError):  # a date, say, or metadata that is none
        return None


def _version(template: Mapping[str, Any]) -> str | None:
    metadata = template.get("Metadata")
    facts = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    version = facts.get("TemplateVersion") if isinstance(facts, dict) else None
    return version[:40] if isinstance(version, str) and version.isprintable() else None


def bucket_check(vendor: Vendor, publisher: OpenPublisher) -> ProbeResult:
    """Look at the bucket with our own credentials, where they may: what does it let anyone do?"""
    try:
        place = parse_template_url(vendor.template_url or "")
    except LinkError:
        return _BUCKET.skipped("no bucket to look at: template_url names none", "mend 'published-template' first")
    region = place.region or "us-east-1"
    try:
        state = publisher(region).look(place.bucket)
    except UsageError as error:
        return _BUCKET.unknown(
            f"could not look: {error}",
            "run with credentials of the account that publishes (--profile); if it is none of yours, publish elsewhere",
        )
    except AwsError as error:
        return _BUCKET.unknown(
            f"could not look at bucket '{place.bucket}': {error}",
            error.hint or "try again",
            evidence=evidence_of(error),
        )
    if state is None:
        return _BUCKET.failed(f"there is no bucket '{place.bucket}': anyone may take its name", _PUBLISH)
    public = Place(bucket=place.bucket, prefix=_prefix(place.key), partition=partition_of(region).name)
    faults = judge(state, public, place.key)
    evidence: dict[str, Json] = {"bucket": place.bucket, "region": state.region}
    if faults.open:
        return _BUCKET.failed(
            f"bucket '{place.bucket}' is open further than for reading '{public.prefix}*': {'; '.join(faults.open)}",
            "narrow its policy, or publish in a bucket for templates alone (byoaws publish --create)",
            evidence=evidence,
        )
    if faults.unfit:
        return _BUCKET.warned(
            f"bucket '{place.bucket}': {'; '.join(faults.unfit)}",
            "mend it, or publish in a bucket that byoaws makes (byoaws publish --create)",
            evidence=evidence,
        )
    return _BUCKET.passed(
        f"anyone may read '{public.prefix}*' of bucket '{place.bucket}', and nothing else", evidence=evidence
    )


def _prefix(key: str) -> str:
    """What of the bucket is public on purpose: that of `byoaws publish`, or the folder that the template lies in."""
    folder, slash, _ = key.rpartition("/")
    return PREFIX if key.startswith(PREFIX) else f"{folder}{slash}"
