"""The stack's own report, against a vendor on loopback that takes it, refuses it, or is not there at all."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from standardwebhooks.webhooks import Webhook as Judge

from byoaws.webhooks import verify_registration

STACK = "arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1a2b3c4d-0000"
ROLE = "arn:aws:iam::444455556666:role/byoaws/acme/acme-AccessRole-1ABC"
TOKEN = "once_" + "x" * 43
NEW_TOKEN = "once_" + "y" * 43
SECRET = "whsec_" + "c" * 44


class Secrets:
    """Secrets Manager; `fail` makes it refuse."""

    def __init__(self, text: str = SECRET, fail: bool = False) -> None:
        self.text, self.fail = text, fail

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        assert SecretId == "arn:secret"
        if self.fail:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "GetSecretValue")
        return {"SecretString": self.text}


class CloudFormation:
    """Says which state a stack has; or raises it."""

    def __init__(self, state: str | Exception) -> None:
        self.state = state

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        assert StackName == STACK
        if isinstance(self.state, Exception):
            raise self.state
        return {"Stacks": [{"StackStatus": self.state}]}


class Context:
    def __init__(self, seconds: float = 120.0) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@pytest.fixture
def vendor(webhook: Any) -> Any:
    """The vendor's endpoint, whose authority the function trusts."""
    return webhook


@pytest.fixture
def run(
    load: Callable[..., Any], receiver: Any, vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Send one request to the handler, and return what CloudFormation is told."""

    def call(
        kind: str = "Create",
        *,
        secrets: Secrets | None = None,
        context: Context | None = None,
        old: dict[str, Any] | None = None,
        patience: float | None = None,
        url: str | None = vendor.url,
        secret_arn: str | None = "arn:secret",  # noqa: S107  where it is, not what it is
        state: str | Exception = "DELETE_IN_PROGRESS",
        **properties: Any,
    ) -> dict[str, Any]:
        for setting, value in {"URL": url, "SECRET_ARN": secret_arn}.items():
            monkeypatch.delenv(setting, raising=False)
            if value is not None:
                monkeypatch.setenv(setting, value)
        given = {
            "Url": vendor.url,
            "Token": TOKEN,
            "ConnectionId": "con_8rqyhtrb2pcp0t8wn9jr",
            "Vendor": "Acme Mail",
            "TemplateVersion": "1.0.0",
            "RoleArn": ROLE,
            "BucketName": "acme-mail",
            "Outputs": {"RoleArn": ROLE},
            **properties,
        }
        event: dict[str, Any] = {
            "RequestType": kind,
            "ResponseURL": f"{receiver.url}/answer",
            "StackId": STACK,
            "RequestId": "request-1",
            "LogicalResourceId": "Registration",
            "ResourceProperties": {name: value for name, value in given.items() if value is not None},
        }
        if old is not None:
            event["OldResourceProperties"] = old
        module = load("registration", secretsmanager=secrets or Secrets(), cloudformation=CloudFormation(state))
        module.PATIENCE = patience or module.PATIENCE
        module.handler(event, context or Context())
        (request,) = receiver.received
        receiver.received.clear()
        assert (request.method, request.headers["content-type"]) == ("PUT", "")
        assert len(request.body) <= 4096
        answer: dict[str, Any] = json.loads(request.body)
        assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "registration")
        assert answer["Reason"] == answer["Data"]["Summary"]
        return answer

    return call


def test_a_new_stack_tells_what_a_person_would_paste(run: Callable[..., Any], vendor: Any) -> None:
    assert run()["Data"]["Summary"] == "told Acme Mail, which now verifies it"
    (request,) = vendor.received
    assert request.path == "/in?token=hush"
    report = verify_registration(request.headers, request.body)
    assert (report.type, report.token) == ("stack.created", TOKEN)
    assert (report.account_id, report.region, report.stack_id) == ("444455556666", "eu-west-1", STACK)
    assert (report.role_arn, report.bucket_name, report.template_version) == (ROLE, "acme-mail", "1.0.0")
    assert report.outputs == {"RoleArn": ROLE}
    # Signed as well, for who knows the secret already: judged by the package that is not ours.
    Judge(SECRET).verify(request.body, request.headers)


def test_without_a_secret_the_token_is_enough(run: Callable[..., Any], vendor: Any) -> None:
    run(secret_arn=None, BucketName=None)
    (request,) = vendor.received
    assert "webhook-signature" not in request.headers
    assert verify_registration(request.headers, request.body).bucket_name is None


@pytest.mark.parametrize("secrets", [Secrets(fail=True), Secrets(text="not base64!")], ids=["refused", "no key"])
def test_a_secret_that_cannot_be_read_does_not_keep_the_token_from_being_told(
    run: Callable[..., Any], vendor: Any, secrets: Secrets
) -> None:
    assert run(secrets=secrets)["Data"]["Summary"].startswith("told")
    assert "webhook-signature" not in vendor.received[0].headers


def test_a_deletion_is_signed_and_carries_no_token(run: Callable[..., Any], vendor: Any) -> None:
    run("Delete")
    (request,) = vendor.received
    report = verify_registration(request.headers, request.body, [SECRET])
    assert (report.type, report.token, report.stack_id) == ("stack.deleted", None, STACK)
    assert TOKEN.encode() not in request.body


def test_while_a_secret_is_rotated_a_deletion_is_signed_with_both(run: Callable[..., Any], vendor: Any) -> None:
    other = "whsec_" + "d" * 44
    run("Delete", secrets=Secrets(f"{other} {SECRET}"))
    for secret in (SECRET, other):
        Judge(secret).verify(vendor.received[0].body, vendor.received[0].headers)


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_what_nothing_could_prove_is_not_told(run: Callable[..., Any], vendor: Any, kind: str) -> None:
    answer = run(kind, secret_arn=None, Token="", old={"Token": ""})
    assert answer["Reason"] == (
        "not told: there is neither a token nor a webhook secret to prove it with. Please paste the outputs"
    )
    assert vendor.received == []


@pytest.mark.parametrize(
    ("old", "token"),
    [({"Token": TOKEN}, None), ({"Token": NEW_TOKEN}, TOKEN), ({}, TOKEN)],
    ids=["same", "new", "first"],
)
def test_an_update_shows_a_token_that_was_not_shown_before(
    run: Callable[..., Any], vendor: Any, old: dict[str, str], token: str | None
) -> None:
    run("Update", old=old)
    report = verify_registration(vendor.received[0].headers, vendor.received[0].body, [SECRET])
    assert (report.type, report.token) == ("stack.updated", token)


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("fault", [500, 503, 429, "close", "mute", "garbage"], ids=str)
def test_a_vendor_that_fails_is_asked_again_with_the_same_report(
    run: Callable[..., Any], vendor: Any, kind: str, fault: int | str
) -> None:
    vendor.answers[:] = [fault, fault]
    assert run(kind)["Reason"].startswith("told")
    arrived = vendor.received
    assert len({(one.body, one.headers["webhook-id"]) for one in arrived}) == 1


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("fault", [500, "close", "mute"], ids=str)
def test_a_vendor_that_keeps_failing_never_fails_the_stack(
    run: Callable[..., Any], vendor: Any, kind: str, fault: int | str
) -> None:
    vendor.answers[:] = [fault] * 3
    assert run(kind)["Reason"].startswith("not told: the vendor answered ")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413])
def test_a_refusal_is_taken_for_an_answer(run: Callable[..., Any], vendor: Any, status: int) -> None:
    vendor.answers[:] = [status, 204]
    reason = run()["Reason"]
    assert (reason, len(vendor.received)) == (f"not told: the vendor answered {status}. Please paste the outputs", 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(run: Callable[..., Any], vendor: Any, receiver: Any, status: int) -> None:
    vendor.answers[:] = [status]
    vendor.location = f"{vendor.url}/elsewhere"
    assert run()["Reason"] == f"not told: the vendor answered {status}. Please paste the outputs"
    assert len(vendor.received) == 1


@pytest.mark.parametrize("fault", ["hang", "drip", "drip_body", "drink"])
def test_a_slow_vendor_holds_nobody_up(run: Callable[..., Any], vendor: Any, fault: str) -> None:
    vendor.answers[:] = [fault] * 3
    reason = run(patience=0.15)["Reason"]
    assert reason.startswith(("not told: the vendor answered nothing", "told"))
    assert fault == "drip_body" or reason.startswith("not told")


def test_near_the_end_of_its_time_it_answers_rather_than_posts(run: Callable[..., Any], vendor: Any) -> None:
    assert run(context=Context(30))["Reason"] == "not told: no time is left. Please paste the outputs"
    assert vendor.received == []


def test_an_authority_that_nobody_knows_is_not_trusted(
    run: Callable[..., Any], vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert run()["Reason"] == (
        "not told: the vendor answered nothing (SSLCertVerificationError). Please paste the outputs"
    )
    assert vendor.received == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "file:///etc/passwd", "", "https://"], ids=str)
def test_only_https_is_spoken(run: Callable[..., Any], url: str) -> None:
    assert run(url=url)["Reason"].startswith("not told: ")


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_request_that_somebody_made_up_is_told_to_nobody_else_and_signed_with_no_other_secret(
    run: Callable[..., Any], vendor: Any, receiver: Any, kind: str
) -> None:
    """Whoever may call the function would else have anything signed, and read the signature."""
    run(kind, Url="https://127.0.0.1:1/strangers", SecretArn="arn:strangers", WEBHOOK_URL="https://127.0.0.1:1/")
    assert [request.path for request in vendor.received] == ["/in?token=hush"]
    Judge(SECRET).verify(vendor.received[0].body, vendor.received[0].headers)


STATES = [
    "CREATE_IN_PROGRESS",
    "CREATE_COMPLETE",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    ClientError({"Error": {"Code": "AccessDenied", "Message": "another stack"}}, "DescribeStacks"),
    ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "DescribeStacks"),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_while_the_stack_stays_no_deletion_is_told(
    run: Callable[..., Any], vendor: Any, state: str | Exception
) -> None:
    """Made up; or an update that took the resource out, or that made it and was rolled back."""
    assert run("Delete", state=state)["Reason"].startswith("not told: ")
    assert vendor.received == []


@pytest.mark.parametrize("state", ["DELETE_IN_PROGRESS", "DELETE_COMPLETE", "ROLLBACK_IN_PROGRESS"])
def test_when_the_stack_goes_its_deletion_is_told(run: Callable[..., Any], vendor: Any, state: str) -> None:
    assert run("Delete", state=state)["Reason"].startswith("told")
    assert verify_registration(vendor.received[0].headers, vendor.received[0].body, [SECRET]).type == "stack.deleted"


def test_without_its_setting_it_tells_nobody(run: Callable[..., Any], vendor: Any) -> None:
    assert run(url=None)["Reason"] == "not told: KeyError. Please paste the outputs"
    assert vendor.received == []


@pytest.mark.parametrize("missing", ["ConnectionId", "RoleArn", "TemplateVersion"])
@pytest.mark.parametrize("kind", ["Create", "Delete"])
def test_a_malformed_request_is_answered_too(run: Callable[..., Any], vendor: Any, kind: str, missing: str) -> None:
    assert run(kind, **{missing: None})["Reason"] == "not told: KeyError. Please paste the outputs"
    assert vendor.received == []


@pytest.mark.parametrize("event", [{}, {"RequestType": "Refresh"}, {"RequestType": "Create"}], ids=str)
def test_an_unknown_request_is_answered(load: Callable[..., Any], receiver: Any, event: dict[str, Any]) -> None:
    module = load("registration", secretsmanager=SimpleNamespace())
    module.handler({"ResponseURL": f"{receiver.url}/answer", **event}, Context())
    assert json.loads(receiver.received[0].body)["Status"] == "SUCCESS"


def test_nothing_secret_is_logged_or_told_to_cloudformation(
    run: Callable[..., Any], vendor: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor.answers[:] = [500] * 3
    answer = json.dumps(run())
    said = answer + capsys.readouterr().out
    for hidden in (TOKEN, SECRET, SECRET.removeprefix("whsec_"), "hush"):
        assert hidden not in said


def test_answering_is_tried_again_and_then_left_to_lambda(load: Callable[..., Any], receiver: Any) -> None:
    module = load("registration", secretsmanager=Secrets())
    event = {"ResponseURL": receiver.url, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"}
    receiver.answers[:] = [503, 500]
    module.answer(event, "told", module.time.monotonic() + 100)
    assert len(receiver.received) == 3
    receiver.answers[:] = [503] * 3
    with pytest.raises(RuntimeError, match="CloudFormation could not be answered"):
        module.answer(event, "told", module.time.monotonic() + 100)
