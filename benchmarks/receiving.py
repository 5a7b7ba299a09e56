"""What is measured of received mail, each in a process of its own: `python receiving.py WHAT COUNT [URL]`.

boto3   its import and the two clients that the forwarder has; and `forwarder`, the same with all the rest of it
posts   COUNT messages through the forwarder, to a receiver over TLS; S3 and Secrets Manager are in memory
ours    COUNT posts verified by byoaws.webhooks; and `theirs`, by the package standardwebhooks
"""

import base64
import json
import os
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType, SimpleNamespace
from typing import Any

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
MAIL = (
    b"From: a@b.example\r\nSubject: a message\r\n"
    + b"X-Filler: %s\r\n" % (b"y" * 60) * 20
    + b"\r\n"
    + b"hello\r\n" * 3000
)
"""Of 22 KB, as most are."""
EVENT = {"Records": [{"awsRegion": "eu-west-1", "s3": {"bucket": {"name": "mail"}, "object": {"key": "inbound/a"}}}]}


class InMemory:
    """S3 and Secrets Manager, as the forwarder asks them."""

    def get_object(self, **_: str) -> dict[str, Any]:
        """The one message."""
        body = SimpleNamespace(read=lambda *_: MAIL, close=lambda: None)
        return {"ContentRange": f"bytes 0-{len(MAIL) - 1}/{len(MAIL)}", "ETag": '"x"', "Body": body}

    def get_secret_value(self, **_: str) -> dict[str, str]:
        """The one secret."""
        return {"SecretString": SECRET}


class Receiver(BaseHTTPRequestHandler):
    """Takes every post."""

    def do_POST(self) -> None:
        """Read and answer."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(certificate: str, key: str) -> tuple[ThreadingHTTPServer, str]:
    """Start a receiver on loopback; return it and its URL."""
    import ssl

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"https://127.0.0.1:{server.server_port}/in"


def forwarder() -> Any:
    """The function as Lambda loads it: from its text."""
    from byoaws.templates.functions import inline

    module = ModuleType("index")
    exec(compile(inline("forwarder"), "index.py", "exec"), module.__dict__)  # noqa: S102
    return module


def clients() -> None:
    """What every such function must have."""
    import boto3

    boto3.client("s3")
    boto3.client("secretsmanager")


def posts(count: int, url: str) -> None:
    """Forward a message so many times."""
    os.environ |= {"WEBHOOK_URL": url, "WEBHOOK_SECRET_ARN": "x", "INLINE_LIMIT": "262144"}
    module = forwarder()
    module.s3 = module.secretsmanager = InMemory()
    context = SimpleNamespace(
        invoked_function_arn="arn:aws:lambda:eu-west-1:444455556666:function:x",
        get_remaining_time_in_millis=lambda: 60_000,
    )
    for _ in range(count):
        module.handler(EVENT, context)


def post() -> tuple[dict[str, str], bytes]:
    """One post, as the forwarder makes it, signed now."""
    from standardwebhooks import Webhook

    module = forwarder()
    module.s3 = module.secretsmanager = InMemory()
    kept: list[bytes] = []
    module.send = lambda body, headers, seconds: kept.append(body) or 204
    os.environ |= {"WEBHOOK_SECRET_ARN": "x", "INLINE_LIMIT": "262144"}
    module.handler(
        EVENT,
        SimpleNamespace(invoked_function_arn="a:b:c:d:e:f:g", get_remaining_time_in_millis=lambda: 60_000),
    )
    now = datetime.now(UTC)
    signature = Webhook(SECRET).sign("msg_1", now, kept[0].decode())
    stamp = str(int(now.timestamp()))
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}, kept[0]


def verify(count: int, by: str) -> None:
    """Verify one post so many times, with both packages loaded either way."""
    from standardwebhooks import Webhook

    from byoaws.webhooks import verify_forwarder

    headers, body = post()
    if by == "ours":
        for _ in range(count):
            verify_forwarder(headers, body, [SECRET], connection="con_8rqyhtrb2pcp0t8wn9jr")
    else:
        judge = Webhook(SECRET)
        for _ in range(count):
            judge.verify(body, headers)
            base64.b64decode(json.loads(body)["raw"])  # which who uses that package does next


if __name__ == "__main__":
    what, number = sys.argv[1], int(sys.argv[2])
    if what == "boto3":
        clients()
    elif what == "forwarder":
        forwarder()
    elif what == "posts":
        posts(number, sys.argv[3])
    else:
        verify(number, what)
