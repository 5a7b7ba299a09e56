"""The only place that picks concrete classes. Each is imported when it is first wanted: most commands need few."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from byoaws.model import Vendor
from byoaws.settings import Settings

if TYPE_CHECKING:
    from byoaws.aws.interface import TemplateSource, VendorAws
    from byoaws.fakeaws.serve import Served
    from byoaws.fakeaws.stage import Stage
    from byoaws.flows.check import Verifier
    from byoaws.lint.interface import Linter
    from byoaws.store.interface import Store
    from byoaws.verify.interface import Progress


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def vendor(settings: Settings) -> Vendor:
    """Read the chosen vendor file.

    Raises:
        UnknownName, UsageError, VendorFileError: see `vendors.file.load_vendor`.
    """
    from byoaws.vendors.file import load_vendor

    return load_vendor(settings.vendor, settings.env)


def store(settings: Settings) -> "Store":
    """Open the store.

    Raises:
        StoreError, KeyMissing: see `store.sql.open_store`.
        UnknownName: no store for that kind of URL.
        UsageError: no place is known to keep it in.
    """
    from byoaws.registry import STORES

    scheme = settings.store_url.partition(":")[0].partition("+")[0]
    opened: Store = STORES.load(scheme)(settings.store_url, key=settings.store_key, key_file=settings.data_dir / "key")
    return opened


def verifier(settings: Settings, progress: "Progress") -> "Verifier":
    """Put together what a verification needs."""
    from byoaws.flows.check import Verifier
    from byoaws.verify.facts import Clock

    def vendor_aws(sts_region: str) -> "VendorAws":
        from byoaws.aws.boto import BotoVendorAws

        return BotoVendorAws(profile=settings.profile, sts_region=sts_region)

    return Verifier(vendor_aws=vendor_aws, clock=Clock(time.monotonic, time.sleep), progress=progress, now=now)


def template_source() -> "TemplateSource":
    """Where published templates are read from."""
    from byoaws.aws.s3 import S3TemplateSource

    return S3TemplateSource()


def linter() -> "Linter":
    """The linter: paths to findings."""
    from byoaws.lint.engine import lint

    return lint


def fake_aws(port: int | None = None) -> "Served":
    """Start the embedded AWS.

    Raises:
        FakeAwsError: it is not installed, or did not start.
    """
    from byoaws.fakeaws.serve import serve

    return serve(port=port)


def vendor_aws(settings: Settings) -> "VendorAws":
    """The vendor's own AWS, in the commercial partition unless the settings' region is in another."""
    from byoaws.aws.boto import BotoVendorAws
    from byoaws.regions import partition_of

    return BotoVendorAws(profile=settings.profile, sts_region=partition_of(settings.region).sts_region)


def stage(region: str) -> "Stage":
    """The embedded AWS, set up for the demo.

    Raises:
        FakeAwsError: it is not installed, or did not start.
    """
    from byoaws.fakeaws.stage import open_stage

    return open_stage(region)
