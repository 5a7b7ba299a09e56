"""What a message says, that it says no secret, and how it goes out."""

import asyncio
import json
import socket
import ssl
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest
from standardwebhooks import Webhook

from byoaws.errors import AwsError, NetworkError, UsageError
from byoaws.fakeaws.server.certificates import write_certificates
from byoaws.fleet.channels import CommandChannel, MailChannel, WebhookChannel
from byoaws.fleet.delivery import MOST_TRIES, Delivered, deliver_due, next_try
from byoaws.fleet.notify import as_mail, notices
from byoaws.fleet.schedule import Change
from byoaws.model import ConnectionStatus, Verdict
from byoaws.net.post import HttpPoster, check_url
from byoaws.store.interface import Notice, Waiting

SECRET = "whsec_" + "c2VjcmV0" * 4
CHANGE = Change(before=ConnectionStatus.VERIFIED, after=ConnectionStatus.FAILED)


@pytest.fixture
def failed(make_claim, make_report):
    """The notices of a connection that stopped working."""
    claim = make_claim(customer="№ 7", webhook_secret="whsec_of_the_customer", last_error="x")
    return notices(CHANGE, claim.connection, make_report(claim, Verdict.FAILED), ("webhook", "mail"))


def test_each_way_gets_the_same_message_under_one_id(failed, make_claim, make_report):
    assert [one.channel for one in failed] == ["webhook", "mail"]
    assert len({(one.message_id, one.body) for one in failed}) == 1
    claim = make_claim()
    (other,) = notices(CHANGE, claim.connection, make_report(claim, Verdict.FAILED), ("mail",))
    assert other.message_id != failed[0].message_id
    assert notices(CHANGE, claim.connection, make_report(claim), ()) == ()


def test_a_message_holds_the_diagnosis_and_where_to_read_on(failed):
    document = json.loads(failed[0].body)
    assert document["type"] == "connection.failed"
    assert document["timestamp"] == "2026-11-21T12:00:00+00:00"
    data = document["data"]
    assert (data["before"], data["after"], data["customer"]) == ("verified", "failed", "№ 7")
    assert data["diagnosis"] == [
        {
            "code": "V203",
            "name": "assume-role",
            "summary": "AWS refused",
            "causes": ["the stack was deleted"],
            "fix": "ask the customer",
            "aws_message": "User: x is not authorized",
            "runbook": "verification-failed#v203-assume-role",
        }
    ]


def test_no_secret_is_in_a_message(failed):
    assert "whsec_of_the_customer" not in failed[0].body
    assert "whsec_of_the_customer" not in as_mail(failed[0].body).text


def test_mail_is_for_people(failed):
    mail = as_mail(failed[0].body)
    assert mail.subject == "customer 1 (con_00000000000000000001) does not work any more"
    for line in (
        "V203 assume-role: AWS refused",
        "  1. the stack was deleted",
        "  AWS says: User: x is not authorized",
    ):
        assert line in mail.text.splitlines()


def test_a_name_cannot_add_headers_to_a_mail(make_claim, make_report):
    claim = make_claim(alias="A\r\nBcc: everybody@example.com")
    (notice,) = notices(CHANGE, claim.connection, make_report(claim, Verdict.FAILED), ("mail",))
    assert as_mail(notice.body).subject.splitlines() == [
        "A Bcc: everybody@example.com (con_00000000000000000001) does not work any more"
    ]


class Receiver(HTTPServer):
    """Keeps what is posted to it."""

    def __init__(self, status):
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.got = status, []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook?x=1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.got.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.server.status)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture
def receiver():
    opened = []

    def start(status=204):
        server = Receiver(status)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        opened.append(server)
        return server

    yield start
    for server in opened:
        server.shutdown()
        server.server_close()


def now():
    return datetime.now(UTC)


def test_a_webhook_is_signed_so_that_others_can_tell(failed, receiver):
    server = receiver()
    asyncio.run(WebhookChannel(server.url, SECRET, HttpPoster(), now).deliver(failed[0]))
    ((path, headers, body),) = server.got
    assert path == "/hook?x=1"
    assert Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})["data"]
    assert headers["webhook-id"] == failed[0].message_id


@pytest.mark.parametrize("status", [301, 400, 500])
def test_anything_but_success_is_no_delivery(failed, receiver, status):
    server = receiver(status)
    with pytest.raises(NetworkError, match=f"answered {status}"):
        asyncio.run(WebhookChannel(server.url, SECRET, HttpPoster(), now).deliver(failed[0]))
    assert len(server.got) == 1  # no redirect is followed


def test_nobody_there_is_no_delivery(failed, receiver):
    server = receiver()
    url = server.url
    server.shutdown()
    server.server_close()
    with pytest.raises(NetworkError, match=r"no usable answer from '127\.0\.0\.1'") as caught:
        asyncio.run(WebhookChannel(url, SECRET, HttpPoster(), now).deliver(failed[0]))
    assert "x=1" not in str(caught.value)


@pytest.mark.parametrize("host", ["a..b.invalid", f"{'a' * 64}.invalid"])
def test_a_host_that_cannot_be_one_ends_no_run(host):
    with pytest.raises(NetworkError, match="no usable answer"):
        HttpPoster().post(f"https://{host}/", {}, b"")


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_attack_an_answer_of_a_byte_at_a_time_keeps_nobody_for_ever(tmp_path, secure):
    certificates = write_certificates(tmp_path)
    served, over = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), Event()
    served.load_cert_chain(certificates.certificate, certificates.key)
    trusting = ssl.create_default_context(cafile=certificates.authority) if secure else None
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            connection, _ = server.accept()
            if secure:
                connection = served.wrap_socket(connection, server_side=True)
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 2")
                while not over.wait(0.05):
                    connection.sendall(b"0")

        thread = Thread(target=drip, daemon=True)
        thread.start()
        scheme = "https" if secure else "http"
        poster = HttpPoster(context=trusting, seconds=0.5)
        with pytest.raises(NetworkError, match="no usable answer"):
            poster.post(f"{scheme}://localhost:{server.getsockname()[1]}/", {}, b"{}")
        over.set()
        thread.join()


def test_attack_an_odd_answer_is_not_obeyed_by_a_terminal():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"\x1b]0;owned\x07\r\n\r\n")

        thread = Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(NetworkError) as caught:
            HttpPoster().post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"{}")
        thread.join()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com",
        "https://user:password@example.com/",
        "https:///path",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com/\r\nx: y",
        "file:///etc/passwd",
        "hook",
    ],
)
def test_a_url_that_is_not_safe_is_refused(url):
    with pytest.raises(UsageError) as caught:
        check_url(url)
    assert "password@" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://example.com/hook?token=x", "http://localhost:8080/", "https://[::1]:8443/x"])
def test_a_url_that_is_safe_is_taken(url):
    check_url(url)


class Mailbox:
    def __init__(self):
        self.got = []

    def send(self, **mail):
        self.got.append(mail)


def test_mail_goes_through_the_vendors_ses(failed):
    mailbox = Mailbox()
    asyncio.run(MailChannel(mailbox, sender="ops@example.com", recipient="team@example.com").deliver(failed[1]))
    (mail,) = mailbox.got
    assert (mail["sender"], mail["recipient"]) == ("ops@example.com", "team@example.com")
    assert mail["text"] == as_mail(failed[1].body).text


def test_a_command_gets_the_message_and_no_shell(failed, tmp_path):
    out = tmp_path / "out; $(touch x)"
    code = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    asyncio.run(CommandChannel([sys.executable, "-c", code, str(out)]).deliver(failed[0]))
    assert json.loads(out.read_text()) == json.loads(failed[0].body)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["/no/such/command"], "cannot be run: no such file"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "ended with 3"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "did not end within"),
    ],
    ids=["missing", "failed", "hangs"],
)
def test_a_command_that_does_not_end_well_is_no_delivery(failed, argv, message):
    with pytest.raises(NetworkError, match=message):
        asyncio.run(CommandChannel(argv, seconds=0.3).deliver(failed[0]))


class Box:
    """The outbox of a store, in memory."""

    def __init__(self, channels):
        self.due = [
            Waiting(id=number, notice=Notice(message_id=f"m{number}", channel=name, body="{}"), tries=number)
            for number, name in enumerate(channels)
        ]
        self.settled = {}

    def claim_notices(self, *, channels, now, until, limit):
        taken = [one for one in self.due if one.notice.channel in channels][:limit]
        self.due = [one for one in self.due if one not in taken]
        return taken

    def delivered(self, notice_id, at):
        self.settled[notice_id] = "delivered"

    def undelivered(self, notice_id, next_try_at):
        self.settled[notice_id] = next_try_at


class Down:
    async def deliver(self, notice):
        raise AwsError("no usable answer")


class Up:
    async def deliver(self, notice):
        """Taken."""


def test_deliveries_are_settled_one_by_one(make_claim):
    start = make_claim().connection.created_at
    box, outcome = Box(["up", "down", "other", *["up"] * 3, "down", "down"]), Delivered()
    asyncio.run(deliver_due(box, {"up": Up(), "down": Down()}, lambda: start, outcome))
    assert [one.notice.channel for one in box.due] == ["other"]
    assert (outcome.delivered, outcome.failed, outcome.given_up) == (4, 2, 1)
    assert outcome.why == "no usable answer"
    assert box.settled[1] == start + timedelta(minutes=2)
    assert box.settled[7] is None


def test_a_way_of_telling_that_is_not_there_is_left_alone_for_a_while(make_claim):
    """Each try takes ten seconds: a thousand of them would hold up whoever waits for the end."""
    start = make_claim().connection.created_at
    box, outcome = Box(["down"] * 50 + ["up"] * 30), Delivered()
    asyncio.run(deliver_due(box, {"up": Up(), "down": Down()}, lambda: start, outcome))
    assert (outcome.delivered, outcome.failed) == (30, 3)
    assert len(box.settled) == 33


def test_each_way_that_fails_says_why(make_claim):
    class Full:
        async def deliver(self, notice):
            raise AwsError("the mailbox is full")

    start = make_claim().connection.created_at
    box, outcome = Box(["down", "full", "up"]), Delivered()
    asyncio.run(deliver_due(box, {"up": Up(), "full": Full(), "down": Down()}, lambda: start, outcome))
    assert outcome.why == "down: no usable answer; full: the mailbox is full"
    total = Delivered(errors={"down": "an older one", "other": "gone"})
    total.add(outcome)
    assert total.why == "down: no usable answer; full: the mailbox is full; other: gone"
    assert Delivered().why == ""


def test_when_it_is_over_the_rest_is_for_another_time(make_claim):
    start = make_claim().connection.created_at
    box, outcome = Box(["up"] * 10), Delivered()
    asyncio.run(deliver_due(box, {"up": Up()}, lambda: start, outcome, over=lambda: outcome.delivered == 4))
    assert outcome.delivered == 4


def test_pauses_grow_and_end(make_claim):
    start = make_claim().connection.created_at
    times = [next_try(tries, start) for tries in range(MOST_TRIES)]
    assert times[0] == start + timedelta(seconds=30)
    assert times[-1] is None
    assert sum((at - start for at in times[:-1]), timedelta()) > timedelta(days=1)


def test_with_no_way_of_telling_nothing_is_claimed(make_claim):
    box = Box(["up"])
    asyncio.run(deliver_due(box, {}, lambda: make_claim().until, Delivered()))
    assert len(box.due) == 1
    assert replace(box.due[0], tries=0) == box.due[0]
