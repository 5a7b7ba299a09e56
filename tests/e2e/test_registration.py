"""A link, a stack, and nothing pasted: a stack reports itself, is verified, and is disconnected when it is deleted."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from byoaws import factory
from byoaws.cli import main
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.stacks import delete_stack
from byoaws.fakeaws.embedded import EmbeddedAws
from byoaws.flows.check import Verifier
from byoaws.flows.connect import Begun, begin
from byoaws.flows.registration import Accepted, accept, settle
from byoaws.flows.stack import generate
from byoaws.flows.webhook_secret.learn import learn_secret
from byoaws.model import Connection, ConnectionStatus, Verdict, VerificationReport
from byoaws.quickcreate.url import Link
from byoaws.settings import Settings
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor
from byoaws.webhooks import Registration, secrets_of
from byoaws.webhooks.asgi import registration_endpoint

REGION = "us-east-1"
FILE = """
name: acme
title: Acme Mail
aws:
  account_id: "{account_id}"
template_url: https://byoaws-templates.s3.us-east-1.amazonaws.com/acme.yaml
webhooks:
  inbound: {url}/inbound
  registration: {url}/stacks
packs: [ses-account-read, self-read, inbound-read, webhook-secret-read]
stack: {{name: acme-mail, version: 1.0.0, blocks: [inbound, forwarder, access]}}
probes:
  - role-arn
  - vendor-identity
  - external-id-required
  - external-id-checked
  - assume-role
  - caller-identity
  - trust-policy
"""


@dataclass
class Platform:
    """The vendor's own server: an endpoint that accepts, and a worker that settles."""

    aws: EmbeddedAws
    settings: Settings
    vendor: Vendor
    verifier: Verifier
    receiver: Any
    outcomes: list[Accepted] = field(default_factory=list)
    reports: list[Registration] = field(default_factory=list)

    @property
    def store(self) -> Any:
        return factory.store(self.settings)

    def connection(self, connection_id: str) -> Connection:
        store = self.store
        try:
            return store.get(connection_id)
        finally:
            store.close()

    def connect(self) -> Begun:
        return begin(
            lambda: self.store,
            self.vendor,
            alias="first",
            region=REGION,
            customer=None,
            now=factory.now,
        )

    def settle(self, connection_id: str) -> VerificationReport:
        settled = settle(connection_id, self.vendor, self.verifier, lambda: self.store)
        assert settled is not None
        request, report = settled
        vendor_aws, under = factory.vendor_aws_of(self.settings), factory.webhook_secrets_under
        learn_secret(request, report, self.vendor, lambda: self.store, vendor_aws, under, factory.now)
        return report

    def command(self, name: str, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run one of `byoaws connections` as the operator does; its JSON."""
        vendor = () if name == "list" else ("--vendor", self.vendor.source)
        done = CliRunner().invoke(main, ["connections", name, *arguments, *vendor, "--format", "json"])
        assert done.exit_code == expect, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    async def secrets_of(self, connection_id: str) -> tuple[str, ...]:
        store = self.store
        try:
            return secrets_of(store.get(connection_id))
        finally:
            store.close()

    async def handle(self, report: Registration) -> None:
        self.reports.append(report)

        def accepted() -> Accepted:
            store = self.store
            try:
                return accept(store, report, now=factory.now)
            finally:
                store.close()

        self.outcomes.append(await asyncio.to_thread(accepted))

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        """Post as anybody on the internet may; the status of the answer."""
        request = urllib.request.Request(f"{self.receiver.url}/stacks", body, dict(headers or {}), method="POST")  # noqa: S310
        context = ssl.create_default_context(cafile=self.aws.ca_file)
        try:
            with urllib.request.urlopen(request, timeout=20, context=context) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code


def signature(secret: str, body: bytes, *, at: float | None = None) -> dict[str, str]:
    stamp = str(int(at or time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    digest = hmac.digest(key, f"msg_1.{stamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


@pytest.fixture
def platform(
    fake_aws: EmbeddedAws,
    settings: Settings,
    verifier: Verifier,
    serve_receiver: Callable[[], Any],
    tmp_path: Path,
) -> Platform:
    receiver = serve_receiver()
    file = tmp_path / "acme.yaml"
    file.write_text(FILE.format(account_id=fake_aws.vendor.account_id, url=receiver.url), encoding="utf-8")
    vendor = load_vendor(str(file), {})
    key = f"templates/{hashlib.sha256(receiver.url.encode()).hexdigest()[:12]}.yaml"
    url = arrange.publish_template(fake_aws, generate(vendor, "yaml"), region=REGION, key=key)
    made = Platform(fake_aws, settings, replace(vendor, template_url=url), verifier, receiver)
    receiver.serve("/stacks", registration_endpoint(made.secrets_of, made.handle))
    return made


def create(platform: Platform, link: Link, **typed: str) -> tuple[Any, Any]:
    """Open the link as a new customer, and press the button."""
    customer = platform.aws.new_customer()
    page = QuickCreatePage.open(platform.aws, link, customer=customer)
    assert not page.ignored
    for name, value in typed.items():
        page = page.fill(name, value)
    return customer, page.create(acknowledge=True)


def test_from_link_to_verified_to_disconnected_without_pasting_anything(platform: Platform) -> None:
    begun = platform.connect()
    identifier = begun.connection.id
    customer, stack = create(platform, begun.offer.link)
    assert stack.outputs["Registration"] == "told Acme Mail, which now verifies it"
    (said,) = platform.reports
    assert (said.type, said.stack_id, said.role_arn) == ("stack.created", stack.stack_id, stack.outputs["RoleArn"])
    assert said.outputs["BucketName"] == stack.outputs["BucketName"] == said.bucket_name
    # A claim is no fact.
    before = platform.connection(identifier)
    assert (before.status, before.role_arn) == (ConnectionStatus.PENDING, None)
    assert platform.settle(identifier).verdict is Verdict.VERIFIED
    after = platform.connection(identifier)
    assert (after.status, after.role_arn) == (ConnectionStatus.VERIFIED, stack.outputs["RoleArn"])
    assert (after.account_id, after.bucket_name) == (customer.account_id, stack.outputs["BucketName"])
    assert after.webhook_secret is not None

    attack_a_verified_connection(platform, after, said, begun.offer.link.parameters["RegistrationToken"])

    delete_stack(platform.aws, customer, region=REGION, name=stack.stack_id)
    assert platform.outcomes[-1] is Accepted.DISCONNECTED
    ended = platform.connection(identifier)
    assert (ended.status, ended.role_arn, ended.webhook_secret) == (ConnectionStatus.DISCONNECTED, None, None)
    # Replayed, byte for byte, within the time that signatures are good for.
    path, headers, body, status = platform.receiver.requests[-1]
    assert (path, status) == ("/stacks", 204)
    kept = {name: value for name, value in headers.items() if name.startswith("webhook-")}
    assert platform.post(body, kept) == 403


def attack_a_verified_connection(platform: Platform, connection: Connection, said: Registration, token: str) -> None:
    """Everything that somebody could post who saw the link, and the stack's ids too. Nothing may change."""
    true = {
        "type": "stack.deleted",
        "connection_id": connection.id,
        "account_id": said.account_id,
        "region": said.region,
        "stack_id": said.stack_id,
        "role_arn": said.role_arn,
        "template_version": "1.0.0",
        "outputs": {},
    }
    assert connection.webhook_secret is not None
    mine = {
        **true,
        "type": "stack.created",
        "token": token,
        "account_id": "999988887777",
        "stack_id": said.stack_id.replace(said.account_id, "999988887777"),
        "role_arn": said.role_arn.replace(said.account_id, "999988887777"),
    }
    unsigned = [
        true,
        {**true, "token": token},
        mine,
        {**mine, "type": "stack.updated"},
        {**mine, "token": token[:-1] + "~"},
    ]
    for post in [*unsigned, {**true, "type": "stack.updated"}, {**true, "type": "stack.created"}]:
        assert platform.post(json.dumps(post).encode()) in (400, 403)
    body = json.dumps(true).encode()
    strange = "whsec_" + base64.b64encode(b"x" * 32).decode()
    assert platform.post(body, signature(strange, body)) == 403
    assert platform.post(body, signature(connection.webhook_secret, body, at=time.time() - 3600)) == 400
    assert platform.post(b"{" * 70_000) == 413
    # Rightly signed, and of another stack than the one that was verified: old, or a copy.
    old = json.dumps({**true, "stack_id": said.stack_id[:-4] + "0000"}).encode()
    assert platform.post(old, signature(connection.webhook_secret, old)) == 204
    assert platform.outcomes[-1] is Accepted.IGNORED
    assert platform.connection(connection.id) == connection


def test_a_vendor_that_cannot_be_reached_costs_nothing_but_pasting(platform: Platform) -> None:
    begun = platform.connect()
    _, stack = create(platform, begun.offer.link, RegistrationUrl=f"{platform.receiver.url}/nowhere")
    assert stack.outputs["Registration"] == "not told: the vendor answered 404. Please paste the outputs"
    assert platform.reports == []


def test_a_token_of_another_connection_proves_nothing(platform: Platform) -> None:
    first, second = platform.connect(), platform.connect()
    token = second.offer.link.parameters["RegistrationToken"]
    customer, stack = create(platform, first.offer.link, RegistrationToken=token)
    assert stack.outputs["Registration"] == "not told: the vendor answered 403. Please paste the outputs"
    store = platform.store
    assert store.claimed(first.connection.id) is None
    assert store.claimed(second.connection.id) is None
    store.close()
    # Neither of the two has anything signed by this stack, whose secret nobody has learnt.
    delete_stack(platform.aws, customer, region=REGION, name=stack.stack_id)
    assert platform.outcomes == []


def test_a_claim_with_anothers_role_is_not_verified(platform: Platform) -> None:
    """The role of one customer, claimed with the token of another: its trust policy wants another ExternalId."""
    first, second = platform.connect(), platform.connect()
    _, stack = create(platform, first.offer.link)
    said = platform.reports[0]
    post = {
        "type": "stack.created",
        "connection_id": second.connection.id,
        "token": second.offer.link.parameters["RegistrationToken"],
        "account_id": said.account_id,
        "region": said.region,
        "stack_id": said.stack_id,
        "role_arn": said.role_arn,
        "template_version": "1.0.0",
        "outputs": {},
    }
    assert platform.post(json.dumps(post).encode()) == 204
    (settled,) = platform.command("settle", first.connection.id)["connections"]
    assert (settled["outcome"], settled["report"]["verdict"]) == ("verified", "verified")
    assert settled["webhook_secret"]["message"] == "the webhook secret was read, and is kept encrypted"
    assert platform.connection(first.connection.id).webhook_secret is not None
    # The first is settled, and again nothing is asked; the second is refused as often as it is tried.
    (again,) = platform.command("settle", first.connection.id)["connections"]
    assert (again["outcome"], again["report"]) == ("settled", None)
    for _ in range(2):
        (refused,) = platform.command("settle", expect=1)["connections"]
        assert (refused["connection_id"], refused["outcome"]) == (second.connection.id, "refused")
    marked = {row["connection_id"]: row["reported"]["settled"] for row in platform.command("list")["connections"]}
    assert marked == {first.connection.id: True, second.connection.id: False}
    with pytest.raises(Exception, match=f"belongs to connection '{first.connection.id}'"):
        platform.settle(second.connection.id)
    assert platform.connection(second.connection.id).role_arn is None
    assert platform.connection(first.connection.id).role_arn == stack.outputs["RoleArn"]
