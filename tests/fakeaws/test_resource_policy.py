"""What a service may do for whom: only what a policy surely allows."""

import json
from typing import Any

import pytest

from byoaws.fakeaws.resource_policy import ServiceCall, refusal

RULE = "arn:aws:ses:us-east-1:111122223333:receipt-rule-set/set:receipt-rule/rule"
CALL = ServiceCall(
    service="ses.amazonaws.com",
    action="s3:PutObject",
    resource="arn:aws:s3:::bucket/inbound/x",
    account="111122223333",
    source=RULE,
)
SES = {"Service": "ses.amazonaws.com"}


def statement(**changes: Any) -> dict[str, Any]:
    usual = {"Effect": "Allow", "Principal": SES, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/inbound/*"}
    return {**usual, **changes}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


BOUND = {"StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": RULE}}
OVER_TLS = statement(Effect="Deny", Principal="*", Action="s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})


@pytest.mark.parametrize(
    "statements",
    [
        [statement()],
        [statement(Condition=BOUND)],
        [statement(Condition=BOUND), OVER_TLS],
        [statement(Condition={"StringEquals": {"aws:Referer": "111122223333"}})],
        [
            statement(
                Condition={
                    "ArnLike": {"aws:SourceArn": "arn:aws:ses:*:111122223333:receipt-rule-set/*:receipt-rule/rule"}
                }
            )
        ],
        [statement(Principal="*")],
    ],
    ids=["bare", "bound", "over TLS", "the old form", "any rule set", "anybody"],
)
def test_allowed(statements: list[dict[str, Any]]) -> None:
    assert refusal(policy(*statements), CALL) is None


@pytest.mark.parametrize(
    "document",
    [
        None,
        "",
        "{",
        policy(OVER_TLS),
        policy(statement(Action="s3:GetObject")),
        policy(statement(Resource="arn:aws:s3:::bucket/other/*")),
        policy(statement(Principal={"Service": "sns.amazonaws.com"})),
        policy(statement(Principal={"AWS": "111122223333"})),
        policy(statement(Condition={"StringEquals": {"aws:SourceAccount": "444455556666"}})),
        policy(statement(Condition={"ArnLike": {"aws:SourceArn": RULE + "2"}})),
        policy(statement(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),
        policy(statement(), statement(Effect="Deny")),
    ],
    ids=[
        "none", "empty", "no JSON", "only a deny", "another action", "another prefix", "another service", "the account",
        "another account", "another rule", "a key that SES does not send", "denied",
    ],
)  # fmt: skip
def test_refused(document: str | None) -> None:
    assert refusal(document, CALL)
