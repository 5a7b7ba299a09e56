"""SNS's signing certificates: which URLs may name one, and a small store of those that were fetched."""

import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from byoaws.errors import WebhookForged, WebhookUndecided
from byoaws.regions import partition_of
from byoaws.webhooks.aws_get import get

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

# Source: SigningCertURL in AWS's examples and captured messages; the host is the region's own SNS endpoint.
_PATH = re.compile(r"/SimpleNotificationService-[0-9a-f]{32}\.pem")
_MOST = 64
_SECONDS_KEPT = 86_400.0
# A stranger may name as many certificates of the right form as it likes; each would be a request of ours to AWS.
_MOST_FETCHES = 20
_PER_SECONDS = 60.0
_MOST_ASKERS = 1_000


def sns_host(region: str) -> str:
    """Return the name of SNS's endpoint in `region`."""
    return f"sns.{region}.{partition_of(region).dns_suffix}"


def check_certificate_url(url: str, region: str) -> str:
    """Return `url` if SNS of `region` signs with what is there.

    Raises:
        WebhookForged: it is another place. Look-alikes of the host are, too.
    """
    # Compared as a whole: user names, ports, queries, dots and other cases leave something over.
    start = f"https://{sns_host(region)}"
    if not url.startswith(start) or not _PATH.fullmatch(url[len(start) :]):
        raise WebhookForged(
            f"the signing certificate is not at {sns_host(region)}, where SNS of '{region}' has its own"
        )
    return url


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    since: float
    """By the store's clock."""
    key: "RSAPublicKey"
    until: datetime
    """When the certificate ends."""


class Certificates:
    """Certificates by URL: fetched once, kept for a day, 64 of them at most. Safe under threads."""

    def __init__(self, fetch: Callable[[str], bytes] = get, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._running: dict[str, Future[RSAPublicKey]] = {}
        self._fetches: dict[str, deque[float]] = {}
        """When each asker's last ones were."""
        self._lock = threading.Lock()

    def key(self, url: str, *, asker: str = "") -> "RSAPublicKey":
        """Return the public key at a URL that `check_certificate_url` let pass.

        Args:
            url: Where the certificate is.
            asker: On whose account's behalf, each of which may have only so many fetched in a minute: a stranger who
                posts forgeries to one endpoint must not use up what honest messages at all others need.

        Raises:
            WebhookUndecided: it cannot be fetched now, or too many were of late.
            WebhookForged: what is there is no certificate that is valid now, of an RSA key.
        """
        with self._lock:
            kept = self._kept.get(url)
            if kept and self._clock() - kept.since < _SECONDS_KEPT:
                self._kept.move_to_end(url)
                return kept.key
            running = self._running.get(url)
            if running is None and not self._may_fetch(asker):
                # One that is due to be fetched anew is still AWS's: a flood of forgeries must not make it useless.
                if kept and datetime.now(UTC) <= kept.until:
                    return kept.key
                raise WebhookUndecided(
                    f"more than {_MOST_FETCHES} signing certificates were asked for in {_PER_SECONDS:.0f} seconds"
                )
            mine: Future[RSAPublicKey] = Future()
            self._running.setdefault(url, mine)
        # Outside the lock: one slow answer must not hold up messages whose certificate is here.
        return running.result() if running else self._fetched(url, mine)

    def _fetched(self, url: str, mine: "Future[RSAPublicKey]") -> "RSAPublicKey":
        """Fetch a certificate, for all that wait for it."""
        try:
            key, until = _key_in(self._fetch(url))
        except BaseException as error:
            with self._lock:
                del self._running[url]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._running[url]
            self._kept[url] = _Kept(since=self._clock(), key=key, until=until)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        mine.set_result(key)
        return key

    def _may_fetch(self, asker: str) -> bool:
        now = self._clock()
        if len(self._fetches) > _MOST_ASKERS:
            self._fetches = {one: times for one, times in self._fetches.items() if now - times[-1] < _PER_SECONDS}
        times = self._fetches.setdefault(asker, deque(maxlen=_MOST_FETCHES))
        if len(times) == _MOST_FETCHES and now - times[0] < _PER_SECONDS:
            return False
        times.append(now)
        return True


def _key_in(pem: bytes) -> "tuple[RSAPublicKey, datetime]":
    """Return the key of a certificate, and when that ends."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise WebhookForged("what is at the signing certificate's URL is no certificate") from None
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise WebhookForged("the signing certificate is not valid now")
    if not isinstance(key, RSAPublicKey):
        raise WebhookForged("the signing certificate is not of an RSA key")
    return key, certificate.not_valid_after_utc
