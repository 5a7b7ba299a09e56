"""Reads published templates as a customer's CloudFormation does: from S3, by URL, as nobody in particular."""

from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from byoaws.arn import PARTITIONS
from byoaws.aws.errors import mapped
from byoaws.aws.interface import TemplateSource
from byoaws.aws.session import Limits, credential_free_core
from byoaws.errors import AccessDenied, InvalidRequest, LinkError, NotFound
from byoaws.quickcreate.template_url import TemplateUrl, parse_template_url
from byoaws.regions import partition
from byoaws.templates.text import MAXIMUM_BYTES

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef

_OPERATION = "s3:GetObject"


class S3TemplateSource(TemplateSource):
    """Templates in S3 that anyone may read. Uses no credentials, even where there are some."""

    def __init__(self, profile: str | None = None, *, limits: Limits | None = None) -> None:
        """Take the profile that says how AWS is reached (endpoints, CA bundle); nothing else of it is used."""
        self._profile = profile
        self._limits = limits or Limits()
        self._clients: dict[str, S3Client] = {}

    @cached_property
    def _boto(self) -> boto3.Session:
        return boto3.Session(botocore_session=credential_free_core(self._profile, self._limits))

    def read(self, url: str) -> bytes:
        """Return the template at an https URL of S3, with `?versionId=` where the URL has one.

        Raises:
            InvalidRequest: not such a URL, or more than a template may have.
            AccessDenied, NotFound: not publicly readable; S3 says NotFound only to those who may list.
            AwsError: of another kind.
        """
        try:
            place = parse_template_url(url)
        except LinkError as error:
            raise InvalidRequest(error.message, operation=_OPERATION, hint=error.hint) from None
        try:
            body = mapped(_OPERATION, lambda: self._get(place), profile=self._profile)
        except (AccessDenied, NotFound) as error:
            error.hint = (
                f"'{place.bucket}/{place.key}' is not publicly readable, or is not there, and then no customer's "
                "CloudFormation can read it: let anyone s3:GetObject it (s3:GetObjectVersion for ?versionId=)"
            )
            raise
        if len(body) > MAXIMUM_BYTES:
            raise InvalidRequest(
                f"template '{place.bucket}/{place.key}' has more than {MAXIMUM_BYTES:,} bytes",
                operation=_OPERATION,
                hint="CloudFormation reads no larger template",
            )
        return body

    def _get(self, place: TemplateUrl) -> bytes:
        request: GetObjectRequestTypeDef = {"Bucket": place.bucket, "Key": place.key}
        if place.version_id is not None:
            request["VersionId"] = place.version_id
        # Not the body's own `with`: that hands out urllib3's stream, which checks neither length nor checksum.
        with closing(self._client(_region(place)).get_object(**request)["Body"]) as body:
            return bounded(body, MAXIMUM_BYTES)

    def _client(self, region: str) -> "S3Client":
        if region not in self._clients:
            # Path-style: one host for every bucket, and it is the one that AWS_ENDPOINT_URL names.
            config = Config(signature_version=UNSIGNED, s3={"addressing_style": "path"})
            self._clients[region] = self._boto.client("s3", region_name=region, config=config)
        return self._clients[region]


def bounded(body: "StreamingBody", limit: int) -> bytes:
    """Return a whole body, or more than `limit` bytes of it."""
    content = b""
    # To the empty read at the end: botocore notices only there that a body was cut or does not match its checksum.
    while len(content) <= limit and (part := body.read(limit + 1 - len(content))):
        content += part
    return content


def _region(place: TemplateUrl) -> str:
    # Where the URL does not say, S3 of the partition redirects, and botocore follows.
    if place.region is not None:
        return place.region
    partitions = (partition(name) for name in PARTITIONS)
    return next(found.sts_region for found in partitions if found.dns_suffix == place.dns_suffix)
