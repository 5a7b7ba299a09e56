"""The events of simulator addresses, held against AWS's examples and read by the receivers."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from byoaws.fakeaws.mail.ses_sent import Sent
from byoaws.fakeaws.mail.simulator import events
from byoaws.webhooks import parse_event

EXAMPLES = Path(__file__).parents[4] / "shared" / "data" / "ses" / "anymail"
AT = datetime(2026, 11, 21, 12, 0, 0, 123_000, tzinfo=UTC)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def happened(*recipients: str, content: bytes = b"") -> list[dict[str, Any]]:
    message = Sent(
        message_id="m-1",
        access_key_id="AKIAEXAMPLE",
        region="eu-west-1",
        source='"N, N" <news@x.example>',
        recipients=recipients,
        configuration_set="",
        tags={"campaign": "may"},
        headers=[
            ("From", "news@x.example"),
            ("To", "b@y.example"),
            ("Subject", "hello"),
            ("X-Tag", "1"),
            ("X-Tag", "2"),
        ],
        content=content,
    )
    found = events(message, account_id="111122223333", configuration_set="set", at=AT)
    return json.loads(json.dumps(found))


@pytest.mark.parametrize(
    ("mailbox", "kinds"),
    [
        ("success", ["Send", "Delivery"]),
        ("ooto", ["Send", "Delivery"]),
        ("bounce", ["Send", "Bounce"]),
        ("Bounce+label", ["Send", "Bounce"]),
        ("suppressionlist", ["Send", "Bounce"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
        ("blacklist", ["Send", "Delivery"]),
    ],
)
def test_addresses_of_the_simulator(mailbox: str, kinds: list[str]) -> None:
    found = happened(f"{mailbox}@simulator.amazonses.com")
    assert [event["eventType"] for event in found] == kinds


@pytest.mark.parametrize("address", ["bounce@y.example", "bounce@sub.simulator.amazonses.com", "b@y.example"])
def test_everybody_else_is_delivered_to(address: str) -> None:
    assert [event["eventType"] for event in happened(address)] == ["Send", "Delivery"]


def test_each_recipient_has_events_of_its_own() -> None:
    found = happened("a@y.example", "bounce@simulator.amazonses.com", "c@y.example")
    assert [event["eventType"] for event in found] == ["Send", "Delivery", "Bounce", "Delivery"]
    assert [event["delivery"]["recipients"] for event in found if "delivery" in event] == [
        ["a@y.example"],
        ["c@y.example"],
    ]
    assert {tuple(event["mail"]["destination"]) for event in found} == {
        ("a@y.example", "bounce@simulator.amazonses.com", "c@y.example")
    }


def test_a_virus_is_rejected() -> None:
    found = happened("a@y.example", content=EICAR)
    assert [event["eventType"] for event in found] == ["Send", "Reject"]
    assert found[1]["reject"] == {"reason": "Bad content"}


def test_what_a_mail_says() -> None:
    mail = happened("b@y.example")[0]["mail"]
    assert (mail["messageId"], mail["sendingAccountId"]) == ("m-1", "111122223333")
    assert mail["sourceArn"] == "arn:aws:ses:eu-west-1:111122223333:identity/x.example"
    assert mail["timestamp"] == "2026-11-21T12:00:00.123Z"
    assert mail["tags"]["campaign"] == ["may"]
    assert mail["tags"]["ses:configuration-set"] == ["set"]
    assert mail["headers"][-2:] == [{"name": "X-Tag", "value": "1"}, {"name": "X-Tag", "value": "2"}]
    assert mail["commonHeaders"]["subject"] == "hello"


@pytest.mark.parametrize(
    "address", [f"{box}@simulator.amazonses.com" for box in ("success", "bounce", "suppressionlist", "complaint")]
)
def test_the_receivers_read_every_one(address: str) -> None:
    for event in happened(address):
        found = parse_event(json.dumps(event) + "\n")
        assert found.type == event["eventType"]
        assert found.at == AT
        assert [one.address for one in found.recipients] == [address]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the folder shared/data with captured events is not here")
@pytest.mark.parametrize(
    ("name", "part", "mailbox"),
    [
        ("02-Bounce", "bounce", "bounce"),
        ("04-Complaint", "complaint", "complaint"),
        ("05-Delivery", "delivery", "success"),
    ],
)
def test_fields_are_those_of_awss_examples(name: str, part: str, mailbox: str) -> None:
    example = json.loads((EXAMPLES / f"test_amazon_ses_webhooks-{name}.json").read_bytes())
    ours = next(event for event in happened(f"{mailbox}@simulator.amazonses.com") if part in event)
    optional = {"remoteMtaIp", "sourceIp"}
    assert example[part].keys() - ours[part].keys() <= optional
    assert example["mail"].keys() - ours["mail"].keys() <= optional
