"""When AWS does not take a session any more, before its time: the operation is tried once with a new one."""

import re
from typing import Any

from byoaws.aws.lease import Lease

# InvalidClientTokenId and UnrecognizedClientException are also how a region answers that is not enabled: there a new
# session does no better, and the error goes to the caller after one more try.
_ENDED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidToken",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
_KEY = re.compile(r"Credential=([^/,\s]+)/")
_SIGNED_BY, _TRIED = "byoaws_signed_by", "byoaws_tried_anew"


def watch(client: Any, lease: Lease) -> None:
    """Have `client`, of boto3 or aiobotocore, try an operation once more where its session has ended."""

    def note(request: Any, **_: Any) -> None:
        found = _KEY.search(str(request.headers.get("Authorization", "")))
        request.context[_SIGNED_BY] = found[1] if found else None

    def again(response: Any, request_dict: Any, **_: Any) -> int | None:
        context = request_dict.get("context", {})
        signed_by = context.get(_SIGNED_BY)
        if response is None or signed_by is None or context.get(_TRIED):
            return None
        if response[1].get("Error", {}).get("Code") not in _ENDED or not lease.void(signed_by):
            return None
        context[_TRIED] = True
        return 0

    events = client.meta.events
    # After the signer, which stands in the middle.
    events.register_last("request-created", note)
    events.register_first("needs-retry", again)
