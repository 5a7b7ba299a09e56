"""A connection in use, on a stack of the embedded AWS: verified, used, closed by the customer, mended, used again."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner, Result

from byoaws import connections
from byoaws.cli import main
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.quickcreate.url import parse

REGION = "us-east-1"


def run(*arguments: str, expect: int = 0) -> Result:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == expect, done.output
    return done


@pytest.fixture
def connected(operator: Mapping[str, str], fake_aws: FakeAws, aws_customer: Account) -> tuple[str, str]:
    """The id of a verified connection, and its role."""
    template = run("generate").stdout
    url = arrange.publish_template(fake_aws, template, region=REGION, key=f"{uuid.uuid4()}/connections.yaml")
    connect = ("connect", "--alias", "Used", "--region", REGION, "--template-url", url, "--format", "json")
    begun = json.loads(run(*connect).stdout)
    stack = QuickCreatePage.open(fake_aws, parse(begun["url"]), customer=aws_customer).create(acknowledge=True)
    run("verify", stack.outputs["RoleArn"], "--connection", begun["connection_id"], "--wait", "0")
    return begun["connection_id"], stack.outputs["RoleArn"]


def status_of(connection_id: str) -> Any:
    return json.loads(run("connections", "show", connection_id, "--format", "json").stdout)


def test_a_connection_is_used_closed_by_the_customer_and_mended(
    connected: tuple[str, str], fake_aws: FakeAws, aws_customer: Account
) -> None:
    connection_id, role_arn = connected

    def theirs(service: str) -> Any:
        return fake_aws.client(aws_customer, service, REGION)

    theirs("sesv2").create_email_identity(EmailIdentity="sender@example.com")
    # The embedded AWS asks whether the role may send from "*", and the stack says from which identities.
    send = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    iam, name = theirs("iam"), role_arn.rpartition("/")[2]
    iam.put_role_policy(RoleName=name, PolicyName="Send", PolicyDocument=policy)
    message = {
        "FromEmailAddress": "sender@example.com",
        "Destination": {"ToAddresses": ["success@simulator.amazonses.com"]},
        "Content": {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}},
    }
    with connections.Connections() as ours:  # store, vendor and credentials as the commands find them
        client = ours.client(connection_id, "sesv2")
        assert client.send_email(**message)["MessageId"]
        sts = ours.client(connection_id, "sts", policy=["ses-send"])
        assert sts.get_caller_identity()["Account"] == aws_customer.account_id

        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        closed = {**trust, "Statement": [{**one, "Effect": "Deny"} for one in trust["Statement"]]}
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(closed))
        assert client.send_email(**message)["MessageId"]  # the session that is open goes on
        assert status_of(connection_id)["status"] == "verified"

        ours.forget(connection_id)  # as when it ends
        with pytest.raises(connections.ConnectionFailed) as caught:
            client.send_email(**message)
        shown = status_of(connection_id)
        assert (shown["status"], shown["last_error"]) == ("failed", caught.value.aws_message)
        assert "AssumeRole" in shown["last_error"]
        with pytest.raises(connections.ConnectionFailed):
            ours.client(connection_id, "sesv2")

        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
        run("verify", "--connection", connection_id, "--wait", "0")
        assert client.send_email(**message)["MessageId"]
        assert status_of(connection_id)["status"] == "verified"
