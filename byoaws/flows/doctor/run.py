"""The operator's side: is what we hand to customers sound, before a customer finds out?"""

from collections.abc import Callable

from byoaws.aws.interface import TemplateSource, VendorAws
from byoaws.errors import AwsError, ByoawsError, StoreMissing
from byoaws.flows.doctor.template import OpenPublisher, bucket_check, template_check
from byoaws.model import ProbeResult
from byoaws.store.interface import Store
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of

_VENDOR = Answers("D101", "vendor-file")
_IDENTITY = Answers("D102", "own-identity")
_PRINCIPAL = Answers("D103", "trusted-principal")
_STORE = Answers("D301", "store")


def examine(
    vendor: Vendor,
    aws: VendorAws,
    source: TemplateSource,
    open_store: Callable[[], Store],
    publisher: OpenPublisher,
) -> tuple[ProbeResult, ...]:
    """Look at everything on the operator's side; errors become results."""
    return (
        _vendor(vendor),
        _identity(vendor, aws),
        _principal(vendor),
        template_check(vendor, source),
        bucket_check(vendor, publisher),
        _store(open_store),
    )


def _vendor(vendor: Vendor) -> ProbeResult:
    try:
        build(vendor)
    except ByoawsError as error:
        return _VENDOR.failed(f"{vendor.source}: {error}", error.hint)
    return _VENDOR.passed(f"{vendor.source}: stack {vendor.stack.name} {vendor.stack.version}")


def _identity(vendor: Vendor, aws: VendorAws) -> ProbeResult:
    try:
        caller = aws.caller()
    except AwsError as error:
        return _IDENTITY.unknown(
            f"our own credentials do not work: {error}", error.hint or "try again", evidence=evidence_of(error)
        )
    expected = vendor.account.account_id
    if expected is None:
        return _IDENTITY.warned(
            f"we are {caller.arn}; the vendor file names no account, so no link can be built",
            f"set aws.account_id to {caller.account_id}, if that is the account customers should trust",
        )
    if caller.account_id != expected:
        return _IDENTITY.failed(
            f"we run in account {caller.account_id}, but the vendor file says {expected}",
            "use that account's credentials (--profile), or correct aws.account_id",
        )
    return _IDENTITY.passed(f"we are {caller.arn}")


def _principal(vendor: Vendor) -> ProbeResult:
    if vendor.account.role_arn or vendor.account.principal:
        return _PRINCIPAL.passed(f"roles trust {vendor.account.role_arn or vendor.account.principal} only")
    return _PRINCIPAL.warned(
        "roles trust every principal of our account that may call sts:AssumeRole",
        "set aws.role_arn or aws.principal in the vendor file",
    )


def _store(open_store: Callable[[], Store]) -> ProbeResult:
    try:
        store = open_store()
        try:
            count = len(store.list())
        finally:
            store.close()
    except StoreMissing as error:  # right before the first connection, and wrong after it
        return _STORE.warned(str(error), error.hint)
    except ByoawsError as error:
        return _STORE.failed(str(error), error.hint)
    return _STORE.passed(f"opens; {count} connection{'s' if count != 1 else ''}")
