"""E9101 on whole templates: every broken trust policy is caught, sound and ordinary ones are left alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byoaws import libyaml
from byoaws.lint.policies.trust import TrustMistake, trust_mistakes

DATA = Path(__file__).parents[2] / "data"
VENDOR, STRANGER = "111122223333", "444455556666"
LITERALS = {
    "{vendor_account}": VENDOR,
    "{stranger_account}": STRANGER,
    "{principal}": f"arn:aws:iam::{VENDOR}:role/app",
    "{external_id}": "byoaws-0123456789abcdef0123456789abcdef",
}
# The same, with what differs between customers as parameters of the stack.
PARAMETERS = {
    "{vendor_account}": "${VendorAwsAccountId}",
    "{stranger_account}": "${OtherAccountId}",
    "{principal}": "arn:${AWS::Partition}:iam::${VendorAwsAccountId}:role/app",
    "{external_id}": "${ExternalId}",
}
DECLARED = {name: {"Type": "String"} for name in ("VendorAwsAccountId", "OtherAccountId", "ExternalId")}
ROOT = {"Fn::Sub": "arn:${AWS::Partition}:iam::${VendorAwsAccountId}:root"}
REQUIRED = {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
WHOLE = ("Resources", "Role", "Properties", "AssumeRolePolicyDocument")


def _filled(value: Any, places: dict[str, str], wrap: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return {_put(key, LITERALS): _filled(item, places, wrap) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, places, wrap) for item in value]
    if not isinstance(value, str) or _put(value, places) == value:
        return value
    return wrap(value)


def _put(text: str, places: dict[str, str]) -> str:
    for place, filling in places.items():
        text = text.replace(place, filling)
    return text


def literal(document: Any) -> Any:
    return _filled(document, LITERALS, lambda text: _put(text, LITERALS))


def parametrised(document: Any) -> Any:
    # IAM's own variables must reach IAM: `${!x}` is how Fn::Sub writes `${x}`.
    return _filled(document, PARAMETERS, lambda text: {"Fn::Sub": _put(text.replace("${", "${!"), PARAMETERS)})


def judged(document: Any, **template: Any) -> list[TrustMistake]:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    role |= template.pop("role", {})
    resources = {"Role": role, **template.pop("resources", {})}
    parameters = {**DECLARED, **template.pop("parameters", {})}
    return trust_mistakes({"Resources": resources, "Parameters": parameters, **template}, "Role")


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal: Any, condition: Any = None, **more: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return found if condition is None else {**found, "Condition": condition}


def either(yes: Any, no: Any, name: str = "C") -> dict[str, Any]:
    return {"Fn::If": [name, yes, no]}


def cases(name: str) -> list[Any]:
    found = libyaml.load((DATA / name).read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["id"]) for case in found]


# Seen in a template although the judge, who is not told whom to trust, lets them pass: two accounts cannot both be it.
SECOND_ACCOUNTS = {"second-account", "second-role"}


def is_visible(case: dict[str, Any]) -> bool:
    """True if the policy shows its fault to somebody who does not know whom it should trust, and with which id."""
    return bool(case.get("lint", case.get("codes", []))) or case["id"] in SECOND_ACCOUNTS


@pytest.mark.parametrize("form", [literal, parametrised], ids=["literal", "parameters"])
@pytest.mark.parametrize("case", cases("broken_trust.yaml"))
def test_every_broken_trust_policy_is_caught(case: dict[str, Any], form: Callable[[Any], Any]) -> None:
    found = judged(form(case["policy"]))
    assert bool(found) is is_visible(case), found
    assert all(one.fix and one.path[:4] == WHOLE for one in found)


@pytest.mark.parametrize("form", [literal, parametrised], ids=["literal", "parameters"])
@pytest.mark.parametrize("case", cases("sound_trust.yaml"))
def test_every_sound_trust_policy_is_left_alone(case: dict[str, Any], form: Callable[[Any], Any]) -> None:
    assert bool(judged(form(case["policy"]))) is is_visible(case)


SOUND = {
    "a parameter": allow({"AWS": ROOT}, REQUIRED),
    "a bare account": allow({"AWS": {"Ref": "VendorAwsAccountId"}}, REQUIRED),
    "an ARN as a parameter": allow({"AWS": {"Ref": "VendorRoleArn"}}, REQUIRED),
    "narrowed by the caller's ARN": allow(
        {"AWS": ROOT},
        {
            **REQUIRED,
            "ArnLike": {"aws:PrincipalArn": {"Fn::Sub": "arn:${AWS::Partition}:iam::${VendorAwsAccountId}:role/v-*"}},
        },
    ),
    "ExternalId from a custom resource": allow(
        {"AWS": ROOT}, {"StringEquals": {"sts:ExternalId": {"Fn::GetAtt": ["Made", "ExternalId"]}}}
    ),
    "ExternalId from SSM": allow({"AWS": ROOT}, {"StringEquals": {"sts:ExternalId": "{{resolve:ssm:/external-id}}"}}),
    "an imported principal, with ExternalId": allow({"AWS": {"Fn::ImportValue": "vendor-role"}}, REQUIRED),
    "a service": allow({"Service": {"Fn::Sub": "lambda.${AWS::URLSuffix}"}}),
    "a service that sends the account's number": allow(
        {"Service": "firehose.amazonaws.com"}, {"StringEquals": {"sts:ExternalId": {"Ref": "AWS::AccountId"}}}
    ),
    "a service that sends what it is told": allow(
        {"Service": "cognito-idp.amazonaws.com"}, {"StringEquals": {"sts:ExternalId": "sms-of-acme"}}
    ),
    "a service as a parameter": allow({"Service": {"Ref": "ServiceName"}}),
    "own account": allow({"AWS": {"Ref": "AWS::AccountId"}}),
    "own role": allow({"AWS": {"Fn::GetAtt": "Other.Arn"}}),
    "service and vendor": [allow({"Service": "ec2.amazonaws.com"}), allow({"AWS": ROOT}, REQUIRED)],
    "own account and vendor": [allow({"AWS": {"Ref": "AWS::AccountId"}}), allow({"AWS": ROOT}, REQUIRED)],
    "two roles of one vendor": allow(
        {"AWS": [{"Fn::Sub": "arn:aws:iam::${VendorAwsAccountId}:role/a"}, "{same}"]}, REQUIRED
    ),
}
SOUND["two roles of one vendor"]["Principal"]["AWS"][1] = {"Fn::Sub": "arn:aws:iam::${VendorAwsAccountId}:role/b"}
MORE = {
    "parameters": {"VendorRoleArn": {"Type": "String"}, "ServiceName": {"Type": "String"}},
    "resources": {"Other": {"Type": "AWS::IAM::Role"}, "Made": {"Type": "Custom::ExternalId"}},
}


SOUND |= {
    "everybody but narrowed to a caller": allow(
        "*", {**REQUIRED, "ArnEquals": {"aws:PrincipalArn": {"Ref": "CallerArn"}}}
    ),
    "narrowed by an unknown caller": allow(
        {"AWS": ROOT}, {**REQUIRED, "ArnEquals": {"aws:PrincipalArn": {"Ref": "P"}}}
    ),
    "an unknown switch beside": allow(
        {"AWS": ROOT}, {**REQUIRED, "Bool": {"aws:MultiFactorAuthPresent": {"Ref": "P"}}}
    ),
}


@pytest.mark.parametrize("statement", SOUND.values(), ids=SOUND.keys())
def test_sound_policies_with_intrinsics_are_left_alone(statement: Any) -> None:
    statements = statement if isinstance(statement, list) else [statement]
    assert judged(policy(*statements), **MORE) == []


BROKEN = {
    "no condition": (allow({"AWS": ROOT}), "without an ExternalId"),
    "if exists": (
        allow({"AWS": ROOT}, {"StringEqualsIfExists": {"sts:ExternalId": {"Ref": "ExternalId"}}}),
        "without an ExternalId",
    ),
    "a wildcard around a parameter": (
        allow({"AWS": ROOT}, {"StringLike": {"sts:ExternalId": {"Fn::Sub": "${ExternalId}*"}}}),
        "nobody issued",
    ),
    "a joined wildcard": (
        allow({"AWS": ROOT}, {"StringLike": {"sts:ExternalId": {"Fn::Join": ["", ["*", "*"]]}}}),
        "nobody issued",
    ),
    "a misspelt key": (allow({"AWS": ROOT}, {"StringEquals": {"sts:ExternalID-": {"Ref": "ExternalId"}}}), "near"),
    "everybody": (allow("*", REQUIRED), "any AWS account"),
    "a joined everybody": (allow({"AWS": {"Fn::Join": ["", ["*"]]}}, REQUIRED), "any AWS account"),
    "an ARN as a parameter": (allow({"AWS": {"Ref": "VendorRoleArn"}}), "${VendorRoleArn}"),
    "a second account in the list": (
        allow({"AWS": [ROOT, {"Ref": "OtherAccountId"}]}, REQUIRED),
        "account ${OtherAccountId}",
    ),
    "a second account by its condition": (
        allow(
            {"AWS": "*"},
            {
                **REQUIRED,
                "StringEquals": {
                    **REQUIRED["StringEquals"],
                    "aws:PrincipalAccount": [{"Ref": "VendorAwsAccountId"}, {"Ref": "OtherAccountId"}],
                },
            },
        ),
        "account ${OtherAccountId}",
    ),
    "one branch": (allow({"AWS": ROOT}, either(REQUIRED, {"Ref": "AWS::NoValue"})), "without an ExternalId"),
    "a branch of a branch": (
        allow({"AWS": ROOT}, either(REQUIRED, either(REQUIRED, {"Bool": {"aws:ViaAWSService": False}}, "D"))),
        "without an ExternalId",
    ),
    "a mapping": (
        allow({"AWS": ROOT}, {"StringLike": {"sts:ExternalId": {"Fn::FindInMap": ["Ids", {"Ref": "P"}, "id"]}}}),
        "nobody issued",
    ),
    "an allowed value": (
        allow({"AWS": ROOT}, {"StringLike": {"sts:ExternalId": {"Ref": "Choice"}}}),
        "'Choice' is '*'",
    ),
    "one wild default of a list": (
        allow({"AWS": ROOT}, {"StringLike": {"sts:ExternalId": {"Ref": "Many"}}}),
        "'Many' is 'a-good-one, *'",
    ),
    "an imported principal": (allow({"AWS": {"Fn::ImportValue": "r"}}), "cannot tell whose account '!ImportValue r'"),
    "a nested stack's principal": (
        allow({"AWS": {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}}),
        "cannot tell whose account '${Nested.Outputs.Arn}'",
    ),
}


@pytest.mark.parametrize(("statement", "part"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_policies_with_intrinsics_are_caught_at_their_statement(statement: Any, part: str) -> None:
    template = {
        "parameters": {
            **MORE["parameters"],
            "Choice": {"Type": "String", "AllowedValues": ["good-one", "*"]},
            "Many": {"Type": "CommaDelimitedList", "Default": "a-good-one, *"},
            "P": {"Type": "String"},
        },
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "c"]}, "D": {"Fn::Equals": [{"Ref": "P"}, "d"]}},
        "Mappings": {"Ids": {"c": {"id": "good-one"}, "d": {"id": "*"}}},
    }
    found = judged(policy(allow({"Service": "ec2.amazonaws.com"}), statement), **template)
    assert len(found) == 1, found
    assert part in found[0].message
    assert found[0].fix
    assert found[0].path[:6] == (*WHOLE, "Statement", 1) or found[0].path == WHOLE
    assert "opaque-" not in found[0].message


VAGUE = {
    "a switch": {"Bool": {"aws:MultiFactorAuthPresent": {"Ref": "P"}}},
    "a network": {"IpAddress": {"aws:SourceIp": {"Ref": "P"}}},
    "a date": {"DateLessThan": {"aws:CurrentTime": {"Ref": "P"}}},
    "a caller": {"ArnEquals": {"aws:PrincipalArn": {"Ref": "P"}}},
    "a caller's account": {"StringEquals": {"aws:PrincipalAccount": {"Ref": "P"}}},
    "an organization": {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "P"}}},
    "a caller's tag": {"StringEquals": {"aws:PrincipalTag/team": {"Ref": "P"}}},
    "a session's name": {"StringEquals": {"sts:RoleSessionName": {"Ref": "P"}}},
    "a switch from SSM": {"Bool": {"aws:MultiFactorAuthPresent": "{{resolve:ssm:/mfa}}"}},
}


@pytest.mark.parametrize("condition", VAGUE.values(), ids=VAGUE.keys())
@pytest.mark.parametrize("principal", [ROOT, VENDOR], ids=["parameter", "literal"])
def test_a_condition_that_only_the_stack_can_decide_hides_nothing(condition: Any, principal: Any) -> None:
    sound = allow({"AWS": principal}, REQUIRED)
    without_id = policy(sound, allow({"AWS": principal}, condition))
    assert [one.path for one in judged(without_id)] == [(*WHOLE, "Statement", 1)]
    denied = policy(allow({"AWS": principal}), {**allow("*", condition), "Effect": "Deny"})
    assert [one.path for one in judged(denied)] == [(*WHOLE, "Statement", 0)]


@pytest.mark.parametrize(
    "statement",
    [
        allow({"AWS": ROOT}, Action={"Ref": "P"}),
        allow({"AWS": ROOT}, Action=["sts:TagSession", {"Fn::Sub": "sts:${P}"}]),
        allow({"AWS": ROOT}, Effect={"Ref": "P"}),
        allow({"AWS": ROOT}, {"Null": {"sts:ExternalId": {"Ref": "P"}}}),
        {"Effect": "Allow", "Principal": {"AWS": ROOT}, "NotAction": [{"Ref": "P"}]},
    ],
    ids=["action", "one of the actions", "effect", "null", "not action"],
)
def test_a_second_statement_cannot_hide_behind_a_parameter(statement: Any) -> None:
    found = judged(policy(allow({"AWS": ROOT}, REQUIRED), statement), parameters={"P": {"Type": "String"}})
    assert "cannot tell" in found[0].message


def test_a_denial_of_somebody_unknown_hides_nothing() -> None:
    denial = {**allow({"AWS": {"Ref": "OtherAccountId"}}), "Effect": "Deny"}
    everybody_else = {"Effect": "Deny", "NotPrincipal": {"AWS": {"Ref": "OtherAccountId"}}, "Action": "sts:*"}
    for statement in (denial, everybody_else):
        assert [one.path for one in judged(policy(allow({"AWS": ROOT}), statement))] == [(*WHOLE, "Statement", 0)]


def test_branches_that_exclude_each_other_are_not_mixed() -> None:
    conditions = {
        "HasId": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ExternalId"}, ""]}]},
        "HasRole": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Role"}, ""]}]},
        "HasNone": {"Fn::Not": [{"Condition": "HasRole"}]},
        "Both": {"Fn::And": [{"Condition": "HasId"}, {"Condition": "HasRole"}]},
    }
    nothing = {"Ref": "AWS::NoValue"}
    principals = [either(ROOT, nothing, "HasRole"), either({"Ref": "OtherAccountId"}, nothing, "HasNone")]
    parameters = {name: {"Type": "String", "Default": ""} for name in ("Role", "ExternalId")}
    document = policy(allow({"AWS": principals}, either(REQUIRED, nothing, "HasId")))
    template = {"parameters": parameters, "Conditions": conditions}
    assert judged(document, role={"Condition": "HasId"}, **template) == []
    assert judged(document, role={"Condition": "Both"}, **template) == []
    assert len(judged(document, role={"Condition": "HasNone"}, **template)) == 1


def test_a_statement_that_a_branch_leaves_out_does_not_shift_the_places() -> None:
    document = policy(either(allow({"Service": "ec2.amazonaws.com"}), {"Ref": "AWS::NoValue"}), allow({"AWS": ROOT}))
    assert [one.path for one in judged(document)] == [(*WHOLE, "Statement", 1)]


def test_a_branch_around_a_statement_or_the_whole_policy_is_followed() -> None:
    bad = allow({"AWS": ROOT})
    around = policy(either(allow({"AWS": ROOT}, REQUIRED), bad))
    assert [one.path for one in judged(around)] == [(*WHOLE, "Statement", 0, "Fn::If", 2)]
    whole = either(policy(bad), policy(allow({"AWS": ROOT}, REQUIRED)))
    assert [one.path for one in judged(whole)] == [(*WHOLE, "Fn::If", 1, "Statement", 0)]


@pytest.mark.parametrize("wrap", [json.dumps, lambda document: {"Fn::Sub": json.dumps(document)}], ids=["text", "sub"])
def test_a_policy_given_as_text_is_read(wrap: Callable[[Any], Any]) -> None:
    principal = {"AWS": VENDOR if wrap is json.dumps else "${VendorAwsAccountId}"}
    assert [one.path for one in judged(wrap(policy(allow(principal))))] == [WHOLE]
    assert judged(wrap(policy(allow(principal, {"StringEquals": {"sts:ExternalId": "an-id"}})))) == []


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ({"Ref": "ExternalId"}, "'${ExternalId}'"),
        ({"Fn::Transform": {"Name": "AWS::Include"}}, "Fn::Transform"),
        (policy({"Fn::Transform": {"Name": "AWS::Include"}}), "Fn::Transform"),
        (policy(allow({"AWS": ROOT}, {"Fn::If": ["C"]})), "Fn::If"),
        ("not json", "not JSON"),
        ('{"Statement": [], "Statement": []}', "twice"),
        (["a"], "not a policy document"),
        ({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}, "Principal"),
        (policy(allow({"AWS": [{"Ref": f"P{number}"} for number in range(7)]}, REQUIRED)), "64"),
    ],
    ids=str,
)
def test_what_cannot_be_decided_is_said_to_be_so(document: Any, part: str) -> None:
    parameters = {f"P{number}": {"Type": "String", "Default": VENDOR} for number in range(7)}
    found = judged(document, parameters=parameters)
    assert [one.path for one in found] == [WHOLE]
    assert "cannot tell" in found[0].message
    assert part in found[0].message


def test_an_empty_default_that_opens_for_nobody_is_no_mistake() -> None:
    parameters = {name: {"Type": "String", "Default": ""} for name in ("VendorAwsAccountId", "ExternalId")}
    assert judged(policy(allow({"AWS": ROOT}, REQUIRED)), parameters=parameters) == []


OPEN = {"AssumeRolePolicyDocument": policy(allow({"AWS": VENDOR}))}
CLOSED = {"AssumeRolePolicyDocument": policy(allow({"Service": "lambda.amazonaws.com"}))}
ASKED = {"Conditions": {"C": {"Fn::Equals": [{"Ref": "Mode"}, "open"]}}}


@pytest.mark.parametrize("branches", [(OPEN, CLOSED), (CLOSED, OPEN), ({"Fn::If": ["C", OPEN, CLOSED]}, CLOSED)])
def test_properties_may_have_branches_too(branches: tuple[Any, Any]) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": either(*branches)}
    template = {"Parameters": {"Mode": {"Type": "String"}}, "Resources": {"Role": role}, **ASKED}
    (mistake,) = trust_mistakes(template, "Role")
    assert "without an ExternalId" in mistake.message
    assert mistake.path[:4] == ("Resources", "Role", "Properties", "Fn::If")


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ({"Properties": {"Fn::Transform": {"Name": "M"}}}, WHOLE[:3]),
        ({"Properties": {**CLOSED, "Fn::Transform": {"Name": "M"}}}, WHOLE),
        ({"Properties": {**CLOSED, "Fn::ForEach::X": ["K", ["AssumeRolePolicyDocument"], {}]}}, WHOLE),
        ({"Properties": CLOSED, "Fn::Transform": {"Name": "M"}}, WHOLE),
        ({"Fn::Transform": {"Name": "M"}}, WHOLE[:2]),
    ],
)
def test_what_a_macro_may_put_in_its_place_cannot_be_told(role: dict[str, Any], path: tuple[str, ...]) -> None:
    (mistake,) = trust_mistakes({"Resources": {"Role": {"Type": "AWS::IAM::Role", **role}}}, "Role")
    assert "cannot tell who may assume role" in mistake.message
    assert mistake.path == path


@pytest.mark.parametrize("properties", [None, {}, [], {"AssumeRolePolicyDocument": {"Ref": "AWS::NoValue"}}])
def test_a_role_without_a_policy_is_refused_by_aws(properties: Any) -> None:
    resources = {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}
    assert trust_mistakes({"Resources": resources}, "Role") == []
