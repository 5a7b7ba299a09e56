"""How often SNS tries, and when it gives up."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from byoaws.fakeaws.mail.sns_post import Delivery, Poster
from byoaws.fakeaws.server.certificates import Certificates, write_certificates
from byoaws.fakeaws.server.https_server import HttpsServer, QuietHandler


class Answers:
    """Statuses to answer with, in order; 0 closes the connection, and 204 is the last one's."""

    def __init__(self) -> None:
        self.left: list[int] = []
        self.heard: list[tuple[str, dict[str, str], bytes]] = []


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return write_certificates(Path(tmp_path_factory.mktemp("certificates")))


@pytest.fixture(scope="module")
def endpoint(answers: Answers, files: Certificates) -> Iterator[str]:
    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answers.heard.append((self.path, dict(self.headers.items()), body))
            status = answers.left.pop(0) if answers.left else 204
            if status:
                self.answer(status, b"", Location="/elsewhere")
            self.close_connection = True

    server = HttpsServer(Handler, certificate=files.certificate, key=files.key)
    yield server.endpoint
    server.stop()


@pytest.fixture
def post(answers: Answers, endpoint: str, files: Certificates) -> Callable[..., Delivery]:
    poster = Poster(ssl.create_default_context(cafile=str(files.authority)), pauses=(0, 0, 0))
    answers.heard.clear()

    def run(*statuses: int) -> Delivery:
        answers.left = list(statuses)
        return poster.post(f"{endpoint}/hook?a=b", b"body", {"x-amz-sns-message-type": "Notification"})

    return run


@pytest.mark.parametrize(
    ("statuses", "tries", "outcome", "done"),
    [
        ([200], 1, "200", True),
        ([204], 1, "204", True),
        ([500, 200], 2, "200", True),
        ([0, 503, 204], 3, "204", True),
        ([429, 204], 2, "204", True),
        ([500, 502, 503, 504, 204], 4, "504", False),
        ([0, 0, 0, 0, 204], 4, "RemoteDisconnected", False),
        ([400, 204], 1, "400", False),
        ([403, 204], 1, "403", False),
        ([301, 204], 1, "301", False),
    ],
)
def test_tries(
    post: Callable[..., Delivery], answers: Answers, statuses: list[int], tries: int, outcome: str, done: bool
) -> None:
    found = post(*statuses)
    assert (found.tries, found.outcome, found.done) == (tries, outcome, done)
    assert len(answers.heard) == tries


def test_what_is_posted(post: Callable[..., Delivery], answers: Answers) -> None:
    post(204)
    ((path, headers, body),) = answers.heard
    assert (path, body) == ("/hook?a=b", b"body")
    assert headers["User-Agent"] == "Amazon Simple Notification Service Agent"
    assert headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert headers["x-amz-sns-message-type"] == "Notification"


@pytest.mark.parametrize("url", ["https://api.mailmark.dev/x", "https://127.0.0.1.evil.example/", "https://10.0.0.1/"])
def test_nobody_outside_this_machine_is_posted_to(url: str, files: Certificates) -> None:
    poster = Poster(ssl.create_default_context(cafile=str(files.authority)), pauses=(0,))
    found = poster.post(url, b"", {})
    assert (found.tries, found.outcome, found.done) == (0, "not on this machine", False)


def test_an_endpoint_whose_certificate_is_not_trusted(answers: Answers, endpoint: str, tmp_path: Path) -> None:
    other = write_certificates(tmp_path)
    poster = Poster(ssl.create_default_context(cafile=str(other.authority)), pauses=(0,))
    answers.heard.clear()
    found = poster.post(endpoint, b"", {})
    assert (found.tries, found.outcome, found.done) == (2, "SSLCertVerificationError", False)
    assert answers.heard == []
