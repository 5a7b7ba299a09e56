"""What AWS puts into the context of the calls that open a role."""

import pytest

from byoaws.iam.assume import FEDERATED_ACTIONS, assume_role, with_identity
from byoaws.iam.context import Lookup
from byoaws.iam.principals import aws_principal, federated_principal, service_principal

ROLE = aws_principal("arn:aws:iam::111122223333:role/a")
USER = aws_principal("arn:aws:iam::111122223333:user/a")
SERVICE = service_principal("ec2.amazonaws.com")


@pytest.mark.parametrize(
    ("caller", "key", "found"),
    [
        (ROLE, "STS:externalid", ("abc",)),
        (ROLE, "sts:ExternlId", Lookup.ABSENT),
        (ROLE, "aws:ExternalId", Lookup.ABSENT),
        (ROLE, "ExternalId", Lookup.ABSENT),
        (ROLE, "aws:SourceAccount", Lookup.ABSENT),
        (SERVICE, "aws:SourceAccount", Lookup.NOT_KNOWN),
        (ROLE, "aws:SourceArn", Lookup.ABSENT),
        (ROLE, "aws:SourceIp", Lookup.NOT_KNOWN),
        (ROLE, "aws:PrincipalTag/team", Lookup.NOT_KNOWN),
        (ROLE, "aws:MultiFactorAuthPresent", Lookup.NOT_KNOWN),
        (ROLE, "sts:RoleSessionName", Lookup.NOT_KNOWN),
        (ROLE, "aws:SecureTransport", ("true",)),
        (ROLE, "aws:PrincipalArn", ("arn:aws:iam::111122223333:role/a",)),
        (ROLE, "aws:username", Lookup.ABSENT),
        (USER, "aws:username", ("a",)),
        (USER, "aws:FederatedProvider", Lookup.ABSENT),
        (ROLE, "aws:FederatedProvider", Lookup.NOT_KNOWN),
        (ROLE, "s3:prefix", Lookup.ABSENT),
    ],
    ids=str,
)
def test_assume_role(caller, key, found):
    assert assume_role(caller, external_id="abc").known()[key] == found


def test_no_external_id_is_known_to_be_absent():
    assert assume_role(ROLE).known()["sts:ExternalId"] is Lookup.ABSENT


def test_what_is_said_of_a_call_is_known():
    known = assume_role(ROLE, context={"aws:SourceIp": "203.0.113.1", "aws:PrincipalOrgID": ()}).known()
    assert known["aws:SourceIp"] == ("203.0.113.1",)
    assert known["aws:PrincipalOrgID"] is Lookup.ABSENT


@pytest.mark.parametrize("action", FEDERATED_ACTIONS)
def test_an_identity_providers_user_sends_no_external_id(action):
    request = with_identity(federated_principal("accounts.google.com"), action)
    assert request.action == action
    assert request.known()["sts:ExternalId"] is Lookup.ABSENT
    assert request.known()["accounts.google.com:sub"] is Lookup.NOT_KNOWN
