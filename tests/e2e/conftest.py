"""The real verifier, pointed at the embedded AWS; and stacks that carry mail to a receiver of the vendor's."""

import asyncio
import base64
import os
import smtplib
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from byoaws import factory
from byoaws.commands.progress import Silent
from byoaws.fakeaws import arrange
from byoaws.fakeaws.clients import Clients
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.embedded import EmbeddedAws
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.flows.check import Verifier
from byoaws.flows.stack import generate
from byoaws.model import VerificationReport
from byoaws.quickcreate import external_id
from byoaws.quickcreate.url import Link
from byoaws.settings import Settings, read_settings
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor
from byoaws.verify.interface import Target
from byoaws.webhooks import (
    Certificates,
    ForwardedMail,
    SesEvent,
    SnsMessage,
    confirm_subscription,
    parse_event,
)
from byoaws.webhooks.asgi import forwarder_endpoint, sns_endpoint

REGION = "us-east-1"


@pytest.fixture(scope="session")
def vendor_environment(fake_aws: FakeAws) -> Mapping[str, str]:
    """The environment of the vendor's operator, without anything of the machine that runs the tests."""
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "BYOAWS_", "MAILMARK_")) and not name.lower().endswith("_proxy")
    }
    return {
        **mine,
        **fake_aws.environment(fake_aws.vendor),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MAILMARK_AWS_ACCOUNT_ID": fake_aws.vendor.account_id,
    }


@pytest.fixture
def operator(
    vendor_environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Mapping[str, str]:
    """This process, as the vendor's operator: it works in an empty folder with a store of its own."""
    env = {**vendor_environment, "BYOAWS_DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)}
    for name in os.environ.keys() - env.keys():
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return env


@pytest.fixture
def settings(operator: Mapping[str, str], tmp_path: Path) -> Settings:
    return read_settings(operator, cwd=tmp_path)


@pytest.fixture(scope="session")
def vendor(vendor_environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Vendor:
    """As every operator of an empty folder has it."""
    return factory.vendor(read_settings(vendor_environment, cwd=tmp_path_factory.mktemp("empty")))


@pytest.fixture
def verifier(settings: Settings) -> Verifier:
    """As `byoaws verify` puts it together."""
    return factory.verifier(settings, Silent())


@pytest.fixture
def verify(verifier: Verifier, vendor: Vendor) -> Callable[..., VerificationReport]:
    """Verify a role with an ExternalId."""

    def run(role_arn: str, external_id: str, *, wait: float = 0, vendor: Vendor = vendor) -> VerificationReport:
        target = Target(role_arn=role_arn, external_id=external_id, region=REGION, vendor=vendor, wait=wait)
        return verifier.check(target)

    return run


# Mail: a receiver of the vendor's, and a stack whose webhooks are there ----------------------------------------------


@dataclass
class Receiver:
    """The vendor's own server, on loopback: both endpoints, as the documentation says to write them."""

    fetch: Callable[[str], bytes]
    url: str = ""
    secrets: list[str] = field(default_factory=list)
    """Of the connection."""
    id: str = "con_8rqyhtrb2pcp0t8wn9jr"
    account_id: str | None = None
    region: str = REGION
    answers: list[int] = field(default_factory=list)
    """Statuses that the next posts get before anybody looks at them."""
    mails: list[ForwardedMail] = field(default_factory=list)
    messages: list[SnsMessage] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes, int]] = field(default_factory=list)
    """Path, headers, body and answer of everything that was posted."""

    def __post_init__(self) -> None:
        certificates = Certificates(self.fetch)
        self._endpoints = {
            "/inbound": forwarder_endpoint(self._secrets_of, self._mail, connection_of=self._connection_of),
            "/sending": sns_endpoint(
                self._connection_of, self._message, certificates=certificates, confirm=self._confirm
            ),
        }

    def serve(self, path: str, endpoint: Callable[..., Any]) -> None:
        """Serve one more endpoint."""
        self._endpoints[path] = endpoint

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application."""
        if scope["type"] == "lifespan":
            return
        body = bytearray()

        async def heard() -> Any:
            event = await receive()
            body.extend(event.get("body", b""))
            return event

        async def said(event: Any) -> None:
            if event["type"] == "http.response.start":
                headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                self.requests.append((scope["path"], headers, bytes(body), event["status"]))
            await send(event)

        endpoint = self._endpoints.get(scope["path"])
        if self.answers or endpoint is None:
            status = self.answers.pop(0) if endpoint else 404
            while (await heard()).get("more_body"):
                pass
            await said({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await endpoint(scope, heard, said)

    def mail_with(self, text: bytes, within: float = 20.0) -> ForwardedMail:
        """Wait for a mail with this in it, inline."""
        return self.wait(lambda: next(mail for mail in self.mails if mail.raw and text in mail.raw), within)

    def events(self, message_id: str, count: int, within: float = 20.0) -> list[SesEvent]:
        """Wait for that many events of a message that was sent; sorted by type."""

        def found() -> list[SesEvent]:
            all_of_it = [parse_event(one.message) for one in self.messages]
            ours = [event for event in all_of_it if event.message_id == message_id]
            if len(ours) < count:
                raise StopIteration
            return sorted(ours, key=lambda event: event.type)

        return self.wait(found, within)

    @staticmethod
    def wait(found: Callable[[], Any], within: float = 20.0) -> Any:
        """Wait until `found` raises no StopIteration."""
        deadline = time.monotonic() + within
        while True:
            try:
                return found()
            except StopIteration:
                if time.monotonic() > deadline:
                    pytest.fail(f"nothing came within {within:g} s")
                time.sleep(0.02)

    async def _secrets_of(self, scope: Any) -> list[str]:
        return self.secrets

    async def _connection_of(self, scope: Any) -> "Receiver":
        return self

    async def _mail(self, mail: ForwardedMail) -> None:
        self.mails.append(mail)

    async def _message(self, message: SnsMessage) -> None:
        self.messages.append(message)

    def _confirm(self, message: SnsMessage) -> None:
        confirm_subscription(message, fetch=self.fetch)
        self.confirmed.append(message.topic_arn)


@pytest.fixture(scope="session")
def serve_receiver(fake_aws: EmbeddedAws) -> Iterator[Callable[[], Receiver]]:
    """Serve a receiver over TLS, by a real ASGI server: the one that MiniStack itself runs on."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    ends: list[Callable[[], None]] = []

    def start() -> Receiver:
        receiver = Receiver(fake_aws.mail.sns_server.fetch)
        listening = socket.create_server(("127.0.0.1", 0))
        config = Config()
        config.bind = [f"fd://{listening.detach()}"]
        config.certfile = str(fake_aws.server.certificates.certificate)
        config.keyfile = str(fake_aws.server.certificates.key)
        loop, over = asyncio.new_event_loop(), asyncio.Event()
        port = socket.socket(fileno=os.dup(int(config.bind[0].removeprefix("fd://"))))
        receiver.url = f"https://127.0.0.1:{port.getsockname()[1]}"
        port.close()
        thread = threading.Thread(
            target=lambda: loop.run_until_complete(serve(receiver, config, shutdown_trigger=over.wait, mode="asgi"))
        )
        thread.start()

        def end() -> None:
            loop.call_soon_threadsafe(over.set)
            thread.join(10)
            loop.close()

        ends.append(end)
        return receiver

    yield start
    for end in ends:
        end()


@dataclass(frozen=True)
class MailStack:
    """A Mailmark stack of a customer whose domain is verified, and the vendor's receiver behind its webhooks."""

    aws: EmbeddedAws
    customer: Account
    stack_id: str
    outputs: Mapping[str, str]
    receiver: Receiver
    ses_clients: Clients
    """SES as the customer's software reaches it, where events are made of what is sent."""
    domain: str = "customer.example"

    def client(self, service: str) -> Any:
        return self.aws.client(self.customer, service, REGION)

    def sender(self) -> "Sender":
        return Sender(*self.aws.smtp(self.customer, REGION))

    def send_email(self, *to: str, **options: Any) -> str:
        """Send by SES's API, where events are made of it; the message's id."""
        content = {"Simple": {"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "text"}}}}
        request = {"Destination": {"ToAddresses": list(to)}, "Content": content, **options}
        request.setdefault("FromEmailAddress", f"news@{self.domain}")
        return str(self.ses_clients.open(self.customer, "sesv2", REGION).send_email(**request)["MessageId"])


class Sender(smtplib.SMTP):
    """An SMTP client that changes no byte: Python's own makes CRLF of line feeds, or doubles dots after them."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port, timeout=30)
        self.ehlo("mx.sender.example")

    def deliver(self, content: bytes, *recipients: str, sender: str = "somebody@sender.example") -> tuple[int, bytes]:
        """Send a message; the answer to it, or to the first command that was refused."""
        answer = self.mail(sender)
        for recipient in recipients:
            answer = self.rcpt(recipient) if answer[0] == 250 else answer
        if answer[0] != 250:
            self.rset()
            return answer
        self.docmd("DATA")
        lines = content.split(b"\r\n")
        self.send(b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines))
        self.send(b".\r\n" if content.endswith(b"\r\n") or not content else b"\r\n.\r\n")
        return self.getreply()


@pytest.fixture(scope="session")
def ses_clients(fake_aws: EmbeddedAws) -> Iterator[Clients]:
    clients = Clients(fake_aws.mail.ses_endpoint, fake_aws.ca_file)
    yield clients
    clients.close()


@pytest.fixture(scope="session")
def mailmark_stack(
    fake_aws: EmbeddedAws, serve_receiver: Callable[[], Receiver], ses_clients: Clients
) -> Callable[..., MailStack]:
    """Make a Mailmark stack from a Quick-Create link, in an account of its own or in the one given."""

    @cache
    def published(vendor: Vendor) -> str:
        key = f"templates/mail/{uuid.uuid4()}.yaml"
        return arrange.publish_template(fake_aws, generate(vendor, "yaml"), region=REGION, key=key)

    shipped = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": fake_aws.vendor.account_id})

    def make(
        customer: Account | None = None, *, name: str = "mailmark-byo-aws", vendor: Vendor = shipped, **fields: str
    ) -> MailStack:
        customer, receiver = customer or fake_aws.new_customer(), serve_receiver()
        secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        receiver.secrets.append(secret)
        receiver.account_id = customer.account_id
        parameters = {
            "ExternalId": external_id.mint(),
            "MailmarkAwsAccountId": fake_aws.vendor.account_id,
            "WebhookSecret": secret,
            "InboundWebhookUrl": f"{receiver.url}/inbound",
            "SendingWebhookUrl": f"{receiver.url}/sending",
            **fields,
        }
        link = Link(region=REGION, template_url=published(vendor), stack_name=name, parameters=parameters)
        stack = QuickCreatePage.open(fake_aws, link, customer=customer).create(acknowledge=True)
        made = MailStack(fake_aws, customer, stack.stack_id, stack.outputs, receiver, ses_clients)
        made.client("ses").verify_domain_identity(Domain=made.domain)
        made.client("sesv2").create_email_identity(EmailIdentity=made.domain)
        return made

    return make


@pytest.fixture(scope="session")
def mail_stack(mailmark_stack: Callable[..., MailStack]) -> MailStack:
    """One stack for many tests: no rule set was active before. Leave it as it was."""
    made = mailmark_stack()
    # SNS asks a subscriber before its first message: a test that has the receiver fail must not meet that.
    for mailbox, events in (("bounce", 1), ("complaint", 2), ("success", 1)):
        options = {"ConfigurationSetName": made.outputs["ConfigurationSetName"]}
        made.receiver.events(made.send_email(f"{mailbox}@simulator.amazonses.com", **options), events)
    return made
