"""`policy`: documents for people who make the role by hand, and for those who may create the stack."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from click.testing import Result

EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"


@pytest.fixture
def policy(output_of: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    return lambda *args, **options: json.loads(output_of("policy", *args, **options))


def test_trust(policy: Callable[..., dict[str, Any]], vendor_env: Mapping[str, str]) -> None:
    assert policy("trust", "--external-id", EXTERNAL_ID) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("env", "principal", "only"),
    [
        (
            {"MAILMARK_AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/saas"},
            "arn:aws:iam::111122223333:role/saas",
            None,
        ),
        (
            {"MAILMARK_AWS_PRINCIPAL": "role/saas-*"},
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/saas-*",
        ),
    ],
    ids=["role", "pattern"],
)
def test_trust_as_narrow_as_the_vendor_file_says(
    env: dict[str, str],
    principal: str,
    only: str | None,
    policy: Callable[..., dict[str, Any]],
    vendor_env: Mapping[str, str],
) -> None:
    (statement,) = policy("trust", "--external-id", EXTERNAL_ID, env=env)["Statement"]
    assert statement["Principal"] == {"AWS": principal}
    assert statement["Condition"].get("ArnLike", {}).get("aws:PrincipalArn") == only
    assert statement["Condition"]["StringEquals"] == {"sts:ExternalId": EXTERNAL_ID}


def test_trust_in_another_partition(policy: Callable[..., dict[str, Any]], vendor_env: Mapping[str, str]) -> None:
    document = policy("trust", "--external-id", EXTERNAL_ID, "--region", "us-gov-west-1")
    assert document["Statement"][0]["Principal"] == {"AWS": "arn:aws-us-gov:iam::111122223333:root"}


def test_trust_with_placeholders_warns_and_cannot_be_pasted_as_it_is(run: Callable[..., Result]) -> None:
    done = run("policy", "trust")
    assert done.exit_code == 0
    (statement,) = json.loads(done.stdout)["Statement"]
    assert "<" in statement["Principal"]["AWS"]
    # No call can carry it: AWS allows neither < nor > in an ExternalId.
    assert statement["Condition"]["StringEquals"]["sts:ExternalId"] == "<EXTERNAL_ID>"
    assert done.stderr.count("warning: ") == 2


def test_permissions_name_no_wildcard_action(policy: Callable[..., dict[str, Any]]) -> None:
    document = policy("permissions")
    actions = [action for statement in document["Statement"] for action in statement["Action"]]
    assert "ses:GetAccount" in actions
    assert not [action for action in actions if action == "*" or action.endswith(":*")]


@pytest.mark.parametrize("kind", ["permissions", "deployer"])
def test_region_and_account_limit_arns(kind: str, policy: Callable[..., dict[str, Any]]) -> None:
    limited = json.dumps(policy(kind, "--region", "us-gov-west-1", "--account-id", "444455556666"))
    assert ":us-gov-west-1:444455556666:" in limited
    assert "arn:aws-us-gov:" in limited
    assert "arn:aws:" not in limited
    assert json.dumps(policy(kind)) != limited


def test_deployer_may_create_the_stack_and_pass_its_roles(policy: Callable[..., dict[str, Any]]) -> None:
    statements = policy("deployer")["Statement"]
    actions = {
        action
        for statement in statements
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert {"cloudformation:CreateStack", "iam:CreateRole", "s3:CreateBucket"} <= actions
    assert "*" not in actions
