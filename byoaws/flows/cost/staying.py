"""What stays in a customer's account when the link to it ends, and what that costs."""

from byoaws.errors import ByoawsError
from byoaws.facts.prices import Prices
from byoaws.flows.cost.month import Month
from byoaws.flows.cost.price import estimate
from byoaws.model import Connection, StackClaim
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor

_OUTLIVES = "its bucket, if it has one, outlives even that: the mail in it is the customer's"
_IDLE = Month(emails=0, inbound=0, average_kb=0, plan="a-la-carte")


def what_stays(
    connection: Connection, vendor: Vendor | None, prices: Prices, claim: StackClaim | None = None
) -> tuple[str, ...]:
    """Say it, one sentence each; without the vendor only what is true of every stack.

    A `claim` that the stack is being deleted is believed as far as that: a deletion may have failed since.
    """
    name = f"the stack '{connection.stack_name}'" if connection.stack_name else "the customer's stack"
    if claim is not None and claim.is_deleted:
        return _what_outlives(name, claim)
    made = "" if connection.account_id else ", if it was made,"
    found = [f"{name}{made} stays in the customer's account, in {connection.region}, until they delete it there"]
    if vendor is None:
        return (*found, _OUTLIVES)
    try:
        resources, idle = build(vendor)["Resources"], estimate(vendor, _IDLE, prices, free_tier=False)
    except ByoawsError:
        return tuple(found)
    if "InboundBucket" in resources:
        found.append(
            "it goes on taking mail until MX records point elsewhere; its bucket outlives it, since the mail is theirs"
        )
    found.append(
        f"while it stays and nothing goes through it, it costs about {idle.currency} {idle.total:.2f} a "
        "month "
        f"({idle.region}, prices of {idle.as_of})"
        + (", and what the stored mail costs" if "InboundBucket" in resources else "")
    )
    return tuple(found)


def _what_outlives(name: str, claim: StackClaim) -> tuple[str, ...]:
    bucket = f"the bucket '{claim.bucket_name}'" if claim.bucket_name else "its bucket, if it had one,"
    return (
        f"{name} reported at {claim.claimed_at:%Y-%m-%d %H:%M} UTC that it was being deleted; once gone, it is free",
        f"{bucket} outlives it, and the mail in it, which is the customer's, is paid for until they delete it",
    )
