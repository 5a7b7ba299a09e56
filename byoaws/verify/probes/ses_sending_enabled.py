"""Probe `ses-sending-enabled`: by SES's v1 API, may the account send in this region?"""

from byoaws.aws.questions import SENDING_ENABLED
from byoaws.errors import AccessDenied, RegionDisabled
from byoaws.model import ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.ses import action_missing, region_disabled

_ANSWERS = Answers("V302", "ses-sending-enabled")


async def ask(facts: Facts) -> ProbeResult:
    """Ask ses GetAccountSendingEnabled, for vendors whose packs name v1 actions."""
    region = facts.target.region
    try:
        enabled = await facts.ask(SENDING_ENABLED)
    except AccessDenied as error:
        return action_missing(_ANSWERS, facts, "ses:GetAccountSendingEnabled", error)
    except RegionDisabled as error:
        return region_disabled(_ANSWERS, region, error)
    if enabled is None:
        return _ANSWERS.unknown("SES did not say whether the account may send", "try again")
    if not enabled:
        return _ANSWERS.failed(
            f"sending is disabled in SES in {region}",
            "the customer enables it: SES console, Account dashboard; if AWS paused it, answer AWS's case first",
            causes=(
                f"the customer paused sending in {region}, as SES's own alarms on bounces do",
                "AWS paused it, after too many bounces or complaints",
            ),
            evidence={"sending_enabled": False},
        )
    return _ANSWERS.passed(f"sending is enabled in SES in {region}", evidence={"sending_enabled": True})


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="May SES send here (v1 API)?",
    needs=("assume-role", "key-identity"),
    ask=ask,
)
