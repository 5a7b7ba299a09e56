"""The generated trust policy, judged by the evaluator: it opens for the vendor with this ExternalId, and else never."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.iam.assume import assume_role
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, evaluate
from byoaws.iam.judge import judge
from byoaws.iam.principals import aws_principal
from byoaws.iam.trust import principal_arn, principal_pattern, trust_policy
from byoaws.quickcreate import external_id
from byoaws.vendor_model import VendorAccount

VENDOR, STRANGER = "111122223333", "444455556666"
ID = "ab" * 24
ACCOUNTS = {
    "account": VendorAccount(account_id=VENDOR, role_arn=None, principal=None),
    "principal": VendorAccount(account_id=VENDOR, role_arn=None, principal="role/mail/*"),
    "role": VendorAccount(account_id=VENDOR, role_arn=f"arn:aws:iam::{VENDOR}:role/mail/sender", principal=None),
}
MAILER, OTHER = f"arn:aws:iam::{VENDOR}:role/mail/sender", f"arn:aws:iam::{VENDOR}:role/intern"


def policy(account: VendorAccount, partition: str = "aws") -> dict:
    where = {"partition": partition, "account_id": VENDOR}
    return trust_policy(
        principal=principal_arn(account, **where), external_id=ID, only=principal_pattern(account, **where)
    )


def opens(document: dict, caller: str, given_id: str | None) -> Outcome:
    return evaluate(parse(document), assume_role(aws_principal(caller), external_id=given_id)).outcome


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-eusc"])
@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_the_vendor_gets_in_with_the_right_external_id_alone(account: VendorAccount, partition: str) -> None:
    document, caller = policy(account, partition), MAILER.replace("arn:aws:", f"arn:{partition}:")
    assert opens(document, caller, ID) is Outcome.ALLOW
    for wrong in (None, "", ID.upper(), ID[:-1], ID + "0", "*", external_id.mint()):
        assert opens(document, caller, wrong) is Outcome.IMPLICIT_DENY, wrong


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
@pytest.mark.parametrize(
    "caller", [f"arn:aws:iam::{STRANGER}:role/mail/sender", f"arn:aws:iam::{STRANGER}:user/eve"], ids=["role", "user"]
)
def test_a_stranger_never_gets_in(account: VendorAccount, caller: str) -> None:
    assert {opens(policy(account), caller, one) for one in (None, ID)} == {Outcome.IMPLICIT_DENY}


@pytest.mark.parametrize(
    ("kind", "outcome"), [("account", "allow"), ("principal", "implicit-deny"), ("role", "implicit-deny")]
)
def test_who_else_of_the_vendors_account_gets_in(kind: str, outcome: str) -> None:
    assert opens(policy(ACCOUNTS[kind]), OTHER, ID) == outcome


@given(st.text(max_size=60).filter(lambda text: text != ID))
def test_no_other_external_id_opens(wrong: str) -> None:
    assert opens(policy(ACCOUNTS["account"]), MAILER, wrong) is Outcome.IMPLICIT_DENY


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_the_linters_judge_finds_nothing(account: VendorAccount) -> None:
    assert set(judge(policy(account), trusted=[VENDOR], external_id=ID).codes) == set()


def test_the_document_survives_being_read_and_written() -> None:
    for account in ACCOUNTS.values():
        read = parse(json.dumps(policy(account)))
        assert parse(read.to_json()) == read


def test_the_arns_that_a_policy_names() -> None:
    where = {"partition": "aws-us-gov", "account_id": VENDOR}
    assert principal_arn(ACCOUNTS["account"], **where) == f"arn:aws-us-gov:iam::{VENDOR}:root"
    assert principal_arn(ACCOUNTS["role"], **where) == f"arn:aws-us-gov:iam::{VENDOR}:role/mail/sender"
    assert principal_pattern(ACCOUNTS["principal"], **where) == f"arn:aws-us-gov:iam::{VENDOR}:role/mail/*"
    assert principal_pattern(ACCOUNTS["account"], **where) is None
    assert principal_pattern(ACCOUNTS["role"], **where) is None
