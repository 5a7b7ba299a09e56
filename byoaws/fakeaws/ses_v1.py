"""SES's v1 API in front of the embedded AWS, with the one call that MiniStack lacks: GetAccountSendingEnabled.

Every request is handed on as it came, so that MiniStack checks its signature and its caller's permissions. Only where
it then says that it knows no such action, the answer is ours: sending is always enabled.
"""

import http.client
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from byoaws.fakeaws.server import HOST, Server

_LACKING = b"GetAccountSendingEnabled"
_UNKNOWN = b"<Message>Unknown action: " + _LACKING
_ANSWER = (
    b'<GetAccountSendingEnabledResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">'
    b"<GetAccountSendingEnabledResult><Enabled>true</Enabled></GetAccountSendingEnabledResult>"
    b"<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>"
    b"</GetAccountSendingEnabledResponse>"
)
_LONGEST = 1_000_000
_TIMEOUT = 20.0


class SesV1:
    """A server on loopback; `stop` ends it."""

    def __init__(self, behind: Server) -> None:
        self._server = ThreadingHTTPServer((HOST, 0), _handler(behind))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(behind.certificates.certificate, behind.certificates.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """`https://127.0.0.1:PORT`, for AWS_ENDPOINT_URL_SES."""
        return f"https://{HOST}:{self._server.server_address[1]}"

    def stop(self) -> None:
        """End it; again is harmless."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_TIMEOUT)


def _handler(behind: Server) -> type[BaseHTTPRequestHandler]:
    place = urlsplit(behind.endpoint)
    trusted = ssl.create_default_context(cafile=str(behind.certificates.authority))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _TIMEOUT

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 <= length <= _LONGEST:
                self._answer(413, b"")
                return
            body = self.rfile.read(length)
            status, answer = self._handed_on(body)
            if status == http.client.BAD_REQUEST and _UNKNOWN in answer:
                status, answer = http.client.OK, _ANSWER
            self._answer(status, answer)

        def _handed_on(self, body: bytes) -> tuple[int, bytes]:
            connection = http.client.HTTPSConnection(str(place.hostname), place.port, context=trusted, timeout=_TIMEOUT)
            try:
                connection.request("POST", self.path, body=body, headers=dict(self.headers.items()))
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the terminal is the demo's."""

    return Handler
