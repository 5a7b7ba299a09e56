"""Template URLs: what CloudFormation accepts, taken apart.

CloudFormation reads templates only from S3 over https; anything else ends in the console as "TemplateURL must be a
supported URL". Source: CloudFormation user guide, "Create quick-create links"; botocore cloudformation, TemplateURL.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from byoaws.errors import LinkError
from byoaws.regions import partition_of

MAXIMUM_LENGTH = 1024
"""The older of AWS's two documented limits; botocore now says 5120."""

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
"""Source: S3 user guide, "General purpose bucket naming rules"."""

_REGION = r"(?P<region>(?!fips-)[a-z]{2,4}(?:-[a-z]+)+-\d)"
_SUFFIX = r"(?P<suffix>amazonaws\.com(?:\.cn)?|amazonaws\.eu)"
_HOST = rf"s3(?:[.-]{_REGION})?\.{_SUFFIX}"
_VIRTUAL = re.compile(rf"(?P<bucket>[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9])\.{_HOST}")
_PATH = re.compile(_HOST)
# Anything else, urlsplit would drop (line breaks) or a console would encode in its own way.
_URL = re.compile(r"[\x21-\x7e]+")
_GLOBAL_HOST = "us-east-1"
_HINT = (
    "upload the template to an S3 bucket that anyone may read, and use "
    "https://BUCKET.s3.REGION.amazonaws.com/KEY; AWS takes templates from nowhere else"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateUrl:
    """An S3 object that holds a template."""

    url: str = field(repr=False)
    """As given; a presigned URL holds a credential."""
    bucket: str
    key: str
    """Decoded."""
    region: str | None
    """None where the URL does not name it: S3's old global host, which only partition `aws` has."""
    dns_suffix: str
    version_id: str | None

    def in_partition_of(self, region: str) -> bool:
        """True if a stack in `region` can read it: S3 of one partition is not reachable from another."""
        return partition_of(self.region or _GLOBAL_HOST) is partition_of(region)


def parse_template_url(url: str) -> TemplateUrl:
    """Take a template URL apart.

    Raises:
        LinkError: CloudFormation would not read a template from there.
    """

    def refuse(why: str) -> LinkError:
        return LinkError(f"template URL '{shown(url)}': {why}", hint=_HINT)

    if len(url) > MAXIMUM_LENGTH:
        raise refuse(f"{len(url):,} characters, AWS allows {MAXIMUM_LENGTH:,}")
    if not _URL.fullmatch(url):
        raise refuse("must be ASCII without spaces, with anything else percent-encoded")
    try:
        parts = urlsplit(url)
        _check_authority(parts)
        host, bucket, key = _place(parts)
    except ValueError as error:
        raise refuse(str(error)) from None
    return TemplateUrl(
        url=url,
        bucket=bucket,
        key=key,
        region=host["region"],
        dns_suffix=host["suffix"],
        version_id=parse_qs(parts.query).get("versionId", [None])[0],
    )


def shown(url: str) -> str:
    """The part of a URL that an error may show: a presigned URL's query is a credential, as is what `@` ends."""
    if "@" in url:
        return "(not shown)"
    return ascii(url.partition("?")[0][:200])[1:-1]


def _check_authority(parts: SplitResult) -> None:
    if parts.scheme != "https":
        raise ValueError("must begin with https://")
    if parts.username is not None or parts.port not in (None, 443) or parts.fragment:
        raise ValueError("must hold no user name, port or fragment")


def _place(parts: SplitResult) -> tuple[re.Match[str], str, str]:
    """Host, bucket and key; ValueError says why there are none."""
    name = parts.hostname or ""
    path = unquote(parts.path.removeprefix("/"))
    if host := _PATH.fullmatch(name):
        bucket, _, key = path.partition("/")
    elif host := _VIRTUAL.fullmatch(name):
        bucket, key = host["bucket"], path
        if "." in bucket:
            raise ValueError(
                f"bucket '{bucket}' has a dot, so TLS fails in this form: use https://s3.REGION.../{bucket}/"
            )
    elif re.fullmatch(rf"[^.]+\.{_HOST}", name):
        raise ValueError(f"'{name}' begins with no name that a bucket can have")
    else:
        raise ValueError(f"'{name}' is not S3")
    if not BUCKET_NAME.fullmatch(bucket) or not key or key.endswith("/"):
        raise ValueError("must name a bucket and an object in it")
    if partition_of(host["region"] or _GLOBAL_HOST).dns_suffix != host["suffix"]:
        raise ValueError(f"'{name}' is not S3: that region's hosts end otherwise")
    return host, bucket, key
