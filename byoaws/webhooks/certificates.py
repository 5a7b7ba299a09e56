"""SNS's signing certificates: which URLs may name one, and a small store of those that were fetched."""

import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
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


class Certificates:
    """Certificates by URL: fetched once, kept for a day, 64 of them at most. Safe under threads."""

    def __init__(self, fetch: Callable[[str], bytes] = get, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, RSAPublicKey]] = OrderedDict()
        self._fetches: deque[float] = deque(maxlen=_MOST_FETCHES)
        self._lock = threading.Lock()

    def key(self, url: str) -> "RSAPublicKey":
        """Return the public key at a URL that `check_certificate_url` let pass.

        Raises:
            WebhookUndecided: it cannot be fetched now, or too many were of late.
            WebhookForged: what is there is no certificate that is valid now, of an RSA key.
        """
        with self._lock:
            kept = self._kept.get(url)
            if kept and self._clock() - kept[0] < _SECONDS_KEPT:
                self._kept.move_to_end(url)
                return kept[1]
            self._count()
        # Outside the lock: one slow answer must not hold up messages whose certificate is here.
        found = _key_in(self._fetch(url))
        with self._lock:
            self._kept[url] = self._clock(), found
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found

    def _count(self) -> None:
        now = self._clock()
        if len(self._fetches) == _MOST_FETCHES and now - self._fetches[0] < _PER_SECONDS:
            raise WebhookUndecided(
                f"more than {_MOST_FETCHES} signing certificates were asked for in {_PER_SECONDS:.0f} seconds"
            )
        self._fetches.append(now)


def _key_in(pem: bytes) -> "RSAPublicKey":
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except ValueError:
        raise WebhookForged("what is at the signing certificate's URL is no certificate") from None
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise WebhookForged("the signing certificate is not valid now")
    if not isinstance(key, RSAPublicKey):
        raise WebhookForged("the signing certificate is not of an RSA key")
    return key
