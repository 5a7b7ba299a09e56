"""Open the webhook secret of a stored connection through its role."""

from collections.abc import Callable

from byoaws.flows.role import open_role
from byoaws.flows.stored import target_of
from byoaws.flows.webhook_secret.side import SecretsUnder
from byoaws.model import Connection
from byoaws.quickcreate.secret_port import WebhookSecrets
from byoaws.regions import partition_of
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import VendorAwsFactory


def opener(
    store: Store, vendor: Vendor, vendor_aws: VendorAwsFactory, under: SecretsUnder
) -> Callable[[Connection], WebhookSecrets]:
    """Return what opens a connection's role, and gives its webhook secret.

    What it returns raises UsageError as `stored.target_of`, and AwsError where the role does not open.
    """

    def opened(connection: Connection) -> WebhookSecrets:
        target = target_of(store, connection, vendor, role_arn=None, external_id=None, wait=0)
        return under(open_role(vendor_aws(partition_of(target.region).sts_region), target))

    return opened
