"""The ways of telling: a signed webhook, mail through the vendor's own SES, and a command of the operator's own."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from byoaws.errors import NetworkError
from byoaws.fleet.notify import as_mail
from byoaws.fleet.threads import in_thread
from byoaws.net.interface import Poster
from byoaws.store.interface import Notice
from byoaws.webhooks.signatures import signing_key

COMMAND_SECONDS = 60.0


class Mailer(Protocol):
    """The vendor's own SES."""

    def send(self, *, sender: str, recipient: str, subject: str, text: str) -> None:
        """SES v2 SendEmail: plain text to one recipient; raises AwsError unless SES took it."""


class WebhookChannel:
    """Posts the message, signed as Standard Webhooks says; the id is the same each time it is tried."""

    def __init__(self, url: str, secret: str, poster: Poster, now: Callable[[], datetime]) -> None:
        """Take where to, and the key: `whsec_` and base64; raises UsageError if it is none."""
        self._url, self._poster, self._now = url, poster, now
        self._key = signing_key(secret)

    async def deliver(self, notice: Notice) -> None:
        """Post it; raises NetworkError unless it was taken."""
        body, stamp = notice.body.encode(), f"{self._now().timestamp():.0f}"
        signed = f"{notice.message_id}.{stamp}.".encode() + body
        signature = base64.b64encode(hmac.digest(self._key, signed, hashlib.sha256)).decode()
        headers = {
            "content-type": "application/json",
            "user-agent": "byoaws",
            "webhook-id": notice.message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}",
        }
        await in_thread(lambda: self._poster.post(self._url, headers, body))


class MailChannel:
    """Sends the message as plain text."""

    def __init__(self, mailer: Mailer, *, sender: str, recipient: str) -> None:
        self._mailer, self._sender, self._recipient = mailer, sender, recipient

    async def deliver(self, notice: Notice) -> None:
        """Send it; raises AwsError unless SES took it."""
        mail = as_mail(notice.body)
        await in_thread(
            lambda: self._mailer.send(
                sender=self._sender, recipient=self._recipient, subject=mail.subject, text=mail.text
            )
        )


class CommandChannel:
    """Runs a command, without a shell, with the message as JSON on its standard input; 0 means that it was told."""

    def __init__(self, argv: Sequence[str], *, seconds: float = COMMAND_SECONDS) -> None:
        self._argv, self._seconds = tuple(argv), seconds

    async def deliver(self, notice: Notice) -> None:
        """Run it; raises NetworkError unless it ended well in time."""
        name = self._argv[0]
        try:
            process = await asyncio.create_subprocess_exec(
                *self._argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            raise NetworkError(f"'{name}' cannot be run: {(error.strerror or str(error)).lower()}") from error
        try:
            async with asyncio.timeout(self._seconds):
                await process.communicate(notice.body.encode() + b"\n")
        except TimeoutError:
            raise NetworkError(f"'{name}' did not end within {self._seconds:.0f} seconds") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise NetworkError(f"'{name}' ended with {process.returncode}")
