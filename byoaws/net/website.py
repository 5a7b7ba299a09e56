"""One look at a website, over https, as far as its status line: bounded in time, bytes and redirects.

The name is resolved here, every address is judged, and the connection goes to an address that was judged: a name
server cannot answer otherwise the second time. Proxies of the environment are not used.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from byoaws import __version__
from byoaws.errors import NetworkError
from byoaws.net.addresses import is_public
from byoaws.net.interface import Resolver, Visit, Websites
from byoaws.net.tls import system_trust

MOST_BYTES = 16_384
"""Of an answer's head; the page itself is not read."""
MOST_REDIRECTS = 3
SECONDS = 10.0
"""For a visit, redirects included."""

_HOST = re.compile(
    r"(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*\.[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE
)
_STATUS = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d)(?: [^\r\n]*)?\r?\n")
_LOCATION = re.compile(rb"^location:[ \t]*([\x21-\x7e]+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_HINT = "open it in a browser, then try again"
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Which hosts may be asked; tests, which have only loopback, hand in others."""

    permitted: Callable[[str], bool] = is_public
    """Given an IP address."""
    port: int = 443
    seconds: float = SECONDS


class HttpsWebsites(Websites):
    """Looks at websites by the standard library."""

    def __init__(
        self, resolver: Resolver, *, context: ssl.SSLContext | None = None, limits: Limits | None = None
    ) -> None:
        self._resolver = resolver
        self._context = context
        self._limits = limits or Limits()

    def visit(self, url: str) -> Visit:
        """Ask for the page at `url`, and for those that it redirects to."""
        deadline = time.monotonic() + self._limits.seconds
        for _ in range(MOST_REDIRECTS + 1):
            place, refused = self._place(url)
            if place is None:
                return Visit(url=url, status=None, refused=refused)
            try:
                head = self._head(url, *place, deadline)
            except ssl.SSLCertVerificationError as error:
                return Visit(url=url, status=None, refused=f"shows a certificate that is not valid ({_why(error)})")
            status = int(head.group(1))
            target = _LOCATION.search(head.string) if status in _REDIRECTS else None
            if target is None:
                return Visit(url=url, status=status)
            url = urljoin(url, target.group(1).decode("ascii"))
        return Visit(url=url, status=None, refused=f"comes after more than {MOST_REDIRECTS} redirects")

    def _place(self, url: str) -> tuple[tuple[str, list[str]] | None, str]:
        """Host and addresses to connect to; or None, and why not."""
        if mistake := url_mistake(url, port=self._limits.port):
            return None, mistake
        host = urlsplit(url).hostname or ""
        addresses = list(self._resolver.addresses(host))
        if not addresses:
            return None, "has a name that does not exist in DNS"
        # All of them: which one a browser takes is chance.
        if not all(self._limits.permitted(address) for address in addresses):
            return None, "is at an address that is not public"
        return (host, addresses), ""

    def _head(self, url: str, host: str, addresses: list[str], deadline: float) -> re.Match[bytes]:
        try:
            with self._connected(host, addresses, deadline) as connection:
                connection.sendall(_request(urlsplit(url)))
                data = _read_head(connection, host, deadline)
        except ssl.SSLCertVerificationError:
            raise
        except OSError as error:
            said = "time-out" if isinstance(error, TimeoutError) else type(error).__name__
            raise NetworkError(f"'{host}' gave no usable answer ({said})", hint=_HINT) from None
        found = _STATUS.match(data)
        if found is None:
            raise NetworkError(f"'{host}' does not answer as a website does", hint=_HINT)
        return found

    def _connected(self, host: str, addresses: list[str], deadline: float) -> ssl.SSLSocket:
        context = self._context or system_trust()
        failed: OSError = OSError("no address")
        for address in addresses:
            try:
                plain = socket.create_connection((address, self._limits.port), timeout=_left(deadline, host))
            except OSError as error:
                failed = error
                continue
            try:
                return context.wrap_socket(plain, server_hostname=host)
            except BaseException:
                plain.close()
                raise
        raise failed


def url_mistake(url: str, *, port: int = 443) -> str:
    """Return why no website is asked at `url`, as a predicate; empty where one is."""
    try:
        parts = urlsplit(url)
        host, given = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme != "https":
        return "does not begin with https://"
    if "@" in parts.netloc:
        return "carries a user name or a password"
    if not _HOST.fullmatch(host):
        return "has no host name of a public website"
    if given not in (None, port):
        return f"names port {given}; websites are at 443"
    if len(url) > 1000 or not url.isascii() or not url.isprintable() or " " in url:
        return "is not a URL of at most 1000 printable ASCII characters, with anything else percent-encoded"
    return ""


def _request(parts: SplitResult) -> bytes:
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    lines = (
        f"GET {target} HTTP/1.1",
        f"Host: {parts.hostname}",
        f"User-Agent: byoaws/{__version__}",
        "Accept: text/html, */*;q=0.1",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _read_head(connection: ssl.SSLSocket, host: str, deadline: float) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and len(data) < MOST_BYTES:
        # Anew each time: a server that sends a byte now and then must not keep us.
        connection.settimeout(_left(deadline, host))
        part = connection.recv(MOST_BYTES - len(data))
        if not part:
            break
        data += part
    return data.partition(b"\r\n\r\n")[0] + b"\r\n"


def _why(error: ssl.SSLCertVerificationError) -> str:
    return (error.verify_message or "unknown reason").rstrip(".")


def _left(deadline: float, host: str) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NetworkError(f"'{host}' gave no usable answer (time-out)", hint=_HINT)
    return left
