"""Endpoints for any ASGI server or framework: they read the request, verify it, hand it on, and answer.

What an endpoint answers decides what becomes of a message: after 2xx it is done, after 5xx it comes again, and SNS
gives a message up for good after 4xx. So 4xx is only for what no second try can mend.
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from byoaws.errors import ByoawsError, UnknownConnection, WebhookError, WebhookTooLarge
from byoaws.webhooks import forwarder, registration, sns
from byoaws.webhooks.certificates import Certificates
from byoaws.webhooks.subscription import confirm_subscription

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Endpoint = Callable[[Mapping[str, Any], Receive, Send], Coroutine[Any, Any, None]]

BODY = "byoaws.body"
"""Where `connection_of` and `secrets_of` find the body in their scope, for `said_connection` and `said_topic`."""
_UNAVAILABLE = 503


def forwarder_endpoint(
    secrets_of: Callable[[Mapping[str, Any]], Awaitable[Sequence[str]]],
    handle: Callable[[forwarder.ForwardedMail], Awaitable[None]],
    *,
    connection_of: Callable[[Mapping[str, Any]], Awaitable[forwarder.OfAConnection | str]],
    most_bytes: int = forwarder.MOST_BYTES,
) -> Endpoint:
    """Return an ASGI application for the inbound webhook.

    Args:
        secrets_of: Given the ASGI scope, the webhook secrets of the connection whose endpoint it is.
        handle: Given each message; what it raises is answered with 500, and the message comes again.
        connection_of: Given the ASGI scope, the connection whose endpoint it is, or its id; as for `verify_forwarder`.
        most_bytes: Of a body.
    """

    async def verified(scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> None:
        whose, secrets = await connection_of(scope), await secrets_of(scope)
        await handle(forwarder.verify_forwarder(headers, body, secrets, connection=whose, most_bytes=most_bytes))

    return _endpoint(verified, most_bytes)


def registration_endpoint(
    secrets_of: Callable[[str], Awaitable[Sequence[str]]],
    handle: Callable[[registration.Registration], Awaitable[None]],
) -> Endpoint:
    """Return an ASGI application for stacks that report themselves; one URL for all connections.

    Args:
        secrets_of: Given a connection's id as the report says it, which is not proven yet: that connection's webhook
            secrets; none where none is known. UnknownConnection counts as none.
        handle: Given each report, proven by a signature, or with the token that it has to judge. It has 12 seconds,
            so a verification must come after the answer.
    """

    async def verified(scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> None:
        try:
            secrets = await secrets_of(registration.connection_of(body))
        except UnknownConnection:
            secrets = ()  # so that a stranger does not learn which connections there are
        await handle(registration.verify_registration(headers, body, secrets))

    return _endpoint(verified, registration.MOST_BYTES)


def sns_endpoint(
    connection_of: Callable[[Mapping[str, Any]], Awaitable[sns.OfAnAccount]],
    handle: Callable[[sns.SnsMessage], Awaitable[None]],
    *,
    certificates: Certificates | None = None,
    confirm: Callable[[sns.SnsMessage], None] = confirm_subscription,
) -> Endpoint:
    """Return an ASGI application for the sending webhook; it confirms subscriptions by itself.

    Args:
        connection_of: Given the ASGI scope, the connection whose endpoint it is.
        handle: Given each notification; what it raises is answered with 500, and SNS tries again.
        certificates: As for `verify_sns`.
        confirm: Opens a SubscribeURL.
    """
    import asyncio

    async def verified(scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> None:
        connection = await connection_of(scope)
        # In a thread: it may fetch a certificate.
        message = await asyncio.to_thread(sns.verify_sns, body, connection, headers=headers, certificates=certificates)
        if message.type == "SubscriptionConfirmation":
            await asyncio.to_thread(confirm, message)
        elif message.type == "Notification":
            await handle(message)

    return _endpoint(verified, sns.MOST_BYTES)


def _endpoint(
    verified: Callable[[Mapping[str, Any], Mapping[str, str], bytes], Awaitable[None]], most_bytes: int
) -> Endpoint:
    async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"an endpoint for http was given '{scope['type']}'")
        if scope["method"] != "POST":
            await _answer(send, 405, "only POST")
            return
        try:
            body = await _body(receive, most_bytes)
            if body is None:
                return
            # Latin-1 is how ASGI carries any byte; of a header given twice the last one counts, in every reader here.
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            await verified({**scope, BODY: body}, headers, body)
        except WebhookError as error:
            await _answer(send, error.status, str(error))
        except ByoawsError as error:
            # Our own settings are wrong, so the message must come again; and the sender is not who can mend them.
            logging.getLogger(__name__).error("a webhook could not be taken: %s", error)
            await _answer(send, _UNAVAILABLE, "not configured")
        else:
            await _answer(send, 204, "")

    return application


async def _body(receive: Receive, most: int) -> bytes | None:
    """Return the request's body; None if the sender went away."""
    # Not a list of parts: a stranger chooses how many there are, and each would cost more than its bytes.
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        body += event.get("body", b"")
        if len(body) > most:
            raise WebhookTooLarge(f"the body has more than {most:,} bytes")
        if not event.get("more_body", False):
            return bytes(body)


async def _answer(send: Send, status: int, text: str) -> None:
    body = text.encode("utf-8", "replace")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers if body else []})
    await send({"type": "http.response.body", "body": body})
