"""Naming a role without its path, beside its full name, and nothing else."""

from typing import Any

import pytest

from byoaws.arn import parse_role_arn
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console import role_paths
from byoaws.fakeaws.console.role_paths import also_without_path
from byoaws.fakeaws.interface import Account, FakeAws

FULL = "arn:aws:iam::444455556666:role/byoaws/x/connection"
BARE = "arn:aws:iam::444455556666:role/connection"


def policy(resource: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetRole", "Resource": resource}]}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        pytest.param(FULL, [FULL, BARE], id="alone"),
        pytest.param(
            [FULL, "arn:aws:iam::444455556666:role/other"],
            [FULL, "arn:aws:iam::444455556666:role/other", BARE],
            id="among-others",
        ),
        pytest.param([FULL, BARE], [FULL, BARE], id="already"),
        pytest.param("*", "*", id="anything"),
        pytest.param(f"{FULL}-2", f"{FULL}-2", id="longer-name"),
        pytest.param(
            "arn:aws:iam::444455556666:role/byoaws/*", "arn:aws:iam::444455556666:role/byoaws/*", id="pattern"
        ),
    ],
)
def test_resource(resource: Any, expected: Any) -> None:
    assert also_without_path(policy(resource), parse_role_arn(FULL)) == policy(expected)


def test_all_roles_below_are_named_one_by_one() -> None:
    below = [parse_role_arn("arn:aws:iam::444455556666:role/byoaws/x/functions/forwarder")]
    every = "arn:aws:iam::444455556666:role/byoaws/x/functions/*"
    expected = policy([every, "arn:aws:iam::444455556666:role/forwarder"])
    assert also_without_path(policy(every), parse_role_arn(FULL), below) == expected


def test_statement_that_is_not_a_list() -> None:
    statement = policy(FULL)["Statement"][0]
    assert also_without_path({"Statement": statement}, parse_role_arn(FULL)) == {
        "Statement": [{**statement, "Resource": [FULL, BARE]}]
    }


def test_role_without_a_path_is_left_alone(fake_aws: FakeAws, aws_customer: Account) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    document = policy(f"arn:aws:iam::{aws_customer.account_id}:role/plain")
    arrange.create_role(fake_aws, aws_customer, "plain", trust=trust, permissions=document)
    iam = fake_aws.client(aws_customer, "iam", "us-east-1")
    role_paths.mend(iam, "plain")
    assert iam.get_role_policy(RoleName="plain", PolicyName="plain")["PolicyDocument"] == document
