"""Our evaluator against MiniStack's, which we did not write, on random policies and requests.

Where ours says UNKNOWN (what AWS does not document), MiniStack picks one of the two; nothing is compared then. What it
reads otherwise than AWS documents is left out of the random policies and listed at the end, each with its reason.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack.core import iam_evaluator as ministack

from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import aws_principal

VENDOR, STRANGER, TARGET = "111122223333", "444455556666", "arn:aws:iam::999900001111:role/target"
ROLE, USER = f"arn:aws:iam::{VENDOR}:role/a", f"arn:aws:iam::{VENDOR}:user/eve"
ADDRESS = "203.0.113.7"

IDS = ["abc", "ABC", "abcd", "12", "12.0", "a*", "a?c", "*", "true"]
ARNS = [ROLE, f"arn:aws:iam::{VENDOR}:role/*", "arn:aws:iam::*:role/a", f"arn:aws:iam::{STRANGER}:*/b", USER]
# Key to its operators and policy values.
KEYS = {
    "sts:ExternalId": (
        [
            *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"),
            *("StringNotEqualsIgnoreCase", "NumericEquals", "NumericGreaterThan", "Bool"),
        ],
        IDS,
    ),
    "STS:externalID": (["StringEquals", "StringNotEquals"], IDS),
    "sts:ExternlId": (["StringEquals", "StringNotEquals", "StringLike"], IDS),
    "aws:PrincipalArn": (["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringEquals", "StringLike"], ARNS),
    "aws:PrincipalAccount": (["StringEquals", "StringNotEquals", "StringLike"], [VENDOR, STRANGER, "1111*"]),
    "aws:SourceIp": (["IpAddress", "NotIpAddress"], ["203.0.113.0/24", ADDRESS, "198.51.100.0/24", "2001:db8::/32"]),
    "aws:MultiFactorAuthAge": (
        ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThanEquals"],
        ["10", "300", "20.5"],
    ),
    "aws:TokenIssueTime": (
        ["DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThan", "DateGreaterThanEquals"],
        ["2024-06-01T00:00:00Z", "2030-01-01", "1700000000"],
    ),
    "aws:TagKeys": (["StringEquals", "StringNotEquals", "StringLike"], ["a", "b", "c*"]),
}
# Values in requests; the caller's own keys follow from the caller.
VALUES = {
    "sts:ExternalId": st.sampled_from(["abc", "ABC", "abcd", "12", "x9", "true"]),
    "aws:MultiFactorAuthAge": st.sampled_from(["10", "100", "20.50"]),
    "aws:TokenIssueTime": st.sampled_from(["2024-06-01T00:00:00Z", "2025-01-01T00:00:00Z"]),
    "aws:TagKeys": st.lists(st.sampled_from(["a", "b", "cc"]), min_size=1, max_size=3),
}
CONTEXTS = st.fixed_dictionaries({}, optional=VALUES)
CALLERS = st.sampled_from([ROLE, USER, f"arn:aws:iam::{STRANGER}:role/b"])
TRUST_ACTIONS = st.sampled_from(
    ["sts:AssumeRole", ["sts:TagSession", "sts:AssumeRole"], "sts:*", "*", "STS:assume?ole"]
)
PRINCIPALS = st.sampled_from(
    [
        *("*", {"AWS": "*"}, {"AWS": VENDOR}, {"AWS": f"arn:aws:iam::{VENDOR}:root"}, {"AWS": ROLE}, {"AWS": USER}),
        *({"AWS": [STRANGER, USER]}, {"AWS": f"arn:aws:sts::{VENDOR}:assumed-role/a/s"}),
        {"Service": "ec2.amazonaws.com"},
    ]
)
RESOURCES = st.sampled_from(
    ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::B/k", "arn:aws:s3:::?/k", ["arn:aws:s3:::c", "*/k"]]
)
S3_ACTIONS = st.sampled_from(["s3:GetObject", "S3:get*", "s3:PutObject", ["s3:PutObject", "s3:GetObject"], "*", "s3:?"])


SETS = ["ForAllValues:", "ForAnyValue:"]
SOME_KEYS = st.lists(st.sampled_from(sorted(KEYS)), max_size=2, unique=True)
NULLS, IF_EXISTS = st.sampled_from(["true", "false"]), st.sampled_from(["", "", "IfExists"])
# Made once: to make a strategy takes longer than to draw from it. A key of several values needs one of the sets.
LINES = {
    key: (
        st.sampled_from([*operators, "Null"]),
        st.sampled_from(SETS if key == "aws:TagKeys" else ["", "", *SETS]),
        st.lists(st.sampled_from(values), min_size=1, max_size=2),
    )
    for key, (operators, values) in KEYS.items()
}
STATEMENTS, EFFECTS = st.integers(1, 3), st.sampled_from(["Allow", "Allow", "Deny"])
ACTION_KEYS, RESOURCE_KEYS = (
    st.sampled_from(["Action", "Action", "NotAction"]),
    st.sampled_from(["Resource", "NotResource"]),
)


@st.composite
def conditions(draw):
    block = {}
    for key in draw(SOME_KEYS):
        names, prefixes, values = LINES[key]
        name = draw(names)
        if name == "Null":
            found = draw(NULLS)
        else:
            name = f"{draw(prefixes)}{name}{draw(IF_EXISTS)}"
            found = draw(values)
        block.setdefault(name, {})[key] = found
    return block


CONDITIONS = conditions()


@st.composite
def documents(draw, *, trust):
    found = []
    for _ in range(draw(STATEMENTS)):
        statement = {"Effect": draw(EFFECTS), "Condition": draw(CONDITIONS)}
        statement[draw(ACTION_KEYS)] = draw(TRUST_ACTIONS if trust else S3_ACTIONS)
        if trust:
            statement["Principal"] = draw(PRINCIPALS)
        else:
            statement[draw(RESOURCE_KEYS)] = draw(RESOURCES)
        found.append(statement)
    return {"Version": "2012-10-17", "Statement": found}


def _ours(document, arn, context, action, resource):
    known = {"aws:SourceIp": ADDRESS, **context}
    principal = aws_principal(arn, session="s")
    return evaluate(
        parse(document),
        Request(principal=principal, action=action, resource=resource, context=known, may_have=()),
    )


def _theirs(arn, context, action, resource):
    caller = aws_principal(arn, session="s")
    return caller.name, ministack.EvalContext(
        principal_arn=arn,
        principal_type=caller.kind.value,
        principal_account=caller.account,
        action=action,
        resource_arn=resource,
        region="us-east-1",
        source_ip=ADDRESS,
        service_context={"aws:tagkeys": None, **{key.lower(): value for key, value in context.items()}},
    )


def _trust(document, arn, context):
    """Return our decision, and whether MiniStack opens the role."""
    name, theirs = _theirs(arn, context, "sts:AssumeRole", TARGET)
    ours = _ours(document, arn, context, "sts:AssumeRole", TARGET)
    return ours, ministack.evaluate_trust_policy(document, name, theirs)


@settings(max_examples=600)
@given(documents(trust=True), CALLERS, CONTEXTS)
def test_trust_policies(document, arn, context):
    ours, opens = _trust(document, arn, context)
    if ours.outcome is not Outcome.UNKNOWN:
        assert (ours.outcome is Outcome.ALLOW) is opens, ours.reason


@settings(max_examples=600)
@given(documents(trust=False), CALLERS, CONTEXTS)
def test_permission_policies(document, arn, context):
    action, resource = "s3:GetObject", "arn:aws:s3:::b/k"
    ours = _ours(document, arn, context, action, resource)
    _, theirs = _theirs(arn, context, action, resource)
    found = ministack.evaluate(theirs, [ministack.parse_policy_document(document)])
    words = {"Allow": Outcome.ALLOW, "Deny": Outcome.EXPLICIT_DENY, "ImplicitDeny": Outcome.IMPLICIT_DENY}
    # A Deny that is in doubt, where nothing allows, is an implicit deny of ours.
    if ours.outcome is Outcome.IMPLICIT_DENY:
        assert found.decision != "Allow"
    elif ours.outcome is not Outcome.UNKNOWN:
        assert ours.outcome is words[found.decision], ours.reason


def _allow(condition, principal=ROLE):
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": condition}


def _deny(key, **more):
    return {"Effect": "Deny", key: {"AWS": VENDOR}, "Action": "sts:AssumeRole", **more}


ID = {"sts:ExternalId": "abc"}
# caller, statements, context, ours, whether MiniStack opens the role; the reason is the name.
DIFFERENCES = {
    "policy variables are replaced": (
        ROLE, [_allow({"StringEquals": {"sts:ExternalId": "${sts:ExternalId}"}})], ID, Outcome.ALLOW, False),
    "NotPrincipal in a Deny names everybody else": (
        f"arn:aws:iam::{STRANGER}:role/b", [_allow({}, "*"), _deny("NotPrincipal")], {}, Outcome.EXPLICIT_DENY, True),
    "one of several values of Null suffices": (
        ROLE, [_allow({"Null": {"sts:ExternalId": ["true", "false"]}})], ID, Outcome.ALLOW, False),
    "IAM refuses an operator in another case": (ROLE, [_allow({"stringequals": ID})], ID, Outcome.UNKNOWN, True),
    "IAM refuses a wildcard within a principal": (
        USER, [_allow({}, f"arn:aws:iam::{VENDOR}:user/*")], {}, Outcome.UNKNOWN, True),
    "names of users are case-sensitive in a principal": (
        USER, [_allow({}, f"arn:aws:iam::{VENDOR}:user/EVE")], {}, Outcome.IMPLICIT_DENY, True),
    "paths count in the ARN of a role": (
        ROLE, [_allow({}, f"arn:aws:iam::{VENDOR}:role/path/a")], {}, Outcome.IMPLICIT_DENY, True),
    "a * in an ARN does not reach over a colon": (
        USER, [_allow({"ArnLike": {"aws:PrincipalArn": f"arn:*:{VENDOR}:user/eve:*:*"}}, VENDOR),
               _allow({"ArnLike": {"aws:PrincipalArn": "arn:aws:*:user/eve"}}, VENDOR)], {}, Outcome.UNKNOWN, True),
    "an empty text is an empty set": (
        ROLE, [_allow({"ForAnyValue:StringEquals": {"aws:TagKeys": ""}})], {"aws:TagKeys": [""]},
        Outcome.IMPLICIT_DENY, True),
    "AWS's pages disagree on ForAnyValue with IfExists": (
        ROLE, [_allow({"ForAnyValue:StringEqualsIfExists": ID})], {}, Outcome.UNKNOWN, True),
    "several values need a set operator": (
        ROLE, [_allow({"StringNotEquals": {"aws:TagKeys": "a"}})], {"aws:TagKeys": ["a", "b"]}, Outcome.UNKNOWN, True),
}  # fmt: skip


@pytest.mark.parametrize(("caller", "statements", "context", "outcome", "opens"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_where_they_differ(caller, statements, context, outcome, opens):
    ours, theirs = _trust({"Version": "2012-10-17", "Statement": statements}, caller, context)
    assert (ours.outcome, theirs) == (outcome, opens)
