"""The only place that picks concrete classes. Each is imported when it is first wanted: most commands need few."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from byoaws.settings import Settings

if TYPE_CHECKING:
    from byoaws.aws.boto import BotoCustomerAws
    from byoaws.aws.interface import CustomerAws, ProductionAccess, Publisher, Replay, TemplateSource, VendorAws
    from byoaws.aws.threads import ThreadedSession
    from byoaws.fakeaws.serve import Served
    from byoaws.fakeaws.stage import Stage
    from byoaws.flows.check import Verifier
    from byoaws.lifecycle.changes import ReplacingOf
    from byoaws.lifecycle.port import Reader
    from byoaws.lint.interface import Explainer, KindsOfResource, Linter
    from byoaws.mail_manager.port import MailManager
    from byoaws.net.interface import Resolver, Websites
    from byoaws.quickcreate.secret_port import WebhookSecrets
    from byoaws.store.interface import Store
    from byoaws.vendor_model import Vendor
    from byoaws.verify.clock import Clock
    from byoaws.verify.interface import Progress, VendorAwsFactory


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def vendor(settings: Settings) -> "Vendor":
    """Read the chosen vendor file.

    Raises:
        UnknownName, UsageError, VendorFileError: see `vendors.file.load_vendor`.
    """
    from byoaws.vendors.file import load_vendor

    return load_vendor(settings.vendor, settings.env)


def store(settings: Settings, *, begins: bool = False) -> "Store":
    """Open the store. Where somebody named its place, only what `begins` a connection makes one there.

    Raises:
        StoreMissing, StoreError, KeyMissing: see `store.address.require_store` and `store.sql.open_store`.
        UnknownName: no store for that kind of URL.
        UsageError: the URL cannot be read, or no place is known to keep it in.
    """
    from byoaws.registry import STORES
    from byoaws.store.address import require_store

    open_store = STORES.load(settings.store_url.partition(":")[0].partition("+")[0])
    if settings.store_given and not begins:
        require_store(settings.store_given)
    opened: Store = open_store(settings.store_url, key=settings.store_key, key_file=settings.data_dir / "key")
    return opened


def verifier(settings: Settings, progress: "Progress") -> "Verifier":
    """Put together what a verification needs."""
    import asyncio

    from byoaws.aws.threads import ThreadedVendor
    from byoaws.flows.check import Verifier
    from byoaws.verify.clock import AsyncClock

    made, clock = vendor_aws_of(settings), AsyncClock(time.monotonic, asyncio.sleep)
    return Verifier(vendor_aws=lambda where: ThreadedVendor(made(where)), clock=clock, progress=progress, now=now)


def template_source() -> "TemplateSource":
    """Where published templates are read from."""
    from byoaws.aws.s3 import S3TemplateSource

    return S3TemplateSource()


def publisher(settings: Settings, region: str) -> "Publisher":
    """The vendor's buckets of templates in a region."""
    from byoaws.aws.publish import S3Publisher

    return S3Publisher(settings.profile, region)


def linter(settings: Settings, *, jobs: int | None = None, use_cache: bool = True) -> "Linter":
    """The linter: paths to findings.

    Args:
        settings: Where results are kept, and the environment that cfn-lint sees.
        jobs: How many processes work at most; None is one for each core.
        use_cache: Whether results are kept, and looked up.
    """
    import functools

    from byoaws.lint.cache import Cache
    from byoaws.lint.engine import check

    folder = settings.cache_dir if use_cache else None
    cache = Cache(folder=folder / "lint", env=settings.env) if folder else None
    return functools.partial(check, jobs=jobs, cache=cache)


def explainer() -> "Explainer":
    """What there is to read of a lint rule, by its code."""
    from byoaws.lint.explain import explain

    return explain


def kinds_of_resource() -> "KindsOfResource":
    """What AWS says of IAM actions, as cfn-lint has it; raises UsageError where the installed one has no such list."""
    from byoaws.lint.kinds import kinds_of_resource

    return kinds_of_resource()


def replacing_of() -> "ReplacingOf":
    """Which properties of a resource cannot change in place, as CloudFormation's schemas say; raises UsageError."""
    from byoaws.lint.replacing import replacing_of

    return replacing_of()


def fake_aws(port: int | None = None) -> "Served":
    """Start the embedded AWS.

    Raises:
        FakeAwsError: it is not installed, or did not start.
    """
    from byoaws.fakeaws.serve import serve

    return serve(port=port)


def vendor_aws(settings: Settings) -> "VendorAws":
    """The vendor's own AWS, in the commercial partition unless the settings' region is in another."""
    from byoaws.regions import partition_of

    return vendor_aws_of(settings)(partition_of(settings.region).sts_region)


def customer_session(settings: Settings, region: str) -> "ThreadedSession":
    """A customer's account in one region, as the chosen profile's own credentials see it."""
    from byoaws.aws.boto import customer_by_profile
    from byoaws.aws.threads import ThreadedSession

    return ThreadedSession(customer_by_profile(settings.profile, region))


def vendor_aws_of(settings: Settings) -> "VendorAwsFactory":
    """The vendor's own AWS, for any STS region."""

    def made(sts_region: str) -> "VendorAws":
        from byoaws.aws.boto import BotoVendorAws

        return BotoVendorAws(profile=settings.profile, sts_region=sts_region)

    return made


def _by_boto(opened: "CustomerAws") -> "BotoCustomerAws":
    from byoaws.aws.boto import BotoCustomerAws

    if not isinstance(opened, BotoCustomerAws):
        raise TypeError("not a role that boto3 opened")
    return opened


def production_access(settings: Settings, region: str, opened: "CustomerAws | None" = None) -> "ProductionAccess":
    """SES of an account: whose role was opened by `vendor_aws_of`, else whose own credentials these are."""
    from byoaws.aws.account_details import BotoProductionAccess as Boto

    return Boto.of_profile(settings.profile, region) if opened is None else Boto.under_role(_by_boto(opened))


def webhook_secrets_under(opened: "CustomerAws") -> "WebhookSecrets":
    """The webhook secret of the account whose role was opened by `vendor_aws_of`."""
    from byoaws.aws.webhook_secrets import BotoWebhookSecrets

    return BotoWebhookSecrets.under_role(_by_boto(opened))


def mail_manager(settings: Settings, region: str, opened: "CustomerAws | None" = None) -> "MailManager":
    """Mail Manager of an account, as `production_access`."""
    from byoaws.aws.mail_manager import BotoMailManager as Boto

    return Boto.of_profile(settings.profile, region) if opened is None else Boto(_by_boto(opened))


def reader(settings: Settings, region: str, opened: "CustomerAws | None" = None) -> "Reader":
    """An account to be looked at, as `production_access`."""
    from byoaws.aws.reading import BotoReader as Boto

    return Boto.of_profile(settings.profile, region) if opened is None else Boto.under_role(_by_boto(opened))


def clock() -> "Clock":
    """Time and sleep, for what is asked again and again."""
    from byoaws.verify.clock import Clock

    return Clock(time.monotonic, time.sleep)


def replay_under(opened: "CustomerAws") -> "Replay":
    """What posts received mail again, in the account whose role was opened by `vendor_aws_of`."""
    from byoaws.aws.replay import BotoReplay

    return BotoReplay.under_role(_by_boto(opened))


def resolver(dns_server: str | None = None) -> "Resolver":
    """The name servers of this machine, or the one that is named, as `HOST:PORT`.

    Raises:
        UsageError: that is no name server.
    """
    from byoaws.net.resolver import DnspythonResolver, parse_server

    return DnspythonResolver(parse_server(dns_server) if dns_server is not None else None)


def websites(resolver: "Resolver") -> "Websites":
    """Looks at public websites, by the addresses that `resolver` finds."""
    from byoaws.net.website import HttpsWebsites

    return HttpsWebsites(resolver)


def stage(region: str, *, vendor_id: str | None = None, principal: str | None = None) -> "Stage":
    """The embedded AWS, set up for the demo; see `fakeaws.stage.open_stage`.

    Raises:
        FakeAwsError: it is not installed, or did not start.
    """
    from byoaws.fakeaws.stage import open_stage

    return open_stage(region, vendor_id=vendor_id, principal=principal)
