"""Name servers, by dnspython: this machine's, or one that is named."""

import contextlib
import ipaddress
from collections.abc import Sequence

import dns.exception
import dns.rdatatype
import dns.resolver

from byoaws.errors import NetworkError, UsageError
from byoaws.net.interface import Resolver

LIFETIME = 5.0
"""Seconds for one question, all tries together."""
_HINT = "check the network, or name a server by --dns-server HOST:PORT"


class DnspythonResolver(Resolver):
    """Asks the name servers of this machine, or `server`: an IP address and a port."""

    def __init__(self, server: tuple[str, int] | None = None, *, lifetime: float = LIFETIME) -> None:
        self._server = server
        self._lifetime = lifetime
        self._opened: dns.resolver.Resolver | None = None

    def txt(self, name: str) -> Sequence[str]:
        """Every TXT record of a name."""
        return [_joined(record.strings) for record in self._ask(name, "TXT")]

    def addresses(self, name: str) -> Sequence[str]:
        """Every IPv4 and IPv6 address of a name."""
        return [record.address for kind in ("A", "AAAA") for record in self._ask(name, kind)]

    @property
    def _resolver(self) -> dns.resolver.Resolver:
        if self._opened is None:
            try:
                opened = dns.resolver.Resolver(configure=self._server is None)
            except dns.exception.DNSException as error:
                raise NetworkError(f"this machine names no name server ({_said(error)})", hint=_HINT) from None
            if self._server is not None:
                opened.nameservers, opened.port = [self._server[0]], self._server[1]
            opened.lifetime = self._lifetime
            opened.timeout = min(2.0, self._lifetime)
            self._opened = opened
        return self._opened

    def _ask(self, name: str, kind: str) -> list:  # type: ignore[type-arg]
        """Return the records of one kind; a name that is not there has none."""
        try:
            # With the dot: a name of ours is never completed by this machine's search list.
            answer = self._resolver.resolve(f"{name.rstrip('.')}.", kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise NetworkError(f"no usable answer for {kind} of '{name}' ({_said(error)})", hint=_HINT) from None
        except OSError as error:
            raise NetworkError(f"cannot ask for {kind} of '{name}' ({error.strerror})", hint=_HINT) from None
        return list(answer)


def parse_server(text: str) -> tuple[str, int]:
    """Return the address and port of a name server given as `HOST:PORT`, or as an address alone.

    Raises:
        UsageError: it is neither.
    """
    host, colon, port = text.rpartition(":")
    if not colon or _is_address(text):
        host, port = text, "53"
    host = host.removeprefix("[").removesuffix("]")
    if not _is_address(host) or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise UsageError(
            f"'{text[:60]}' is not a name server", hint="give an IP address and perhaps a port, such as 127.0.0.1:5353"
        )
    return host, int(port)


def _is_address(text: str) -> bool:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(text)
        return True
    return False


def _joined(parts: Sequence[bytes]) -> str:
    # Source: RFC 7208, section 3.3: the parts of one record are put together without spaces.
    return b"".join(parts).decode("utf-8", "backslashreplace")


def _said(error: Exception) -> str:
    # dnspython's own texts list every server that was tried.
    names = {"LifetimeTimeout": "time-out", "NoNameservers": "no server could answer"}
    return names.get(type(error).__name__, type(error).__name__)
