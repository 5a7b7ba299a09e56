"""Does mail go out, and does word of it come back? Three messages, three events, and each way to miss one."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byoaws.aws.identity_questions import Identities, IdentityState
from byoaws.aws.stack_questions import StackState
from byoaws.errors import AccessDenied, AwsError, NotFound, RegionDisabled, Throttled, Unreachable
from byoaws.model import Status
from byoaws.vendors.file import load_vendor
from byoaws.verify.event_file import EventFile
from byoaws.verify.interface import Sending

VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
EVENTS = {"success": ("Delivery",), "bounce": ("Bounce",), "complaint": ("Delivery", "Complaint")}
STATE = StackState(
    stack_id="arn:aws:cloudformation:eu-west-1:444455556666:stack/s/0",
    status="CREATE_COMPLETE",
    outputs={"ConfigurationSetName": "mailmark-x"},
    parameters={},
    drift_status=None,
)
VERIFIED = IdentityState(verified=True, dkim=None, signs=None, mail_from=None, mail_from_status=None)
SEND = "ses:SendEmail"


class Trial:
    """A scene whose SES sends, and whose receiver writes down the events at the third look."""

    def __init__(self, scene: Any, path: Path) -> None:
        self.scene, self.path = scene, path
        self.events = dict(EVENTS)
        self.sent: list[dict[str, Any]] = []
        self.delay = 0.4
        scene.answers = {
            "cloudformation:DescribeStacks": STATE,
            "cloudformation:ListStackResources": (),
            "ses:ListEmailIdentities": Identities(names=("a@b.example", "new.example", "c.example"), more=False),
            "ses:GetEmailIdentity": self.identity,
            SEND: self.send,
        }
        self.states = {"a@b.example": VERIFIED, "c.example": VERIFIED}
        self.sleep = scene._sleep
        scene._sleep = self.sleeps

    def identity(self, request: Any) -> IdentityState:
        return self.states.get(request["EmailIdentity"], replace(VERIFIED, verified=False))

    def send(self, request: Any) -> str:
        self.sent.append(dict(request))
        return f"id-{len(self.sent)}"

    async def sleeps(self, seconds: float) -> None:
        await self.sleep(seconds)
        if sum(self.scene.slept) >= self.delay and self.sent:
            for number, message in enumerate(self.sent, 1):
                mailbox = message["Destination"]["ToAddresses"][0].partition("@")[0]
                with self.path.open("a") as file:
                    for kind in self.events[mailbox]:
                        file.write(json.dumps({"type": kind, "message_id": f"id-{number}"}) + "\n")

    def ask(self, sender: str | None = None, limit: float = 2.0, **answers: Any) -> Any:
        self.scene.answers |= answers.pop("answers", {})
        arrivals = EventFile(self.path, self.scene.clock())
        self.scene.sending = Sending(sender=sender, limit=limit, arrivals=arrivals)
        return self.scene.ask("send")


@pytest.fixture
def trial(new_scene: Any, tmp_path: Path) -> Trial:
    return Trial(new_scene(vendor=VENDOR), tmp_path / "events.jsonl")


def test_all_three_come_back(trial: Trial) -> None:
    result = trial.ask()
    assert (result.status, result.code) == (Status.PASS, "V601")
    assert result.summary == "a delivery, a bounce and a complaint came back to us as events"
    assert result.evidence["messages"] == {"Delivery": "id-1", "Bounce": "id-2", "Complaint": "id-3"}
    assert trial.scene.slept == [0.2, 0.2]
    assert [one["Destination"]["ToAddresses"] for one in trial.sent] == [
        [f"{mailbox}@simulator.amazonses.com"] for mailbox in EVENTS
    ]
    assert {(one["FromEmailAddress"], one["ConfigurationSetName"]) for one in trial.sent} == {
        ("byoaws@c.example", "mailmark-x")
    }


def test_events_of_other_messages_and_from_before_do_not_count(trial: Trial) -> None:
    lines = [{"type": kind, "message_id": f"id-{n}"} for n, kind in enumerate(("Delivery", "Bounce", "Complaint"), 1)]
    trial.path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    trial.delay = 99
    result = trial.ask()
    assert result.status is Status.FAIL
    assert result.evidence["missing"] == ["Delivery", "Bounce", "Complaint"]
    assert sum(trial.scene.slept) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("mailbox", "instead", "missing"),
    [
        ("bounce", (), "Bounce"),
        ("success", ("Bounce",), "Delivery"),
        ("complaint", ("Delivery",), "Complaint"),
    ],
)
def test_the_one_that_does_not_come_is_named(
    trial: Trial, mailbox: str, instead: tuple[str, ...], missing: str
) -> None:
    trial.events[mailbox] = instead
    result = trial.ask()
    assert result.status is Status.FAIL
    assert result.summary == f"SES took the messages, and within 2 s these events did not come to us: {missing}"
    assert "'events' (V521)" in result.fix
    assert result.evidence["accepted"] is True


def test_a_sender_that_is_given_needs_no_look_at_identities(trial: Trial) -> None:
    refused = AccessDenied("no", operation="ses:ListEmailIdentities", code="AccessDenied", aws_message="no")
    assert trial.ask(sender="x@y.example", answers={"ses:ListEmailIdentities": refused}).status is Status.PASS
    assert {one["FromEmailAddress"] for one in trial.sent} == {"x@y.example"}


def test_an_address_where_no_domain_is_verified(trial: Trial) -> None:
    del trial.states["c.example"]
    assert trial.ask().status is Status.PASS
    assert {one["FromEmailAddress"] for one in trial.sent} == {"a@b.example"}


NOBODY = {
    "none at all": (Identities(names=(), more=False), Status.FAIL),
    "none verified": (Identities(names=("new.example",), more=False), Status.FAIL),
    "more than were looked at": (Identities(names=("new.example",), more=True), Status.UNKNOWN),
    "AWS did not say": (Identities(names=("silent.example",), more=False), Status.UNKNOWN),
    "removed since": (Identities(names=("gone.example",), more=False), Status.FAIL),
}


@pytest.mark.parametrize(("found", "status"), NOBODY.values(), ids=NOBODY)
def test_nobody_to_send_from(trial: Trial, found: Identities, status: Status) -> None:
    def identity(request: Any) -> Any:
        name = request["EmailIdentity"]
        if name == "gone.example":
            return NotFound("x", operation="ses:GetEmailIdentity", code="NotFoundException")
        return replace(VERIFIED, verified=None if name == "silent.example" else False)

    result = trial.ask(answers={"ses:ListEmailIdentities": found, "ses:GetEmailIdentity": identity})
    assert result.status is status
    assert result.fix
    assert trial.sent == []


def error(kind: type[AwsError], code: str, message: str = "x") -> AwsError:
    return kind(f"{SEND}: {message}", operation=SEND, code=code, aws_message=message)


REFUSED = {
    "not verified": (error(AwsError, "MessageRejected", "Email address is not verified."), Status.FAIL, "F132"),
    "paused": (error(AwsError, "SendingPausedException"), Status.FAIL, "F131"),
    "no such set": (error(NotFound, "NotFoundException"), Status.FAIL, "F143"),
    "not allowed": (error(AccessDenied, "AccessDeniedException", "not authorized to perform"), Status.FAIL, "F125"),
    "throttled": (error(Throttled, "TooManyRequestsException"), Status.UNKNOWN, "F151"),
    "quota": (error(Throttled, "ThrottlingException", "Daily message quota exceeded."), Status.UNKNOWN, "F133"),
    "no answer": (error(Unreachable, ""), Status.UNKNOWN, "F152"),
    "region": (error(RegionDisabled, "UnrecognizedClientException"), Status.UNKNOWN, ""),
    "never heard of": (error(AwsError, "NewException"), Status.UNKNOWN, ""),
}


@pytest.mark.parametrize("which", [1, 2, 3])
@pytest.mark.parametrize(("refusal", "status", "failure"), REFUSED.values(), ids=REFUSED)
def test_ses_does_not_take_one(trial: Trial, which: int, refusal: AwsError, status: Status, failure: str) -> None:
    def send(request: Any) -> Any:
        return trial.send(request) if len(trial.sent) < which - 1 else refusal

    result = trial.ask(answers={SEND: send})
    assert result.status is status
    assert not failure or result.evidence["failure"] == failure
    assert result.evidence.get("accepted", False) is False
    assert len(trial.sent) == which - 1
    assert trial.scene.slept == []  # nothing is waited for


@pytest.mark.parametrize(
    ("action", "words"),
    [("cloudformation:DescribeStacks", "drift-read"), ("ses:ListEmailIdentities", "--send-from")],
)
def test_a_role_that_may_not_look(trial: Trial, action: str, words: str) -> None:
    refused = AccessDenied("no", operation=action, code="AccessDenied", aws_message="no")
    result = trial.ask(answers={action: refused})
    assert result.status is Status.UNKNOWN
    assert words in result.fix
    assert trial.sent == []


def test_a_stack_without_configuration_set(trial: Trial) -> None:
    result = trial.ask(answers={"cloudformation:DescribeStacks": replace(STATE, outputs={})})
    assert (result.status, trial.sent) == (Status.FAIL, [])


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_file_that_cannot_be_read_is_the_operators_to_mend(trial: Trial, when: str) -> None:
    if when == "before":
        trial.path.mkdir()
    else:
        trial.events = {}
        trial.scene.answers[SEND] = lambda request: (trial.path.mkdir(exist_ok=True), trial.send(request))[1]
    result = trial.ask()
    assert result.status is Status.UNKNOWN
    assert "operator's to mend" in result.fix
    assert len(trial.sent) == (0 if when == "before" else 3)


def test_nothing_is_sent_where_nobody_asked(trial: Trial) -> None:
    result = trial.scene.ask("send")
    assert (result.status, trial.sent, trial.scene.questions) == (Status.SKIP, [], [])


@pytest.mark.parametrize("action", [SEND, "ses:GetEmailIdentity"])
def test_attack_a_404_that_ses_did_not_say_fails_nobody(trial: Trial, action: str, bare_404: Any) -> None:
    assert trial.ask(answers={action: bare_404(action)}).status is Status.UNKNOWN
    assert trial.sent == []
