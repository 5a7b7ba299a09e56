"""Mail to SES's simulator: what botocore makes of it, and an answer without an id."""

from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from byoaws.aws.questions import message_to_simulator
from byoaws.errors import Unreachable

QUESTION = message_to_simulator("x@customer.example", "bounce", "set")


def test_botocore_takes_it() -> None:
    model: Any = botocore.session.Session().get_service_model("sesv2").operation_model("SendEmail")
    assert not ParamValidator().validate(QUESTION.request, model.input_shape).has_errors()
    assert QUESTION.request["Destination"] == {"ToAddresses": ["bounce@simulator.amazonses.com"]}
    assert QUESTION.request["ConfigurationSetName"] == "set"
    assert (QUESTION.changes, QUESTION.action) == (True, "ses:SendEmail")


@pytest.mark.parametrize("answer", [{}, {"MessageId": ""}, {"MessageId": 1}], ids=["none", "empty", "number"])
def test_an_answer_without_an_id_is_none(answer: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        QUESTION.read(answer, QUESTION.action)


def test_the_id() -> None:
    assert QUESTION.read({"MessageId": "0100"}, QUESTION.action) == "0100"
