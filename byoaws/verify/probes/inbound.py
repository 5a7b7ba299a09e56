"""Probe `inbound`: does mail that arrives reach us?"""

from collections.abc import Iterator, Mapping

from byoaws.aws.inbound_questions import ActiveRules, FunctionState, active_rules, function, ingress_point, waiting
from byoaws.errors import AccessDenied, NotFound
from byoaws.model import Json, ProbeResult
from byoaws.templates.names import FORWARDER, FORWARDER_DEAD_LETTERS, INBOUND_BUCKET, INBOUND_PREFIX
from byoaws.vendor_model import Inbound
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.looking import gone, not_allowed
from byoaws.verify.stack import Stack, stack_of

_ANSWERS = Answers("V531", "inbound")
_INGRESS_POINT = "AWS::SES::MailManagerIngressPoint"
# A function that was not used for weeks is Inactive, and wakes up; meanwhile it is Pending.
_RUNS = ("Active", "Inactive")
_COMES = ("PROVISIONING", "UPDATING")
"""What an ingress point is for a while before it is ACTIVE."""
_CANNOT_RUN = ("Failed", "Deactivated", "ActiveNonInvocable", "Deleting", None)


async def ask(facts: Facts) -> ProbeResult:
    """Follow a message: receipt rule or ingress point, the stack's bucket, the forwarder, its dead-letter queue."""
    try:
        return await _follow(facts, await stack_of(facts))
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error)
    except NotFound as error:
        return gone(_ANSWERS, error, "what carries mail")


async def _follow(facts: Facts, stack: Stack) -> ProbeResult:
    unsure: list[str] = []
    if facts.target.vendor.inbound is Inbound.MAIL_MANAGER:
        points = {point: await facts.ask(ingress_point(point)) for point in stack.physical_ids(_INGRESS_POINT)}
        cut = [*_not_let_in(points)]
        unsure += [
            f"ingress point '{plain(point)}' is {status}" for point, status in points.items() if status in _COMES
        ]
    else:
        cut = [*_not_stored(await facts.ask(active_rules()), stack.physical_id(INBOUND_BUCKET))]
    name, queue = stack.physical_id(FORWARDER), stack.physical_id(FORWARDER_DEAD_LETTERS)
    if name:
        forwarder = await facts.ask(function(name))
        cut += _not_run(forwarder)
        if forwarder.state not in (*_RUNS, *_CANNOT_RUN):
            unsure.append(f"the forwarder is {plain(str(forwarder.state))}")
    elif "forwarder" in facts.target.vendor.stack.blocks:
        cut.append("the stack has no forwarder")
    given_up = await facts.ask(waiting(queue)) if queue else 0
    if unsure and not cut:
        return _ANSWERS.unknown(f"{unsure[0]}, so mail may or may not come through", "verify again in a minute")
    return _judged(cut, given_up)


def _judged(cut: list[str], given_up: int) -> ProbeResult:
    evidence: dict[str, Json] = {"dead_letters": given_up, "problems": [*cut]}
    if cut:
        return _ANSWERS.failed(
            f"mail does not reach us: {cut[0]}",
            "byoaws connections drift ID says what was changed; the customer undoes it, or makes the stack anew",
            causes=tuple(cut[1:]),
            evidence=evidence,
        )
    if given_up:
        return _ANSWERS.warned(
            f"{given_up} message{'s' if given_up > 1 else ''} could not be posted to our webhook, and "
            f"wait{'s' if given_up == 1 else ''}",
            "the operator mends the webhook, then: byoaws inbound redrive --connection ID",
            evidence=evidence,
        )
    return _ANSWERS.passed("mail that arrives is stored and posted to us, and none waits", evidence=evidence)


def _not_stored(active: ActiveRules, bucket: str | None) -> Iterator[str]:
    if bucket is None:
        yield "the stack has no bucket"
        return
    if active.name is None:
        yield "no receipt rule set is active in this region, so SES receives nothing"
        return
    found = [number for number, rule in enumerate(active.rules) if (bucket, INBOUND_PREFIX) in rule.places]
    if not found:
        yield f"no rule of the active rule set '{plain(active.name)}' stores mail in the stack's bucket"
        return
    here = active.rules[found[0]]
    if not here.enabled:
        yield f"receipt rule '{plain(here.name)}' is switched off"
    for before in active.rules[: found[0]]:
        if before.enabled and before.stops and not before.recipients:
            yield f"receipt rule '{plain(before.name)}', before ours, ends every message"


def _not_let_in(points: Mapping[str, str]) -> Iterator[str]:
    if not points:
        yield "the stack has no ingress point"
    for point, status in points.items():
        if status not in ("ACTIVE", *_COMES):
            yield f"ingress point '{plain(point)}' is {plain(status)}, not ACTIVE"


def _not_run(found: FunctionState) -> Iterator[str]:
    if found.state in _CANNOT_RUN:
        yield f"the forwarder cannot run: its state is {plain(found.state or 'not told')}"
    if found.last_update == "Failed":
        yield "the forwarder's last update failed"
    if found.reserved == 0:
        yield "the forwarder may never run: its reserved concurrency is 0"


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does mail that arrives reach us?",
    needs=("assume-role", "stack"),
    ask=ask,
)
