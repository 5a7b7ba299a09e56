"""One GET of AWS's own servers: https, one host, no redirects, bounded in time and bytes."""

import http.client
import ssl
import time
from functools import cache
from urllib.parse import urlsplit

from byoaws.errors import WebhookUndecided

SECONDS = 5.0
"""For the whole of it."""
MOST_BYTES = 65_536
_CHUNK = 16_384


def get(url: str, *, context: ssl.SSLContext | None = None, address: tuple[str, int] | None = None) -> bytes:
    """Return what is at an https URL whose host was judged before.

    Args:
        url: Where.
        context: Whom to trust; the system's authorities by default.
        address: Another host and port to connect to: for the embedded AWS, whose names are not in DNS.

    Raises:
        WebhookUndecided: no answer in time, one that is not 200 (a redirect, too), or one that is too large.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    deadline = time.monotonic() + SECONDS
    place = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection = _Connection(host, context or _system_trust(), address)
    try:
        connection.request("GET", place, headers={"User-Agent": "byoaws-webhooks"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise WebhookUndecided(f"'{host}' answered {answer.status}")
        return _read(connection, answer, deadline)
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise WebhookUndecided(f"'{host}' gave no answer ({type(error).__name__})") from None
    finally:
        connection.close()


@cache
def _system_trust() -> ssl.SSLContext:
    """Read once, as that takes some 20 ms; threads may share it."""
    return ssl.create_default_context()


class _Connection(http.client.HTTPSConnection):
    def __init__(self, host: str, context: ssl.SSLContext, address: tuple[str, int] | None) -> None:
        super().__init__(host, timeout=SECONDS, context=context)
        self._named = host
        self._context_of_ours = context
        self._address = address or (host, 443)

    def connect(self) -> None:
        """Connect to the address; the certificate is held against the name of the URL."""
        import socket

        plain = socket.create_connection(self._address, SECONDS)
        try:
            self.sock = self._context_of_ours.wrap_socket(plain, server_hostname=self._named)
        except OSError:
            plain.close()
            raise


def _read(connection: http.client.HTTPSConnection, answer: http.client.HTTPResponse, deadline: float) -> bytes:
    found = bytearray()
    # Bit by bit, so that a server that drips cannot hold us longer than agreed.
    while chunk := answer.read1(_CHUNK):
        found += chunk
        left = deadline - time.monotonic()
        if left <= 0 or len(found) > MOST_BYTES:
            raise WebhookUndecided(f"'{connection.host}' sent too much, or too slowly")
        if connection.sock is not None:
            connection.sock.settimeout(left)
    return bytes(found)
