"""Probe `ses-send-quota`: by SES's v1 API, is the account out of the sandbox?"""

from byoaws.aws.questions import SEND_QUOTA, SES_ACCOUNT
from byoaws.errors import AccessDenied, RegionDisabled, Unreachable
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.ses import action_missing, region_disabled

_ANSWERS = Answers("V303", "ses-send-quota")
# Source: SES developer guide, "Request production access": 200 messages in 24 hours in the sandbox.
SANDBOX_QUOTA = 200


async def ask(facts: Facts) -> ProbeResult:
    """Ask ses GetSendQuota, and v2's GetAccount where the role may.

    v1 knows no sandbox: it is read off the daily quota, which may be raised or lowered for other reasons. v2 says it
    outright, and is believed where it answers.
    """
    region = facts.target.region
    try:
        quota = await facts.ask(SEND_QUOTA)
    except AccessDenied as error:
        return action_missing(_ANSWERS, facts, "ses:GetSendQuota", error)
    except RegionDisabled as error:
        return region_disabled(_ANSWERS, region, error)
    daily, production = quota.max_24_hour_send, await _production_access(facts)
    if daily is None:
        return _ANSWERS.unknown("SES did not say how many messages the account may send", "try again")
    sandbox = not production if production is not None else 0 <= daily <= SANDBOX_QUOTA
    evidence: dict[str, Json] = {
        "sandbox": sandbox,
        "sandbox_known_by": "ses:GetSendQuota" if production is None else "ses:GetAccount",
        "max_24_hour_send": daily,
        "max_send_rate": quota.max_send_rate,
        "sent_last_24_hours": quota.sent_last_24_hours,
    }
    if sandbox:
        return _ANSWERS.failed(
            f"SES is in the sandbox in {region}: {daily:,.0f} messages a day, to verified recipients only",
            "the customer requests production access: SES console, Account dashboard",
            causes=(
                f"production access was never requested in {region}; each region has a sandbox of its own",
                "the request is under review, or was denied",
            ),
            evidence=evidence,
        )
    many = "no daily limit" if daily < 0 else f"{daily:,.0f} messages a day"
    return _ANSWERS.passed(f"SES is out of the sandbox in {region}: {many}", evidence=evidence)


async def _production_access(facts: Facts) -> bool | None:
    """What v2 says; None where the role may not ask, which v1 vendors do not require.

    Any other error makes the probe UNKNOWN: v2 might have said "sandbox".
    """
    try:
        account = await facts.ask(SES_ACCOUNT)
    except AccessDenied:
        return None
    if account.production_access is None:
        raise Unreachable(
            "ses:GetAccount did not say whether the account is in the sandbox", operation="ses:GetAccount"
        )
    return account.production_access


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Is SES out of the sandbox (v1 API)?",
    needs=("assume-role", "key-identity"),
    ask=ask,
)
