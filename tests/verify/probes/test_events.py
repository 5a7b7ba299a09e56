"""Do events reach us? Each link of the chain broken by itself: set, destination, topic, subscription, settings."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.aws.events_questions import (
    EventDestination,
    Subscription,
    SubscriptionSettings,
    event_destinations,
    subscription_settings,
    subscriptions,
)
from byoaws.aws.stack_questions import StackResource, StackState
from byoaws.errors import AccessDenied, NotFound, Throttled, Unreachable
from byoaws.model import Status
from byoaws.templates.names import TOPICS
from byoaws.vendors.file import load_vendor

VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
WEBHOOK = VENDOR.sending_webhook_url
STATE = StackState(
    stack_id="arn:aws:cloudformation:eu-west-1:444455556666:stack/s/0",
    status="CREATE_COMPLETE",
    outputs={"ConfigurationSetName": "mailmark-x"},
    parameters={"SendingWebhookUrl": "https://elsewhere.example/hook"},
    drift_status=None,
)
ARNS = {event: f"arn:aws:sns:eu-west-1:444455556666:{name}" for event, name in TOPICS.items()}
RESOURCES = tuple(
    StackResource(name=name, kind="AWS::SNS::Topic", physical_id=ARNS[event], status="CREATE_COMPLETE")
    for event, name in TOPICS.items()
)
DESTINATIONS = tuple(
    EventDestination(name=event, enabled=True, event_types=frozenset({event.upper()}), topic_arn=arn)
    for event, arn in ARNS.items()
)
OURS = Subscription(protocol="https", endpoint=WEBHOOK or "", owner="444455556666", arn="arn:aws:sns:x:y:z")
SETTINGS = SubscriptionSettings(pending=False, raw=False, filtered=False)
SOUND = {
    "cloudformation:DescribeStacks": STATE,
    "cloudformation:ListStackResources": RESOURCES,
    "ses:GetConfigurationSetEventDestinations": DESTINATIONS,
    "sns:ListSubscriptionsByTopic": (OURS,),
    "sns:GetSubscriptionAttributes": SETTINGS,
}


@pytest.fixture
def judged(new_scene: Any) -> Any:
    def judge(changes: dict[str, Any] | None = None, vendor: Any = VENDOR) -> Any:
        made = new_scene(vendor=vendor)
        made.answers = SOUND | (changes or {})
        return made.ask("events")

    return judge


def test_all_of_it(judged: Any) -> None:
    result = judged()
    assert result.status is Status.PASS
    assert result.summary == "bounce, complaint, delivery events reach us"


BROKEN = {
    "no output": ({"cloudformation:DescribeStacks": replace(STATE, outputs={})}, "no output"),
    "no topic": ({"cloudformation:ListStackResources": RESOURCES[1:]}, "no topic for bounce"),
    "set is gone": (
        {"ses:GetConfigurationSetEventDestinations": NotFound("x", operation="o", aws_message="no such set")},
        "no such set",
    ),
    "destination is gone": ({"ses:GetConfigurationSetEventDestinations": DESTINATIONS[1:]}, "sends no bounce"),
    "destination is off": (
        {"ses:GetConfigurationSetEventDestinations": tuple(replace(one, enabled=False) for one in DESTINATIONS)},
        "switched off",
    ),
    "destination of another kind of event": (
        {
            "ses:GetConfigurationSetEventDestinations": tuple(
                replace(one, event_types=frozenset({"OPEN"})) for one in DESTINATIONS
            )
        },
        "sends no bounce",
    ),
    "destination to a foreign topic": (
        {"ses:GetConfigurationSetEventDestinations": tuple(replace(one, topic_arn="arn:x") for one in DESTINATIONS)},
        "sends no bounce",
    ),
    "nobody subscribed": ({"sns:ListSubscriptionsByTopic": ()}, "but to nobody"),
    "somebody else subscribed": (
        {"sns:ListSubscriptionsByTopic": (replace(OURS, endpoint="https://evil.example/\x1b[2J"),)},
        "but to https://evil.example/",
    ),
    "not confirmed": ({"sns:ListSubscriptionsByTopic": (replace(OURS, arn=None),)}, "not confirmed"),
    "pending": ({"sns:GetSubscriptionAttributes": replace(SETTINGS, pending=True)}, "not confirmed"),
    "raw": ({"sns:GetSubscriptionAttributes": replace(SETTINGS, raw=True)}, "without a signature"),
    "filtered": ({"sns:GetSubscriptionAttributes": replace(SETTINGS, filtered=True)}, "a filter"),
}


@pytest.mark.parametrize(("changes", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_link_is_named(judged: Any, changes: dict[str, Any], words: str) -> None:
    result = judged(changes)
    assert result.status is Status.FAIL
    assert words in result.summary
    assert result.fix
    assert "\x1b" not in str(result)


def test_the_stacks_own_parameter_counts_only_where_the_vendor_has_no_url(judged: Any) -> None:
    """A customer that changes it has its events posted elsewhere, and we hear nothing of them."""
    theirs = {"sns:ListSubscriptionsByTopic": (replace(OURS, endpoint="https://elsewhere.example/hook"),)}
    assert judged(theirs).status is Status.FAIL
    assert judged(theirs, vendor=replace(VENDOR, sending_webhook_url=None)).status is Status.PASS


@pytest.mark.parametrize(
    ("error", "packs", "status"),
    [
        (AccessDenied, (), Status.UNKNOWN),
        (AccessDenied, ("drift-read",), Status.UNKNOWN),
        (Throttled, ("drift-read",), Status.UNKNOWN),
    ],
)
@pytest.mark.parametrize("action", SOUND)
def test_what_aws_does_not_say_is_no_pass(
    judged: Any, action: str, error: type[AccessDenied], packs: tuple[str, ...], status: Status
) -> None:
    vendor = replace(VENDOR, packs=(*VENDOR.packs, *packs))
    assert judged({action: error("x", operation=action)}, vendor=vendor).status is status


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (event_destinations("s"), {"EventDestinations": [{}]}),
        (event_destinations("s"), {"EventDestinations": [{"Name": "n", "MatchingEventTypes": [1]}]}),
        (event_destinations("s"), {"EventDestinations": [{"Name": "n", "Enabled": "yes"}]}),
        (subscriptions("t"), {"Subscriptions": [{"Protocol": "https"}]}),
        (subscriptions("t"), {"Subscriptions": [], "NextToken": "more"}),
        (subscription_settings("a"), {"Attributes": {"RawMessageDelivery": "perhaps"}}),
        (subscription_settings("a"), {"Attributes": "x"}),
    ],
    ids=str,
)
def test_an_odd_answer_is_no_answer(question: Any, answer: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        question.read(answer, question.action)


def test_a_subscription_that_is_not_confirmed_has_no_arn() -> None:
    question = subscriptions("t")
    answer = {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation", "Protocol": "https", "Endpoint": "e"}]}
    assert [one.arn for one in question.read(answer, question.action)] == [None]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (event_destinations("s"), {}),
        (event_destinations("s"), {"EventDestinations": [{"Name": "n", "MatchingEventTypes": ["BOUNCE"]}]}),
        (subscriptions("t"), {}),
        (subscription_settings("a"), {}),
        (subscription_settings("a"), {"Attributes": {}}),
        (subscription_settings("a"), {"Attributes": {"PendingConfirmation": "false"}}),
    ],
    ids=str,
)
def test_attack_what_aws_left_out_cuts_nothing_and_confirms_nothing(question: Any, answer: dict[str, Any]) -> None:
    """An answer without attributes read as a subscription that is confirmed, and one without lists as nobody's."""
    with pytest.raises(Unreachable):
        question.read(answer, question.action)


def test_attack_a_404_that_aws_did_not_say_fails_nobody(judged: Any, bare_404: Callable[[str], NotFound]) -> None:
    assert (
        judged(
            {"ses:GetConfigurationSetEventDestinations": bare_404("ses:GetConfigurationSetEventDestinations")}
        ).status
        is Status.UNKNOWN
    )
