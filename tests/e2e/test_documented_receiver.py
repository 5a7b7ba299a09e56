"""The receivers that docs/webhooks.md shows, taken from there and run: mail and events of a real stack arrive."""

import asyncio
import base64
import json
import os
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from byoaws import factory
from byoaws.fakeaws.server.https_server import HttpsServer
from byoaws.flows.connect import connection_id
from byoaws.flows.registration import issue_token
from byoaws.model import Connection, ConnectionStatus
from byoaws.settings import Settings
from byoaws.webhooks import Certificates, confirm_subscription, sns

DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"
REGION = "us-east-1"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
WHOLE, PLAIN, REPORTS = (
    next(block for block in BLOCKS if mark in block)
    for mark in ("# receiver.py", "class Receiver(BaseHTTPRequestHandler)", 'ENDPOINTS["/stacks"]')
)


@pytest.fixture
def there(fake_aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """SNS's own host is where the embedded AWS has it."""
    fetch = fake_aws.mail.sns_server.fetch
    certificates = Certificates(fetch)
    monkeypatch.setattr(sns, "_shared", lambda: certificates)
    monkeypatch.setattr(confirm_subscription, "__kwdefaults__", {"fetch": fetch})


@pytest.fixture
def connection(settings: Settings, aws_customer: Any) -> Connection:
    """The customer's connection, in the store that the receiver opens by itself."""
    made = Connection(
        id=connection_id(),
        alias="documented",
        vendor="mailmark",
        region=REGION,
        external_id="0123456789abcdef" * 3,
        webhook_secret="whsec_" + base64.b64encode(os.urandom(32)).decode(),
        account_id=aws_customer.account_id,
        status=ConnectionStatus.VERIFIED,
        created_at=factory.now(),
        updated_at=factory.now(),
    )
    store = factory.store(settings)
    store.add(made)
    store.close()
    return made


@pytest.fixture
def shown() -> Iterator[dict[str, Any]]:
    """What the documented module defines."""
    names: dict[str, Any] = {}
    yield names
    names["store"].close()


@pytest.fixture
def plain_server(fake_aws: Any) -> Iterator[Callable[[type[BaseHTTPRequestHandler]], str]]:
    certificates, servers = fake_aws.server.certificates, list[HttpsServer]()

    def serve(handler: type[BaseHTTPRequestHandler]) -> str:
        servers.append(HttpsServer(handler, certificate=certificates.certificate, key=certificates.key))
        return servers[-1].endpoint

    yield serve
    for server in servers:
        server.stop()


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("kind", ["asgi", "http.server"])
def test_mail_and_events_arrive(
    kind: str,
    shown: dict[str, Any],
    connection: Connection,
    aws_customer: Any,
    mailmark_stack: Callable[..., Any],
    plain_server: Callable[[Any], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    exec(compile(WHOLE, str(DOCS), "exec"), shown)  # noqa: S102  our own documentation
    urls = {}
    if kind == "http.server":
        exec(compile(PLAIN, str(DOCS), "exec"), shown)  # noqa: S102  our own documentation
        url = plain_server(shown["Receiver"])
        urls = {"InboundWebhookUrl": f"{url}/inbound", "SendingWebhookUrl": f"{url}/sending"}
    stack = mailmark_stack(
        aws_customer, ConnectionId=connection.id, WebhookSecret=str(connection.webhook_secret), **urls
    )
    for path in ("/inbound", "/sending"):
        stack.receiver.serve(path, shown["app"])
    with stack.sender() as sender:
        assert sender.deliver(b"Subject: x\r\n\r\ntext\r\n", "somebody@customer.example")[0] == 250
    message_id = stack.send_email(
        "bounce@simulator.amazonses.com", ConfigurationSetName=stack.outputs["ConfigurationSetName"]
    )
    said: list[str] = []

    def both() -> bool:
        said.extend(capsys.readouterr().out.splitlines())
        if {"mail", "event"} <= {line.split()[0] for line in said}:
            return True
        raise StopIteration

    assert stack.receiver.wait(both)
    (mail,) = {tuple(line.split()[1:2] + line.split()[4:]) for line in said if line.startswith("mail ")}
    (event,) = {line for line in said if line.startswith("event ")}
    assert mail == (connection.id, "somebody@customer.example")
    assert event == f"event Bounce {message_id} bounce@simulator.amazonses.com"


def test_reports_of_stacks_are_accepted(
    shown: dict[str, Any], connection: Connection, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(WHOLE, str(DOCS), "exec"), shown)  # noqa: S102  our own documentation
    exec(compile(REPORTS, str(DOCS), "exec"), shown)  # noqa: S102  our own documentation
    account, statuses = connection.account_id, []
    post = {
        "type": "stack.created",
        "connection_id": connection.id,
        "token": issue_token(shown["store"], connection.id, now=factory.now()),
        "account_id": account,
        "region": REGION,
        "stack_id": f"arn:aws:cloudformation:{REGION}:{account}:stack/acme/1a2b",
        "role_arn": f"arn:aws:iam::{account}:role/r",
        "template_version": "1.0.0",
        "outputs": {},
    }

    def posted(**changes: str) -> int:
        body = json.dumps({**post, **changes}).encode()

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(event: Any) -> None:
            statuses.extend([event["status"]] if "status" in event else [])

        asyncio.run(shown["app"]({"type": "http", "method": "POST", "path": "/stacks", "headers": []}, receive, send))
        return int(statuses[-1])

    assert posted(connection_id="con_none") == 403
    assert capsys.readouterr().out == ""
    assert posted() == 204
    assert capsys.readouterr().out == f"stack claimed {connection.id} stack.created\n"
    assert posted(stack_id=post["stack_id"] + "0") == 403
