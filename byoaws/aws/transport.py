"""How the shared clients' requests go over the wire: as aiobotocore's do, with nothing kept from one to the next.

aiobotocore's own session of aiohttp keeps cookies, and follows redirects with the session token still in the request;
botocore does neither. And it builds a TLS context for every service and region, which takes longer than ten calls.
"""

import asyncio
import ssl
from typing import Any

from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.httpsession import AIOHTTPSession
from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientHttpProxyError,
    ClientPayloadError,
    ClientProxyConnectionError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    DummyCookieJar,
    ServerDisconnectedError,
    ServerTimeoutError,
)
from aiohttp.http_exceptions import HttpProcessingError
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)
from yarl import URL

LARGEST = 16 * 1024 * 1024
"""Bytes of an answer. AWS's to our questions have a few thousand; hundreds are read at once."""
_FOREIGN = (ClientError, HttpProcessingError, OSError, ValueError)


def transport() -> type[AIOHTTPSession]:
    """Return a class of sessions; all that are made of it share a TLS context for each bundle of authorities."""
    contexts: dict[object, ssl.SSLContext] = {}

    class Transport(_Transport):
        def _build_verify_context(self) -> ssl.SSLContext:
            if self._verify not in contexts:
                contexts[self._verify] = super()._build_verify_context()
            return contexts[self._verify]

    return Transport


class _Transport(AIOHTTPSession):  # type: ignore[misc]
    """The connections of one client, pooled by host."""

    async def _get_session(self, proxy: str | None) -> ClientSession:
        async with self._sessions_lock:
            if proxy not in self._sessions:
                self._sessions[proxy] = await self._exit_stack.enter_async_context(
                    ClientSession(
                        connector=await self._create_connector(proxy),
                        timeout=self._timeout,
                        skip_auto_headers={"Content-Type"},
                        auto_decompress=False,
                        cookie_jar=DummyCookieJar(),
                    )
                )
            session: ClientSession = self._sessions[proxy]
            return session

    async def send(self, request: AWSPreparedRequest) -> AioAWSResponse:
        """Return the answer, read to its end.

        Raises:
            BotoCoreError: there is none; of the kind by which botocore decides on a second try.
        """
        if request.stream_output or "Transfer-Encoding" in request.headers:
            # No question of ours has such an answer; who adds one must look at what aiohttp keeps of it.
            raise NotImplementedError("streams are not for shared clients")
        try:
            return await self._exchange(request)
        except _FOREIGN as error:
            raise _as_botocore(error, request) from None

    async def _exchange(self, request: AWSPreparedRequest) -> AioAWSResponse:
        url = request.url
        proxy = self._proxy_config.proxy_url_for(url)
        session = self._sessions.get(proxy) or await self._get_session(proxy)
        headers = {name: _text(value) for name, value in request.headers.items()}
        headers["Accept-Encoding"] = "identity"
        answer = await session.request(
            request.method,
            URL(url, encoded=True),
            headers=headers,
            data=request.body,
            allow_redirects=False,
            proxy=proxy,
            proxy_headers=self._proxy_config.proxy_headers_for(url) if proxy else None,
        )
        raw = {name.decode().lower(): value.decode("utf-8", "replace") for name, value in answer.raw_headers}
        kept = AioAWSResponse(url, answer.status, raw, answer)
        if answer.content_length is None or answer.content_length > LARGEST:
            kept._content = await _bounded(answer)
        await kept.content
        return kept


async def _bounded(answer: ClientResponse) -> bytes:
    """Read an answer that does not say how long it is, or says too much; raises ValueError where it is too long."""
    parts, size = list[bytes](), 0
    async for part in answer.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            answer.close()
            raise ValueError(f"an answer of more than {LARGEST} bytes")
    return b"".join(parts)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _as_botocore(error: Exception, request: AWSPreparedRequest) -> BotoCoreError:
    """Return botocore's name for it, as in `aiobotocore.httpsession`."""
    where: dict[str, Any] = {"endpoint_url": request.url, "error": error}
    if isinstance(error, ClientSSLError):
        return SSLError(**where)
    if isinstance(error, ClientProxyConnectionError | ClientHttpProxyError):
        return ProxyConnectionError(proxy_url="the proxy", error=error)
    if isinstance(error, ServerDisconnectedError | ClientPayloadError | HttpProcessingError):
        return ConnectionClosedError(**where, request=request)
    if isinstance(error, ServerTimeoutError) and str(error).lower().startswith("connect"):
        return ConnectTimeoutError(**where)
    if isinstance(error, asyncio.TimeoutError):
        return ReadTimeoutError(**where)
    if isinstance(error, ClientConnectionError | OSError):
        return EndpointConnectionError(**where)
    return HTTPClientError(error=error)
