"""Probe `send`: does mail go out, and does word of it come back to us? Asked only by `byoaws verify --send`."""

from collections.abc import Mapping

from byoaws.aws.identity_questions import identities, identity_state
from byoaws.aws.questions import message_to_simulator
from byoaws.errors import AccessDenied, AwsError, NotFound
from byoaws.model import Json, ProbeResult
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import aws_says_gone, evidence_of, failure_of
from byoaws.verify.interface import Facts, Probe, Sending
from byoaws.verify.looking import not_allowed
from byoaws.verify.refusals import operators
from byoaws.verify.stack import stack_of

_ANSWERS = Answers("V601", "send")
_SET = "ConfigurationSetName"
"""The stack's output."""
EVENT_OF: Mapping[str, str] = {"success": "Delivery", "bounce": "Bounce", "complaint": "Complaint"}
"""Mailbox of SES's simulator to the event that it brings about."""


async def ask(facts: Facts) -> ProbeResult:
    """Send to SES's mailbox simulator under the role, and wait for the events at our own receiver."""
    sending = facts.target.sending
    if sending is None:
        return _ANSWERS.skipped("nothing was sent: nobody asked for it", "byoaws verify --send --events FILE")
    try:
        configuration_set = (await stack_of(facts)).state.outputs.get(_SET, "")
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error, pack="drift-read", instead="verifies without --send")
    if not configuration_set:
        return _ANSWERS.failed(
            f"the stack has no output {_SET}, so no events are made of what is sent",
            "the customer updates the stack with the newest template",
        )
    sender = sending.sender or await _sender(facts)
    if isinstance(sender, ProbeResult):
        return sender
    try:
        sending.arrivals.begin()
        return await _send(facts, sending, sender, configuration_set)
    except OSError as error:
        return _unreadable(error)


async def _send(facts: Facts, sending: Sending, sender: str, configuration_set: str) -> ProbeResult:
    evidence: dict[str, Json] = {"from": plain(sender), "configuration_set": plain(configuration_set)}
    wanted: dict[tuple[str, str], str] = {}
    for mailbox, event in EVENT_OF.items():
        try:
            message_id = await facts.ask(message_to_simulator(sender, mailbox, configuration_set))
        except AwsError as error:
            return _refused(error, evidence)
        wanted[event, message_id] = mailbox
    came = await sending.arrivals.wait_for(wanted, sending.limit)
    missing = [event for event, message_id in wanted if (event, message_id) not in came]
    evidence |= {"accepted": True, "messages": {event: plain(one) for event, one in wanted}, "missing": [*missing]}
    if missing:
        return _lost(missing, sending, evidence)
    return _ANSWERS.passed("a delivery, a bounce and a complaint came back to us as events", evidence=evidence)


def _lost(missing: list[str], sending: Sending, evidence: Mapping[str, Json]) -> ProbeResult:
    kinds = ", ".join(missing)
    return _ANSWERS.failed(
        f"SES took the messages, and within {sending.limit:g} s these events did not come to us: {kinds}",
        "see what 'events' (V521) says of the way there; where it passes, the operator looks at the webhook's log",
        causes=(
            "the way from SES to our webhook is cut: configuration set, topic, or a subscription that is not confirmed",
            "our webhook did not take the posts, or does not write the events to the file that --events names",
            "the events are late: AWS promises no time (--send-wait)",
        ),
        evidence=evidence,
    )


async def _sender(facts: Facts) -> str | ProbeResult:
    """An address at the first identity that is verified, domains first; else why there is none."""
    verified: list[bool | None] = []
    try:
        found = await facts.ask(identities())
        for name in sorted(found.names, key=lambda name: "@" in name):
            try:
                verified.append((await facts.ask(identity_state(name))).verified)
            except NotFound as error:
                if not aws_says_gone(error):
                    raise
                continue  # removed since it was listed
            if verified[-1]:
                return name if "@" in name else f"byoaws@{name}"
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error, pack="health-read", instead="gives --send-from ADDRESS")
    if found.more or None in verified:
        return _ANSWERS.unknown(
            f"none of the {len(verified)} identities that were looked at is verified, as far as SES says",
            operators("Give --send-from ADDRESS, at one that is."),
        )
    return _ANSWERS.failed(
        "there is no verified domain or address to send from",
        "the customer adds a domain, sets the DNS records that SES shows for it, and waits for SES to see them",
    )


def _refused(error: AwsError, evidence: Mapping[str, Json]) -> ProbeResult:
    """FAIL only where the catalogue lays it at the customer's door; raises the error otherwise, for UNKNOWN."""
    known = failure_of(error)
    if known is None or known.verdict != "failed" or (isinstance(error, NotFound) and not aws_says_gone(error)):
        raise error
    return _ANSWERS.failed(
        f"SES did not take a message: {plain(error.aws_message or str(error), 200)}",
        known.fix,
        causes=known.causes,
        evidence={**evidence, "accepted": False, **evidence_of(error)},
    )


def _unreadable(error: OSError) -> ProbeResult:
    return _ANSWERS.unknown(
        f"could not tell: the file of events cannot be read ({error.strerror or error})",
        operators("Let byoaws read the file that --events names."),
    )


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does mail go out, and does word of it come back to us?",
    needs=("assume-role", "stack"),
    ask=ask,
)
