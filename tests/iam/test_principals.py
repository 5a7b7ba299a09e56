"""Which callers a Principal element names. Source: IAM user guide, "Principal" and "NotPrincipal"."""

import pytest

from byoaws.iam.elements import Principals
from byoaws.iam.principals import (
    ANONYMOUS,
    aws_principal,
    caller_keys,
    excludes,
    federated_principal,
    names,
    service_principal,
)

A, B = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{A}:role/path/Name"
SESSION = f"arn:aws:sts::{A}:assumed-role/Name/s"
USER = f"arn:aws:iam::{A}:user/eve"
T, F, U = True, False, None

role = aws_principal(ROLE, session="s", unique_id="AROAEXAMPLEEXAMPLE123")
session = aws_principal(SESSION)
user = aws_principal(USER)
root = aws_principal(A)
federated_user = aws_principal(f"arn:aws:sts::{A}:federated-user/bob")
service = service_principal("ses.amazonaws.com")
provider = federated_principal("accounts.google.com")

AWS = [
    ("*", role, T),
    ("*", user, T),
    ("*", ANONYMOUS, T),
    ("*", service, T),
    (A, role, T),
    (A, user, T),
    (A, root, T),
    (A, federated_user, T),
    (A, ANONYMOUS, F),
    (A, service, F),
    (B, role, F),
    (f"arn:aws:iam::{A}:root", role, T),
    (f"arn:aws:iam::{A}:root", root, T),
    (f"arn:aws:iam::{B}:root", role, F),
    (f"arn:aws:s3::{A}:root", role, F),
    (ROLE, role, T),
    (ROLE, session, T),
    (ROLE, user, F),
    (ROLE, root, F),
    (f"arn:aws:iam::{A}:role/Name", role, F),
    (f"arn:aws:iam::{A}:role/Name", session, T),
    (f"arn:aws:iam::{B}:role/Name", session, F),
    (f"arn:aws:iam::{A}:role/name", session, F),
    (f"arn:aws:iam::{A}:role/Other", session, F),
    (SESSION, role, T),
    (SESSION, session, T),
    (f"{SESSION}2", role, F),
    (f"arn:aws:sts::{A}:assumed-role/Name/*", role, U),
    (USER, user, T),
    (f"arn:aws:iam::{A}:user/Eve", user, F),
    (f"arn:aws:sts::{A}:federated-user/bob", federated_user, T),
    (f"arn:aws:iam::{A}:role/*", role, U),
    (f"arn:aws:iam::{A}:role/*", user, F),
    ("arn:aws:iam::*:role/path/Name", role, U),
    ("1111*", role, U),
    ("AROAEXAMPLEEXAMPLE123", role, T),
    ("AROAEXAMPLEEXAMPLE124", role, F),
    ("AROAEXAMPLEEXAMPLE123", session, F),
    ("AIDAEXAMPLEEXAMPLE123", user, F),
    ("", role, F),
    ("arn:aws:iam::", role, F),
]


@pytest.mark.parametrize(("entry", "caller", "expected"), AWS, ids=[f"{entry} / {who.name}" for entry, who, _ in AWS])
def test_aws(entry, caller, expected):
    assert names(Principals(aws=(entry,)), caller).value is expected
    assert names(Principals(aws=(B, entry)), caller).value is expected


@pytest.mark.parametrize(
    ("element", "caller", "expected"),
    [
        (Principals(anyone=True), ANONYMOUS, T),
        (Principals(anyone=True), provider, T),
        (Principals(service=("ses.amazonaws.com",)), service, T),
        (Principals(service=("sns.amazonaws.com",)), service, F),
        (Principals(service=("*",)), service, U),
        (Principals(service=("ses.amazonaws.com",)), role, F),
        (Principals(federated=("accounts.google.com",)), provider, T),
        (Principals(federated=("www.amazon.com",)), provider, F),
        (Principals(federated=("*",)), provider, U),
        (Principals(federated=("accounts.google.com",)), user, F),
        (Principals(canonical_user=("79a5",)), user, U),
        (Principals(canonical_user=("79a5",)), service, F),
        (Principals(canonical_user=("79a5",), aws=(A,)), user, T),
    ],
    ids=str,
)
def test_other_kinds(element, caller, expected):
    assert names(element, caller).value is expected


@pytest.mark.parametrize(
    ("aws", "caller", "expected"),
    [
        ((A, ROLE, SESSION), role, T),
        ((f"arn:aws:iam::{A}:root", USER), user, T),
        ((A,), role, U),
        ((ROLE,), role, U),
        ((A, ROLE), role, U),
        ((USER,), user, U),
        ((B,), role, F),
        ((f"arn:aws:iam::{B}:role/path/Name",), role, F),
        (("*",), role, T),
        ((A,), service, F),
        ((A,), root, T),
    ],
    ids=str,
)
def test_not_principal_leaves_out_whom_it_lists_in_full(aws, caller, expected):
    assert excludes(Principals(aws=aws), caller).value is expected


@pytest.mark.parametrize(
    ("caller", "values", "absent", "unsure"),
    [
        (
            role,
            {
                "aws:principalarn": ROLE,
                "aws:principalaccount": A,
                "aws:principaltype": "AssumedRole",
                "aws:userid": "AROAEXAMPLEEXAMPLE123:s",
                "aws:principalisawsservice": "false",
            },
            {"aws:username"},
            set(),
        ),
        (
            session,
            {"aws:principalaccount": A, "aws:principaltype": "AssumedRole", "aws:principalisawsservice": "false"},
            {"aws:username"},
            {"aws:principalarn", "aws:userid"},
        ),
        (
            user,
            {
                "aws:principalarn": USER,
                "aws:principalaccount": A,
                "aws:principaltype": "User",
                "aws:username": "eve",
                "aws:principalisawsservice": "false",
            },
            set(),
            {"aws:userid"},
        ),
        (
            root,
            {
                "aws:principalarn": f"arn:aws:iam::{A}:root",
                "aws:principalaccount": A,
                "aws:principaltype": "Account",
                "aws:userid": A,
                "aws:principalisawsservice": "false",
            },
            {"aws:username"},
            set(),
        ),
        (
            ANONYMOUS,
            {"aws:principalisawsservice": "false"},
            {"aws:username", "aws:principalarn", "aws:principalaccount"},
            {"aws:userid"},
        ),
        (
            service,
            {"aws:principalisawsservice": "true"},
            {"aws:username"},
            {"aws:principalarn", "aws:principalaccount", "aws:userid"},
        ),
    ],
    ids=["role", "session", "user", "root", "anonymous", "service"],
)
def test_keys_that_follow_from_the_caller(caller, values, absent, unsure):
    keys = caller_keys(caller)
    assert (keys.values, keys.absent, keys.unsure) == (values, frozenset(absent), frozenset(unsure))
