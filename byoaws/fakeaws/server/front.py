"""A server in front of MiniStack: each request is handed on as it came, and somebody looks at what is answered.

So MiniStack checks signatures and permissions of everything, and what it lacks can be added to its answers.
"""

import http.client
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from byoaws.fakeaws.server.https_server import HttpsServer, QuietHandler
from byoaws.fakeaws.server.ministack import Server

_LONGEST = 64 * 2**20
"""Of a request: the largest message that SES sends, in base64, fits."""
_TIMEOUT = 20.0
# Of one connection, or written anew.
_NOT_HANDED_BACK = {"connection", "content-length", "date", "server", "transfer-encoding", "keep-alive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What is answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Look = Callable[[Asked, Answered], Answered]
"""Given a request and MiniStack's answer, the answer that the client gets."""


class Front:
    """A server on loopback; `stop` ends it."""

    def __init__(self, behind: Server, look: Look) -> None:
        files = behind.certificates
        self._server = HttpsServer(_handler(behind, look), certificate=files.certificate, key=files.key)

    @property
    def endpoint(self) -> str:
        """`https://127.0.0.1:PORT`, for one of the AWS_ENDPOINT_URL variables."""
        return self._server.endpoint

    def stop(self) -> None:
        """End it; again is harmless."""
        self._server.stop()


def _handler(behind: Server, look: Look) -> type[QuietHandler]:
    place = urlsplit(behind.endpoint)
    trusted = ssl.create_default_context(cafile=str(behind.certificates.authority))

    def handed_on(asked: Asked, headers: Mapping[str, str]) -> Answered:
        connection = http.client.HTTPSConnection(str(place.hostname), place.port, context=trusted, timeout=_TIMEOUT)
        try:
            connection.request(asked.method, asked.path, body=asked.body, headers=dict(headers))
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_HANDED_BACK}
            return Answered(status=answer.status, body=answer.read(), headers=kept)
        finally:
            connection.close()

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 <= length <= _LONGEST:
                self.close_connection = True
                self.answer(http.client.REQUEST_ENTITY_TOO_LARGE, b"")
                return
            asked = Asked(
                method=self.command,
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
            )
            answered = look(asked, handed_on(asked, dict(self.headers.items())))
            self.answer(answered.status, answered.body, **answered.headers)

        do_GET = do_PUT = do_DELETE = do_POST

    return Handler
