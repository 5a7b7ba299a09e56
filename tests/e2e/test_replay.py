"""Received mail that could not be posted, and mail that is posted again: by the commands, on the embedded AWS.

The stack is Mailmark's own, with the pack that lets the vendor replay. Every delivery is judged by the package
`standardwebhooks` and by our own receiver.
"""

import json
import shlex
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result
from standardwebhooks.webhooks import Webhook as Judge

from byoaws.cli import main
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.fakeaws.server.https_server import HttpsServer, QuietHandler
from byoaws.quickcreate.url import parse
from byoaws.webhooks import ForwardedMail, verify_forwarder

REGION = "eu-west-1"
MAIL = b"From: a@b.example\r\nSubject: private\r\n\r\nhush\xff\x00"
PACK = "inbound-replay"


@dataclass(kw_only=True)
class Webhook:
    """The vendor's own server."""

    url: str = ""
    down: bool = False
    received: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    tries: int = 0
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, done: Callable[[], bool]) -> None:
        with self.arrived:
            assert self.arrived.wait_for(done, timeout=60)


@pytest.fixture
def webhook(fake_aws: Any) -> Iterator[Webhook]:
    state = Webhook()

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with state.arrived:
                state.tries += 1
                if not state.down:
                    state.received.append((headers, body))
                state.arrived.notify_all()
            self.answer(503 if state.down else 204, b"")

    certificates = fake_aws.server.certificates
    server = HttpsServer(Handler, certificate=certificates.certificate, key=certificates.key)
    state.url = f"{server.endpoint}/in"
    yield state
    server.stop()


@dataclass(kw_only=True)
class Connected:
    """A verified connection, and both sides of it."""

    aws: FakeAws
    customer: Account
    webhook: Webhook
    id: str
    outputs: Mapping[str, str]
    secret: str
    external_id: str
    named: Mapping[str, str]
    """Logical ids to what AWS calls the resources."""

    @property
    def queue_url(self) -> str:
        return self.named["ForwarderDeadLetters"]

    def put(self, *keys: str) -> None:
        s3 = self.aws.client(self.customer, "s3", REGION)
        for key in keys:
            s3.put_object(Bucket=self.outputs["BucketName"], Key=key, Body=MAIL)

    def receive(self, *keys: str) -> None:
        """Put one after the other, each once the one before has arrived: at once, each would be a cold start."""
        for key in keys:
            before = len(self.webhook.received)
            self.put(key)
            self.webhook.wait(lambda: len(self.webhook.received) > before)  # noqa: B023  called here alone

    def waiting(self) -> int:
        sqs = self.aws.client(self.customer, "sqs", REGION)
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)
        return sum(map(int, found["Attributes"].values()))

    def mails(self) -> list[ForwardedMail]:
        """What arrived, judged twice."""
        found = []
        for headers, body in self.webhook.received:
            Judge(self.secret).verify(body, dict(headers))
            found.append(verify_forwarder(headers, body, [self.secret], connection=self.id))
        return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def said(*arguments: str, expect: int = 0) -> str:
    done = run(*arguments)
    assert done.exit_code == expect, done.output
    return done.stdout


Connect = Callable[..., Connected]


@pytest.fixture
def connect(
    operator: Mapping[str, str],
    tmp_path: Path,
    fake_aws: FakeAws,
    aws_customer: Account,
    webhook: Webhook,
    monkeypatch: pytest.MonkeyPatch,
) -> Connect:
    """From the vendor file to a verified connection; the stack's pack may be left out."""
    # SQS looks at all of its servers only if asked to take its time; the embedded AWS has one.
    monkeypatch.setattr("byoaws.aws.replay._LONG_POLL", 0)

    def begin(*, packs: tuple[str, ...] = (PACK,)) -> Connected:
        text = (Path(__file__).parents[2] / "byoaws" / "vendors" / "mailmark.yaml").read_text()
        text = text.replace("  - self-read\n", "".join(f"  - {name}\n" for name in ("self-read", *packs)))
        text = text.replace("${MAILMARK_INBOUND_WEBHOOK_URL:-https://api.mailmark.dev/v1/aws/inbound}", webhook.url)
        (tmp_path / "byoaws.yaml").write_text(text)
        key = f"{uuid.uuid4()}/template.yaml"
        url = arrange.publish_template(fake_aws, said("generate"), region=REGION, key=key)
        where = ("--region", REGION, "--template-url", url, "--format", "json")
        begun = json.loads(said("connect", "--alias", "Production", *where))
        page = QuickCreatePage.open(fake_aws, parse(begun["url"]), customer=aws_customer)
        stack = page.create(acknowledge=True)
        said("verify", stack.outputs["RoleArn"], "--connection", begun["connection_id"])
        cloudformation = fake_aws.client(aws_customer, "cloudformation", REGION)
        described = cloudformation.describe_stack_resources(StackName=stack.stack_id)["StackResources"]
        named = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in described}
        return Connected(
            aws=fake_aws,
            customer=aws_customer,
            webhook=webhook,
            id=begun["connection_id"],
            outputs=stack.outputs,
            secret=begun["parameters"]["WebhookSecret"],
            external_id=begun["parameters"]["ExternalId"],
            named=named,
        )

    return begin


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_receiver_that_was_down_gets_everything_by_redrive(connect: Connect, webhook: Webhook) -> None:
    connected = connect()
    webhook.down = True
    connected.put("inbound/abc123", "inbound/a+b c")
    until(lambda: connected.waiting() == 2)
    assert webhook.tries == 6  # each of them three times

    webhook.down = False
    text = said("inbound", "redrive", "--connection", connected.id)
    assert text == "2 messages replayed\n"
    webhook.wait(lambda: len(webhook.received) == 2)
    assert sorted(mail.key for mail in connected.mails()) == ["inbound/a+b c", "inbound/abc123"]
    assert {(mail.raw, mail.connection_id) for mail in connected.mails()} == {(MAIL, connected.id)}
    assert connected.waiting() == 0
    assert said("inbound", "redrive", "--connection", connected.id) == "nothing to replay: the queue is empty\n"


def test_a_dry_run_lists_what_waits_and_why(connect: Connect, webhook: Webhook) -> None:
    connected = connect()
    webhook.down = True
    connected.put("inbound/abc123")
    until(lambda: connected.waiting() == 1)
    listed = json.loads(said("inbound", "redrive", "--connection", connected.id, "--dry-run", "--format", "json"))
    assert (listed["dry_run"], listed["found"], listed["replayed"], listed["left"]) == (True, 1, 0, 0)
    (message,) = listed["messages"]
    assert message["keys"] == ["inbound/abc123"]
    assert message["error"].endswith(
        ": the webhook answered 503"
    )  # the embedded AWS has a word of its own for the kind
    assert (webhook.tries, connected.waiting()) == (3, 1)


def test_what_is_not_lambda_s_stays_and_is_told(connect: Connect, webhook: Webhook) -> None:
    connected = connect()
    sqs = connected.aws.client(connected.customer, "sqs", REGION)
    sqs.send_message(QueueUrl=connected.queue_url, MessageBody="hello")
    text = said("inbound", "redrive", "--connection", connected.id, expect=1)
    assert "stays: not a message of this stack's bucket" in text
    assert text.endswith("0 messages replayed; 1 stays in the queue\n")
    assert (connected.waiting(), webhook.tries) == (1, 0)


def test_backfill_posts_again_under_the_same_ids(connect: Connect, webhook: Webhook) -> None:
    connected = connect()
    keys = ["inbound/a", "inbound/b+ \u00e4", "inbound/c"]
    connected.receive(*keys)
    before = {mail.key: mail.id for mail in connected.mails()}
    webhook.received.clear()
    since = ("inbound", "backfill", "--connection", connected.id, "--since", "1h")

    assert "3 messages (" in said(*since, "--dry-run")
    done = json.loads(said(*since, "--format", "json"))
    assert (done["found"], done["posted"], done["bytes"]) == (3, 3, 3 * len(MAIL))
    webhook.wait(lambda: len(webhook.received) == 3)
    assert {mail.key: mail.id for mail in connected.mails()} == before
    assert {mail.raw for mail in connected.mails()} == {MAIL}

    webhook.received.clear()
    assert json.loads(said(*since, "--after", keys[1], "--format", "json"))["posted"] == 1
    assert json.loads(said(*since, "--prefix", "inbound/a", "--format", "json"))["posted"] == 1
    assert json.loads(said(*since, "--until", "30m", "--format", "json"))["posted"] == 0
    webhook.wait(lambda: len(webhook.received) == 2)
    assert sorted(mail.key for mail in connected.mails()) == ["inbound/a", "inbound/c"]


def test_interrupted_a_backfill_says_where_to_go_on(connect: Connect, webhook: Webhook) -> None:
    connected = connect()
    keys = [f"inbound/{number}" for number in range(6)]
    connected.receive(*keys)
    webhook.received.clear()
    command = ["inbound", "backfill", "--connection", connected.id, "--since", "1h", "--rate", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "byoaws.cli", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    webhook.wait(lambda: len(webhook.received) >= 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert " of 6 messages done. To go on:" in err
    (line,) = [line for line in err.splitlines() if line.startswith("byoaws inbound backfill ")]
    words = shlex.split(line)[1:]
    assert words[words.index("--rate") + 1] == "2"
    said(*words)
    webhook.wait(lambda: len(webhook.received) >= 6)
    assert sorted(mail.key for mail in connected.mails()) == keys  # each once: none is left out, none twice


def test_without_the_pack_the_error_says_what_to_do(connect: Connect) -> None:
    connected = connect(packs=())
    for command in (["redrive"], ["backfill", "--since", "1h"]):
        done = run("inbound", *command, "--connection", connected.id)
        assert done.exit_code == 3
        assert f"the role needs the pack '{PACK}'" in done.stderr
        assert f"byoaws runbook upgrade-stack --connection {connected.id}" in done.stderr


def test_the_pack_opens_nothing_else(connect: Connect, fake_aws: FakeAws) -> None:
    """The set-up function could take the customer's receipt rules apart."""
    connected = connect()
    sts = fake_aws.client(fake_aws.vendor, "sts", "us-east-1")
    keys = sts.assume_role(
        RoleArn=connected.outputs["RoleArn"], RoleSessionName="mailmark", ExternalId=connected.external_id
    )["Credentials"]
    session = replace(
        connected.customer,
        access_key_id=keys["AccessKeyId"],
        secret_access_key=keys["SecretAccessKey"],
        session_token=keys["SessionToken"],
    )
    lambda_, sqs, s3 = (fake_aws.client(session, name, REGION) for name in ("lambda", "sqs", "s3"))
    named = connected.named
    # Negative control: what it does open.
    lambda_.invoke(FunctionName=named["ForwarderFunction"], InvocationType="Event", Payload=b"{}")
    calls = {
        "another function": lambda: lambda_.invoke(FunctionName=named["ReceiptRuleSetup"], Payload=b"{}"),
        "another queue": lambda: sqs.receive_message(QueueUrl=named["EventDeadLetters"]),
        "the mail itself": lambda: s3.delete_object(Bucket=connected.outputs["BucketName"], Key="inbound/a"),
    }
    for call in calls.values():
        with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
            call()
