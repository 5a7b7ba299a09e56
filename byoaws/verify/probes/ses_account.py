"""Probe `ses-account`: may SES send in this account and region, and is it out of the sandbox?"""

from byoaws.aws.interface import SesAccount
from byoaws.aws.questions import SES_ACCOUNT
from byoaws.errors import AccessDenied, RegionDisabled
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.ses import action_missing, region_disabled

_ANSWERS = Answers("V301", "ses-account")


async def ask(facts: Facts) -> ProbeResult:
    """Ask sesv2 GetAccount. The sandbox is a warning: the connection works, for verified recipients."""
    region = facts.target.region
    try:
        account = await facts.ask(SES_ACCOUNT)
    except AccessDenied as error:
        return action_missing(_ANSWERS, facts, "ses:GetAccount", error)
    except RegionDisabled as error:
        return region_disabled(_ANSWERS, region, error)
    return _judge(account, region)


def _judge(account: SesAccount, region: str) -> ProbeResult:
    evidence = _evidence(account)
    if account.sending_enabled is False:
        return _ANSWERS.failed(
            f"sending is disabled in SES in {region}",
            "the customer enables it: SES console, Account dashboard; if AWS paused it, answer AWS's case first",
            evidence=evidence,
        )
    if account.enforcement_status == "SHUTDOWN":
        return _ANSWERS.failed(
            f"AWS has shut down sending in {region} (enforcement status SHUTDOWN)",
            "the customer answers AWS's case in the Support Center",
            evidence=evidence,
        )
    if account.production_access is None or account.sending_enabled is None:
        return _ANSWERS.unknown(
            "SES did not say whether the account is in the sandbox, or may send", "try again", evidence=evidence
        )
    if not account.production_access:
        return _ANSWERS.warned(
            f"SES is in the sandbox in {region}: it sends to verified recipients only",
            _sandbox_fix(account),
            evidence=evidence,
        )
    if account.enforcement_status is None:
        return _ANSWERS.unknown(
            "SES did not say whether AWS has the account under review", "try again", evidence=evidence
        )
    if account.enforcement_status != "HEALTHY":
        return _ANSWERS.warned(
            f"SES may send, but AWS has the account under review ({account.enforcement_status})",
            "the customer lowers bounces and complaints before AWS stops sending",
            evidence=evidence,
        )
    return _ANSWERS.passed(f"SES may send in {region}: {_quota(account)}", evidence=evidence)


def _quota(account: SesAccount) -> str:
    if account.max_24_hour_send is None:
        return "production access"
    if account.max_24_hour_send < 0:
        return "production access, no daily limit"
    return f"production access, {account.max_24_hour_send:,.0f} messages a day"


def _sandbox_fix(account: SesAccount) -> str:
    if account.review_status == "PENDING":
        return f"production access was asked for and is under review{_case(account)}: wait for AWS's answer"
    if account.review_status == "DENIED":
        return f"AWS denied production access{_case(account)}: answer in that case, with more detail"
    return "the customer requests production access: SES console, Account dashboard"


def _case(account: SesAccount) -> str:
    return f" (case {account.review_case_id})" if account.review_case_id else ""


def _evidence(account: SesAccount) -> dict[str, Json]:
    return {
        "sandbox": None if account.production_access is None else not account.production_access,
        "sending_enabled": account.sending_enabled,
        "enforcement_status": account.enforcement_status,
        "max_24_hour_send": account.max_24_hour_send,
        "max_send_rate": account.max_send_rate,
        "sent_last_24_hours": account.sent_last_24_hours,
        "review_status": account.review_status,
        "review_case_id": account.review_case_id,
    }


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="May SES send here, and is it out of the sandbox?",
    needs=("assume-role", "key-identity"),
    ask=ask,
)
