"""The customer's webhook secret by boto3: what is sent, held against botocore's model, and that no key gets out."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.webhook_secrets import BotoWebhookSecrets
from byoaws.errors import AccessDenied, AwsError, InvalidRequest, NotFound, Throttled, Unreachable

ARN = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:WebhookSigningSecret-x-AbCdEf"
NEW, OLD = "whsec_bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG4=", "whsec_b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG8="
RESOURCE = {"ResourceType": "x", "Timestamp": datetime(2026, 11, 21, tzinfo=UTC), "ResourceStatus": "CREATE_COMPLETE"}


@pytest.fixture
def secrets(opened: BotoCustomerAws) -> BotoWebhookSecrets:
    opened.caller()  # opens the session, whose credentials the stubs would otherwise not see
    return BotoWebhookSecrets.under_role(opened)


def test_find(secrets: BotoWebhookSecrets) -> None:
    found = [
        {"LogicalResourceId": "Other", "PhysicalResourceId": "x", **RESOURCE},
        {"LogicalResourceId": "Mine", "PhysicalResourceId": ARN, **RESOURCE},
        {"LogicalResourceId": "NotYet", **RESOURCE},
    ]
    stub = Stubber(secrets._cloudformation)
    for _ in range(3):
        stub.add_response("describe_stack_resources", {"StackResources": found}, {"StackName": "mail"})
    with stub:
        assert secrets.find("mail", "Mine") == ARN
        for missing in ("None", "NotYet"):
            with pytest.raises(NotFound, match=f"stack 'mail' has no '{missing}'"):
                secrets.find("mail", missing)


def test_read(secrets: BotoWebhookSecrets) -> None:
    answer = {"ARN": ARN, "Name": "x", "SecretString": f"{NEW} {OLD}"}
    stub = Stubber(secrets._secrets)
    stub.add_response("get_secret_value", answer, {"SecretId": ARN})
    with stub:
        found = secrets.read(ARN)
    assert (found.arn, found.text) == (ARN, f"{NEW} {OLD}")
    assert NEW not in repr(found)


@pytest.mark.parametrize("answer", [{"ARN": ARN}, {"SecretString": NEW}, {"ARN": ARN, "SecretBinary": b"x"}], ids=str)
def test_an_answer_without_the_text(secrets: BotoWebhookSecrets, answer: dict[str, Any]) -> None:
    stub = Stubber(secrets._secrets)
    stub.add_response("get_secret_value", answer)
    with stub, pytest.raises(Unreachable, match="no usable answer") as refused:
        secrets.read(ARN)
    assert NEW not in str(refused.value)


def test_write(secrets: BotoWebhookSecrets) -> None:
    stub = Stubber(secrets._secrets)
    # The client makes the token by which AWS knows a second try.
    stub.add_response("put_secret_value", {"ARN": ARN})
    with stub:
        secrets.write(ARN, f"{NEW} {OLD}")
    stub.assert_no_pending_responses()


KINDS = {
    "AccessDeniedException": AccessDenied,
    "ThrottlingException": Throttled,
    "ResourceNotFoundException": NotFound,
    "InvalidParameterException": InvalidRequest,
    "InternalServiceError": AwsError,
}


@pytest.mark.parametrize(("code", "kind"), KINDS.items(), ids=KINDS)
def test_a_refusal_that_quotes_the_keys(secrets: BotoWebhookSecrets, code: str, kind: type[AwsError]) -> None:
    stub = Stubber(secrets._secrets)
    stub.add_client_error("put_secret_value", code, f"cannot store '{NEW} {OLD}' there", 400)
    with stub, pytest.raises(kind) as refused:
        secrets.write(ARN, f"{NEW} {OLD}")
    error = refused.value
    everything = "".join(traceback.format_exception(error)) + f"{error!r}{error.aws_message}{error.hint}{vars(error)}"
    assert not any(key in everything for key in (NEW, OLD))
    assert (error.__cause__, error.__context__) == (None, None)
    assert (error.code, error.operation) == (code, "secretsmanager:PutSecretValue")


def test_attack_not_even_botocores_debug_log_shows_a_key(
    secrets: BotoWebhookSecrets, vendor_environment: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """botocore logs every answer, and every request with its body: who looks for a fault switches that on."""
    vendor_environment.replies["POST /"] = type(vendor_environment.replies["GET /v2/email/account"])(
        body=json.dumps({"ARN": ARN, "Name": "x", "SecretString": OLD})
    )
    caplog.set_level(logging.DEBUG)
    assert secrets.read(ARN).text == OLD
    secrets.write(ARN, f"{NEW} {OLD}")
    assert "PutSecretValue" in caplog.text
    assert NEW not in caplog.text
    assert OLD not in caplog.text


def test_attack_nor_the_session_that_signs(
    secrets: BotoWebhookSecrets, customer_keys: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """botocore logs each request before and after it is signed, and a session token is one of its headers."""
    caplog.set_level(logging.DEBUG)
    secrets._session.ask(
        "sts:GetCallerIdentity", lambda: secrets._session.client("sts", "us-east-1").get_caller_identity()
    )
    assert "GetCallerIdentity" in caplog.text
    assert "CanonicalRequest" in caplog.text
    for secret in customer_keys[1:]:
        assert secret not in caplog.text
