"""How an account stands with production access of SES in one region, and what that means for the customer."""

import enum
from dataclasses import dataclass

from byoaws.aws.interface import ProductionAccess, SesAccount
from byoaws.errors import AccessDenied
from byoaws.facts.ses import ses_facts
from byoaws.model import Json

PACK = "the pack 'ses-production-access'"


def console_of(region: str) -> str:
    """Where a person does in the console what is done here."""
    return f"the SES console of {region}, Account dashboard, 'Request production access'"


class Standing(enum.StrEnum):
    """How far an account is, in one region."""

    GRANTED = "granted"
    PENDING = "pending"
    DENIED = "denied"
    FAILED = "failed"
    """AWS lost the request."""
    SANDBOX = "sandbox"
    """Never asked for."""
    STOPPED = "stopped"
    """Granted, and sending is switched off or shut down."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What AWS says of production access in one account and region."""

    account_id: str
    region: str
    ses: SesAccount
    standing: Standing
    meaning: str
    """One sentence."""
    todo: str
    """What to do next; empty where there is nothing."""

    def as_json(self) -> dict[str, Json]:
        """Return it as plain data."""
        sandbox = None if self.ses.production_access is None else not self.ses.production_access
        return {
            "account_id": self.account_id,
            "region": self.region,
            "standing": self.standing.value,
            "sandbox": sandbox,
            "review_status": self.ses.review_status,
            "case_id": self.ses.review_case_id,
            "sending_enabled": self.ses.sending_enabled,
            "enforcement_status": self.ses.enforcement_status,
            "max_24_hour_send": self.ses.max_24_hour_send,
            "max_send_rate": self.ses.max_send_rate,
            "sent_last_24_hours": self.ses.sent_last_24_hours,
            "meaning": self.meaning,
            "todo": self.todo,
        }


def state_of(aws: ProductionAccess, region: str) -> State:
    """Ask AWS how an account stands.

    Raises:
        AwsError: AWS did not say; of AccessDenied the hint names the action.
    """
    account_id = aws.caller().account_id
    try:
        ses = aws.ses_account()
    except AccessDenied as error:
        error.hint = f"allow ses:GetAccount ({PACK} has it), or look in " + console_of(region)
        raise
    standing, meaning, todo = _judge(ses, region)
    return State(account_id=account_id, region=region, ses=ses, standing=standing, meaning=meaning, todo=todo)


def _judge(ses: SesAccount, region: str) -> tuple[Standing, str, str]:
    case = f" (case {ses.review_case_id})" if ses.review_case_id else ""
    if ses.production_access is None:
        return Standing.UNKNOWN, "SES did not say whether the account is in the sandbox", "try again"
    if ses.production_access:
        return _judge_granted(ses)
    hours = ses_facts().review_hours
    if ses.review_status == "PENDING":
        return (
            Standing.PENDING,
            f"production access was asked for and is under review{case}",
            f"wait: AWS typically answers within {hours} hours, by e-mail and in the case; a second request is refused",
        )
    if ses.review_status == "DENIED":
        return (
            Standing.DENIED,
            f"AWS denied production access{case}",
            f"answer in that case{case} in the Support Center, and not by a new one: say what changed since, how "
            "recipients agreed, how they unsubscribe, and what happens with bounces and complaints; name an example of "
            "a mail",
        )
    if ses.review_status == "FAILED":
        return (
            Standing.FAILED,
            f"AWS had a fault of its own and did not get the request{case}",
            "send it again: byoaws production-access request",
        )
    limits = ses_facts().sandbox
    return (
        Standing.SANDBOX,
        f"SES is in the sandbox in {region}: {limits.per_24_hours} e-mails a day, {limits.per_second} a second, to "
        f"{limits.recipients} only",
        "ask for production access: byoaws production-access request",
    )


def _judge_granted(ses: SesAccount) -> tuple[Standing, str, str]:
    if ses.enforcement_status == "SHUTDOWN" or ses.sending_enabled is False:
        why = "AWS has shut down sending" if ses.enforcement_status == "SHUTDOWN" else "sending is switched off"
        return (
            Standing.STOPPED,
            f"production access is granted, but {why}",
            "answer AWS's case in the Support Center; if there is none, switch sending on in the SES console, Account "
            "dashboard",
        )
    if ses.sending_enabled is None:
        return (
            Standing.UNKNOWN,
            "production access is granted, but SES did not say whether the account may send",
            "try again",
        )
    if ses.enforcement_status == "PROBATION":
        return (
            Standing.GRANTED,
            "production access is granted, and AWS has the account under review",
            "lower bounces and complaints before AWS stops sending",
        )
    return Standing.GRANTED, "production access is granted", ""
