"""Received mail posted again: queue and bucket in memory, which keep what AWS's keep, fail, and change meanwhile."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.aws.interface import DeadLetter, ListedObject
from byoaws.errors import AccessDenied, AwsError, InvalidRequest, Throttled, UsageError
from byoaws.flows import policy
from byoaws.flows.inbound import backfill, redrive
from byoaws.flows.inbound.door import Door, Pace, Place, find
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import aws_principal
from byoaws.model import Connection
from byoaws.templates.stack import build
from byoaws.vendors.file import load_vendor
from byoaws.verify.clock import Clock

VENDOR = load_vendor("mailmark", {})
AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BUCKET = "mailmark-1a2b3c4d-444455556666-eu-west-1-an"
PLACE = Place(region="eu-west-1", function="stack-ForwarderFunction-A1", queue_url="https://sqs/q", bucket=BUCKET)
RESOURCES = {
    "ForwarderFunction": PLACE.function,
    "ForwarderDeadLetters": PLACE.queue_url,
    "InboundBucket": BUCKET,
    "AccessRole": "x",
}
CONNECTION = Connection(
    id="con_8rqyhtrb2pcp0t8wn9jr",
    alias="Production",
    vendor="mailmark",
    region="eu-west-1",
    external_id="0123456789abcdef" * 3,
    stack_name="mailmark-byo-aws-pcp0t8",
    account_id="444455556666",
    created_at=AT,
    updated_at=AT,
)


class Time:
    """A clock that only sleeping, and what a test says, moves on."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@dataclass
class Stack:
    """`byoaws.aws.interface.Replay` in memory."""

    time: Time
    queue: dict[str, str] = field(default_factory=dict)
    """Message id to body."""
    mail: dict[str, ListedObject] = field(default_factory=dict)
    hidden: dict[str, float] = field(default_factory=dict)
    ran: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    fail: Callable[[str], Exception | None] = lambda call: None
    named: Mapping[str, str] = field(default_factory=lambda: RESOURCES)
    page: int = 3
    handed_out: int = 0

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if error := self.fail(name):
            raise error

    def resources(self, stack_name: str) -> Mapping[str, str]:
        self._call(f"resources {stack_name}")
        return self.named

    def waiting(self, queue_url: str) -> int:
        self._call("waiting")
        return len(self.queue)

    def receive(self, queue_url: str, *, hidden: int) -> Sequence[DeadLetter]:
        self._call("receive")
        assert queue_url == PLACE.queue_url
        found = [one for one in self.queue if self.hidden.get(one, 0) <= self.time.at]
        found = found[::-1] if len(self.calls) % 2 else found  # SQS promises no order
        for one in found[: self.page]:
            self.hidden[one] = self.time.at + hidden
        self.handed_out += 1
        return [
            DeadLetter(id=one, body=self.queue[one], handle=f"{one}#{self.handed_out}") for one in found[: self.page]
        ]

    def delete(self, queue_url: str, handle: str) -> None:
        self._call("delete")
        del self.queue[handle.partition("#")[0]]

    def run(self, function: str, event: Mapping[str, Any]) -> None:
        self._call("run")
        assert function == PLACE.function
        self.ran.append(dict(event))

    def objects(self, bucket: str, prefix: str, *, after: str) -> Sequence[ListedObject]:
        self._call("objects")
        assert bucket == BUCKET
        keys = sorted((key for key in self.mail if key.startswith(prefix) and key > after), key=str.encode)
        return [self.mail[key] for key in keys[: self.page]]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def stack(time: Time) -> Stack:
    return Stack(time)


@pytest.fixture
def door(stack: Stack, time: Time) -> Door:
    return opened(stack, time)


def opened(stack: Stack, time: Time, vendor: Any = VENDOR) -> Door:
    return Door(CONNECTION, vendor, lambda: stack, Clock(time.now, time.sleep))


def pace(door: Door, rate: float = 100) -> Pace:
    return Pace(rate, door.clock)


def event(*keys: str, bucket: str = BUCKET) -> dict[str, Any]:
    return {
        "Records": [{"awsRegion": "eu-west-1", "s3": {"bucket": {"name": bucket}, "object": {"key": k}}} for k in keys]
    }


def letter(payload: Any, **told: Any) -> str:
    """As Lambda writes what it gives up."""
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": "2026-11-21T11:00:00.123Z",
            "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3, "functionArn": "arn:x"},
            "requestPayload": payload,
            "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
            "responsePayload": {"errorType": "Undelivered", "errorMessage": "the webhook answered 500"},
            **told,
        }
    )


# Where ---------------------------------------------------------------------------------------------------------------


def test_the_stack_says_what_aws_calls_its_parts(door: Door, stack: Stack) -> None:
    assert find(door, VENDOR, None) == PLACE
    assert find(door, VENDOR, "theirs") == PLACE
    assert stack.calls == ["resources mailmark-byo-aws-pcp0t8", "resources theirs"]


@pytest.mark.parametrize("missing", ["ForwarderFunction", "ForwarderDeadLetters", "InboundBucket"])
def test_a_stack_without_a_forwarder_yet(door: Door, stack: Stack, missing: str) -> None:
    stack.named = {name: value for name, value in RESOURCES.items() if name != missing}
    with pytest.raises(UsageError, match=f"has no {missing}") as raised:
        find(door, VENDOR, None)
    assert "upgrade-stack --connection con_" in raised.value.hint


def test_a_vendor_without_a_forwarder_is_not_even_asked(stack: Stack, time: Time) -> None:
    vendor = load_vendor("sendfleet", {})
    with pytest.raises(UsageError, match="has no forwarder"):
        find(opened(stack, time, vendor), vendor, None)
    assert stack.calls == []


def test_a_connection_that_knows_no_stack(stack: Stack, time: Time) -> None:
    door = Door(replace(CONNECTION, stack_name=None), VENDOR, lambda: stack, Clock(time.now, time.sleep))
    with pytest.raises(UsageError, match="knows no stack") as raised:
        find(door, VENDOR, None)
    assert "--stack" in raised.value.hint


@pytest.mark.parametrize(
    ("packs", "words"),
    [((), "the role needs the pack 'inbound-replay': add it"), (("inbound-replay",), "the stack may be older than")],
    ids=["not asked for", "asked for since"],
)
def test_a_role_that_may_not_is_told_what_is_missing(
    stack: Stack, time: Time, packs: tuple[str, ...], words: str
) -> None:
    vendor = replace(VENDOR, packs=(*VENDOR.packs, *packs))
    door = opened(stack, time, vendor)
    stack.fail = lambda call: AccessDenied("no")
    with pytest.raises(AccessDenied) as raised:
        find(door, vendor, None)
    assert words in raised.value.hint
    assert "byoaws runbook upgrade-stack --connection con_8rqyhtrb2pcp0t8wn9jr" in raised.value.hint
    assert "give --stack" in raised.value.hint
    with pytest.raises(AccessDenied, match="no") as raised:
        list(redrive.redrive(door, PLACE, pace(door), dry_run=False))
    assert words in raised.value.hint


def test_a_stack_of_another_name(door: Door, stack: Stack) -> None:
    stack.fail = lambda call: InvalidRequest("Stack with id x does not exist")
    with pytest.raises(InvalidRequest) as raised:
        find(door, VENDOR, None)
    assert "otherwise than 'mailmark-byo-aws-pcp0t8', give --stack" in raised.value.hint


def test_the_role_is_opened_again_before_its_session_ends(stack: Stack, time: Time) -> None:
    """900 seconds, less two minutes."""
    times: list[float] = []

    def open_role() -> Stack:
        times.append(time.at)
        return stack

    door = Door(CONNECTION, VENDOR, open_role, Clock(time.now, time.sleep))
    for moment in (100.0, 879.9, 880.0, 1000.0, 1660.0):
        time.at = moment
        door.ask(lambda aws: aws.waiting("q"))
    assert times == [100.0, 880.0, 1660.0]


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        (
            "cloudformation:DescribeStackResources",
            "cloudformation:eu-west-1:444455556666:stack/mailmark-byo-aws-x/1",
            True,
        ),
        ("cloudformation:DescribeStackResources", "cloudformation:eu-west-1:444455556666:stack/theirs/1", False),
        ("cloudformation:GetTemplate", "cloudformation:eu-west-1:444455556666:stack/mailmark-byo-aws-x/1", False),
        ("lambda:InvokeFunction", "lambda:eu-west-1:444455556666:function:theirs", False),
        ("sqs:ReceiveMessage", "sqs:eu-west-1:444455556666:theirs", False),
        ("sqs:SendMessage", "sqs:eu-west-1:444455556666:mailmark-byo-aws-x-ForwarderDeadLetters-1", False),
        ("s3:GetObject", "s3:::mailmark-1a2b3c4d-444455556666-eu-west-1-an/inbound/a", False),
    ],
)
def test_the_pack_allows_no_more_than_it_says(action: str, resource: str, allowed: bool) -> None:
    where = policy.Where(region="eu-west-1", account_id="444455556666")
    document = policy.permissions(VENDOR, where, pack="inbound-replay")
    caller = aws_principal("arn:aws:sts::444455556666:assumed-role/mail/mailmark")
    request = Request(principal=caller, action=action, resource=f"arn:aws:{resource}", context={}, may_have=())
    assert (evaluate(parse(document), request).outcome is Outcome.ALLOW) is allowed


def test_in_the_template_each_resource_is_the_stack_s_own() -> None:
    template = build(replace(VENDOR, packs=(*VENDOR.packs, "inbound-replay")))
    statements = template["Resources"]["AccessPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    found = {one["Sid"]: one["Resource"] for one in statements}
    assert found["FindForwarder"] == {"Fn::Sub": "${AWS::StackId}"}
    assert found["RunForwarder"] == {"Fn::Sub": "${ForwarderFunction.Arn}"}
    assert found["EmptyDeadLetters"] == {"Fn::Sub": "${ForwarderDeadLetters.Arn}"}


# How fast ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0, -1, 100.1, float("inf"), float("nan")])
def test_a_rate_that_cannot_be_meant(door: Door, rate: float) -> None:
    with pytest.raises(UsageError, match="cannot be meant"):
        pace(door, rate)


def test_no_more_go_than_the_rate_says(door: Door, time: Time) -> None:
    given = pace(door, 4)
    starts = []
    for _ in range(5):
        given.wait()
        starts.append(time.at)
    assert [at - starts[0] for at in starts] == [0, 0.25, 0.5, 0.75, 1.0]


def test_what_was_slow_is_not_made_up_for(door: Door, time: Time) -> None:
    given = pace(door, 4)
    given.wait()
    time.at += 60
    for _ in range(3):
        given.wait()
    assert time.slept == [0.25, 0.25]


# The dead-letter queue -----------------------------------------------------------------------------------------------


def test_every_message_is_replayed_with_the_event_as_it_was_and_then_deleted(door: Door, stack: Stack) -> None:
    events = [event(f"inbound/{n}%2B+b") for n in range(10)]
    stack.queue = {f"m{n}": letter(one) for n, one in enumerate(events)}
    found = list(redrive.redrive(door, PLACE, pace(door), dry_run=False))
    assert sorted(json.dumps(one) for one in stack.ran) == sorted(json.dumps(one) for one in events)
    assert (stack.queue, len(found), {one.replayed for one in found}) == ({}, 10, {True})
    first = next(one for one in found if one.id == "m0")
    assert first.as_json() == {
        "id": "m0",
        "keys": ["inbound/0+ b"],
        "at": "2026-11-21T11:00:00.123Z",
        "tries": 3,
        "error": "Undelivered: the webhook answered 500",
        "replayed": True,
        "left": "",
    }


def test_nothing_is_deleted_before_lambda_has_accepted_it(door: Door, stack: Stack) -> None:
    stack.queue = {f"m{n}": letter(event(f"inbound/{n}")) for n in range(3)}
    list(redrive.redrive(door, PLACE, pace(door), dry_run=False))
    assert [call for call in stack.calls if call in ("run", "delete")] == ["run", "delete"] * 3


@pytest.mark.parametrize("stop", ["run", "delete", "receive"])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_interrupted_anywhere_nothing_is_lost_and_the_next_run_goes_on(
    door: Door, stack: Stack, time: Time, stop: str, after: int
) -> None:
    stack.queue = {f"m{n}": letter(event(f"inbound/{n}")) for n in range(7)}
    stack.fail = lambda call: Throttled("slow down") if call == stop and stack.calls.count(stop) == after else None
    with pytest.raises(Throttled):
        list(redrive.redrive(door, PLACE, pace(door), dry_run=False))
    posted = {unquote_plus(one["Records"][0]["s3"]["object"]["key"]) for one in stack.ran}
    kept = {json.loads(body)["requestPayload"]["Records"][0]["s3"]["object"]["key"] for body in stack.queue.values()}
    assert posted | kept == {f"inbound/{n}" for n in range(7)}
    time.at += 121  # what was hidden shows again
    stack.fail = lambda call: None
    list(redrive.redrive(door, PLACE, pace(door), dry_run=False))
    assert stack.queue == {}
    assert {one["Records"][0]["s3"]["object"]["key"] for one in stack.ran} == {f"inbound/{n}" for n in range(7)}
    assert len(stack.ran) == 7 + (stop == "delete")  # accepted, not deleted: posted twice, under one id


FOREIGN = {
    "not JSON": "hello",
    "no object": "[]",
    "nested too deep": "[" * 100_000,
    "no payload": "{}",
    "payload of another kind": letter("x"),
    "no records": letter({"Records": []}),
    "records of another kind": letter({"Records": {"a": 1}}),
    "a record of another kind": letter({"Records": [5]}),
    "no key": letter({"Records": [{"s3": {"bucket": {"name": BUCKET}, "object": {}}}]}),
    "key that is a number": letter({"Records": [{"s3": {"bucket": {"name": BUCKET}, "object": {"key": 5}}}]}),
    "another bucket": letter(event("inbound/a", bucket="victim")),
    "another bucket beside ours": letter(
        {"Records": [*event("inbound/a")["Records"], *event("x", bucket="v")["Records"]]}
    ),
    "an S3 test": letter({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
}


@pytest.mark.parametrize("body", FOREIGN.values(), ids=FOREIGN)
def test_what_lambda_did_not_give_up_of_this_bucket_stays(door: Door, stack: Stack, body: str) -> None:
    stack.queue = {"odd": body, "good": letter(event("inbound/a"))}
    found = {one.id: one for one in redrive.redrive(door, PLACE, pace(door), dry_run=False)}
    assert set(stack.queue) == {"odd"}
    assert stack.ran == [event("inbound/a")]
    assert "not a message of this stack's bucket" in found["odd"].left
    assert not found["odd"].replayed


def test_what_is_given_up_again_meanwhile_does_not_go_round_for_ever(door: Door, stack: Stack) -> None:
    """The webhook is down still: each replay ends in the queue again."""
    stack.queue = {"m0": letter(event("inbound/a"))}
    stack.page = 1
    count = iter(range(1, 1000))

    def down(call: str) -> None:
        if call == "delete":
            stack.queue[f"m{next(count)}"] = letter(event("inbound/a"))

    stack.fail = down
    found = list(redrive.redrive(door, PLACE, pace(door), dry_run=False))
    assert [one.left for one in found] == ["", "given up again, while this ran or before"]
    assert len(stack.ran) == 1
    assert len(stack.queue) == 1


def test_a_message_that_stays_does_not_keep_the_run_from_ending(door: Door, stack: Stack, time: Time) -> None:
    """It shows again after two minutes, and has been dealt with."""
    stack.queue = {"odd": "hello"}

    def later(call: str) -> None:
        time.at += 200

    stack.fail = later
    assert len(list(redrive.redrive(door, PLACE, pace(door), dry_run=False))) == 1


def test_a_dry_run_replays_and_deletes_nothing(door: Door, stack: Stack, time: Time) -> None:
    stack.queue = {f"m{n}": letter(event(f"inbound/{n}")) for n in range(7)}
    found = list(redrive.redrive(door, PLACE, pace(door), dry_run=True))
    assert sorted(key for one in found for key in one.keys) == [f"inbound/{n}" for n in range(7)]
    assert {(one.replayed, one.left) for one in found} == {(False, "")}
    assert set(stack.calls) == {"receive"}
    time.at += 31
    assert len(list(redrive.redrive(door, PLACE, pace(door), dry_run=False))) == 7


def test_what_the_queue_says_is_fit_for_a_terminal(door: Door, stack: Stack) -> None:
    told = {
        "timestamp": "\x1b[2J",
        "responsePayload": {"errorType": "E\n", "errorMessage": "\x1b]0;x\x07" + "y" * 10_000},
        "requestContext": {"approximateInvokeCount": "3\n"},
    }
    stack.queue = {"m\x1b": letter(event("inbound/%1B%5B2J%0A"), **told)}
    (found,) = redrive.redrive(door, PLACE, pace(door), dry_run=True)
    texts = [found.id, *found.keys, found.at, found.error]
    assert all(text.isprintable() and len(text) <= 220 for text in texts)
    assert found.tries is None


@given(
    body=st.text()
    | st.recursive(
        st.none() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "Records",
                        "s3",
                        "requestPayload",
                        "bucket",
                        "object",
                        "key",
                        "name",
                        "requestContext",
                        "responsePayload",
                    ]
                ),
                inner,
            )
        ),
    ).map(json.dumps)
)
def test_whatever_is_in_the_queue_it_is_dealt_with(body: str) -> None:
    time = Time()
    stack = Stack(time, queue={"m": body})
    (found,) = redrive.redrive(opened(stack, time), PLACE, Pace(1, Clock(time.now, time.sleep)), dry_run=False)
    assert found.left
    assert stack.ran == []


def test_two_runs_at_once_replay_each_message_once(door: Door, stack: Stack, time: Time) -> None:
    stack.queue = {f"m{number}": letter(event(f"inbound/{number}")) for number in range(25)}
    runs = [redrive.redrive(opened(stack, time), PLACE, pace(door), dry_run=False) for _ in range(2)]
    found = [one for pair in zip_longest(*runs) for one in pair if one is not None]
    assert {one.replayed for one in found} == {True}
    assert sorted(one.keys[0] for one in found) == sorted(f"inbound/{number}" for number in range(25))
    assert (len(stack.ran), stack.queue) == (25, {})


def nested(levels: int) -> Any:
    found: Any = "x"
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    "more",
    ["NaN", "-Infinity", "1e999", *(json.dumps(nested(levels)) for levels in (20, 100, 400))],
    ids=["nan", "infinity", "overflow", "20 deep", "100 deep", "400 deep"],
)
def test_a_message_that_lambda_would_not_take_does_not_keep_the_others_from_being_replayed(
    door: Door, stack: Stack, more: str
) -> None:
    poison = letter(event("inbound/1")).replace('"Records"', f'"more": {more}, "Records"')
    stack.queue = {"poison": poison, "sound": letter(event("inbound/2"))}
    found = {one.id: one for one in redrive.redrive(door, PLACE, pace(door), dry_run=False)}
    assert (found["poison"].replayed, found["sound"].replayed) == (False, True)
    assert [json.dumps(one) for one in stack.ran] == [json.dumps(event("inbound/2"))]


def test_of_a_million_messages_no_more_than_their_hashes_are_kept(door: Door, stack: Stack) -> None:
    seen = redrive._Seen()
    large = DeadLetter(id="m", body=letter(event("inbound/" + "x" * 100_000)), handle="h")
    redrive._dealt_with(door, PLACE, pace(door), large, seen, dry_run=True)
    assert [len(one) for one in seen.events] == [32]


def test_a_number_of_tries_is_one_that_can_be(door: Door, stack: Stack) -> None:
    told = {"requestContext": {"approximateInvokeCount": 10**300}}
    stack.queue = {"m": letter(event("inbound/1"), **told)}
    (found,) = redrive.redrive(door, PLACE, pace(door), dry_run=True)
    assert found.tries is None


# The bucket ----------------------------------------------------------------------------------------------------------

SPAN = backfill.Span(since=AT - timedelta(hours=1), until=AT)


def put(stack: Stack, *keys: str, minutes: float = 30, size: int = 10) -> None:
    stack.mail |= {key: ListedObject(key=key, size=size, modified=AT - timedelta(minutes=minutes)) for key in keys}


def test_what_came_in_the_span_is_posted_again_in_the_order_of_keys(door: Door, stack: Stack) -> None:
    put(stack, *(f"inbound/{n:02}" for n in range(10)))
    put(stack, "inbound/early", minutes=60.1)
    put(stack, "inbound/first", minutes=60)
    put(stack, "inbound/late", minutes=0)
    put(stack, "inbound/AMAZON_SES_SETUP_NOTIFICATION")
    put(stack, "elsewhere/a")
    done = [item.key for item in backfill.backfill(door, PLACE, SPAN, pace(door))]
    assert done == [*(f"inbound/{n:02}" for n in range(10)), "inbound/first"]
    assert [one["Records"][0]["s3"]["object"]["key"] for one in stack.ran] == [key.replace("/", "%2F") for key in done]
    assert backfill.amount(door, PLACE, SPAN) == backfill.Amount(messages=11, size=110)


@pytest.mark.parametrize("key", ["inbound/a+b", "inbound/a b%2B", "inbound/\u00e4/\U0001f4e7", "inbound/&=#?"])
def test_the_forwarder_reads_the_key_as_it_reads_s3_s(door: Door, stack: Stack, key: str) -> None:
    put(stack, key, size=7)
    list(backfill.backfill(door, PLACE, SPAN, pace(door)))
    (record,) = stack.ran[0]["Records"]
    assert unquote_plus(record["s3"]["object"]["key"]) == key
    assert (record["awsRegion"], record["s3"]["bucket"], record["s3"]["object"]["size"]) == (
        "eu-west-1",
        {"name": BUCKET},
        7,
    )


@pytest.mark.parametrize("after", range(1, 8))
def test_an_interrupted_run_goes_on_behind_the_last_key(door: Door, stack: Stack, after: int) -> None:
    put(stack, *(f"inbound/{n}" for n in range(7)))
    stack.fail = lambda call: AwsError("gone") if call == "run" and stack.calls.count("run") == after else None
    done: list[str] = []
    with pytest.raises(AwsError):
        done.extend(item.key for item in backfill.backfill(door, PLACE, SPAN, pace(door)))
    stack.fail = lambda call: None
    rest = replace(SPAN, after=done[-1] if done else "")
    assert backfill.amount(door, PLACE, rest).messages == 7 - len(done)
    done += [item.key for item in backfill.backfill(door, PLACE, rest, pace(door))]
    assert done == [f"inbound/{n}" for n in range(7)]
    assert len(stack.ran) == 7


def test_no_more_than_the_rate(door: Door, stack: Stack, time: Time) -> None:
    put(stack, *(f"inbound/{n}" for n in range(7)))
    before = time.at
    list(backfill.backfill(door, PLACE, SPAN, pace(door, 2)))
    assert time.at - before == pytest.approx(3.0)


MOMENTS = {
    "2026-11-21": datetime(2026, 11, 21, tzinfo=UTC),
    "2026-11-21T09:30": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    "2026-11-21T09:30Z": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    "2026-11-21 09:30:15.5+02:00": datetime(2026, 11, 21, 7, 30, 15, 500_000, tzinfo=UTC),
    "90m": AT - timedelta(minutes=90),
    "6h": AT - timedelta(hours=6),
    "3d": AT - timedelta(days=3),
}


@pytest.mark.parametrize(("text", "at"), MOMENTS.items(), ids=MOMENTS)
def test_moments(text: str, at: datetime) -> None:
    found = backfill.moment(text, AT)
    assert found == at
    assert backfill.moment(backfill.written(found), AT) == at


@pytest.mark.parametrize(
    "text", ["", "yesterday", "0h", "-1h", "1w", "2026-13-01", "1e3h", "9999999d", "0001-01-01T00:00+14:00"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        backfill.moment(text, AT)


def test_a_span_is_of_whole_seconds_and_leaves_nothing_out() -> None:
    now = AT.replace(microsecond=400_000)
    found = backfill.span(since="1h", until=None, prefix="inbound/", after="", now=now)
    assert (found.since, found.until) == (AT - timedelta(hours=1), AT + timedelta(seconds=1))


def test_spans(door: Door) -> None:
    given = {"since": "6h", "until": None, "prefix": "inbound/", "after": "", "now": AT}
    assert backfill.span(**given) == backfill.Span(since=AT - timedelta(hours=6), until=AT)
    for wrong, words in (
        ({"until": "7h"}, "ends at 2026-11-21T05:00:00Z, before it begins, at 2026-11-21T06:00:00Z"),
        ({"since": "2027-01-01"}, "before it begins, at 2027-01-01T00:00:00Z"),
        ({"prefix": "other/"}, "is not below 'inbound/'"),
        ({"prefix": ""}, "is not below 'inbound/'"),
    ):
        with pytest.raises(UsageError, match=words):
            backfill.span(**{**given, **wrong})


def test_the_names_are_those_of_the_template() -> None:
    """They are written down twice, since the template's module loads troposphere."""
    from byoaws.flows.inbound import door as inbound
    from byoaws.templates import names

    assert (inbound._FORWARDER, inbound._DEAD_LETTERS, inbound._BUCKET, backfill.PREFIX) == (
        names.FORWARDER,
        names.FORWARDER_DEAD_LETTERS,
        names.INBOUND_BUCKET,
        names.INBOUND_PREFIX,
    )
    from byoaws.templates.functions import inline

    assert f'SETUP_OBJECT = "{backfill._SETUP_OBJECT}"' in inline("forwarder")
