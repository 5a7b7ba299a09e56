"""What opens customers' roles for work."""

from typing import TYPE_CHECKING

from byoaws.factory import now
from byoaws.settings import Settings

if TYPE_CHECKING:
    from byoaws.aws.refreshing import BotoRoleClients


def role_clients(settings: Settings) -> "BotoRoleClients":
    """Opens roles with the vendor's own credentials, and makes clients under them."""
    from byoaws.aws.refreshing import BotoRoleClients

    return BotoRoleClients(settings.profile, now)
