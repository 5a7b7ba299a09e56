"""What requests to SES sent, read from the requests that botocore makes."""

import io
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse

from byoaws.fakeaws.mail.ses_sent import Sent, sent
from byoaws.fakeaws.server.front import Answered, Asked

V2_ANSWER = b'{"MessageId": "m-1"}'
SIMPLE = {"Simple": {"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "text"}}}}
RAW = (
    b'From: "A" <a@x.example>\r\nTo: b@y.example, "C, D" <c@y.example>\r\nCc: d@y.example\r\nSubject: raw\r\n'
    b"X-SES-CONFIGURATION-SET: headers\r\nX-SES-MESSAGE-TAGS: campaign=may, team=a\r\n\r\nbody"
)


class Body(io.BytesIO):
    def stream(self, **_: Any) -> list[bytes]:
        return [self.read()]


def requested(service: str, operation: str, answer: bytes, **parameters: Any) -> Asked:
    """The request of a call, signed by a key of no account."""
    session = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    client = session.create_client(
        service, region_name="eu-west-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="x"
    )
    heard: list[Any] = []

    def answered(request: Any, **_: Any) -> AWSResponse:
        heard.append(request)
        return AWSResponse(request.url, 200, {}, Body(answer))

    client.meta.events.register(f"before-send.{service}.{operation}", answered)
    getattr(client, {"SendEmail": "send_email", "SendRawEmail": "send_raw_email"}.get(operation, operation))(
        **parameters
    )
    client.close()
    (request,) = heard
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return Asked(method=request.method, path=request.url.partition("amazonaws.com")[2], headers=headers, body=body)


def v2(**parameters: Any) -> Sent:
    found = sent(requested("sesv2", "SendEmail", V2_ANSWER, **parameters), Answered(status=200, body=V2_ANSWER))
    assert found
    return found


def v1(operation: str, **parameters: Any) -> Sent:
    result = f"<{operation}Result><MessageId>m-1</MessageId></{operation}Result>"
    answer = f"<{operation}Response>{result}</{operation}Response>".encode()
    found = sent(requested("ses", operation, answer, **parameters), Answered(status=200, body=answer))
    assert found
    return found


def test_simple_mail() -> None:
    to = {"ToAddresses": ["b@y.example"], "CcAddresses": ["C <c@y.example>"], "BccAddresses": ["d@y.example"]}
    found = v2(
        FromEmailAddress="A <a@x.example>",
        Destination=to,
        Content=SIMPLE,
        ConfigurationSetName="set",
        EmailTags=[{"Name": "campaign", "Value": "may"}],
    )
    assert (found.message_id, found.access_key_id, found.region) == ("m-1", "AKIAEXAMPLE", "eu-west-1")
    assert (found.source, found.address) == ("A <a@x.example>", "a@x.example")
    assert found.recipients == ["b@y.example", "c@y.example", "d@y.example"]
    assert (found.configuration_set, found.tags) == ("set", {"campaign": "may"})
    assert dict(found.headers) == {"From": "A <a@x.example>", "To": "b@y.example", "Subject": "hello"}


def test_raw_mail_speaks_for_itself() -> None:
    found = v2(Content={"Raw": {"Data": RAW}})
    assert found.recipients == ["b@y.example", "c@y.example", "d@y.example"]
    assert (found.address, found.configuration_set) == ("a@x.example", "headers")
    assert found.tags == {"campaign": "may", "team": "a"}
    assert found.content == RAW


def test_what_the_request_says_wins() -> None:
    found = v2(
        FromEmailAddress="z@x.example",
        Destination={"ToAddresses": ["only@y.example"]},
        Content={"Raw": {"Data": RAW}},
        ConfigurationSetName="set",
    )
    assert (found.recipients, found.configuration_set) == (["only@y.example"], "set")
    assert found.address == "z@x.example"


def test_the_old_api() -> None:
    found = v1(
        "SendEmail",
        Source="a@x.example",
        Destination={"ToAddresses": ["b@y.example", "c@y.example"], "BccAddresses": ["d@y.example"]},
        Message={"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "text"}}},
        ConfigurationSetName="set",
        Tags=[{"Name": "campaign", "Value": "may"}],
    )
    assert found.recipients == ["b@y.example", "c@y.example", "d@y.example"]
    assert (found.configuration_set, found.tags, found.message_id) == ("set", {"campaign": "may"}, "m-1")


def test_the_old_api_raw() -> None:
    found = v1("SendRawEmail", RawMessage={"Data": RAW}, Destinations=["only@y.example"])
    assert (found.recipients, found.address) == (["only@y.example"], "a@x.example")
    assert (found.configuration_set, found.content) == ("headers", RAW)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ({"path": "/v2/email/account", "method": "GET"}, {}),
        ({}, {"status": 400}),
        ({"headers": {}}, {}),
        ({"path": "/", "body": b"Action=GetSendQuota"}, {}),
        ({"path": "/", "body": b"\xff\xfe"}, {}),
    ],
    ids=["another call", "refused", "not signed", "another action", "no form"],
)
def test_nothing_was_sent(asked: dict[str, Any], answered: dict[str, Any]) -> None:
    usual = requested("sesv2", "SendEmail", V2_ANSWER, FromEmailAddress="a@x.example", Destination={}, Content=SIMPLE)
    fields = {"method": usual.method, "path": usual.path, "headers": usual.headers, "body": usual.body}
    assert sent(Asked(**fields), Answered(status=200, body=V2_ANSWER))
    assert sent(Asked(**(fields | asked)), Answered(**({"status": 200, "body": V2_ANSWER} | answered))) is None
