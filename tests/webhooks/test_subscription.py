"""The answer to SNS's question: only at SNS, only for the topic of the message, without a redirect."""

import ssl
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import UsageError, WebhookForged, WebhookUndecided
from byoaws.fakeaws.server.certificates import write_certificates
from byoaws.webhooks import confirm_subscription, verify_sns
from byoaws.webhooks.aws_get import get

TOPIC = "arn:aws:sns:eu-west-1:111122223333:bounces"
GOOD = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


def _asked(url: str, sns: Any, account: Any, body: Any, now: datetime) -> list[str]:
    post = sns.post(Type="SubscriptionConfirmation", SubscribeURL=url)
    opened: list[str] = []
    message = verify_sns(body(post), account, certificates=sns.certificates(), now=now)
    confirm_subscription(message, fetch=lambda where: opened.append(where) or b"")  # type: ignore[func-returns-value]
    return opened


def test_the_url_of_the_topic_is_opened(sns: Any, account: Any, body: Any, now: datetime) -> None:
    assert _asked(GOOD, sns, account, body, now) == [GOOD]


URLS = {
    "another host": GOOD.replace("sns.eu-west-1.amazonaws.com", "evil.example"),
    "look-alike": GOOD.replace("amazonaws.com", "amazonaws.com.evil.example"),
    "bucket": GOOD.replace("sns.eu-west-1", "sns.s3-ap-southeast-2"),
    "user name": GOOD.replace("https://", "https://x@"),
    "host as user name": GOOD.replace("/?", "@evil.example/?"),
    "port": GOOD.replace(".com/", ".com:8443/"),
    "http": GOOD.replace("https", "http"),
    "path": GOOD.replace("/?", "/x?"),
    "another region": GOOD.replace("sns.eu-west-1", "sns.eu-west-2"),
    "another topic": GOOD.replace("bounces", "others"),
    "two topics": GOOD + "&TopicArn=arn:aws:sns:eu-west-1:111122223333:others",
    "two topics, the other one first": GOOD.replace("?", "?TopicArn=arn:aws:sns:eu-west-1:111122223333:others&"),
    "two actions": GOOD.replace("?", "?Action=Unsubscribe&"),
    "two actions, one empty": GOOD.replace("?", "?Action=&"),
    "another action": GOOD.replace("ConfirmSubscription", "Unsubscribe"),
    "metadata": "http://169.254.169.254/latest/",
    "nothing": "",
}


@pytest.mark.parametrize("more", ["ü", " ", "\r\nHost: evil.example", "\x00", "\x7f"], ids=ascii)
def test_what_cannot_stand_in_a_request_is_never_sent(more: str) -> None:
    with pytest.raises(WebhookUndecided, match="no answer"):
        get(GOOD + more, address=("127.0.0.1", 1))


@pytest.mark.parametrize("url", URLS.values(), ids=URLS.keys())
def test_another_place_is_never_opened_though_the_message_is_signed(
    url: str, sns: Any, account: Any, body: Any, now: datetime
) -> None:
    opened: list[str] = []
    post = sns.post(Type="SubscriptionConfirmation", SubscribeURL=url)
    message = verify_sns(body(post), account, certificates=sns.certificates(), now=now)
    with pytest.raises(WebhookForged, match="SubscribeURL"):
        confirm_subscription(message, fetch=lambda where: opened.append(where) or b"")  # type: ignore[func-returns-value]
    assert opened == []


@pytest.mark.parametrize("kind", ["Notification", "UnsubscribeConfirmation"])
def test_nothing_else_is_confirmed(kind: str, sns: Any, account: Any, body: Any, now: datetime) -> None:
    message = verify_sns(body(sns.post(Type=kind)), account, certificates=sns.certificates(), now=now)
    with pytest.raises(UsageError, match=kind):
        confirm_subscription(message)


# The one GET, against a real server over TLS -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[tuple[str, int], ssl.SSLContext]]:
    """A server on loopback under the name localhost, and a context that trusts it."""
    certificates = write_certificates(tmp_path_factory.mktemp("tls"))
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/good")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(404 if self.path == "/none" else 200)
            if self.path == "/much":
                self.end_headers()
                self.wfile.write(b"x" * 70_000)
            elif self.path == "/slow":
                self.end_headers()
                while not stop.wait(0.02):
                    self.wfile.write(b"x")
            else:
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"good")

        def log_message(self, *args: Any) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
    trusted = ssl.create_default_context(cafile=str(Path(certificates.authority)))
    yield httpd.server_address[:2], trusted  # type: ignore[misc]
    stop.set()
    httpd.shutdown()
    httpd.server_close()


def test_an_answer_is_read(server: Any) -> None:
    address, context = server
    assert get("https://localhost/good", context=context, address=address) == b"good"


ANSWERS = {"redirect": ("/moved", "302"), "nothing there": ("/none", "404"), "too much": ("/much", "too much")}


@pytest.mark.parametrize(("path", "why"), ANSWERS.values(), ids=ANSWERS.keys())
def test_any_other_answer_is_none(path: str, why: str, server: Any) -> None:
    address, context = server
    with pytest.raises(WebhookUndecided, match=why):
        get(f"https://localhost{path}", context=context, address=address)


def test_a_server_that_drips_is_left(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byoaws.webhooks.aws_get.SECONDS", 0.2)
    address, context = server
    with pytest.raises(WebhookUndecided):
        get("https://localhost/slow", context=context, address=address)


def test_a_certificate_of_another_name_is_not_trusted(server: Any) -> None:
    address, context = server
    with pytest.raises(WebhookUndecided, match="SSLCertVerificationError"):
        get("https://sns.eu-west-1.amazonaws.com/good", context=context, address=address)


def test_nobody_there() -> None:
    with pytest.raises(WebhookUndecided, match="no answer"):
        get("https://localhost/good", address=("127.0.0.1", 1))
