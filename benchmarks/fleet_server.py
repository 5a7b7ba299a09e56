"""A fast server on loopback that answers as AWS does, for measuring a fleet, and for catching a wrong signature.

Of every request it checks that access key, session token and addressed resource belong to one account, and counts those
where they do not (`wrong`). One process, one core; it can throttle, answer late, speak TLS, and compute each signature.

    python benchmarks/fleet_server.py --throttle 0.05 --latency 0.1 --verify
"""

import argparse
import asyncio
import json
import os
import random
import re
import ssl
import sys
from dataclasses import asdict, dataclass, field
from urllib.parse import parse_qsl

from fleet_accounts import VENDOR_KEY, VENDOR_SECRET, Account, account_of_key
from fleet_answers import Answer, Asked, answer, foreign, refused, throttled
from fleet_signature import signed

_KEY = re.compile(rb"\r\nauthorization: AWS4-HMAC-SHA256 Credential=([^/]+)/\d+/[^/]+/([^/]+)/", re.IGNORECASE)
_TOKEN = re.compile(rb"\r\nx-amz-security-token: ([^\r]+)", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_ACCOUNT = re.compile(r"fleet-(\d{12})")


@dataclass(slots=True)
class Counts:
    """What came in."""

    requests: int = 0
    throttled: int = 0
    wrong: int = 0
    """Key, token and resource are not of one account."""
    unsigned: int = 0
    """No credentials, or a signature that is not theirs."""
    connections: int = 0
    operations: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Aws:
    """How it behaves, and what it has counted."""

    throttle: float = 0
    """Part of the requests that are refused for haste."""
    latency: float = 0
    """Seconds before each answer."""
    verify: bool = False
    """Compute each signature."""
    counts: Counts = field(default_factory=Counts)
    chance: random.Random = field(default_factory=lambda: random.Random(6))  # noqa: S311

    def take(self, head: bytes, body: bytes) -> Answer:
        """Answer one request; `head` ends with its empty line."""
        method, target, _ = head[: head.index(b"\r\n")].decode().split(" ", 2)
        if target.startswith("/-/counts"):
            return Answer(json.dumps(asdict(self.counts)).encode(), kind="application/json")
        self.counts.requests += 1
        found = _KEY.search(head)
        if found is None or (self.verify and not _is_signed(method, target, head, body, found[1].decode())):
            self.counts.unsigned += 1
            return refused(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        asked, service = _asked(method, target, body, found[2].decode(), account_of_key(found[1].decode()))
        self.counts.operations[asked.operation] = self.counts.operations.get(asked.operation, 0) + 1
        if not _is_one(asked, found[1], _TOKEN.search(head)):
            self.counts.wrong += 1
            return foreign(service)
        if self.throttle and self.chance.random() < self.throttle:
            self.counts.throttled += 1
            return throttled(service)
        return answer(asked)


def _asked(method: str, target: str, body: bytes, service: str, account: Account | None) -> tuple[Asked, str]:
    """Return what is asked, and of what kind of API."""
    if method == "POST" and body.startswith(b"Action="):
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return Asked(form["Action"], account, form, target), service
    if service == "ses":
        return Asked(_OF_PATH.get(_ACCOUNT.sub("*", target), target), account, {}, target), "ses-json"
    path, _, query = target.partition("?")
    name = f"{method} {query.partition('=')[0]}" if query else method
    return Asked(_OF_BUCKET.get(name, name), account, {}, path), service


_OF_PATH = {
    "/v2/email/account": "GetAccount",
    "/v2/email/configuration-sets/*/event-destinations": "GetConfigurationSetEventDestinations",
}
_OF_BUCKET = {"HEAD": "HeadBucket", "GET location": "GetBucketLocation"}


def _is_one(asked: Asked, key: bytes, token: re.Match[bytes] | None) -> bool:
    """True if key, token and whatever the request names are of one account."""
    if asked.account is None:
        # The vendor signs two calls, and has no business with anything of a customer's.
        return key.decode() == VENDOR_KEY and token is None and asked.operation in ("AssumeRole", "GetCallerIdentity")
    if token is None or token[1].decode() != asked.account.token or asked.operation == "AssumeRole":
        return False
    named = _ACCOUNT.findall(asked.target) + [
        other for value in asked.form.values() for other in _ACCOUNT.findall(value)
    ]
    return all(other == asked.account.id for other in named)


def _is_signed(method: str, target: str, head: bytes, body: bytes, key: str) -> bool:
    lines = (line.partition(": ") for line in head.decode().split("\r\n")[1:] if line)
    account = account_of_key(key)
    secret = account.secret if account else VENDOR_SECRET
    return signed(method, target, {name.lower(): value for name, _, value in lines}, body, secret)


class Protocol(asyncio.Protocol):
    """One connection: as much of HTTP/1.1 as AWS's clients use."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._data = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the other side."""
        self._aws.counts.connections += 1
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self._data = self._data + data if self._data else data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[: end + 4]
            length = _LENGTH.search(head)
            stop = end + 4 + (int(length[1]) if length else 0)
            if len(self._data) < stop:
                return
            body, self._data = self._data[end + 4 : stop], self._data[stop:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        said = self._aws.take(head, body)
        content = b"" if head.startswith(b"HEAD") else said.body
        lines = (
            f"HTTP/1.1 {said.status} X\r\nContent-Type: {said.kind}\r\nContent-Length: {len(content)}\r\n"
            f"x-amzn-RequestId: f3ab1d9e-0000-4000-8000-000000000000\r\n{said.more}\r\n"
        )
        wire = lines.encode() + content
        if self._aws.latency:
            asyncio.get_running_loop().call_later(self._aws.latency, self._transport.write, wire)
        else:
            self._transport.write(wire)


async def listen(aws: Aws, tls: ssl.SSLContext | None = None) -> tuple[asyncio.Server, str]:
    """Start on a free port of loopback; return the server and its URL."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(aws), "127.0.0.1", 0, ssl=tls, backlog=2048)
    port = server.sockets[0].getsockname()[1]
    return server, f"{'https' if tls else 'http'}://127.0.0.1:{port}"


async def _serve(options: argparse.Namespace) -> None:
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate, options.key)
    aws = Aws(throttle=options.throttle, latency=options.latency, verify=options.verify)
    server, url = await listen(aws, tls)
    print(url, flush=True)
    # Ends when whoever started it goes away.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Serve until standard input ends; the URL is the first line of output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--throttle", type=float, default=0)
    parser.add_argument("--latency", type=float, default=0)
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--core", type=int, help="the core that it keeps to")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(options))
    else:
        uvloop.run(_serve(options))


if __name__ == "__main__":
    main()
