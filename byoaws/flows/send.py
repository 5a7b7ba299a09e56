"""What `byoaws verify --send` sends, and where it waits for the events: made ready before anything is asked of AWS."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from byoaws.errors import UsageError
from byoaws.flows.check import Verifier
from byoaws.vendor_model import Access, Vendor
from byoaws.vendors.words import plain
from byoaws.verify.event_file import EventFile
from byoaws.verify.interface import Sending

_NOTIFICATIONS = "notifications"
"""The block that brings events to us."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """What was asked for."""

    events: Path
    """Where our receiver writes down the events that it took."""
    sender: str | None
    """None: an address at the first identity that is verified."""
    wait: float
    """Seconds that the events may take."""


def that_sends(verifier: Verifier, request: SendRequest, vendor: Vendor) -> Verifier:
    """Return a verifier that sends, beside all that it asks.

    Raises:
        UsageError: the vendor is told of no events, the sender is no address, or the file cannot be read.
    """
    if vendor.access is not Access.ROLE or _NOTIFICATIONS not in vendor.stack.blocks:
        raise UsageError(
            f"{vendor.title}'s stack has no block '{_NOTIFICATIONS}': no events of what is sent would come",
            hint="leave --send out",
        )
    if request.sender is not None and not _ADDRESS.fullmatch(request.sender):
        raise UsageError(
            f"--send-from: '{plain(request.sender, 100)}' is not a mail address",
            hint="give an address at an identity that is verified, such as postmaster@customer.example",
        )
    arrivals = EventFile(request.events, verifier.clock)
    try:
        if not request.events.parent.is_dir():
            raise OSError("its folder is not there")
        arrivals.begin()
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise UsageError(
            f"--events: '{plain(str(request.events), 200)}' cannot be read: {why}",
            hint="give the file to which the receiver writes each event; it need not be there yet",
        ) from None
    return replace(verifier, sending=Sending(sender=request.sender, limit=request.wait, arrivals=arrivals))
