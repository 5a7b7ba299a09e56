"""SES's events as values, also those that were captured from SES."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import WebhookMalformed
from byoaws.webhooks import parse_event
from byoaws.webhooks.ses_events import Recipient, is_test

CAPTURED = Path(__file__).parents[3] / "shared/data/ses"
MAIL = {
    "timestamp": "2026-11-21T12:00:00.000Z",
    "messageId": "0100",
    "source": "shop@example.com",
    "destination": ["a@example.org", "b@example.org"],
    "tags": {"ses:configuration-set": ["main"], "campaign": ["x", "y"]},
}


def event(kind: str, part: str, **fields: Any) -> str:
    return json.dumps({"eventType": kind, "mail": MAIL, part: fields})


def test_a_bounce() -> None:
    found = parse_event(
        event(
            "Bounce",
            "bounce",
            bounceType="Permanent",
            bounceSubType="General",
            timestamp="2026-11-21T12:00:05.000Z",
            bouncedRecipients=[{"emailAddress": "a@example.org", "status": "5.1.1", "diagnosticCode": "smtp; 550"}],
        )
    )
    assert (found.type, found.message_id, found.source) == ("Bounce", "0100", "shop@example.com")
    assert (found.kind, found.sub_kind, found.is_permanent) == ("Permanent", "General", True)
    assert found.at == datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)
    assert found.recipients == (Recipient(address="a@example.org", status="5.1.1", diagnostic="smtp; 550"),)
    assert found.tags == {"ses:configuration-set": ("main",), "campaign": ("x", "y")}


def test_a_complaint_is_about_whom_it_names() -> None:
    found = parse_event(
        event(
            "Complaint",
            "complaint",
            complainedRecipients=[{"emailAddress": "b@example.org"}],
            complaintFeedbackType="abuse",
        )
    )
    assert ([one.address for one in found.recipients], found.kind) == (["b@example.org"], "abuse")
    assert not found.is_permanent


KINDS = {
    "Send": ("send", {}),
    "Reject": ("reject", {"reason": "Bad content"}),
    "Open": ("open", {"ipAddress": "192.0.2.1"}),
    "Click": ("click", {"link": "https://example.com/"}),
    "Rendering Failure": ("failure", {"errorMessage": "no", "templateName": "t"}),
    "Subscription": ("subscription", {"contactList": "l"}),
}


@pytest.mark.parametrize(("kind", "part"), KINDS.items(), ids=KINDS.keys())
def test_an_event_that_names_nobody_is_about_all(kind: str, part: tuple[str, dict[str, Any]]) -> None:
    found = parse_event(event(kind, part[0], **part[1]))
    assert found.details == part[1]
    assert [one.address for one in found.recipients] == MAIL["destination"]


def test_a_transient_bounce_may_be_tried_again() -> None:
    assert not parse_event(event("Bounce", "bounce", bounceType="Transient", bouncedRecipients=[])).is_permanent


@pytest.mark.skipif(not CAPTURED.is_dir(), reason="the captured messages are not here")
def test_captured_events_are_read() -> None:
    read = {}
    for path in sorted(CAPTURED.rglob("*.json")):
        document = json.loads(path.read_text())
        message = document["Message"] if isinstance(document.get("Message"), str) else path.read_text()
        try:
            read[path.name] = parse_event(message).type
        except WebhookMalformed:
            # Received mail, envelopes and set-up texts are no events of sending.
            assert "Received" in message or "Records" in message or "eventType" not in message
    assert set(read.values()) >= {
        "Bounce", "Complaint", "Delivery", "Send", "Reject", "Open", "Click", "Rendering Failure",
    }  # fmt: skip
    assert len(read) >= 12


def test_the_text_that_ses_posts_first_is_known() -> None:
    assert is_test("Successfully validated SNS topic for Amazon SES event publishing.")
    assert not is_test(event("Send", "send"))


WRONG = {
    "no type": '{"mail": {"messageId": "1"}}',
    "another type": '{"eventType": "Received", "mail": {"messageId": "1"}}',
    "type that is a list": '{"eventType": ["Bounce"], "mail": {"messageId": "1"}}',
    "no mail": '{"eventType": "Send"}',
    "mail that is text": '{"eventType": "Send", "mail": "x"}',
    "part that is a list": '{"eventType": "Send", "mail": {"messageId": "1"}, "send": []}',
    "recipients": '{"eventType": "Delivery", "mail": {"messageId": "1"}, "delivery": {"recipients": "a@b"}}',
    "recipient": '{"eventType": "Bounce", "mail": {"messageId": "1"}, "bounce": {"bouncedRecipients": [{}]}}',
    "time": '{"eventType": "Send", "mail": {"messageId": "1", "timestamp": "soon"}}',
    "time out of range": '{"eventType": "Send", "mail": {"messageId": "1", "timestamp": "0001-01-01T00:00:00+23:00"}}',
    "text": "hello",
}


@pytest.mark.parametrize("message", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_event(message: str) -> None:
    with pytest.raises(WebhookMalformed):
        parse_event(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(mail=st.dictionaries(st.sampled_from(sorted(MAIL)), JSON), part=JSON)
def test_whatever_an_event_holds_only_the_documented_error_comes(mail: Any, part: Any) -> None:
    try:
        parse_event(json.dumps({"eventType": "Bounce", "mail": mail, "bounce": part}))
    except WebhookMalformed:
        pass
    else:
        assert isinstance(mail["messageId"], str)
