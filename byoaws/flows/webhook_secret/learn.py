"""After a verification: learn the webhook secret that the stack made, and go on with an exchange that is under way."""

from collections.abc import Callable
from datetime import datetime

from byoaws.flows.stored import find_connection
from byoaws.flows.verify import Request
from byoaws.flows.webhook_secret.opened import opener
from byoaws.flows.webhook_secret.outcome import Outcome
from byoaws.flows.webhook_secret.rotate import settle, signs
from byoaws.flows.webhook_secret.side import SecretsUnder
from byoaws.flows.webhook_secret.steps import Case
from byoaws.model import Verdict, VerificationReport
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import VendorAwsFactory


def learn_secret(
    request: Request,
    report: VerificationReport,
    vendor: Vendor,
    open_store: Callable[[], Store],
    vendor_aws: VendorAwsFactory,
    under: SecretsUnder,
    now: Callable[[], datetime],
) -> Outcome | None:
    """Return what came of it; None where there is nothing to do, or the account is not verified or not stored.

    The verdict stands, whatever comes of it.

    Raises:
        StoreError: the store cannot be read or written.
    """
    unstored = request.connection_id is None and request.external_id is not None
    if report.verdict is not Verdict.VERIFIED or unstored or not signs(vendor):
        return None
    store = open_store()
    try:
        connection = find_connection(store, connection_id=request.connection_id, role_arn=report.role_arn)
        if connection is None:
            return None
        case = Case(
            store=store,
            vendor=vendor,
            open_secrets=opener(store, vendor, vendor_aws, under),
            now=now,
            given_arn=request.secret_arn,
        )
        return settle(case, connection.id)
    finally:
        store.close()
