"""Probe `events`: do bounces, complaints and deliveries reach us?"""

from collections.abc import AsyncIterator, Iterator, Mapping

from byoaws.aws.events_questions import EventDestination, event_destinations, subscription_settings, subscriptions
from byoaws.errors import AccessDenied, NotFound
from byoaws.model import Json, ProbeResult
from byoaws.templates.names import TOPICS
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.looking import gone, not_allowed
from byoaws.verify.stack import stack_of

_ANSWERS = Answers("V521", "events")
_UNCONFIRMED = "a subscription is not confirmed, so SNS posts nothing"
_SET = "ConfigurationSetName"
"""The stack's output."""


async def ask(facts: Facts) -> ProbeResult:
    """Follow each kind of event: configuration set, event destination, topic, confirmed subscription, our webhook."""
    try:
        stack = await stack_of(facts)
        topics = {event: stack.physical_id(name) or "" for event, name in TOPICS.items()}
        name = stack.state.outputs.get(_SET, "")
        found = await facts.ask(event_destinations(name)) if name else ()
        cut = [*_not_sent(name, topics, found)]
        webhook = facts.target.vendor.sending_webhook_url or stack.state.parameters.get(_webhook_parameter(facts), "")
        for event, topic in topics.items():
            if topic:
                cut += [problem async for problem in _not_delivered(facts, event, topic, webhook)]
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error)
    except NotFound as error:
        return gone(_ANSWERS, error, "what carries events")
    evidence: dict[str, Json] = {"configuration_set": name, "webhook": webhook, "problems": [*cut]}
    if cut:
        return _ANSWERS.failed(f"events do not reach us: {cut[0]}", _fix(cut), causes=tuple(cut[1:]), evidence=evidence)
    return _ANSWERS.passed(f"{', '.join(TOPICS)} events reach us", evidence=evidence)


def _webhook_parameter(facts: Facts) -> str:
    return facts.target.vendor.parameters.sending_webhook_url


def _not_sent(name: str, topics: Mapping[str, str], found: tuple[EventDestination, ...]) -> Iterator[str]:
    if not name:
        yield f"the stack has no output {_SET}"
        return
    for event, topic in topics.items():
        if not topic:
            yield f"the stack has no topic for {event} events"
            continue
        ours = [one for one in found if one.topic_arn == topic and event.upper() in one.event_types]
        if not ours:
            yield f"configuration set '{plain(name)}' sends no {event} events to the stack's topic"
        elif not any(one.enabled for one in ours):
            yield f"the destination of {event} events is switched off"


async def _not_delivered(facts: Facts, event: str, topic: str, webhook: str) -> AsyncIterator[str]:
    there = await facts.ask(subscriptions(topic))
    ours = [one for one in there if one.protocol == "https" and one.endpoint == webhook]
    confirmed = [one.arn for one in ours if one.arn]
    if not ours:
        others = ", ".join(sorted({plain(one.endpoint, 100) for one in there})) or "nobody"
        yield f"{event} events are not posted to {webhook}, but to {others}"
    elif not confirmed:
        yield f"{_UNCONFIRMED}: that of {event} events"
    for arn in confirmed:
        settings = await facts.ask(subscription_settings(arn))
        if settings.pending:
            yield f"{_UNCONFIRMED}: that of {event} events"
        if settings.raw:
            yield f"{event} events come raw, and so without a signature that we could check"
        if settings.filtered:
            yield f"the subscription to {event} events has a filter, so some do not come"


def _fix(problems: list[str]) -> str:
    if all(problem.startswith(_UNCONFIRMED) for problem in problems):
        return "the operator sees why our webhook did not confirm it; then the customer makes the subscription anew"
    return "byoaws connections drift ID says what was changed; the customer undoes it, or makes the stack anew"


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Do bounces, complaints and deliveries reach us?",
    needs=("assume-role", "stack"),
    ask=ask,
)
