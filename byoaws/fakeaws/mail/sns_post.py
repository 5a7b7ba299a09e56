"""One message of SNS to one https endpoint on this machine, tried as SNS tries.

Source: Amazon SNS Developer Guide, "Amazon SNS message delivery retries" (server errors, time-outs and lost connections
are tried again, client errors are not; redirects are not followed) and "Fanout to HTTP/S endpoints" (the headers).
The pauses are short: whoever waits for them is a test.
"""

import http.client
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_HERE = ("127.0.0.1", "localhost")
_SECONDS = 15.0
_AGENT = "Amazon Simple Notification Service Agent"
# Too many requests, in the 4xx range but tried again.
_AGAIN = {100, 101, http.client.TOO_MANY_REQUESTS, *range(500, 600)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of a message for one endpoint."""

    endpoint: str
    tries: int
    outcome: str
    """The last answer's status, or what went wrong."""
    done: bool
    kept: bool = False
    """True if it lies in the subscription's dead-letter queue."""


class Poster:
    """Posts; trusts whom the embedded AWS trusts."""

    def __init__(self, trusted: ssl.SSLContext, pauses: Sequence[float] = (0.1, 0.2, 0.4)) -> None:
        """Take whom to trust, and the seconds before each further try."""
        self._trusted = trusted
        self._pauses = tuple(pauses)

    def post(self, endpoint: str, body: bytes, headers: Mapping[str, str]) -> Delivery:
        """Post until it is done, refused for good, or given up."""
        if urlsplit(endpoint).hostname not in _HERE:
            # The demo's links name real hosts, which have nothing to do with the embedded AWS.
            return Delivery(endpoint=endpoint, tries=0, outcome="not on this machine", done=False)
        tries, status = 1, self._once(endpoint, body, headers)
        for pause in self._pauses:
            if isinstance(status, int) and status not in _AGAIN:
                break
            time.sleep(pause)
            tries, status = tries + 1, self._once(endpoint, body, headers)
        done = isinstance(status, int) and 200 <= status < 300
        return Delivery(endpoint=endpoint, tries=tries, outcome=str(status), done=done)

    def _once(self, endpoint: str, body: bytes, headers: Mapping[str, str]) -> int | str:
        place = urlsplit(endpoint)
        connection = http.client.HTTPSConnection(
            str(place.hostname), place.port, context=self._trusted, timeout=_SECONDS
        )
        path = (place.path or "/") + (f"?{place.query}" if place.query else "")
        common = {"User-Agent": _AGENT, "Content-Type": "text/plain; charset=UTF-8"}
        try:
            connection.request("POST", path, body=body, headers={**common, **headers})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()
