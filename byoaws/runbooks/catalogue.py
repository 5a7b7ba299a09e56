"""The runbooks there are, by name; the text of each is `pages/NAME.md.j2`."""

from dataclasses import dataclass

from byoaws.errors import UnknownName


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """What is known of a runbook without reading it. The field names are the keys of `runbook --list --format json`."""

    name: str
    title: str
    summary: str
    after_disconnect: bool = False
    """True if it is still of use for a connection that was disconnected."""
    needs_external_id: bool = False
    """True if it says nothing to a vendor whose customers grant no role."""


_ALL = (
    Runbook(
        name="connect",
        title="Connect an AWS account",
        summary="for the customer's administrator: what is created and why, three ways to do it, and what it costs",
    ),
    Runbook(
        name="verification-failed",
        title="Verification did not pass",
        summary="one section per diagnosis: what it means, the exact values to compare, who mends it",
    ),
    Runbook(
        name="aws-errors",
        title="What AWS says, and what it means",
        summary="one section per way in which AWS refuses or does not answer: causes in order, how to tell them apart",
    ),
    Runbook(
        name="ses-sandbox",
        title="Leave the SES sandbox",
        summary="how the customer gets production access, and what works until then",
    ),
    Runbook(
        name="rotate-external-id",
        title="Give a connection a new ExternalId",
        summary="when that is worth it, and two ways to do it without a moment in which the role is open",
        needs_external_id=True,
    ),
    Runbook(
        name="upgrade-stack",
        title="Upgrade a customer's stack",
        summary="by a change set that is read first: what may be replaced, and what never",
    ),
    Runbook(
        name="disconnect",
        title="Disconnect and uninstall",
        summary="in an order that loses no mail: DNS, connection, stack, bucket, leftovers",
        after_disconnect=True,
    ),
    Runbook(
        name="operator-incident",
        title="When something of the operator's breaks or leaks",
        summary="credentials, template, webhook secret, ExternalIds, store: which of these matter, and what to do",
        after_disconnect=True,
    ),
)
RUNBOOKS = {runbook.name: runbook for runbook in _ALL}


def find(name: str) -> Runbook:
    """Return the runbook of that name.

    Raises:
        UnknownName: there is none.
    """
    if name not in RUNBOOKS:
        raise UnknownName("runbook", name[:60], list(RUNBOOKS))
    return RUNBOOKS[name]
