"""Template URLs: what CloudFormation accepts, taken apart.

CloudFormation reads templates only from S3 over https; anything else ends in the console as "TemplateURL must be a
supported URL". Source: CloudFormation user guide, "Create quick-create links"; botocore cloudformation, TemplateURL.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from byoaws.errors import LinkError
from byoaws.regions import partition, partition_of

MAXIMUM_LENGTH = 1024
"""The older of AWS's two documented limits; botocore now says 5120."""

_REGION = r"(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d)"
_SUFFIX = r"(?P<suffix>amazonaws\.com(?:\.cn)?|amazonaws\.eu)"
_VIRTUAL = re.compile(rf"(?P<bucket>[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9])\.s3(?:[.-]{_REGION})?\.{_SUFFIX}")
_PATH = re.compile(rf"s3(?:[.-]{_REGION})?\.{_SUFFIX}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HINT = (
    "upload the template to an S3 bucket that anyone may read, and use "
    "https://BUCKET.s3.REGION.amazonaws.com/KEY; AWS takes templates from nowhere else"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateUrl:
    """An S3 object that holds a template."""

    url: str
    bucket: str
    key: str
    """Decoded."""
    region: str | None
    """None where the URL does not name it."""
    dns_suffix: str
    version_id: str | None

    def in_partition_of(self, region: str) -> bool:
        """True if a stack in `region` can read it: S3 of one partition is not reachable from another."""
        if self.region is not None:
            return partition_of(self.region) is partition_of(region)
        return partition(partition_of(region).name).dns_suffix == self.dns_suffix


def parse_template_url(url: str) -> TemplateUrl:
    """Take a template URL apart.

    Raises:
        LinkError: CloudFormation would not read a template from there.
    """

    def refuse(why: str) -> LinkError:
        shown = url.split("?", 1)[0]  # a presigned URL's query is a credential
        return LinkError(f"template URL '{shown[:200]}': {why}", hint=_HINT)

    if len(url) > MAXIMUM_LENGTH:
        raise refuse(f"{len(url)} characters, AWS allows {MAXIMUM_LENGTH}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise refuse(f"not a URL ({error})") from None
    if parts.scheme != "https":
        raise refuse("must begin with https://")
    if parts.username is not None or port not in (None, 443) or parts.fragment:
        raise refuse("must hold no user name, port or fragment")
    host = parts.hostname or ""
    path = unquote(parts.path.removeprefix("/"))
    if match := _PATH.fullmatch(host):
        bucket, _, key = path.partition("/")
    elif match := _VIRTUAL.fullmatch(host):
        bucket, key = match["bucket"], path
        if "." in bucket:
            raise refuse(f"bucket '{bucket}' has a dot, so TLS fails in this form: use https://s3.REGION.../{bucket}/")
    else:
        raise refuse(f"'{host}' is not S3")
    if not _BUCKET.fullmatch(bucket) or not key or key.endswith("/"):
        raise refuse("must name a bucket and an object in it")
    query = parse_qs(parts.query)
    return TemplateUrl(
        url=url,
        bucket=bucket,
        key=key,
        region=match["region"],
        dns_suffix=match["suffix"],
        version_id=query.get("versionId", [None])[0],
    )
