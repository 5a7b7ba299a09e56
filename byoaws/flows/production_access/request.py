"""Production access of SES: how it stands in one account and region, and the request for it.

The request is never sent by `propose`: what it would say is shown first, and `send` is a step of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from byoaws.aws.interface import AccountDetails, CustomerAws, ProductionAccess, VendorAws
from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    InvalidRequest,
    RegionDisabled,
    Throttled,
    UsageError,
)
from byoaws.facts.ses import ses_facts
from byoaws.flows.production_access.prerequisites import examine, failed
from byoaws.flows.production_access.standing import PACK, Standing, State, console_of, state_of
from byoaws.flows.production_access.use_case import Answers, draft
from byoaws.flows.role import open_role
from byoaws.flows.stored import find_connection, target_of
from byoaws.model import Connection, ConnectionStatus, ProbeResult
from byoaws.net.interface import Resolver, Websites
from byoaws.regions import partition_of
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A request that could be sent, and how the account stands."""

    state: State
    prerequisites: tuple[ProbeResult, ...]
    """Empty where there is nothing to ask for."""
    details: AccountDetails

    @property
    def may_be_sent(self) -> bool:
        """False where it is granted already, under review, or not known."""
        return self.state.standing in (Standing.SANDBOX, Standing.DENIED, Standing.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request."""

    sent: bool | None
    """None: could not tell."""
    exit_code: int
    message: str
    todo: str


def open_connection(
    open_store: Callable[[], Store], connection_id: str, vendor: Vendor, vendor_aws: Callable[[str], VendorAws]
) -> tuple[Connection, CustomerAws]:
    """Open the role of a stored connection; only of one that was verified, since it acts in the customer's name.

    `vendor_aws` makes the vendor's AWS for an STS region.

    Raises:
        UsageError: no such connection, another vendor's, or not verified.
        AwsError: the role does not open.
    """
    store = open_store()
    try:
        connection = find_connection(store, connection_id=connection_id, role_arn=None)
        assert connection is not None  # noqa: S101  by id, the store raises
        target = target_of(store, connection, vendor, role_arn=None, external_id=None, wait=0)
    finally:
        store.close()
    if connection.status is not ConnectionStatus.VERIFIED:
        raise UsageError(
            f"connection '{connection.id}' is {connection.status.value}, and only a verified one acts for a customer",
            hint=f"byoaws verify --connection {connection.id}",
        )
    return connection, open_role(vendor_aws(partition_of(target.region).sts_region), target)


def propose(answers: Answers, aws: ProductionAccess, region: str, resolver: Resolver, websites: Websites) -> Proposal:
    """Draft the request, and look at the account and at what it needs. Sends nothing.

    Raises:
        UsageError: an answer is missing, too thin or malformed; before anything is asked of anybody.
        AwsError: as `state_of`.
    """
    details = draft(answers)
    state = state_of(aws, region)
    proposal = Proposal(state=state, prerequisites=(), details=details)
    if not proposal.may_be_sent:
        return proposal
    found = examine(aws, resolver, websites, domain=answers.domain, website=answers.website)
    return Proposal(state=state, prerequisites=found, details=details)


def verdict(proposal: Proposal, *, ignore_failed: bool) -> Outcome | None:
    """Return why the request is not to be sent; None where only the customer's yes is missing."""
    state = proposal.state
    if state.standing is Standing.GRANTED:
        return Outcome(sent=False, exit_code=0, message=f"nothing to ask for: {state.meaning}", todo=state.todo)
    if not proposal.may_be_sent:
        code = 3 if state.standing is Standing.UNKNOWN else 1
        return Outcome(sent=False, exit_code=code, message=f"not sent: {state.meaning}", todo=state.todo)
    if failed(proposal.prerequisites) and not ignore_failed:
        return Outcome(
            sent=False,
            exit_code=1,
            message="not sent: AWS would look at what failed above",
            todo="mend it, then ask again; --ignore-failed sends all the same",
        )
    return None


def declined() -> Outcome:
    """Return what a no to the last question means."""
    return Outcome(sent=False, exit_code=1, message="not sent", todo="")


def send(aws: ProductionAccess, proposal: Proposal) -> Outcome:
    """Send the request, and say what AWS made of it."""
    region = proposal.state.region
    console = console_of(region)
    try:
        aws.put_account_details(proposal.details)
    except AccessDenied as error:
        return Outcome(
            sent=False,
            exit_code=1,
            message=f"not sent: these credentials may not call ses:PutAccountDetails ({_said(error)})",
            todo=f"the customer sends the text above in {console}; or gives the role {PACK}",
        )
    except InvalidRequest as error:
        return Outcome(
            sent=False, exit_code=1, message=f"not sent: AWS refused it ({_said(error)})", todo=f"send it in {console}"
        )
    except AwsError as error:
        if error.code == "ConflictException":
            return Outcome(
                sent=False,
                exit_code=1,
                message="not sent: AWS has a request under review already",
                todo="wait for AWS's answer: byoaws production-access status",
            )
        if isinstance(error, BadCredentials | RegionDisabled | Throttled):
            return Outcome(sent=False, exit_code=3, message=f"not sent: {error}", todo=error.hint or "try again")
        return Outcome(
            sent=None,
            exit_code=3,
            message=f"could not tell whether AWS got it: {error}",
            todo="byoaws production-access status shows whether it is under review; do not send it again before",
        )
    return Outcome(
        sent=True,
        exit_code=0,
        message=f"sent: AWS has the request for {region} in account {proposal.state.account_id}",
        todo=f"AWS typically answers within {ses_facts().review_hours} hours: byoaws production-access status",
    )


def _said(error: AwsError) -> str:
    return error.aws_message or error.code or "no reason given"
