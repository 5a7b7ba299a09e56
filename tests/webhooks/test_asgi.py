"""The endpoints: what each outcome is answered with decides whether a message comes again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from byoaws.errors import UnknownConnection, UsageError, WebhookForged, WebhookUndecided
from byoaws.webhooks.asgi import Endpoint, forwarder_endpoint, registration_endpoint, sns_endpoint


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

    async def connection_of(scope: Mapping[str, Any]) -> str:
        return "con_1"

    return forwarder_endpoint(secrets_of, handled, **{"connection_of": connection_of, **options})


def test_a_signed_post_is_handed_on_whole_though_it_came_in_parts(mail: Any) -> None:
    headers, body, secret = mail
    seen: list[Any] = []
    endpoint = forwarder(lambda: [secret], seen.append)
    assert call(endpoint, [body[:5], b"", body[5:]], headers) == (204, b"")
    assert [one.id for one in seen] == ["msg_1"]


@pytest.mark.parametrize(
    "whose", ["con_2", SimpleNamespace(id="con_1", account_id="2", region="r")], ids=["its id", "its account"]
)
def test_a_customer_cannot_post_as_another(mail: Any, whose: Any) -> None:
    headers, body, secret = mail
    seen: list[Any] = []

    async def connection_of(scope: Mapping[str, Any]) -> Any:
        assert scope["type"] == "http"
        return whose

    endpoint = forwarder(lambda: [secret], seen.append, connection_of=connection_of)
    status, _ = call(endpoint, [body], headers) or (0, b"")
    assert (status, seen) == (403, [])


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


def test_a_body_in_very_many_parts_takes_no_more_memory_than_its_bytes(mail: Any) -> None:
    import tracemalloc

    headers, _, secret = mail
    parts, endpoint = 100_000, forwarder(lambda: [secret], print)
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    left = iter(range(parts))

    async def receive() -> Mapping[str, Any]:
        # Each part is an object of its own, as a server makes them; every other one is empty.
        part = bytes(bytearray(b"xy")) if (number := next(left)) % 2 else b""
        return {"type": "http.request", "body": part, "more_body": number < parts - 1}

    async def send(event: Mapping[str, Any]) -> None:
        pass

    tracemalloc.start()
    try:
        asyncio.run(endpoint({"type": "http", "method": "POST", "path": "/", "headers": given}, receive, send))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000  # the body has 100,000 bytes; a list of its parts has 2,700,000


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


# Reports of stacks --------------------------------------------------------------------------------------------------

REPORT = {
    "type": "stack.created",
    "connection_id": "con_1",
    "account_id": "444455556666",
    "region": "eu-west-1",
    "stack_id": "arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1",
    "role_arn": "arn:aws:iam::444455556666:role/x",
    "template_version": "1.0.0",
    "outputs": {},
    "token": "once_" + "A" * 43,
}


def reports(handle: Callable[[Any], None], secrets: Callable[[str], Sequence[str]] = lambda _: ()) -> Endpoint:
    async def secrets_of(connection_id: str) -> Sequence[str]:
        return secrets(connection_id)

    async def handled(found: Any) -> None:
        handle(found)

    return registration_endpoint(secrets_of, handled)


def test_a_report_is_handed_on_and_asked_for_its_own_secrets() -> None:
    import json

    seen: list[Any] = []
    asked: list[str] = []
    endpoint = reports(seen.append, lambda connection_id: asked.append(connection_id) or ())  # type: ignore[func-returns-value]
    assert call(endpoint, [json.dumps(REPORT).encode()]) == (204, b"")
    assert (asked, [one.stack_id for one in seen]) == (["con_1"], [REPORT["stack_id"]])


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_stranger_does_not_learn_which_connections_there_are(known: bool) -> None:
    import json

    def secrets(connection_id: str) -> Sequence[str]:
        if known:
            return ()
        raise UnknownConnection("no connection")

    seen: list[Any] = []
    body = json.dumps({**REPORT, "type": "stack.deleted"}).encode()
    status, text = call(reports(seen.append, secrets), [body]) or (0, b"")
    assert (status, text, seen) == (403, b"the stack's report has nothing that could prove it", [])


def test_what_judges_the_token_decides_the_answer() -> None:
    import json

    def judge(report: Any) -> None:
        raise WebhookForged("no")

    assert call(reports(judge), [json.dumps(REPORT).encode()]) == (403, b"no")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b"{}", 400), (b" " * 65_537, 413)],
    ids=["empty", "list", "{}", "huge"],
)
def test_what_is_no_report_is_refused(body: bytes, status: int) -> None:
    assert (call(reports(pytest.fail), [body]) or (0,))[0] == status
