"""Who may do what in the embedded AWS: the tests of everything else rest on this."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byoaws.errors import FakeAwsError
from byoaws.fakeaws import accounts, arrange
from byoaws.fakeaws.clients import Clients
from byoaws.fakeaws.interface import Account, FakeAws

RIGHT, WRONG = "right-0123456789abcdef", "wrong-0123456789abcdef"
SES_ONLY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*"}],
}


def trust(principal: str, condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}


def opens(aws: FakeAws, role_arn: str, external_id: str | None) -> bool:
    asked = {"RoleArn": role_arn, "RoleSessionName": "byoaws"} | ({"ExternalId": external_id} if external_id else {})
    try:
        aws.client(aws.vendor, "sts", "us-east-1").assume_role(**asked)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param({"StringEquals": {"sts:ExternalId": RIGHT}}, (False, False, True), id="sound"),
        pytest.param(None, (True, True, True), id="no-condition"),
        pytest.param({"StringEqualsIfExists": {"sts:ExternalId": RIGHT}}, (True, False, True), id="if-exists"),
        pytest.param({"StringLike": {"sts:ExternalId": "*"}}, (False, True, True), id="wildcard"),
        pytest.param({"StringEquals": {"sts:ExternalId": WRONG}}, (False, True, False), id="another-customers"),
    ],
)
def test_role_opens_as_its_trust_policy_says(
    fake_aws: FakeAws,
    aws_customer: Account,
    condition: Mapping[str, Any] | None,
    expected: tuple[bool, bool, bool],
) -> None:
    root = f"arn:aws:iam::{fake_aws.vendor.account_id}:root"
    role = arrange.create_role(fake_aws, aws_customer, "byoaws", trust=trust(root, condition))
    assert tuple(opens(fake_aws, role, external_id) for external_id in (None, WRONG, RIGHT)) == expected


def test_role_of_another_vendor_stays_shut(fake_aws: FakeAws, aws_customer: Account) -> None:
    other = trust("arn:aws:iam::999988887777:root", {"StringEquals": {"sts:ExternalId": RIGHT}})
    role = arrange.create_role(fake_aws, aws_customer, "byoaws", trust=other)
    assert not opens(fake_aws, role, RIGHT)


@pytest.mark.parametrize(
    ("service", "operation"),
    [("iam", "list_roles"), ("s3", "list_buckets"), ("sesv2", "get_account"), ("cloudformation", "list_stacks")],
)
def test_vendor_may_do_nothing_but_assume_roles(fake_aws: FakeAws, service: str, operation: str) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(fake_aws.client(fake_aws.vendor, service, "eu-west-1"), operation)()
    assert raised.value.response["Error"]["Code"].startswith("AccessDenied")


def test_accounts_are_separate(fake_aws: FakeAws, aws_customer: Account) -> None:
    assert len({fake_aws.vendor.account_id, fake_aws.customer.account_id, aws_customer.account_id}) == 3
    arrange.create_role(fake_aws, aws_customer, "only-here", trust=trust("999988887777"))
    mine, other = (fake_aws.client(account, "iam", "us-east-1") for account in (aws_customer, fake_aws.customer))
    assert mine.get_role(RoleName="only-here")["Role"]["Arn"].split(":")[4] == aws_customer.account_id
    with pytest.raises(ClientError, match="NoSuchEntity"):
        other.get_role(RoleName="only-here")


@pytest.mark.parametrize("who", ["vendor", "publisher", "customer"])
def test_key_belongs_to_the_user_it_says(fake_aws: FakeAws, who: str) -> None:
    account: Account = getattr(fake_aws, who)
    caller = fake_aws.client(account, "sts", "us-east-1").get_caller_identity()
    assert (caller["Account"], caller["Arn"]) == (account.account_id, account.principal_arn)
    assert ":user/" in account.principal_arn


def test_wrong_secret_is_refused(fake_aws: FakeAws) -> None:
    forged = replace(fake_aws.customer, secret_access_key="x" * 40)
    clients = Clients(fake_aws.endpoint, fake_aws.ca_file)
    try:
        with pytest.raises(ClientError, match="signature"):
            clients.open(forged, "sts", "us-east-1").get_caller_identity()
    finally:
        clients.close()


def test_users_settings_do_not_matter(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_PROFILE": "missing",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SESSION_TOKEN": "left over",
        "AWS_ENDPOINT_URL_STS": "https://127.0.0.1:1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    clients = Clients(fake_aws.endpoint, fake_aws.ca_file)
    try:
        caller = clients.open(fake_aws.customer, "sts", "us-east-1").get_caller_identity()
    finally:
        clients.close()
    assert caller["Arn"] == fake_aws.customer.principal_arn


def test_server_of_another_is_noticed(fake_aws: FakeAws) -> None:
    clients = Clients(fake_aws.endpoint, fake_aws.ca_file)
    try:
        with pytest.raises(FakeAwsError, match="user 'x' could not be made in account 444455556666"):
            accounts.create_user(clients, accounts.root_of(accounts.CUSTOMER_ID, "not the secret"), "x", [])
    finally:
        clients.close()


def test_repr_holds_no_secret(fake_aws: FakeAws) -> None:
    assert fake_aws.customer.secret_access_key not in repr(fake_aws.customer)


def test_permissions_of_a_session_are_enforced(fake_aws: FakeAws, aws_customer: Account) -> None:
    condition = {"StringEquals": {"sts:ExternalId": RIGHT}}
    role = arrange.create_role(
        fake_aws, aws_customer, "byoaws", trust=trust(fake_aws.vendor.principal_arn, condition), permissions=SES_ONLY
    )
    sts = fake_aws.client(fake_aws.vendor, "sts", "us-east-1")
    keys = sts.assume_role(RoleArn=role, RoleSessionName="byoaws", ExternalId=RIGHT)["Credentials"]
    session = Account(
        account_id=aws_customer.account_id,
        access_key_id=keys["AccessKeyId"],
        secret_access_key=keys["SecretAccessKey"],
        session_token=keys["SessionToken"],
        principal_arn=role,
    )
    assert fake_aws.client(session, "sesv2", "eu-west-1").get_account()["SendingEnabled"]
    with pytest.raises(ClientError, match="ses:GetSendQuota"):
        fake_aws.client(session, "ses", "eu-west-1").get_send_quota()
