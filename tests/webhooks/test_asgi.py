"""The endpoints: what each outcome is answered with decides whether a message comes again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from byoaws.errors import UsageError, WebhookUndecided
from byoaws.webhooks.asgi import Endpoint, forwarder_endpoint, sns_endpoint


def call(
    endpoint: Endpoint, parts: Sequence[bytes], headers: Mapping[str, str] | None = None, *, method: str = "POST"
) -> tuple[int, bytes] | None:
    """One request as an ASGI server makes it; None if it was not answered."""
    events: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": index < len(parts) - 1} for index, part in enumerate(parts)
    ]
    events.append({"type": "http.disconnect"})
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return events.pop(0)

    async def send(event: Mapping[str, Any]) -> None:
        sent.append(event)

    given = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    asyncio.run(endpoint({"type": "http", "method": method, "path": "/", "headers": given}, receive, send))
    return (sent[0]["status"], sent[1]["body"]) if sent else None


@pytest.fixture
def mail() -> tuple[dict[str, str], bytes, str]:
    """A signed post of now: headers, body, secret."""
    import base64
    import json

    from standardwebhooks import Webhook

    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    post = {
        "type": "inbound.received", "connection_id": "con_1", "account_id": "1", "region": "r", "bucket": "b",
        "key": "k", "size": 3, "ses_message_id": "m", "headers": [], "envelope": {"sender": None, "recipients": []},
    }  # fmt: skip
    body = json.dumps(post)
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
    }
    return headers, body.encode(), secret


def forwarder(secrets: Callable[[], Sequence[str]], handle: Callable[[Any], None], **options: Any) -> Endpoint:
    async def secrets_of(scope: Mapping[str, Any]) -> Sequence[str]:
        return secrets()

    async def handled(found: Any) -> None:
        handle(found)

    return forwarder_endpoint(secrets_of, handled, **options)


def test_a_signed_post_is_handed_on_whole_though_it_came_in_parts(mail: Any) -> None:
    headers, body, secret = mail
    seen: list[Any] = []
    endpoint = forwarder(lambda: [secret], seen.append)
    assert call(endpoint, [body[:5], b"", body[5:]], headers) == (204, b"")
    assert [one.id for one in seen] == ["msg_1"]


def test_a_forged_post_is_not_handed_on(mail: Any) -> None:
    headers, body, secret = mail
    seen: list[Any] = []
    answer = call(forwarder(lambda: [secret], seen.append), [body + b" "], headers)
    assert answer is not None
    assert (answer[0], seen) == (403, [])
    assert secret.encode() not in answer[1]


def test_a_post_that_is_too_large_is_not_gathered(mail: Any) -> None:
    headers, body, secret = mail
    answer = call(forwarder(lambda: [secret], print, most_bytes=20), [body[:15], body[15:]], headers)
    assert answer is not None
    assert answer[0] == 413


def test_a_sender_that_goes_away_gets_no_answer(mail: Any) -> None:
    headers, _, secret = mail
    seen: list[Any] = []
    endpoint = forwarder(lambda: [secret], seen.append)
    assert call(endpoint, [], headers) is None
    assert seen == []


@pytest.mark.parametrize("secrets", [[], ["whsec_x"]], ids=["none", "wrong"])
def test_without_a_proper_secret_the_message_is_to_come_again(mail: Any, secrets: list[str]) -> None:
    headers, body, _ = mail
    assert call(forwarder(lambda: secrets, print), [body], headers) == (503, b"not configured")


def test_what_the_handler_raises_is_the_servers_to_answer_with_500(mail: Any) -> None:
    headers, body, secret = mail

    def fail(found: Any) -> None:
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError, match="database"):
        call(forwarder(lambda: [secret], fail), [body], headers)


def test_only_post(mail: Any) -> None:
    headers, body, secret = mail
    assert call(forwarder(lambda: [secret], print), [body], headers, method="GET") == (405, b"only POST")


def test_other_protocols_are_not_for_an_endpoint() -> None:
    with pytest.raises(RuntimeError, match="websocket"):
        asyncio.run(forwarder(list, print)({"type": "websocket"}, None, None))  # type: ignore[arg-type]


# SNS -----------------------------------------------------------------------------------------------------------------


def endpoint_of(sns: Any, account: Any, seen: list[Any], **options: Any) -> Endpoint:
    async def connection_of(scope: Mapping[str, Any]) -> Any:
        if isinstance(account, Exception):
            raise account
        return account

    async def handle(message: Any) -> None:
        seen.append(message.type)

    return sns_endpoint(connection_of, handle, certificates=sns.certificates(), **options)


def fresh(sns: Any, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = sns.post(Timestamp=datetime.now(UTC).isoformat(), **changes)
    return found


def test_a_notification_is_handed_on(sns: Any, account: Any, body: Any) -> None:
    seen: list[Any] = []
    assert call(endpoint_of(sns, account, seen), [body(fresh(sns))]) == (204, b"")
    assert seen == ["Notification"]


def test_a_subscription_is_confirmed_and_not_handed_on(sns: Any, account: Any, body: Any) -> None:
    seen: list[Any] = []
    confirmed: list[Any] = []
    endpoint = endpoint_of(sns, account, seen, confirm=lambda message: confirmed.append(message.topic_arn))
    post = fresh(sns, Type="SubscriptionConfirmation")
    assert call(endpoint, [body(post)]) == (204, b"")
    assert (seen, confirmed) == ([], [post["TopicArn"]])


def test_the_end_of_a_subscription_is_neither_undone_nor_handed_on(sns: Any, account: Any, body: Any) -> None:
    seen: list[Any] = []
    endpoint = endpoint_of(sns, account, seen, confirm=seen.append)
    assert call(endpoint, [body(fresh(sns, Type="UnsubscribeConfirmation"))]) == (204, b"")
    assert seen == []


ENDINGS = {
    "forged": ({"TopicArn": "arn:aws:sns:eu-west-1:999999999999:t"}, 403),
    "stale": ({"Timestamp": "2020-01-01T00:00:00Z"}, 400),
}


@pytest.mark.parametrize(("changes", "status"), ENDINGS.values(), ids=ENDINGS.keys())
def test_what_no_second_try_can_mend_is_answered_with_4xx(
    changes: dict[str, str], status: int, sns: Any, account: Any, body: Any
) -> None:
    seen: list[Any] = []
    answer = call(endpoint_of(sns, account, seen), [body(sns.post(**changes))])
    assert answer is not None
    assert (answer[0], seen) == (status, [])


FAULTS_OF_OURS = {
    "certificate": (None, True),
    "connection unknown": (UsageError("no such connection"), False),
    "AWS is away": (WebhookUndecided("no answer"), False),
}


@pytest.mark.parametrize(("fault", "unserved"), FAULTS_OF_OURS.values(), ids=FAULTS_OF_OURS.keys())
def test_what_is_our_own_fault_is_answered_with_503_so_that_it_comes_again(
    fault: Exception | None, unserved: bool, sns: Any, account: Any, body: Any
) -> None:
    if unserved:
        sns.served = {}
    seen: list[Any] = []
    answer = call(endpoint_of(sns, fault or account, seen), [body(fresh(sns))])
    assert answer is not None
    assert (answer[0], seen) == (503, [])


def test_a_confirmation_that_fails_comes_again(sns: Any, account: Any, body: Any) -> None:
    def away(message: Any) -> None:
        raise WebhookUndecided("no answer")

    answer = call(endpoint_of(sns, account, [], confirm=away), [body(fresh(sns, Type="SubscriptionConfirmation"))])
    assert answer is not None
    assert answer[0] == 503
