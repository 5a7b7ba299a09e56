"""An SMTP server on loopback, in a thread of its own: it speaks the protocol, and asks a `Receiver` what to answer.

Messages stay bytes: only CRLF ends a line and only CRLF.CRLF the message, lines may have any length, and no
byte is changed but the dots that SMTP itself doubles. Source: RFC 5321, sections 2.3.8 and 4.5.2.
"""

import asyncio
import ssl
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from byoaws.errors import FakeAwsError

try:
    from aiosmtpd.smtp import SMTP
except ImportError:
    raise FakeAwsError("the embedded AWS cannot receive mail", hint="pip install 'byoaws[demo]'") from None

HOST = "127.0.0.1"
MOST_BYTES = 40 * 2**20
"""Of a message. Source: Amazon SES quotas, "Maximum message size" of received mail kept in S3."""
_SECONDS = 60.0
_WITHIN = 10.0
_POLL = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one SMTP transaction brought."""

    sender: str
    """Of MAIL FROM; empty for a bounce."""
    recipients: Sequence[str]
    content: bytes
    helo: str
    client: str
    over_tls: bool


class Receiver(Protocol):
    """Who decides. Both are called in threads, several at a time, and answer as SMTP does: `550 5.1.1 ...`."""

    def recipient(self, address: str, *, over_tls: bool) -> str:
        """Answer one RCPT TO; 2xx accepts."""

    def message(self, letter: Letter) -> str:
        """Answer a whole message; 2xx means that it is kept."""


class SmtpServer:
    """A server that has started; `stop` ends it."""

    def __init__(self, receiver: Receiver, *, name: str, tls: ssl.SSLContext) -> None:
        """Listen on a free port.

        Args:
            receiver: Who decides.
            name: As the server calls itself.
            tls: What STARTTLS offers.
        """
        self._loop = asyncio.new_event_loop()
        self._transports: weakref.WeakSet[asyncio.BaseTransport] = weakref.WeakSet()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name=f"smtp {name}")
        self._thread.start()
        try:
            self._server = self._run(self._listen(_Hooks(receiver), name, tls))
            host, port = self._server.sockets[0].getsockname()
        except BaseException:
            self._end()
            raise
        self.address: tuple[str, int] = (host, port)
        """Host and port."""

    def stop(self) -> None:
        """End it, and every connection; again is harmless."""
        if not self._loop.is_closed():
            self._run(self._close())
            self._end()

    async def _listen(self, hooks: "_Hooks", name: str, tls: ssl.SSLContext) -> asyncio.Server:
        def connection() -> _Smtp:
            return _Smtp(
                hooks,
                self._transports,
                data_size_limit=MOST_BYTES,
                hostname=name,
                ident="ESMTP",  # aiosmtpd would say its own name and version
                tls_context=tls,
                timeout=_SECONDS,
                loop=self._loop,
            )

        return await self._loop.create_server(connection, HOST, 0)

    async def _close(self) -> None:
        # Closed only at the end: a server that is closed drops, unclosed, a connection that it has just accepted.
        for listening in self._server.sockets:
            self._loop.remove_reader(listening.fileno())
        deadline = self._loop.time() + _WITHIN / 2
        # Again and again: one that was just accepted has no transport yet; and one whose task is done may still wait
        # for its client to end TLS, or to read.
        while len(asyncio.all_tasks()) > 1 or self._transports:
            for transport in list(self._transports):
                cast(asyncio.Transport, transport).abort()
            self._transports.clear()
            if self._loop.time() > deadline:
                break
            await asyncio.sleep(_POLL)
        self._server.close()
        # A message that is being kept is kept, though its sender hears nothing of it any more.
        await self._loop.shutdown_default_executor()

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_WITHIN)

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WITHIN)
        self._loop.close()


class _Smtp(SMTP):
    # Also how much is buffered: SES takes lines of any length, though RFC 5321 asks for no more than a thousand bytes.
    line_length_limit = MOST_BYTES

    def __init__(self, hooks: "_Hooks", transports: weakref.WeakSet[asyncio.BaseTransport], **options: Any) -> None:
        self._transports = transports
        super().__init__(hooks, **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Called for the socket, and once more for TLS over it.
        self._transports.add(transport)
        super().connection_made(transport)


class _Hooks:
    """What aiosmtpd calls."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = await asyncio.to_thread(self._receiver.recipient, address, over_tls=session.ssl is not None)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = Letter(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=bytes(envelope.original_content),
            helo=session.host_name or "",
            client=str(session.peer[0]),
            over_tls=session.ssl is not None,
        )
        return await asyncio.to_thread(self._receiver.message, letter)
