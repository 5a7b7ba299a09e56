"""What checks a fleet, and what tells of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from byoaws.errors import BadCredentials
from byoaws.factory import now
from byoaws.model import ProbeResult, VerificationReport
from byoaws.settings import Settings
from byoaws.verify.interface import Probe, Target

if TYPE_CHECKING:
    from byoaws.aws.interface import VendorPort
    from byoaws.fleet.breaker import Breaker
    from byoaws.fleet.delivery import Channel
    from byoaws.fleet.metrics import Metrics
    from byoaws.fleet.pacing import Pace
    from byoaws.flows.recheck.means import Means
    from byoaws.store.interface import FleetStore
    from byoaws.vendor_model import Vendor

_ATTEMPTS = 2
"""Of a call by botocore itself, for a connection that broke: throttling must be seen by the pace, which tries again."""

_MOST_COUNTED = 1_000_000
"""For a figure; more than that is as bad."""


def fleet_store(settings: Settings) -> "FleetStore":
    """Open the store's connections as a fleet.

    Raises:
        StoreMissing: there is none at the place that was named.
        StoreError: see `store.fleet.open_fleet`.
        UsageError: the URL cannot be read, or no place is known to keep it in.
    """
    from byoaws.store.address import require_store
    from byoaws.store.fleet import open_fleet

    if settings.store_given:
        require_store(settings.store_given)
    return open_fleet(settings.store_url)


def pace(rate: float) -> "Pace":
    """As many calls of STS a second, at most."""
    from byoaws.fleet.pacing import Pace, Ticker

    return Pace(rate, Ticker(time.monotonic))


@asynccontextmanager
async def fleet_check(
    settings: Settings, vendor: "Vendor", pace: "Pace", breaker: "Breaker", concurrency: int
) -> AsyncIterator[Callable[[Target], Awaitable[VerificationReport]]]:
    """What verifies one account, with clients that all share, at that pace, and under the eyes of that breaker.

    Raises:
        AwsError: we cannot say who we are, or are not whom customers' roles trust; no account is asked then.
    """
    from byoaws.aws.session import Limits
    from byoaws.aws.shared import SharedAws
    from byoaws.errors import UsageError
    from byoaws.fleet.breaker import GuardedVendor
    from byoaws.fleet.pacing import PacedVendor
    from byoaws.flows.check import Verifier
    from byoaws.regions import partition_of
    from byoaws.verify.clock import AsyncClock
    from byoaws.verify.trusted import not_trusted

    home = partition_of(settings.region).sts_region
    shared = SharedAws(settings.profile, home, limits=Limits(attempts=_ATTEMPTS), concurrency=concurrency)
    async with shared:
        ours: VendorPort = PacedVendor(GuardedVendor(shared, breaker), pace, home)

        def port(sts_region: str) -> "VendorPort":
            # Credentials are of one partition. To try them in another looks as if they had ended, and one role ARN that
            # a customer gave would stop the checks of all.
            if sts_region != home:
                raise UsageError(
                    f"the role is in another partition of AWS than our credentials: its STS is in {sts_region}, not "
                    f"{home}",
                    hint=f"check it with credentials of that partition, and AWS_REGION={sts_region}",
                )
            return ours

        wrong = not_trusted(vendor.account, await ours.caller())
        if wrong:
            raise BadCredentials(wrong, hint="run under the principal that roles trust, or correct the vendor file")
        clock = AsyncClock(time.monotonic, asyncio.sleep)
        yield Verifier(vendor_aws=port, clock=clock, progress=_Nobody(), now=now).check_async


class _Nobody:
    """Watches no single account of a fleet."""

    def started(self, probe: Probe) -> None:
        """Nothing."""

    def finished(self, result: ProbeResult) -> None:
        """Nothing."""

    def waiting(self, seconds: float) -> None:
        """Nothing."""


def metrics(means: "Means") -> "Metrics":
    """Figures of a run, for Prometheus.

    Raises:
        UsageError: prometheus-client is not installed.
    """
    from byoaws.errors import UsageError
    from byoaws.store.interface import Selection

    try:
        from byoaws.fleet.metrics import Metrics
    except ImportError as error:
        raise UsageError(
            "metrics need prometheus-client, which is not installed", hint="pip install 'byoaws[fleet]'"
        ) from error
    store, due = means.store, Selection(vendor=means.vendor.name)
    return Metrics(
        means.pace, means.breaker, lambda: store.backlog(due, now(), most=_MOST_COUNTED), store.notices_waiting
    )


def channels(
    settings: Settings, *, webhook: str | None, mail: str | None, sender: str | None, command: str | None
) -> "dict[str, Channel]":
    """The ways of telling that were asked for, by name.

    Raises:
        UsageError: something is missing, or is not what it should be.
    """
    import shlex
    import shutil

    from byoaws.errors import UsageError
    from byoaws.fleet.channels import CommandChannel, MailChannel, WebhookChannel

    found: dict[str, Channel] = {}
    if webhook is not None:
        from byoaws.net.post import HttpPoster, check_url

        check_url(webhook)
        secret = settings.env.get("BYOAWS_NOTIFY_SECRET")
        if not secret:
            raise UsageError(
                "there is no secret to sign webhooks with",
                hint="set BYOAWS_NOTIFY_SECRET to 'whsec_' and base64 of 24 random bytes or more",
            )
        found["webhook"] = WebhookChannel(webhook, secret, HttpPoster(), now)
    if (mail is None) is not (sender is None):
        raise UsageError("mail needs both whom it is to and whom it is from", hint="--notify-mail and --notify-from")
    if mail is not None and sender is not None:
        from byoaws.aws.mailer import BotoMailer

        found["mail"] = MailChannel(BotoMailer(settings.profile, settings.region), sender=sender, recipient=mail)
    if command is not None:
        try:
            argv = shlex.split(command)
        except ValueError as error:
            raise UsageError(
                f"the command to notify by cannot be read: {error}", hint="quote it as a shell would"
            ) from error
        if not argv or shutil.which(argv[0]) is None:
            raise UsageError(
                f"the command to notify by cannot be run: '{argv[0] if argv else ''}' is no program",
                hint="give its path, or one that is found on PATH",
            )
        found["command"] = CommandChannel(argv)
    return found
