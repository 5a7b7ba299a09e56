"""A file put where a pre-signed URL says. The URL is a credential: it is in no message, and goes to AWS alone."""

import re
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from byoaws.aws.errors import mapped
from byoaws.errors import InvalidRequest
from byoaws.regions import partition_of

_OPERATION = "s3:PutObject by pre-signed URL"
_CONNECT, _READ = 10.0, 120.0
_LONGEST_URL = 8_192
_MOST_OF_AN_ERROR = 4_096


def put(session: botocore.session.Session, url: str, body: bytes, *, region: str, endpoint: str) -> None:
    """Write `body` to a pre-signed URL of S3.

    Args:
        session: Says how AWS is reached (CA bundle); none of its credentials is used.
        url: From AWS.
        body: The whole file.
        region: Whose partition the URL must lie in.
        endpoint: Of the API that gave the URL; what lies there may be written to as well, so that an AWS that is
            none (AWS_ENDPOINT_URL) can be used.

    Raises:
        InvalidRequest: the URL leads elsewhere than to AWS; nothing was sent.
        AwsError: S3 refused, or did not answer.
    """
    if not _is_s3(url, region) and not _same_origin(url, endpoint):
        raise InvalidRequest(
            f"{_OPERATION}: the address to upload to is none of S3's in that partition; nothing was sent",
            operation=_OPERATION,
            hint="if AWS_ENDPOINT_URL_MAILMANAGER or AWS_ENDPOINT_URL is set, check what answers there",
        )
    # As curl does it in AWS's guide: no header but those that HTTP needs, since others would have to be signed.
    request = AWSRequest(method="PUT", url=url, data=body, stream_output=True).prepare()
    client = URLLib3Session(
        verify=session.get_config_variable("ca_bundle") or True,
        proxies=get_environ_proxies(url),
        timeout=(_CONNECT, _READ),  # type: ignore[arg-type]
    )
    try:
        mapped(_OPERATION, lambda: _accepted(client.send(request)), secrets=(url, urlsplit(url).query))
    finally:
        client.close()


def _accepted(answer: AWSResponse) -> None:
    status = int(answer.status_code)
    # A redirect is none of 2xx: nothing is sent to where an answer points.
    if not 200 <= status < 300:
        code = re.search(rb"<Code>(\w{1,64})</Code>", answer.raw.read(_MOST_OF_AN_ERROR))
        said = {"Code": code[1].decode() if code else f"HTTP{status}", "Message": f"HTTP status {status}"}
        raise ClientError({"Error": said, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")  # type: ignore[typeddict-item]


def _is_s3(url: str, region: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or port not in (None, 443) or len(url) > _LONGEST_URL:
        return False
    suffix = re.escape(partition_of(region).dns_suffix)
    return bool(re.fullmatch(rf"(?:[a-z0-9][a-z0-9.-]*\.)?s3(?:[.-][a-z0-9-]+){{0,3}}\.{suffix}", host))


def _same_origin(url: str, endpoint: str) -> bool:
    try:
        one, other = urlsplit(url), urlsplit(endpoint)
        same = (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
    except ValueError:
        return False
    return same and one.scheme == "https" and "@" not in one.netloc and len(url) <= _LONGEST_URL
