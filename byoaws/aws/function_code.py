"""The files of a Lambda function's code: a zip file that AWS hands out a short-lived URL for.

The account is a customer's, so its code may be anything: what is fetched and what is unpacked are bounded.
"""

import io
import lzma
import zipfile
import zlib
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from byoaws.errors import Unreachable

OPERATION = "lambda:GetFunction"
LARGEST = 1_000_000
"""Bytes, packed or unpacked; CloudFormation takes 4 MiB of inline source at most, and ours has a few kB."""
_MOST_FILES = 100
_SECONDS = 20
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
)


def place_of(location: str, endpoint: str, dns_suffix: str) -> str:
    """Return the URL to fetch from: AWS's own over https, or that of the endpoint which was asked.

    Raises:
        Unreachable: it is anybody else's.
    """
    asked = urlsplit(endpoint)
    try:
        parts = urlsplit(location)
        port = parts.port
    except ValueError:
        raise Unreachable(f"{OPERATION}: the code's URL is none", operation=OPERATION) from None
    if parts.netloc == asked.netloc:
        # An embedded AWS may name itself by http, whatever it speaks.
        return urlunsplit((asked.scheme, asked.netloc, parts.path, parts.query, ""))
    if parts.scheme == "https" and (parts.hostname or "").endswith(f".{dns_suffix}") and port is None:
        return location
    raise Unreachable(f"{OPERATION}: the code's URL is not one of AWS's", operation=OPERATION)


def fetch(url: str, *, verify: Any) -> bytes:
    """Return what lies there.

    Raises:
        Unreachable: it is not there, or larger than anything of ours.
        botocore.exceptions.HTTPClientError: no answer.
    """
    # Without credentials: the URL is signed.
    request = AWSRequest(method="GET", url=url, stream_output=True).prepare()
    session = URLLib3Session(verify=verify, timeout=_SECONDS)
    try:
        answer = session.send(request)
        if answer.status_code != 200:
            raise Unreachable(f"{OPERATION}: the code's URL answered {answer.status_code}", operation=OPERATION)
        body: bytes = answer.raw.read(LARGEST + 1)
    finally:
        session.close()
    if len(body) > LARGEST:
        raise Unreachable(f"{OPERATION}: the code has more than {LARGEST:,} bytes", operation=OPERATION)
    return body


def unpacked(body: bytes) -> dict[str, bytes]:
    """Return the files in a zip file.

    Raises:
        Unreachable: it is none, or what is in it is larger than anything of ours.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
                raise Unreachable(f"{OPERATION}: the code is larger than ours", operation=OPERATION)
            return {entry.filename: _read(packed, entry) for entry in entries}
    except _BROKEN as error:
        raise Unreachable(
            f"{OPERATION}: the code cannot be unpacked ({type(error).__name__})", operation=OPERATION
        ) from None


def _read(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # Its size as said may be a lie, so it is bounded once more.
    with packed.open(entry) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unreachable(f"{OPERATION}: the code is larger than ours", operation=OPERATION)
    return content
