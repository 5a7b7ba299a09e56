"""Posts by the standard library, to an https URL (http on this machine only) that the operator named."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from byoaws.errors import NetworkError, UsageError
from byoaws.net.interface import Poster
from byoaws.net.tls import system_trust
from byoaws.vendors.words import plain

SECONDS = 10.0
_HERE = ("localhost", "127.0.0.1", "::1")


def check_url(url: str) -> None:
    """Refuse a URL that messages cannot be posted to.

    Raises:
        UsageError: not https, not a URL, or with a user name or a password in it, which would be shown.
    """
    hint = "give an https:// URL; http:// is accepted on this machine only"
    try:
        parts = urlsplit(url)
        port_is_right = parts.port != 0
    except ValueError:
        raise UsageError("the URL to be notified cannot be read", hint=hint) from None
    if "@" in parts.netloc:
        raise UsageError(
            "a user name or a password in the URL to be notified is refused, as it would be shown",
            hint="give an https:// URL without them",
        )
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    plain = url.isascii() and url.isprintable() and " " not in url
    if not (secure and parts.hostname and port_is_right and plain):
        raise UsageError("messages cannot be posted to the URL that was given", hint=hint)


class HttpPoster(Poster):
    """One connection for each post: there are few."""

    def __init__(self, *, context: ssl.SSLContext | None = None, seconds: float = SECONDS) -> None:
        """Wait so many seconds for a connection, and as many for the whole of the rest."""
        self._context = context
        self._seconds = seconds

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """POST the body; raises NetworkError unless a 2xx came back."""
        check_url(url)
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.scheme, str(parts.hostname), parts.port)
        # A socket's own limit is for each piece: whoever answers a byte at a time would keep us for ever.
        hurry = threading.Timer(self._seconds, _cut, [connection])
        hurry.start()
        try:
            connection.request("POST", path, body=body, headers=dict(headers))
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException, ValueError) as error:  # UnicodeError: a host that cannot be one
            # Not the whole URL: its query may hold a token.
            raise NetworkError(f"no usable answer from '{parts.hostname}': {_words(error)}") from error
        finally:
            hurry.cancel()
            connection.close()
        if not 200 <= status < 300:
            raise NetworkError(f"'{parts.hostname}' answered {status} to a message", hint="it is tried again later")

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self._seconds)
        context = self._context or system_trust()
        return http.client.HTTPSConnection(host, port, timeout=self._seconds, context=context)


def _cut(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):  # it has just ended by itself
            # Of the socket beneath TLS, which another thread may be reading from.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _words(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "no such host"
    # An odd answer is quoted, and may hold what a terminal obeys.
    return plain((getattr(error, "strerror", None) or str(error) or type(error).__name__).lower(), 200)
