"""The queue that workers share."""

from typing import TYPE_CHECKING

from byoaws.errors import UsageError
from byoaws.settings import Settings

if TYPE_CHECKING:
    from byoaws.fleet.procrastinate_queue import ProcrastinateQueue
    from byoaws.fleet.queue import Timing


def queue(settings: Settings, vendor: str, timing: "Timing | None" = None) -> "ProcrastinateQueue":
    """The queue of a vendor, beside the store; it is still to be entered.

    Raises:
        UsageError: the store's URL cannot be read, the store cannot be shared, or Procrastinate is not installed.
    """
    from byoaws.store.address import parse

    address = parse(settings.store_url)
    if address.path is not None:
        raise UsageError(
            f"workers share a store on PostgreSQL, and '{address.shown}' is a file of this machine's",
            hint="run byoaws schedule, which needs no queue; or move the store to PostgreSQL: --store postgresql://HOST/DATABASE",
        )
    try:
        from byoaws.fleet.procrastinate_queue import ProcrastinateQueue
    except ImportError as error:
        raise UsageError(
            "workers need Procrastinate, which is not installed", hint="pip install 'byoaws[fleet]'"
        ) from error
    conninfo = address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return ProcrastinateQueue(conninfo, vendor, timing)
