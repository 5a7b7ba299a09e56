"""The shared clients' port, against a table of answers: the same calls and the same errors as over boto3."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from byoaws.aws import first_try, questions, shared_clients, transport
from byoaws.aws.boto import BotoVendorAws
from byoaws.aws.identity import TENANT, VENDOR, Identity
from byoaws.aws.interface import Session
from byoaws.aws.question import Question
from byoaws.aws.session import Limits, VendorSession
from byoaws.aws.shared import SharedAws
from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    InvalidRequest,
    NotFound,
    RegionDisabled,
    Throttled,
    Unreachable,
)

Wire = Any
ROLE = "arn:aws:iam::444455556666:role/mail"
REGION, STS_REGION = "eu-west-1", "us-east-1"
T = dict[str, Any]


def raw(service: str, operation: str, **request: Any) -> Question[T]:
    return Question(service=service, operation=operation, request=request, read=lambda answer, _: dict(answer))


async def opened(aws: SharedAws | BotoVendorAws, **changed: Any) -> Any:
    given = {
        "role_arn": ROLE,
        "external_id": "byoaws-acme-1",
        "session_name": "byoaws",
        "duration": 900,
        "region": REGION,
    } | changed
    session = aws.assume_role(**given)
    return await session if isinstance(aws, SharedAws) else session


@pytest.fixture
def on_shared(monkeypatch: pytest.MonkeyPatch, quick: Limits) -> Callable[..., Any]:
    """Runs some work with the port."""
    monkeypatch.setattr(shared_clients, "_APART", 0.0)

    def run(work: Callable[[SharedAws], Awaitable[Any]], limits: Limits = quick) -> Any:
        async def inside() -> Any:
            async with SharedAws(None, STS_REGION, limits=limits, concurrency=8) as aws:
                return await work(aws)

        return asyncio.run(inside())

    return run


@pytest.mark.parametrize("edge", ["shared", "boto"])
def test_attack_not_even_botocores_debug_log_shows_the_session_that_was_opened(
    vendor_environment: Wire,
    on_shared: Callable[..., Any],
    quick: Limits,
    customer_keys: tuple[str, ...],
    caplog: pytest.LogCaptureFixture,
    edge: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    if edge == "shared":
        on_shared(opened)
    else:
        asyncio.run(opened(BotoVendorAws(None, STS_REGION, limits=quick)))
    assert "AssumeRole" in caplog.text
    for secret in customer_keys[1:]:
        assert secret not in caplog.text


@pytest.mark.parametrize("limits", [Limits(attempts=1), Limits(attempts=2)], ids=["first try", "the client itself"])
def test_attack_nor_the_session_that_signs(
    vendor_environment: Wire,
    on_shared: Callable[..., Any],
    customer_keys: tuple[str, ...],
    caplog: pytest.LogCaptureFixture,
    limits: Limits,
) -> None:
    """The token goes with every call: in the text that is signed, and in the request as it is sent."""
    vendor_environment.replies["GET /v2/email/account"] = vendor_environment.refusal("Whatever", "no", status=400)
    caplog.set_level(logging.DEBUG)

    async def ask(aws: SharedAws) -> None:
        session = await opened(aws)
        with suppress(AwsError):
            await session.ask(questions.SES_ACCOUNT)

    on_shared(ask, limits)
    assert "x-amz-security-token:[removed]" in caplog.text
    for secret in customer_keys[1:]:
        assert secret not in caplog.text


# What is sent --------------------------------------------------------------------------------------------------------

ASKED = [
    questions.CALLER,
    questions.SES_ACCOUNT,
    questions.SENDING_ENABLED,
    questions.SEND_QUOTA,
    questions.trust_policy("mail"),
    questions.email_identity("mail.example.com"),
    questions.email_identity("a b+c/d@example.com"),
    raw("s3", "HeadBucket", Bucket="a.bucket-1", ExpectedBucketOwner="444455556666"),
    raw("s3", "GetBucketLocation", Bucket="a-bucket"),
    raw("s3", "GetBucketPolicy", Bucket="a-bucket"),
    raw("s3", "ListObjectsV2", Bucket="a-bucket", Prefix="in bound/é+", MaxKeys=3),
    raw("iam", "SimulatePrincipalPolicy", PolicySourceArn=ROLE, ActionNames=["ses:SendEmail", "s3:GetObject"]),
    raw("iam", "GetRolePolicy", RoleName="mail", PolicyName="p+q"),
    raw("ses", "DescribeReceiptRule", RuleSetName="a", RuleName="b"),
    raw("sesv2", "ListEmailIdentities", PageSize=5, NextToken="a b=="),
    raw("sesv2", "GetConfigurationSetEventDestinations", ConfigurationSetName="set_1"),
    raw("cloudformation", "DescribeStacks", StackName="stack"),
    raw("sns", "ListSubscriptionsByTopic", TopicArn="arn:aws:sns:eu-west-1:444455556666:t"),
]
FIRST_TRIED = ("sts", "iam", "ses", "sesv2", "s3")
OF_ONE_REQUEST = {"authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request", "user-agent"}


def told(sent: Any) -> tuple[Any, ...]:
    """A request, but for its time and its number."""
    headers = {name: value for name, value in sent.headers.items() if name not in OF_ONE_REQUEST}
    scope, signed, _ = sent.headers["authorization"].split(", ")
    return sent.method, sent.path, sent.body, headers, scope.split("/")[2:], signed


@pytest.mark.parametrize("question", ASKED, ids=lambda question: f"{question.service}-{question.operation}")
def test_the_first_try_sends_what_the_client_itself_sends(
    vendor_environment: Wire, on_shared: Callable[..., Any], question: Question[T], monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor_environment.replies["*"] = vendor_environment.refusal("NoSuchEntity", "there is none", status=404)

    async def both(aws: SharedAws) -> None:
        session = await opened(aws)
        for services in (first_try._SERVICES, frozenset[str]()):
            monkeypatch.setattr(first_try, "_SERVICES", services)
            with suppress(NotFound, Unreachable):  # the table has no answer, and what is sent is what counts
                await session.ask(question)

    on_shared(both)
    first, second = vendor_environment.sent[1:]
    with_it, without = told(first), told(second)
    if question.service in FIRST_TRIED and question.operation != "ListObjectsV2":  # which botocore completes
        assert "amz-sdk-invocation-id" not in first.headers  # it was the first try indeed
        # The client's own two headers are signed where it adds them.
        without = (*without[:5], without[5].replace("amz-sdk-invocation-id;amz-sdk-request;", ""))
    assert "amz-sdk-invocation-id" in second.headers
    assert with_it == without


def test_boto3_sends_the_same(vendor_environment: Wire, on_shared: Callable[..., Any], quick: Limits) -> None:
    async def work(aws: SharedAws | BotoVendorAws) -> None:
        caller = aws.caller()
        assert (await caller if isinstance(aws, SharedAws) else caller).account_id == "111122223333"
        session = await opened(aws)
        for question in (questions.CALLER, questions.SES_ACCOUNT, questions.trust_policy("mail")):
            answer = session.ask(question)
            assert (await answer if isinstance(aws, SharedAws) else answer) is not None

    on_shared(work)
    ours = [(sent.operation, sent.form, urlsplit(sent.path).path) for sent in vendor_environment.sent]
    vendor_environment.sent.clear()
    asyncio.run(work(BotoVendorAws(None, STS_REGION, limits=quick)))
    assert ours == [(sent.operation, sent.form, urlsplit(sent.path).path) for sent in vendor_environment.sent]


def test_each_question_goes_to_its_region_and_is_signed_by_the_role(
    vendor_environment: Wire, on_shared: Callable[..., Any], customer_keys: tuple[str, ...]
) -> None:
    async def work(aws: SharedAws) -> None:
        session = await opened(aws)
        await session.ask(questions.CALLER)
        await session.ask(questions.SES_ACCOUNT)

    on_shared(work)
    assume, caller, ses = (sent.headers["authorization"] for sent in vendor_environment.sent)
    assert "AKIA" in assume
    assert f"/{STS_REGION}/sts/" in assume
    assert customer_keys[0] in caller
    assert f"/{STS_REGION}/sts/" in caller
    assert customer_keys[0] in ses
    assert f"/{REGION}/ses/" in ses
    assert "byoaws/" in vendor_environment.sent[2].headers["user-agent"]


@pytest.mark.parametrize(
    "bucket", ["Upper", "a--use1-az4--x-s3", "arn:aws:s3:us-east-1:444455556666:accesspoint/x", "p-s3alias", "a_b"]
)
def test_an_odd_bucket_name_is_left_to_botocore(
    vendor_environment: Wire, on_shared: Callable[..., Any], bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Directory buckets above all: their sessions would be kept by name, whoever opened them."""
    asked: list[str] = []
    monkeypatch.setattr(first_try.FirstTry, "answer", lambda *_: asked.append("first try"))

    async def work(aws: SharedAws) -> None:
        session = await aws.assume_role(
            role_arn=ROLE, external_id=None, session_name="byoaws", duration=900, region=REGION
        )
        with pytest.raises(AwsError):
            await session.ask(raw("s3", "HeadBucket", Bucket=bucket))

    services = first_try._SERVICES - {"sts"}
    monkeypatch.setattr(first_try, "_SERVICES", services)
    on_shared(work)
    assert asked == []
    assert "CreateSession" not in str(vendor_environment.sent)
    assert not any("session" in urlsplit(sent.path).query for sent in vendor_environment.sent)


@pytest.mark.parametrize("changed", [{"session_name": "x"}, {"external_id": ""}, {"duration": 1}], ids=str)
def test_a_request_that_is_not_valid_is_not_sent(
    vendor_environment: Wire, on_shared: Callable[..., Any], changed: dict[str, Any]
) -> None:
    async def work(aws: SharedAws) -> None:
        with pytest.raises(InvalidRequest):
            await opened(aws, **changed)

    on_shared(work)
    assert vendor_environment.sent == []


# What is refused -----------------------------------------------------------------------------------------------------

REFUSED = [
    ("AccessDenied", 403, AccessDenied, 1),
    ("NoSuchEntity", 404, NotFound, 1),
    ("ValidationError", 400, InvalidRequest, 2),
    ("ExpiredToken", 403, BadCredentials, 2),
    ("Throttling", 400, Throttled, 2),
    ("TooManyRequestsException", 429, Throttled, 2),
    ("InternalFailure", 500, Unreachable, 2),
    ("AccessDenied", 503, Unreachable, 2),
]


@pytest.mark.parametrize(
    ("code", "status", "kind", "sent"), REFUSED, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_refusal_is_what_it_is_over_boto3(
    vendor_environment: Wire,
    on_shared: Callable[..., Any],
    quick: Limits,
    code: str,
    status: int,
    kind: type[AwsError],
    sent: int,
) -> None:
    """What AWS would say again is final; all else is asked once more, of the client itself."""
    vendor_environment.replies["GetRole"] = vendor_environment.refusal(code, "no", status=status)

    async def work(aws: SharedAws) -> AwsError:
        session = await opened(aws)
        with pytest.raises(AwsError) as caught:
            await session.ask(questions.trust_policy("mail"))
        return caught.value

    once = on_shared(work)
    assert len(vendor_environment.asked("GetRole")) == 1
    twice = on_shared(work, Limits(connect_timeout=1, read_timeout=5, attempts=2))
    assert len(vendor_environment.asked("GetRole")) == 1 + sent
    with pytest.raises(AwsError) as caught:
        asyncio.run(opened(BotoVendorAws(None, STS_REGION, limits=quick))).ask(questions.trust_policy("mail"))
    for ours in (once, twice):
        assert type(ours) is type(caught.value) is kind
        assert (ours.message, ours.code, ours.hint) == (caught.value.message, caught.value.code, caught.value.hint)


def test_a_region_that_does_not_know_the_session_is_disabled(
    vendor_environment: Wire, on_shared: Callable[..., Any]
) -> None:
    refusal = vendor_environment.json_refusal("UnrecognizedClientException", "The security token is invalid")
    vendor_environment.replies["GET /v2/email/account"] = refusal

    async def work(aws: SharedAws) -> None:
        session = await opened(aws)
        with pytest.raises(RegionDisabled, match=REGION):
            await session.ask(questions.SES_ACCOUNT)

    on_shared(work)


def test_what_fails_once_is_asked_again(vendor_environment: Wire, on_shared: Callable[..., Any]) -> None:
    answers = iter(
        [vendor_environment.refusal("Throttling", "slower", status=400), vendor_environment.role('{"Version": "1"}')]
    )
    vendor_environment.replies["GetRole"] = lambda _: next(answers)

    async def work(aws: SharedAws) -> Any:
        return await (await opened(aws)).ask(questions.trust_policy("mail"))

    assert on_shared(work, Limits(connect_timeout=1, read_timeout=5, attempts=2)) == {"Version": "1"}


@pytest.mark.parametrize("body", ["", "<html>", "{}", "<GetRoleResponse/>", "\x00"], ids=repr)
def test_an_answer_that_is_none_is_unreachable(
    vendor_environment: Wire, on_shared: Callable[..., Any], body: str, reply: Any
) -> None:
    vendor_environment.replies["GetRole"] = reply(body=body)

    async def work(aws: SharedAws) -> None:
        session = await opened(aws)
        with pytest.raises(Unreachable) as caught:
            await session.ask(questions.trust_policy("mail"))
        assert caught.value.__cause__ is caught.value.__context__ is None

    on_shared(work)


def test_silence_is_unreachable(vendor_environment: Wire, on_shared: Callable[..., Any], reply: Any) -> None:
    vendor_environment.replies["GetCallerIdentity"] = reply(body="", stalls=True)

    async def work(aws: SharedAws) -> None:
        with pytest.raises(Unreachable):
            await aws.caller()

    on_shared(work, Limits(connect_timeout=1, read_timeout=0.2, attempts=1))


def test_nobody_there_is_unreachable(
    vendor_environment: Wire, on_shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    async def work(aws: SharedAws) -> None:
        with pytest.raises(Unreachable) as caught:
            await aws.caller()
        assert caught.value.hint

    on_shared(work)


def test_a_proxy_is_used_where_there_is_one(
    vendor_environment: Wire, on_shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://aws.invalid")
    monkeypatch.setenv("http_proxy", vendor_environment.url)
    assert on_shared(lambda aws: aws.caller()).account_id == "111122223333"
    assert vendor_environment.sent[0].path == "http://aws.invalid/"


def test_a_proxy_that_is_not_there_is_unreachable(
    vendor_environment: Wire, on_shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://user:secret-of-the-proxy@127.0.0.1:1")

    async def work(aws: SharedAws) -> None:
        with pytest.raises(Unreachable) as caught:
            await aws.caller()
        assert "secret-of-the-proxy" not in str(caught.value)

    on_shared(work)


# What is kept, and what is not ---------------------------------------------------------------------------------------


def test_attack_a_redirect_is_not_followed_and_no_cookie_is_kept(
    vendor_environment: Wire, on_shared: Callable[..., Any], reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = urlsplit(vendor_environment.url).port
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://localhost:{port}")
    away = {"Location": f"http://localhost:{port}/stolen", "Set-Cookie": "account=444455556666"}
    vendor_environment.replies["GetRole"] = reply(body="", status=307, headers=away)

    async def work(aws: SharedAws) -> None:
        session = await opened(aws)
        with pytest.raises(AwsError):
            await session.ask(questions.trust_policy("mail"))
        await session.ask(questions.CALLER)

    on_shared(work)
    assert {sent.path for sent in vendor_environment.sent} == {"/"}
    assert not any("cookie" in sent.headers for sent in vendor_environment.sent)


def test_all_clients_have_one_tls_context(
    vendor_environment: Wire, on_shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:1")
    contexts = []
    monkeypatch.setattr(
        "aiobotocore.httpsession.create_urllib3_context",
        lambda: contexts.append(1) or __import__("ssl").create_default_context(),
    )

    async def work(aws: SharedAws) -> None:
        with pytest.raises(Unreachable):
            await aws.caller()
        session_clients = aws._tenants
        for service in ("sts", "sesv2", "iam"):
            with pytest.raises(AwsError):
                await _signed_by_nobody_else(session_clients, service)

    async def _signed_by_nobody_else(clients: Any, service: str) -> None:
        from byoaws.aws.credentials import TemporaryCredentials
        from byoaws.aws.errors import awaited

        keys = TemporaryCredentials(access_key_id="ASIA", secret_access_key="s" * 40, session_token="t" * 40)
        operation = {"sts": "GetCallerIdentity", "sesv2": "GetAccount", "iam": "GetUser"}[service]
        await awaited("x", lambda: TENANT.sign(keys, lambda: clients.answer(service, REGION, operation, {})))

    on_shared(work)
    assert len(contexts) == 1


def test_credentials_are_in_no_error_representation_or_log(
    vendor_environment: Wire,
    on_shared: Callable[..., Any],
    customer_keys: tuple[str, ...],
    vendor_keys: tuple[str, ...],
    secrets_in: Callable[[BaseException], list[str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    quoting = vendor_environment.refusal(
        "SignatureDoesNotMatch", f"X-Amz-Security-Token:{customer_keys[2]} {vendor_keys[1]}"
    )
    vendor_environment.replies["GetRole"] = quoting

    async def work(aws: SharedAws) -> None:
        session: Session = await opened(aws)
        with pytest.raises(BadCredentials, match="aws cannot be called") as caught:
            await session.ask(questions.trust_policy("mail"))
        said = secrets_in(caught.value)
        assert customer_keys[1] not in said
        assert customer_keys[2] not in said
        shown = (
            f"{session!r} {aws!r} {aws._keys!r} {aws._keys._held!r} {TENANT!r} {VENDOR!r} {vars(TENANT)} {session!s}"
        )
        assert not [part for part in (*customer_keys, *vendor_keys) if part in shown]

    on_shared(work)
    assert not [part for part in (*customer_keys, *vendor_keys) if part in caplog.text]


# The vendor's credentials --------------------------------------------------------------------------------------------


def test_the_vendor_s_credentials_are_fetched_once_and_not_in_the_event_loop(
    vendor_environment: Wire, on_shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    fetch = VendorSession.credentials

    def credentials(self: VendorSession) -> Any:
        threads.append(threading.current_thread())
        return fetch(self)

    monkeypatch.setattr(VendorSession, "credentials", credentials)

    async def work(aws: SharedAws) -> None:
        await asyncio.gather(*(aws.caller() for _ in range(5)), *(opened(aws) for _ in range(5)))

    on_shared(work)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert len(vendor_environment.asked("GetCallerIdentity")) == 1
    assert len(vendor_environment.asked("AssumeRole")) == 5


def test_they_are_fetched_anew_once_aws_does_not_take_them(
    vendor_environment: Wire,
    on_shared: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    vendor_keys: tuple[str, ...],
) -> None:
    good = vendor_environment.replies["AssumeRole"]
    vendor_environment.replies["AssumeRole"] = vendor_environment.refusal("ExpiredToken", "expired")
    fetched = []
    fetch = VendorSession.credentials
    monkeypatch.setattr(VendorSession, "credentials", lambda self: fetched.append(1) or fetch(self))

    async def work(aws: SharedAws) -> None:
        with pytest.raises(BadCredentials):
            await opened(aws)
        vendor_environment.replies["AssumeRole"] = good
        await opened(aws)
        await opened(aws)

    on_shared(work)
    assert len(fetched) == 2


@pytest.mark.parametrize("size", [999, 5000])
def test_attack_an_answer_without_end_is_not_held_in_memory(
    vendor_environment: Wire,
    on_shared: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    reply: Callable[..., Any],
    size: int,
) -> None:
    monkeypatch.setattr(transport, "LARGEST", 1000)
    body = '{"SendingEnabled": true, "x": "' + "x" * size
    vendor_environment.replies["GET /v2/email/account"] = reply(body=f'{body[: size - 2]}"}}')

    async def work(aws: SharedAws) -> Any:
        return await (await opened(aws)).ask(questions.SES_ACCOUNT)

    if size < 1000:
        assert on_shared(work).sending_enabled is True
    else:
        with pytest.raises(Unreachable, match="no usable answer"):
            on_shared(work)


@pytest.mark.parametrize("missing", ["keys", "profile"])
def test_without_credentials_nothing_is_sent(
    wire: Wire, on_shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
    if missing == "profile":
        monkeypatch.setenv("AWS_PROFILE", "ghost")

    async def work(aws: SharedAws) -> None:
        for call in (aws.caller(), opened(aws)):
            with pytest.raises(BadCredentials, match="ghost" if missing == "profile" else "credentials") as caught:
                await call
            assert caught.value.hint

    on_shared(work)
    assert wire.sent == []


def test_an_identity_tells_botocore_of_no_account() -> None:
    identity = Identity("nobody")
    assert asyncio.run(identity.get_deferred_property("account_id")()) is None
    with pytest.raises(AttributeError):
        identity.get_deferred_property("access_key")
    assert not hasattr(identity, "access_key")
