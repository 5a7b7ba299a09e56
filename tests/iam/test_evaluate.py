"""Decisions: allow, deny, cannot tell; and which statement made them."""

import pytest

from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import aws_principal

EVE = aws_principal("arn:aws:iam::111122223333:user/eve")
ALLOW, NONE, DENY, UNKNOWN = Outcome.ALLOW, Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY, Outcome.UNKNOWN


def policy(*statements, version="2012-10-17"):
    return parse({"Version": version, "Statement": list(statements)})


def statement(effect="Allow", action="s3:GetObject", resource="*", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def request(action="s3:GetObject", resource="arn:aws:s3:::b/k", context=None, **more):
    return Request(principal=EVE, action=action, resource=resource, context=context or {}, **more)


def condition(operator="StringEquals", key="aws:SourceVpc", value="vpc-1"):
    return {operator: {key: value}}


NOT_KNOWN = statement(Condition=condition())
DENY_NOT_KNOWN = statement("Deny", Condition=condition())
OTHER = statement(action="s3:PutObject")

OUTCOMES = {
    "allowed": ([statement()], ALLOW),
    "nothing speaks of it": ([OTHER], NONE),
    "denied": ([statement("Deny")], DENY),
    "a deny wins": ([statement(), statement("Deny")], DENY),
    "a deny wins wherever it stands": ([statement("Deny"), statement()], DENY),
    "a deny of something else": ([statement(), statement("Deny", "s3:PutObject")], ALLOW),
    "an allow in doubt": ([NOT_KNOWN], UNKNOWN),
    "an allow beside one in doubt": ([NOT_KNOWN, statement()], ALLOW),
    "a deny in doubt holds an allow back": ([statement(), DENY_NOT_KNOWN], UNKNOWN),
    "a deny in doubt where nothing allows": ([DENY_NOT_KNOWN, OTHER], NONE),
    "a deny in doubt beside a certain one": ([statement(), DENY_NOT_KNOWN, statement("Deny")], DENY),
    "everything in doubt": ([NOT_KNOWN, DENY_NOT_KNOWN], UNKNOWN),
    "an unknown operator never allows": ([statement(Condition=condition("StringIs"))], UNKNOWN),
    "an unknown operator never fails to deny": (
        [statement(), statement("Deny", Condition=condition("StringIs"))],
        UNKNOWN,
    ),
    "two operators must both hold": (
        [statement(Condition={**condition(), "Bool": {"aws:PrincipalIsAWSService": "true"}})],
        NONE,
    ),
}


@pytest.mark.parametrize(("statements", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcome(statements, outcome):
    decision = evaluate(policy(*statements), request())
    assert decision.outcome is outcome
    assert bool(decision.doubts) is (outcome is UNKNOWN)
    assert (decision.statement is None) is (outcome is NONE)


ACTIONS = [
    ("s3:GetObject", True),
    ("S3:getOBJECT", True),
    ("s3:Get*", True),
    ("s3:G?tObject", True),
    ("*", True),
    ("s3:*", True),
    ("s3:GetObjectAcl", False),
    ("GetObject", False),
    ("s3:Get", False),
]


@pytest.mark.parametrize(("action", "named"), ACTIONS)
def test_action(action, named):
    rest = {"Effect": "Allow", "Resource": "*"}
    assert evaluate(policy({**rest, "Action": ["x:y", action]}), request()).outcome is (ALLOW if named else NONE)
    assert evaluate(policy({**rest, "NotAction": ["x:y", action]}), request()).outcome is (NONE if named else ALLOW)


RESOURCES = [
    ("arn:aws:s3:::b/k", ALLOW),
    ("arn:aws:s3:::b/*", ALLOW),
    ("arn:aws:s3:::?/k", ALLOW),
    ("arn:aws:s3*", ALLOW),
    ("*", ALLOW),
    ("arn:aws:s3:::b/K", NONE),
    ("arn:aws:s3:::b", NONE),
    ("arn:aws:s3:::b/${aws:username}", NONE),
    ("arn:aws:s3:::b/${letter}", ALLOW),
    ("arn:aws:s3:::b/${missing, 'k'}", ALLOW),
    ("arn:aws:s3:::b/${not-known}", UNKNOWN),
    ("arn:aws:${letter}:::b/k", UNKNOWN),
]
OPPOSITE = {ALLOW: NONE, NONE: ALLOW, UNKNOWN: UNKNOWN}


@pytest.mark.parametrize(("resource", "outcome"), RESOURCES)
def test_resource(resource, outcome):
    asked = request(context={"letter": "k"}, may_have=["not-known"])
    rest = {"Effect": "Allow", "Action": "*"}
    assert evaluate(policy({**rest, "Resource": resource}), asked).outcome is outcome
    assert evaluate(policy({**rest, "NotResource": resource}), asked).outcome is OPPOSITE[outcome]


def test_a_variable_without_a_value_names_no_resource_and_leaves_none_out():
    asked, pattern = request(may_have=()), "arn:aws:s3:::b/${missing}"
    assert evaluate(policy({"Effect": "Allow", "Action": "*", "Resource": pattern}), asked).outcome is NONE
    assert evaluate(policy({"Effect": "Allow", "Action": "*", "NotResource": pattern}), asked).outcome is UNKNOWN


def test_a_document_of_2008_has_no_variables_in_resources():
    asked = request(resource="arn:aws:s3:::b/eve")
    found = statement(resource="arn:aws:s3:::b/${aws:username}")
    assert evaluate(policy(found), asked).outcome is ALLOW
    assert evaluate(policy(found, version="2008-10-17"), asked).outcome is NONE
    assert evaluate(parse({"Statement": found}), asked).outcome is NONE


def test_a_resource_that_is_not_known_is_in_doubt():
    asked = Request(principal=EVE, action="s3:GetObject")
    assert evaluate(policy(statement(resource="arn:aws:s3:::b/*")), asked).outcome is UNKNOWN
    assert evaluate(policy(statement()), asked).outcome is ALLOW


def test_the_decision_names_its_statement():
    policies = [policy(OTHER), policy(OTHER, statement(Sid="Read"))]
    decision = evaluate(policies, request())
    assert (decision.policy, decision.statement, decision.sid) == (1, 1, "Read")
    assert decision.reason == "Statement[1] 'Read' allows it"


def test_the_reason_says_what_is_not_known():
    decision = evaluate(policy(statement(), DENY_NOT_KNOWN), request())
    assert decision.reason == "Statement[1] may deny it: the value of 'aws:SourceVpc' is not known"


def test_a_deny_of_one_policy_beats_an_allow_of_another():
    assert evaluate([policy(statement()), policy(statement("Deny"))], request()).outcome is DENY


@pytest.mark.parametrize(
    ("context", "more", "outcome"),
    [
        ({}, {}, ALLOW),
        ({"AWS:UserName": "bob"}, {}, NONE),
        ({}, {"absent": ["aws:UserName"]}, NONE),
        ({}, {"may_have": ()}, ALLOW),
    ],
    ids=["from the caller", "said otherwise", "said to be absent", "complete"],
)
def test_the_caller_brings_keys_and_the_context_wins(context, more, outcome):
    found = statement(Condition=condition(key="aws:username", value="eve"))
    assert evaluate(policy(found), request(context=context, **more)).outcome is outcome


def test_a_complete_context_does_not_make_a_role_s_own_arn_absent():
    """The path of the role behind a session's ARN is not known, but `aws:PrincipalArn` is there."""
    session = aws_principal("arn:aws:sts::111122223333:assumed-role/Name/s")
    asked = Request(principal=session, action="s3:GetObject", resource="*", may_have=())
    found = statement(Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/Name"}})
    assert evaluate(policy(found), asked).outcome is UNKNOWN
