"""A name server and a website on loopback, both real, both scripted; what they were asked is kept."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from byoaws.fakeaws.server.certificates import Certificates, write_certificates


@dataclass
class NameServer:
    """Answers over UDP and TCP from a table."""

    port: int = 0
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(name, type) to records as in a zone file."""
    rcodes: dict[str, dns.rcode.Rcode] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    garbage: set[str] = field(default_factory=set)
    truncated: set[str] = field(default_factory=set)
    """Names that UDP is too small for."""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, data: bytes, *, over_udp: bool) -> bytes | None:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text().rstrip(".").lower()
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        if name in self.garbage:
            return data[:2] + b"\xff" * 20
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if name in self.rcodes:
            reply.set_rcode(self.rcodes[name])
        elif over_udp and name in self.truncated:
            reply.flags |= dns.flags.TC
        else:
            self._fill(reply, name, kind)
        return reply.to_wire()

    def _fill(self, reply: dns.message.Message, name: str, kind: str) -> None:
        seen = set()
        while (name, "CNAME") in self.records and name not in seen:
            seen.add(name)
            target = self.records[name, "CNAME"][0]
            reply.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{target}."))
            name = target
        if texts := self.records.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *texts))
        elif not any(known == name for known, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)


@pytest.fixture
def name_server() -> Iterator[NameServer]:
    state = NameServer()

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            if (reply := state.answer(data, over_udp=True)) is not None:
                sock.sendto(reply, self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            size = int.from_bytes(self.rfile.read(2), "big")
            if (reply := state.answer(self.rfile.read(size), over_udp=False)) is not None:
                self.wfile.write(len(reply).to_bytes(2, "big") + reply)

    udp, tcp = _both_on_one_port(Udp, Tcp)
    state.port = udp.server_address[1]
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True) for server in (udp, tcp)]
    for thread in threads:
        thread.start()
    yield state
    for server, thread in zip((udp, tcp), threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


def _both_on_one_port(
    udp: type[socketserver.BaseRequestHandler], tcp: type[socketserver.BaseRequestHandler]
) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
    """A port that is free for UDP may be taken for TCP: then another one is tried."""
    while True:
        first = socketserver.UDPServer(("127.0.0.1", 0), udp)
        try:
            return first, socketserver.TCPServer(("127.0.0.1", first.server_address[1]), tcp)
        except OSError:
            first.server_close()


@dataclass
class Site:
    """An https server; each path has the bytes that it answers, sent in as many parts as there are."""

    port: int = 0
    pages: dict[str, list[bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """First lines of requests."""
    hosts: list[str] = field(default_factory=list)
    pause: threading.Event = field(default_factory=threading.Event)
    """Waited for between the parts, a short while each."""
    connections: int = 0

    def page(self, path: str, status: int = 200, **headers: str) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.pages[path] = [f"HTTP/1.1 {status} Reason\r\n{lines}Content-Length: 2\r\n\r\nok".encode()]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def named_certificate(tmp_path: Path) -> Callable[[str], tuple[Path, ssl.SSLContext]]:
    """A certificate for one host name, self-signed, and a context that trusts it."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    def make(host: str) -> tuple[Path, ssl.SSLContext]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a website")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = tmp_path / "site.pem"
        pem = made.public_bytes(Encoding.PEM)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
        return path, ssl.create_default_context(cadata=pem.decode())

    return make


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Site]]:
    """Start an https server with the key and certificate in a file."""
    running: list[tuple[socket.socket, threading.Thread, Site]] = []

    def start(pem: Path) -> Site:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        listener = socket.create_server(("127.0.0.1", 0))
        site = Site(port=listener.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(listener, context, site), daemon=True)
        thread.start()
        running.append((listener, thread, site))
        return site

    yield start
    for listener, thread, site in running:
        site.pause.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _accept(listener: socket.socket, context: ssl.SSLContext, site: Site) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        site.connections += 1
        plain.settimeout(5)
        try:
            with context.wrap_socket(plain, server_side=True) as connection:
                _answer(connection, site)
        except OSError:
            plain.close()


def _answer(connection: ssl.SSLSocket, site: Site) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(4096)
    first, *others = data.decode().split("\r\n")
    site.asked.append(first)
    site.hosts += [line[6:] for line in others if line.startswith("Host: ")]
    parts = site.pages.get(first.split()[1], [b"HTTP/1.1 404 Not Found\r\n\r\n"])
    for index, part in enumerate(parts):
        if index:
            site.pause.wait(0.05)
        connection.sendall(part)
