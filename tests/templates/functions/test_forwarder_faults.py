"""What goes wrong on the way to the webhook: each is raised, so that Lambda tries again, and each next try is the same.

Every delivery is judged by the package `standardwebhooks` and by our own receiver.
"""

import base64
import re
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import WebhookStale
from byoaws.fakeaws.server.certificates import write_certificates

MAIL = b"From: a@b.example\r\nSubject: private\r\n\r\nhush\xff\x00" + b"x" * 900
OLD = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()


def tries(forwarder: Any, event: dict[str, Any], count: int) -> None:
    """As Lambda: up to `count` times, until it does not raise."""
    for number in range(count):
        try:
            return forwarder.run(event)
        except Exception:
            if number == count - 1:
                raise
    return None


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 400, 401, 404, 410, 413, 429, 500, 502, 503, 599])
def test_any_answer_but_a_2xx_is_raised(forwarder: Any, status: int) -> None:
    forwarder.webhook.answers[:] = [status]
    forwarder.webhook.location = forwarder.webhook.url.replace("/in", "/elsewhere")
    with pytest.raises(forwarder.module.Undelivered, match=f"^the webhook answered {status}$"):
        forwarder.forward("inbound/a", MAIL)
    assert [request.path for request in forwarder.webhook.received] == ["/in?token=hush"]  # no redirect is followed


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_answer_is_enough(forwarder: Any, status: int) -> None:
    forwarder.webhook.answers[:] = [status]
    assert forwarder.mail(forwarder.forward("inbound/a", MAIL)).raw == MAIL


SILENT = "did not answer within"
FAULTS = {
    "hang": SILENT,
    "drip": SILENT,
    "drip_body": SILENT,
    "close": r"could not be reached \(",
    "mute": r"could not be reached \((RemoteDisconnected|SSL|Connection)",
    "cut": r"could not be reached \((IncompleteRead|Connection|SSL)",
    "cut_chunk": r"could not be reached \((IncompleteRead|Connection|SSL)",
    "garbage": r"could not be reached \(BadStatusLine\)$",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_the_next_try_delivers_the_same(forwarder: Any, fault: str) -> None:
    """Under the same id, whole, and signed anew."""
    event = forwarder.put("inbound/a", MAIL)
    if FAULTS[fault] == SILENT:
        forwarder.module.PATIENCE = 1.0  # long enough for the post itself, also on a busy machine
    forwarder.webhook.answers[:] = [fault]
    with pytest.raises(forwarder.module.Undelivered, match=FAULTS[fault]):
        forwarder.run(event)
    forwarder.module.PATIENCE = 15
    forwarder.run(event)
    mails = [forwarder.mail(request) for request in forwarder.webhook.received]
    assert {mail.raw for mail in mails} == {MAIL}
    assert len({mail.id for mail in mails}) == 1
    assert len(mails) == (1 if fault == "close" else 2)


@pytest.mark.parametrize("fault", ["hang", "drip", "drip_body", "drink"])
def test_nothing_outlasts_the_time_that_is_left(forwarder: Any, fault: str) -> None:
    """A byte now and then, in either direction, is no progress."""
    body = b"x" * 1000 if fault != "drink" else b"x" * 8 * 2**20  # more than the buffers in between hold
    forwarder.module.os.environ["INLINE_LIMIT"] = str(10 * 2**20)
    forwarder.webhook.answers[:] = [fault]
    # A busy machine needs a while to have eight megabytes ready.
    forwarder.context.seconds = forwarder.module.MARGIN + (2.0 if fault == "drink" else 0.8)
    started = time.monotonic()
    with pytest.raises(forwarder.module.Undelivered, match=r"did not answer within [012]\.\d seconds"):
        forwarder.forward("inbound/a", body)
    assert time.monotonic() - started < forwarder.context.seconds


def test_a_look_up_that_does_not_end_is_cut_off(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No time-out of a socket counts there."""
    forwarder.module.PATIENCE = 0.1
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: forwarder.webhook.released.wait(20) and [])
    with pytest.raises(forwarder.module.Undelivered, match="did not answer within"):
        forwarder.forward("inbound/a", MAIL)
    forwarder.webhook.released.set()


def test_a_handshake_that_does_not_end_is_cut_off(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    forwarder.module.PATIENCE = 0.1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("WEBHOOK_URL", f"https://127.0.0.1:{silent.getsockname()[1]}/in")
        with pytest.raises(forwarder.module.Undelivered, match=r"did not answer within|handshake operation timed out"):
            forwarder.forward("inbound/a", MAIL)


@pytest.mark.parametrize("seconds", [2.0, 0.0, -1.0])
def test_without_time_nothing_is_tried(forwarder: Any, seconds: float) -> None:
    forwarder.context.seconds = seconds
    with pytest.raises(forwarder.module.Undelivered, match="no time is left"):
        forwarder.forward("inbound/a", MAIL)
    assert forwarder.webhook.received == []


def test_a_slow_record_leaves_the_others_their_share_of_the_time(forwarder: Any) -> None:
    events = [forwarder.put(f"inbound/{name}", MAIL) for name in "abc"]
    forwarder.webhook.answers[:] = ["hang"]
    forwarder.context.seconds = forwarder.module.MARGIN + 3
    with pytest.raises(forwarder.module.Undelivered, match=r"within (0\.\d|1\.0) seconds"):
        forwarder.run({"Records": [record for event in events for record in event["Records"]]})
    assert [forwarder.mail(request).ses_message_id for request in forwarder.webhook.received] == ["a", "b", "c"]


def test_the_longest_post_and_the_calls_to_aws_fit_the_function_s_own_time_out(
    make_function: Callable[..., Any],
) -> None:
    """Two calls, each tried twice, with the pause between as long as botocore makes it."""
    module, properties = make_function()
    within = module.WITHIN
    call = (within.connect_timeout + within.read_timeout) * within.retries["total_max_attempts"] + 1
    assert 2 * call + module.PATIENCE + module.MARGIN <= properties["Timeout"]


@pytest.fixture
def make_function(load: Callable[..., Any]) -> Callable[..., Any]:
    """The function as loaded, and its properties in Mailmark's template."""

    def make() -> Any:
        from byoaws.templates.stack import build
        from byoaws.vendors.file import load_vendor

        template = build(load_vendor("mailmark", {}))
        return load("forwarder", s3=None, secretsmanager=None), template["Resources"]["ForwarderFunction"]["Properties"]

    return make


def test_an_answer_that_never_ends_is_not_read_to_its_end(forwarder: Any) -> None:
    forwarder.webhook.answers[:] = ["long"]
    assert forwarder.mail(forwarder.forward("inbound/a", MAIL)).raw == MAIL


def test_a_receiver_that_is_down_is_raised(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("WEBHOOK_URL", f"https://127.0.0.1:{port}/in")
    with pytest.raises(forwarder.module.Undelivered, match=r"could not be reached \(ConnectionRefusedError: "):
        forwarder.forward("inbound/a", MAIL)


def test_a_host_that_has_no_address_is_raised(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(forwarder.module.Undelivered, match=r"\(gaierror: Name or service not known\)"):
        forwarder.forward("inbound/a", MAIL)


def test_a_certificate_of_somebody_else_is_raised(forwarder: Any, tmp_path: Path) -> None:
    """Nothing is sent to whoever sits in between."""
    other = write_certificates(tmp_path)
    forwarder.module.TLS = ssl.create_default_context(cafile=str(other.authority))
    with pytest.raises(forwarder.module.Undelivered, match=r"\(SSLCertVerificationError: .*certificate verify failed"):
        forwarder.forward("inbound/a", MAIL)
    assert forwarder.webhook.received == []


def test_a_certificate_for_another_host_is_raised(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: real("127.0.0.1", *more, **named))
    monkeypatch.setenv("WEBHOOK_URL", f"https://hooks.example:{forwarder.webhook.port}/in?token=hush")
    with pytest.raises(forwarder.module.Undelivered, match="Hostname mismatch") as raised:
        forwarder.forward("inbound/a", MAIL)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/in", "127.0.0.1:{port}/in", "ftp://127.0.0.1:{port}/in"])
def test_nothing_is_ever_posted_without_tls(forwarder: Any, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("WEBHOOK_URL", url.format(port=forwarder.webhook.port))
    try:
        forwarder.forward("inbound/a", MAIL)  # by TLS all the same
    except (forwarder.module.Undelivered, AttributeError):
        assert forwarder.webhook.received == []
    for request in forwarder.webhook.received:
        assert forwarder.mail(request).raw == MAIL


@pytest.mark.parametrize("path", ["/in?token=hu sh", "/in?token=hush\u00e9", "/in?token=hush\x01"])
def test_a_url_that_cannot_be_posted_to_is_raised_and_not_shown(
    forwarder: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("WEBHOOK_URL", f"https://127.0.0.1:{forwarder.webhook.port}{path}")
    with pytest.raises(forwarder.module.Undelivered, match=r"\((InvalidURL|UnicodeEncodeError)\)$"):
        forwarder.forward("inbound/a", MAIL)


@pytest.mark.parametrize(("path", "asked"), [("", "/"), ("?a=b", "/?a=b"), ("/a/b?c=d%20e", "/a/b?c=d%20e")])
def test_any_path_that_the_template_lets_through(
    forwarder: Any, monkeypatch: pytest.MonkeyPatch, path: str, asked: str
) -> None:
    monkeypatch.setenv("WEBHOOK_URL", f"https://127.0.0.1:{forwarder.webhook.port}{path}")
    assert forwarder.forward("inbound/a", MAIL).path == asked


# What comes twice, and what changes between two tries -----------------------------------------------------------------


def test_the_same_event_twice_has_the_same_id(forwarder: Any) -> None:
    event = forwarder.put("inbound/a", MAIL)
    forwarder.run(event)
    forwarder.run(event)
    one, two = (forwarder.mail(request) for request in forwarder.webhook.received)
    assert (one.id, one.raw) == (two.id, two.raw)


def test_after_a_secret_was_replaced_the_next_try_has_the_new_one(forwarder: Any) -> None:
    """The function may hold the old one for minutes; a receiver that no longer takes it refuses the post."""
    event = forwarder.put("inbound/a", MAIL)
    forwarder.run(event)
    forwarder.secrets.value = NEW
    for refusal in (400, 401, 403):
        forwarder.module._secret.update(keys=[base64.b64decode(OLD.removeprefix("whsec_"))], until=float("inf"))
        forwarder.webhook.answers[:] = [refusal]
        with pytest.raises(forwarder.module.Undelivered):
            forwarder.run(event)
        forwarder.run(event)
    ids = {forwarder.mail(request, NEW).id for request in forwarder.webhook.received[2::2]}
    assert ids == {forwarder.mail(request, OLD).id for request in [*forwarder.webhook.received[1::2]]}


def test_while_both_are_good_no_try_is_lost(forwarder: Any) -> None:
    event = forwarder.put("inbound/a", MAIL)
    forwarder.run(event)
    forwarder.secrets.value = f"{NEW} {OLD}"
    forwarder.module._secret["until"] = 0.0
    forwarder.run(event)
    before, after = forwarder.webhook.received
    assert forwarder.mail(before, OLD).id == forwarder.mail(after, OLD).id == forwarder.mail(after, NEW).id


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_wrong_is_refused_and_after_mending_the_next_try_arrives(forwarder: Any, minutes: int) -> None:
    event = forwarder.put("inbound/a", MAIL)
    forwarder.module.time.time = lambda: time.time() + 60 * minutes
    forwarder.webhook.answers[:] = [400]
    with pytest.raises(forwarder.module.Undelivered, match="400"):
        forwarder.run(event)
    wrong = forwarder.webhook.received[0]
    with pytest.raises(WebhookStale):
        forwarder.mail(wrong, now=time.time())
    forwarder.module.time.time = time.time
    forwarder.run(event)
    assert forwarder.mail(forwarder.webhook.received[1]).id == wrong.headers["webhook-id"]


WEIRD = {
    "nothing but NUL": b"\0" * 500,
    "no header at all": b"hello",
    "8-bit headers": b"From: \xe9\xe8@b.example\r\nSubject: \xff\xfe\r\n\r\n\x80",
    "a boundary that never comes": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--y\r\n\r\n',
    "multipart within itself": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n" * 100,
    "bare carriage returns": b"From: a\rSubject: b\r\rbody",
    "lone line feeds": b"From: a\nSubject: b\n\nbody",
    "JSON": b'{"raw": null}\r\n\r\n',
}


@pytest.mark.parametrize("body", WEIRD.values(), ids=WEIRD)
def test_whatever_a_message_holds_it_arrives_byte_for_byte(forwarder: Any, body: bytes) -> None:
    assert forwarder.mail(forwarder.forward("inbound/a", body)).raw == body


def test_ten_thousand_headers_arrive(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INLINE_LIMIT", "1000000")
    body = b"From: a@b.example\r\n" + b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(10_000)) + b"\r\nhi"
    mail = forwarder.mail(forwarder.forward("inbound/a", body))
    assert (mail.raw, mail.headers) == (body, (("From", "a@b.example"),))


def test_a_receiver_down_for_three_tries_gets_it_by_the_fourth(forwarder: Any) -> None:
    event = forwarder.put("inbound/a", MAIL)
    forwarder.webhook.answers[:] = [503, "mute", 429]
    with pytest.raises(forwarder.module.Undelivered, match="429"):
        tries(forwarder, event, 3)  # Lambda gives up: the dead-letter queue has it
    forwarder.run(event)
    assert len({request.headers["webhook-id"] for request in forwarder.webhook.received}) == 1
    assert forwarder.mail(forwarder.webhook.received[-1]).raw == MAIL


def test_no_thread_stays_behind(forwarder: Any) -> None:
    """What hangs is hung up on: a warm function would gather threads."""
    import threading

    forwarder.module.PATIENCE = 0.2
    forwarder.webhook.answers[:] = ["drip", "hang", "drink"]
    before = {thread.ident for thread in threading.enumerate()}
    for _ in range(3):
        with pytest.raises(forwarder.module.Undelivered):
            forwarder.forward("inbound/a", MAIL)
    limit = time.monotonic() + 5
    while time.monotonic() < limit:
        left = [t for t in threading.enumerate() if t.ident not in before and re.search(r"\(talk\)", t.name)]
        if not left:
            return
        left[0].join(0.1)
    pytest.fail("a thread of the function is still there")
