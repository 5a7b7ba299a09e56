"""The SMTP server: whole messages, byte for byte, and nobody else's commands in them."""

import gc
import smtplib
import socket
import ssl
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byoaws.fakeaws.mail.smtp_server import Letter, SmtpServer
from byoaws.fakeaws.server.certificates import Certificates, write_certificates


class Keeper:
    """Takes everything."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def recipient(self, address: str, *, over_tls: bool) -> str:
        return "550 5.1.1 nobody" if address.startswith("nobody@") else "250 OK"

    def message(self, letter: Letter) -> str:
        self.letters.append(letter)
        return "250 OK kept"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return write_certificates(Path(tmp_path_factory.mktemp("certificates")))


@pytest.fixture(scope="module")
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture(scope="module")
def server(keeper: Keeper, files: Certificates) -> Iterator[SmtpServer]:
    running = start(keeper, files)
    yield running
    running.stop()


def start(keeper: Keeper, files: Certificates) -> SmtpServer:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.certificate, files.key)
    return SmtpServer(keeper, name="inbound-smtp.example", tls=tls)


def deliver(client: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    client.ehlo_or_helo_if_needed()
    client.mail("a@sender.example")
    client.rcpt("b@customer.example")
    client.docmd("DATA")
    lines = content.split(b"\r\n")
    client.send(b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n")
    return client.getreply()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"..", b"\x00", b"\xff"]), st.binary())))
def test_any_bytes_arrive_as_they_were_sent(server: SmtpServer, keeper: Keeper, parts: list[bytes]) -> None:
    content = b"".join(parts)
    with smtplib.SMTP(*server.address) as client:
        assert deliver(client, content) == (250, b"OK kept")
    assert keeper.letters[-1].content == content + b"\r\n"


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n"], ids=["LF", "LF-CRLF", "CR", "CRLF-LF"])
def test_only_crlf_dot_crlf_ends_a_message(server: SmtpServer, keeper: Keeper, end: bytes) -> None:
    """Otherwise a second message could be smuggled in behind it."""
    smuggled = b"x" + end + b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<b@customer.example>\r\n"
    before = len(keeper.letters)
    with smtplib.SMTP(*server.address) as client:
        deliver(client, smuggled)
    assert [letter.sender for letter in keeper.letters[before:]] == ["a@sender.example"]


def test_what_an_envelope_says(server: SmtpServer, keeper: Keeper) -> None:
    with smtplib.SMTP(*server.address, local_hostname="mx.sender.example") as client:
        client.ehlo()
        client.sendmail("a@sender.example", ["b@customer.example", "c@customer.example"], b"x")
    letter = keeper.letters[-1]
    assert (letter.sender, letter.recipients) == ("a@sender.example", ("b@customer.example", "c@customer.example"))
    assert (letter.helo, letter.client, letter.over_tls) == ("mx.sender.example", "127.0.0.1", False)


def test_one_refused_recipient_does_not_keep_the_others_out(server: SmtpServer, keeper: Keeper) -> None:
    with smtplib.SMTP(*server.address) as client:
        refused = client.sendmail("a@sender.example", ["nobody@customer.example", "b@customer.example"], b"x")
    assert refused == {"nobody@customer.example": (550, b"5.1.1 nobody")}
    assert keeper.letters[-1].recipients == ("b@customer.example",)


def test_without_a_recipient_there_is_no_message(server: SmtpServer) -> None:
    with smtplib.SMTP(*server.address) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@sender.example", ["nobody@customer.example"], b"x")


def test_starttls(server: SmtpServer, keeper: Keeper, files: Certificates) -> None:
    with smtplib.SMTP(*server.address) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(files.authority)))
        client.sendmail("a@sender.example", ["b@customer.example"], b"x")
    assert keeper.letters[-1].over_tls


def test_a_message_that_is_cut_off_is_none(server: SmtpServer, keeper: Keeper) -> None:
    before = len(keeper.letters)
    with socket.create_connection(server.address) as plain:
        answers = plain.makefile("rb")
        answers.readline()
        for command in (b"EHLO x", b"MAIL FROM:<a@x.example>", b"RCPT TO:<b@x.example>", b"DATA"):
            plain.sendall(command + b"\r\n")
            while answers.readline()[3:4] == b"-":
                pass
        plain.sendall(b"Subject: x\r\n\r\nhal")
        answers.close()
    with smtplib.SMTP(*server.address) as client:
        deliver(client, b"whole")
    assert [letter.content for letter in keeper.letters[before:]] == [b"whole\r\n"]


def test_several_at_a_time(server: SmtpServer, keeper: Keeper) -> None:
    before = len(keeper.letters)

    def send(number: int) -> None:
        with smtplib.SMTP(*server.address) as client:
            deliver(client, b"%d" % number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(16)))
    assert {letter.content for letter in keeper.letters[before:]} == {b"%d\r\n" % number for number in range(16)}


def test_it_says_nothing_of_its_software(server: SmtpServer) -> None:
    with smtplib.SMTP() as client:
        _, greeting = client.connect(*server.address)
    assert greeting == b"inbound-smtp.example ESMTP"


def test_stopped_with_a_client_connected_and_stopped_again(files: Certificates) -> None:
    running = start(Keeper(), files)
    with socket.create_connection(running.address) as plain:
        assert plain.recv(3) == b"220"
        running.stop()
        running.stop()
        while plain.recv(1024):
            pass
    with pytest.raises(OSError):
        socket.create_connection(running.address, 1).close()


@pytest.fixture
def only_what_is_new() -> Iterator[None]:
    """A garbage collector that looks at nothing that was there before: other tests leave millions of objects."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("only_what_is_new")
def test_stopped_right_after_somebody_connected(files: Certificates) -> None:
    for _ in range(10):
        running = start(Keeper(), files)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            socket.create_connection(running.address).close()
            running.stop()
            gc.collect()
        assert not told


@pytest.mark.usefixtures("only_what_is_new")
def test_stopped_while_a_client_has_yet_to_end_tls(files: Certificates) -> None:
    """The task of the connection is done; its socket is not closed before the client says so, or the server stops."""
    running = start(Keeper(), files)
    client = smtplib.SMTP(*running.address)
    client.starttls(context=ssl.create_default_context(cafile=str(files.authority)))
    client.ehlo()
    assert client.docmd("QUIT")[0] == 221
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        running.stop()
        del running
        gc.collect()
    client.close()
    assert not told
