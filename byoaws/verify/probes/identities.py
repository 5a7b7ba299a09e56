"""Probe `identities`: are there domains or addresses to send from, and do they work?"""

from byoaws.aws.identity_questions import Identities, IdentityState, identities, identity_state
from byoaws.errors import AccessDenied, NotFound, RegionDisabled
from byoaws.model import Json, ProbeResult
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import aws_says_gone
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.looking import not_allowed
from byoaws.verify.ses import region_disabled

_ANSWERS = Answers("V304", "identities")
_RECORDS = "the customer sets the DNS records that SES shows for it, and waits for SES to see them"


async def ask(facts: Facts) -> ProbeResult:
    """Look at the first of the account's identities, one after the other: SES takes few such calls a second."""
    states: dict[str, IdentityState] = {}
    try:
        found = await facts.ask(identities())
        for name in found.names:
            try:
                states[name] = await facts.ask(identity_state(name))
            except NotFound as error:
                if not aws_says_gone(error):
                    raise
                continue  # removed since it was listed
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error)
    except RegionDisabled as error:
        return region_disabled(_ANSWERS, facts.target.region, error)
    return _judge(found, states)


def _judge(found: Identities, states: dict[str, IdentityState]) -> ProbeResult:
    wrong = {plain(name): said for name, state in states.items() if (said := _wrong(name, state))}
    evidence: dict[str, Json] = {"looked_at": len(states), "more": found.more, "problems": {**wrong}}
    if not states and not found.more:
        return _ANSWERS.warned(
            "there is no domain or address to send from yet", "the customer adds a domain", evidence=evidence
        )
    listed = tuple(f"{name}: {said}" for name, said in wrong.items())
    if not any(state.verified for state in states.values()):
        # Of those that were not looked at, or that AWS did not speak of, any may work.
        told = not found.more and all(state.verified is False for state in states.values())
        answer = _ANSWERS.failed if told else _ANSWERS.unknown
        whose = "no domain or address" if told else f"none of the {len(states)} identities that were looked at"
        return answer(f"{whose} is verified, as far as SES says", _RECORDS, causes=listed, evidence=evidence)
    if wrong:
        return _ANSWERS.warned(
            f"{len(wrong)} of {len(states)} identities are not in order: {', '.join(wrong)}",
            _RECORDS,
            causes=listed,
            evidence=evidence,
        )
    more = ", as far as was looked" if found.more else ""
    return _ANSWERS.passed(f"{len(states)} of {len(states)} identities work{more}", evidence=evidence)


def _wrong(name: str, state: IdentityState) -> str:
    if state.verified is None:
        return "SES did not say whether it is verified"
    if not state.verified:
        return "not verified, so nothing can be sent from it"
    if "@" not in name:  # an address is signed with its domain's keys
        if state.dkim != "SUCCESS":
            return f"DKIM is {plain(state.dkim or 'not told')}, so its mail is not signed by it"
        if state.signs is False:
            return "DKIM is switched off"
    if state.mail_from and state.mail_from_status != "SUCCESS":
        return f"its MAIL FROM domain is {plain(state.mail_from_status or 'not told')}"
    return ""


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Are there domains to send from, and do they work?",
    needs=("assume-role", "key-identity"),
    ask=ask,
)
