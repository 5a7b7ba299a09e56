"""What MiniStack lacks and is added beside it: access keys of a stack, one call of SES v1, being one principal."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.access_keys import without_keys
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.session_arns import also_sessions
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.fakeaws.principals import become
from byoaws.fakeaws.ses_v1 import SesV1
from byoaws.flows.stack import generate
from byoaws.quickcreate.url import Link
from byoaws.vendors.file import load_vendor

REGION = "us-east-1"
SELFMX = load_vendor("selfmx", {})


def test_a_template_without_keys_is_left_as_it_is() -> None:
    template = generate(load_vendor("sendfleet", {}), "yaml")
    assert without_keys(template) == (template, {})


@pytest.mark.parametrize(("make", "keys"), [("yes", 1), ("no", 0)])
def test_the_key_of_a_stack_is_made_and_lies_in_its_secret(
    fake_aws: FakeAws, aws_customer: Account, make: str, keys: int
) -> None:
    url = arrange.publish_template(
        fake_aws, generate(SELFMX, "yaml"), region=REGION, key=f"templates/{uuid.uuid4()}.yaml"
    )
    link = Link(region=REGION, template_url=url, stack_name="selfmx", parameters={"MakeAccessKey": make})
    outputs = QuickCreatePage.open(fake_aws, link, customer=aws_customer).create(acknowledge=True).outputs
    iam = fake_aws.client(aws_customer, "iam", REGION)
    made = iam.list_access_keys(UserName=outputs["UserName"])["AccessKeyMetadata"]
    assert len(made) == keys
    if keys:
        secrets = fake_aws.client(aws_customer, "secretsmanager", REGION)
        held = json.loads(secrets.get_secret_value(SecretId=outputs["AccessKeySecretArn"])["SecretString"])
        assert held["AWS_ACCESS_KEY_ID"] == made[0]["AccessKeyId"]
        user = Account(
            account_id=aws_customer.account_id,
            access_key_id=held["AWS_ACCESS_KEY_ID"],
            secret_access_key=held["AWS_SECRET_ACCESS_KEY"],
            principal_arn="",
        )
        assert fake_aws.client(user, "sts", REGION).get_caller_identity()["Account"] == aws_customer.account_id
    assert not any(held_part in str(outputs) for held_part in ("SecretAccessKey", "AWS_SECRET"))


@pytest.fixture
def ses_v1(fake_aws: Any) -> Iterator[SesV1]:
    server = SesV1(fake_aws.server)
    try:
        yield server
    finally:
        server.stop()


def client(fake_aws: FakeAws, ses_v1: SesV1, who: Account, *, secret: str = "") -> Any:
    return botocore.session.get_session().create_client(
        "ses",
        region_name=REGION,
        endpoint_url=ses_v1.endpoint,
        verify=str(fake_aws.ca_file),
        aws_access_key_id=who.access_key_id,
        aws_secret_access_key=secret or who.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_ses_v1_answers_what_is_lacking_and_hands_on_the_rest(
    fake_aws: FakeAws, aws_customer: Account, ses_v1: SesV1
) -> None:
    ses = client(fake_aws, ses_v1, aws_customer)
    assert ses.get_account_sending_enabled()["Enabled"] is True
    assert ses.get_send_quota()["Max24HourSend"] > 200
    with pytest.raises(ClientError, match="Unknown action"):
        ses.get_custom_verification_email_template(TemplateName="x")


def test_ses_v1_asks_who_is_calling_and_whether_they_may(
    fake_aws: FakeAws, aws_customer: Account, nobody: Account, ses_v1: SesV1
) -> None:
    with pytest.raises(ClientError) as refused:
        client(fake_aws, ses_v1, aws_customer, secret="wrong").get_account_sending_enabled()
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    with pytest.raises(ClientError) as refused:
        client(fake_aws, ses_v1, nobody).get_account_sending_enabled()
    assert refused.value.response["Error"]["Code"].startswith("AccessDenied")


@pytest.mark.parametrize(
    ("principal", "arn"),
    [
        ("role/mail-*", "assumed-role/mail-demo/"),
        ("role/prod/mailer", "assumed-role/mailer/"),
        ("user/ops-?", "user/ops-x"),
        ("user/byoaws-*", "user/byoaws-vendor"),
    ],
)
def test_becoming_the_principal_that_a_vendor_file_names(
    fake_aws: FakeAws, aws_customer: Account, principal: str, arn: str
) -> None:
    unique = principal.replace("mail", f"m{uuid.uuid4().hex[:6]}").replace("ops", f"o{uuid.uuid4().hex[:6]}")
    found = become(fake_aws, fake_aws.vendor, unique)
    assert f":{arn.partition('/')[0]}/" in found.principal_arn
    trust = {"Effect": "Allow", "Principal": {"AWS": fake_aws.vendor.account_id}, "Action": "sts:AssumeRole"}
    role = arrange.create_role(fake_aws, aws_customer, "r", trust={"Version": "2012-10-17", "Statement": [trust]})
    sts = fake_aws.client(found, "sts", REGION)
    assert sts.assume_role(RoleArn=role, RoleSessionName="probe")["Credentials"]
    with pytest.raises(ClientError):
        fake_aws.client(found, "iam", REGION).list_users()


ROLE, SESSION = "arn:aws:iam::111122223333:role/mail/m-*", "arn:aws:sts::111122223333:assumed-role/m-*/*"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"ArnLike": {"aws:PrincipalArn": ROLE}}, {"ArnLike": {"aws:PrincipalArn": [ROLE, SESSION]}}),
        ({"ArnLike": {"aws:PrincipalArn": [ROLE, SESSION]}}, {"ArnLike": {"aws:PrincipalArn": [ROLE, SESSION]}}),
        (
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1:user/x"}},
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1:user/x"}},
        ),
        ({"StringEquals": {"sts:ExternalId": ROLE}}, {"StringEquals": {"sts:ExternalId": ROLE}}),
    ],
    ids=["role", "already", "user", "another key"],
)
def test_sessions_of_a_role_that_a_condition_names(condition: dict[str, Any], expected: dict[str, Any]) -> None:
    document: dict[str, Any] = {"Statement": [{"Effect": "Allow", "Condition": condition}, {"Effect": "Deny"}]}
    assert also_sessions(document) == {"Statement": [{"Effect": "Allow", "Condition": expected}, {"Effect": "Deny"}]}
