"""Whom the alarm on the forwarder's dead-letter queue tells: a topic of the customer's, or nobody."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from byoaws.lifecycle.expressions import Known
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor

TOPIC = "arn:aws:sns:eu-west-1:444455556666:on-call"


@pytest.fixture(scope="module")
def template(make_vendor: Callable[..., Vendor]) -> dict[str, Any]:
    return build(make_vendor("sending", "notifications", "inbound", "forwarder", "access"))


@pytest.mark.parametrize(("topic", "told"), [("", None), (TOPIC, [TOPIC])], ids=["nobody", "a topic"])
def test_whom_it_tells(template: dict[str, Any], topic: str, told: list[str] | None) -> None:
    known = Known(conditions=template["Conditions"], values={"AlarmTopicArn": topic})
    alarm = known.evaluate(template["Resources"]["ForwarderAlarm"]["Properties"])
    assert alarm.get("AlarmActions") == told


def test_nobody_by_default_and_no_further_right(template: dict[str, Any]) -> None:
    assert template["Parameters"]["AlarmTopicArn"]["Default"] == ""
    assert "cloudwatch.amazonaws.com" not in json.dumps(template)


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        *((text, True) for text in ("", TOPIC, TOPIC.replace("aws:", "aws-us-gov:", 1))),
        *((text, False) for text in ("on-call", f"{TOPIC}.fifo", f"{TOPIC}\n", TOPIC.replace("sns", "sqs"))),
        *((text, False) for text in ("arn:aws:sns:eu-west-1:44445555666:x", "*", f"{TOPIC} {TOPIC}")),
    ],
)
def test_what_is_a_topic(template: dict[str, Any], text: str, fine: bool) -> None:
    assert bool(re.fullmatch(template["Parameters"]["AlarmTopicArn"]["AllowedPattern"], text)) is fine
