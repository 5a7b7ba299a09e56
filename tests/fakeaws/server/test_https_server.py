"""A server on loopback: what is small is answered at once."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from byoaws.fakeaws.server.certificates import Certificates, write_certificates
from byoaws.fakeaws.server.https_server import HttpsServer, QuietHandler


class _Says(QuietHandler):
    """Whether it waits to collect small writes."""

    def do_GET(self) -> None:
        waits = not self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        self.answer(200, str(waits).encode(), X_Waits=str(waits))


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return write_certificates(tmp_path)


@pytest.fixture
def server(files: Certificates) -> Iterator[HttpsServer]:
    running = HttpsServer(_Says, certificate=files.certificate, key=files.key)
    yield running
    running.stop()


def test_an_answer_does_not_wait_for_the_clients_word_about_its_head(server: HttpsServer, files: Certificates) -> None:
    context = ssl.create_default_context(cafile=str(files.authority))
    connection = http.client.HTTPSConnection(*server.address, context=context, timeout=10)
    for _ in range(2):
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["X-Waits"], answer.read()) == (200, "False", b"False")
    connection.close()
