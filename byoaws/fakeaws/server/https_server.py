"""An HTTPS server on loopback, in a thread of its own, for what is played beside MiniStack."""

import logging
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from byoaws.fakeaws.server.ministack import HOST

_TIMEOUT = 20.0
_log = logging.getLogger(__name__)


class QuietHandler(BaseHTTPRequestHandler):
    """Answers in whole, and prints nothing: the terminal is somebody else's."""

    protocol_version = "HTTP/1.1"
    timeout = _TIMEOUT
    # An answer is two writes: the second would wait until the client has confirmed the first, for 40 ms.
    disable_nagle_algorithm = True

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Send an answer; of header names `_` stands for `-`."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: clients may go away at any time, or not trust the certificate."""
        _log.debug("a request failed", exc_info=True)


class HttpsServer:
    """A server that has started; `stop` ends it."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], *, certificate: Path, key: Path | None = None) -> None:
        """Listen on a free port; the key may be in the certificate's file."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = _Server((HOST, 0), handler)
        # The handshake is the handler's thread's: a client that is slow at it must not hold up the others.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return HOST, int(self._server.server_address[1])

    @property
    def endpoint(self) -> str:
        """`https://127.0.0.1:PORT`."""
        return f"https://{HOST}:{self.address[1]}"

    def stop(self) -> None:
        """End it; again is harmless."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_TIMEOUT)
