"""The system's authorities are read once, however many ask; what is handed in comes first."""

import ssl
from collections.abc import Callable, Iterator

import pytest

from byoaws.errors import NetworkError, WebhookUndecided
from byoaws.net import tls
from byoaws.net.post import HttpPoster
from byoaws.net.website import HttpsWebsites, Limits
from byoaws.webhooks import aws_get


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ssl.SSLContext]]:
    """Every default context that is made from now on."""
    contexts: list[ssl.SSLContext] = []
    make = ssl.create_default_context

    def counted() -> ssl.SSLContext:
        contexts.append(make())
        return contexts[-1]

    monkeypatch.setattr(ssl, "create_default_context", counted)
    kept = (tls.system_trust, aws_get._system_trust)
    for one in kept:
        one.cache_clear()
    yield contexts
    for one in kept:
        one.cache_clear()


class Here:
    """A name server that knows this machine only."""

    def addresses(self, name: str) -> list[str]:
        return ["127.0.0.1"]


def post(context: ssl.SSLContext | None) -> None:
    with pytest.raises(NetworkError):
        HttpPoster(context=context).post("https://127.0.0.1:1/", {}, b"")


def visit(context: ssl.SSLContext | None) -> None:
    with pytest.raises(NetworkError):
        HttpsWebsites(Here(), context=context, limits=Limits(permitted=lambda _: True, port=1)).visit(
            "https://site.example/"
        )


def get(context: ssl.SSLContext | None) -> None:
    with pytest.raises(WebhookUndecided):
        aws_get.get("https://sns.example/x", context=context, address=("127.0.0.1", 1))


@pytest.mark.parametrize("ask", [post, visit, get])
def test_once_for_all_calls(ask: Callable[[ssl.SSLContext | None], None], made: list[ssl.SSLContext]) -> None:
    for _ in range(3):
        ask(None)
    (context,) = made
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("ask", [post, visit, get])
def test_not_at_all_where_one_is_given(
    ask: Callable[[ssl.SSLContext | None], None], made: list[ssl.SSLContext]
) -> None:
    ask(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert made == []
