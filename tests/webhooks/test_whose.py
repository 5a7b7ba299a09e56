"""Whose a post says it is: read from a stranger's bytes, and nothing but the documented errors comes of it."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import WebhookError, WebhookMalformed, WebhookTooLarge
from byoaws.webhooks import SaidTopic, said_connection, said_topic
from byoaws.webhooks.asgi import BODY, forwarder_endpoint, sns_endpoint

TOPIC = "arn:aws-us-gov:sns:us-gov-west-1:444455556666:acme-BounceTopic-1A"


def test_what_is_said() -> None:
    assert said_connection(b'{"connection_id": "con_1", "more": 1}') == "con_1"
    assert said_topic(json.dumps({"TopicArn": TOPIC}).encode()) == SaidTopic(
        arn=TOPIC, account_id="444455556666", region="us-gov-west-1"
    )


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"connection_id": 1}', b'{"connection_id": "a", "connection_id": "b"}']
)
def test_no_connection(body: bytes) -> None:
    with pytest.raises(WebhookMalformed):
        said_connection(body)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "arn:aws:sqs:us-east-1:444455556666:q",
        "arn:aws:sns:us-east-1:4444:t",
        TOPIC + ":6b0e71bd-0000",
        f"x{TOPIC}",
        TOPIC + "\n",
        "arn:aws:sns:us-east-1:\u0664\u0664\u0664\u0664\u0665\u0665\u0665\u0665\u0666\u0666\u0666\u0666:t",
    ],
)
def test_no_topic(arn: str) -> None:
    with pytest.raises(WebhookMalformed, match="'TopicArn' that is none"):
        said_topic(json.dumps({"TopicArn": arn}).encode())


def test_too_large() -> None:
    with pytest.raises(WebhookTooLarge):
        said_connection(b"x" * 11, most_bytes=10)
    with pytest.raises(WebhookTooLarge):
        said_topic(b"x" * (2**20 + 1))


@given(st.binary() | st.dictionaries(st.text(), st.text()).map(lambda found: json.dumps(found).encode()))
def test_nothing_but_documented_errors(body: bytes) -> None:
    for said in (said_connection, said_topic):
        try:
            said(body)
        except WebhookError:
            continue


@pytest.mark.parametrize("of", ["mail", "sns"])
def test_the_endpoints_find_it_in_their_scope_and_it_proves_nothing(of: str) -> None:
    """The attack: a stranger names a connection that there is."""
    body = json.dumps({"connection_id": "con_1", "TopicArn": TOPIC}).encode()
    found: list[Any] = []
    sent: list[Any] = []

    async def connection_of(scope: Any) -> Any:
        found.append((said_connection(scope[BODY]), said_topic(scope[BODY]).account_id))
        return SimpleNamespace(id="con_1", account_id="444455556666", region="us-gov-west-1")

    async def secrets_of(scope: Any) -> list[str]:
        return ["whsec_" + "A" * 44]

    async def handle(_: Any) -> None:
        found.append("handled")

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(event: Any) -> None:
        sent.append(event)

    endpoint = (
        forwarder_endpoint(secrets_of, handle, connection_of=connection_of)
        if of == "mail"
        else sns_endpoint(connection_of, handle)
    )
    asyncio.run(endpoint({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send))
    assert found == [("con_1", "444455556666")]
    assert 400 <= sent[0]["status"] < 500
