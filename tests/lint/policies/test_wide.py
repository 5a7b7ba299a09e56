"""E9115: permissions for everything."""

from typing import Any

import pytest

from byoaws.lint.policies.wide import WidePermission, wide_permissions

PARAMETERS = {
    "Actions": {"Type": "CommaDelimitedList", "Default": "*"},
    "On": {"Type": "String", "Default": "*"},
    "Arn": {"Type": "String"},
}


def found(*statements: Any, kind: str = "AWS::IAM::ManagedPolicy", **more: Any) -> list[WidePermission]:
    properties = {"PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
    return wide_permissions(
        {"Parameters": PARAMETERS, "Resources": {"P": {"Type": kind, "Properties": properties}, **more}}
    )


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


TOO_WIDE = {
    "everything": (allow("*"), "error"),
    "everything, with a colon": (allow("*:*"), "error"),
    "everything, in a list": (allow(["ses:SendEmail", "*"]), "error"),
    "everything, by a parameter": (allow({"Ref": "Actions"}), "error"),
    "everything, under a condition": (allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}}), "error"),
    "everything, on any ARN": (allow("*", "arn:*"), "error"),
    "everything, on something": (allow("*", "arn:aws:s3:::mail/*"), "warning"),
    "all but": ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "error"),
    "all but, on something": ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::x"}, "warning"),
    "but not there": ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"}, "error"),
    "all of IAM": (allow("iam:*"), "error"),
    "all of IAM, in another case": (allow("IAM:**"), "error"),
    "all of IAM, and of others": (allow("i*:*"), "error"),
    "all of IAM, by one letter": (allow("i?m:*"), "error"),
    "all of IAM, on any role": (allow("iam:*", {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:*"}), "error"),
    "all of STS, on any role": (allow("sts:*", "arn:aws:iam::*:role/*"), "error"),
    "all of organizations": (allow("organizations:*", {"Ref": "On"}), "error"),
    "all of SES": (allow("ses:*"), "warning"),
    "all of S3": (allow(["s3:*"]), "warning"),
}


@pytest.mark.parametrize(("statement", "severity"), TOO_WIDE.values(), ids=TOO_WIDE.keys())
def test_what_is_too_wide_is_found_once(statement: dict[str, Any], severity: str) -> None:
    (one,) = found(statement)
    assert one.severity == severity
    assert one.path[:6] == ("Resources", "P", "Properties", "PolicyDocument", "Statement", 0)
    assert one.message.startswith("'P' allows ")


NARROW = {
    "actions": allow(["ses:SendEmail", "ses:Get*", "iam:GetRole"]),
    "part of IAM": allow(["iam:Get*", "iam:List*"]),
    "a deny": {**allow("*"), "Effect": "Deny"},
    "a deny of all but": {"Effect": "Deny", "NotAction": "ses:*", "Resource": "*"},
    "S3, on a bucket": allow("s3:*", ["arn:aws:s3:::mail", "arn:aws:s3:::mail/*"]),
    "logs, on all of them": allow("logs:*", "arn:aws:logs:*:*:*"),
    "STS, on a role": allow("sts:*", {"Ref": "Arn"}),
    "IAM, on roles of a path": allow("iam:*", "arn:aws:iam::*:role/byoaws/*"),
    "a parameter": allow({"Ref": "Arn"}),
}


@pytest.mark.parametrize("statement", NARROW.values(), ids=NARROW.keys())
def test_what_is_narrow_is_left_alone(statement: dict[str, Any]) -> None:
    assert found(statement) == []


@pytest.mark.parametrize(
    ("principal", "severity"),
    [
        ({"Service": "ses.amazonaws.com"}, "error"),
        ({"AWS": "111122223333"}, "error"),
        ("*", "error"),
        ({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}, "warning"),
    ],
)
def test_resource_policies_must_name_actions(principal: Any, severity: str) -> None:
    (one,) = found(allow("*", Principal=principal), kind="AWS::SNS::TopicPolicy")
    assert one.severity == severity


def test_a_key_s_own_default_policy_is_left_alone() -> None:
    statement = allow("kms:*", Principal={"AWS": "arn:aws:iam::111122223333:root"})
    policy = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": statement}}}
    assert wide_permissions({"Resources": {"Key": policy}}) == []


@pytest.mark.parametrize(
    ("condition", "severities"),
    [
        ({"Condition": {"StringEquals": {"sts:ExternalId": "0123456789abcdef"}}}, ["error"]),
        # Of that role E9101 speaks.
        ({}, []),
    ],
)
def test_a_trust_policy_must_name_the_action(condition: dict[str, Any], severities: list[str]) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*", **condition}
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trust}}
    found = wide_permissions({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}})
    assert [one.severity for one in found] == severities


def test_a_boundary_is_what_counts() -> None:
    bounded = {
        "PermissionsBoundary": {"Ref": "P"},
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "Policies": [{"PolicyName": "x", "PolicyDocument": {"Statement": allow("*")}}],
    }
    assert found(allow("*"), U={"Type": "AWS::IAM::User", "Properties": bounded}) == []


@pytest.mark.parametrize(
    ("arn", "is_found"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", True),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/IAMFullAccess"}, True),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/job-function/ViewOnlyAccess"}, False),
        ({"Ref": "Arn"}, False),
    ],
)
def test_aws_has_policies_that_say_the_same(arn: Any, is_found: bool) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [arn]}}
    assert [one.path[-1] for one in wide_permissions({"Resources": {"R": role}})] == ([0] if is_found else [])


def principal(kind: str = "AWS::IAM::Role", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def of(template: dict[str, Any]) -> list[tuple[str | int, ...]]:
    conditions = {"C": {"Fn::Equals": [{"Ref": "On"}, "yes"]}}
    return [one.path for one in wide_permissions({"Parameters": PARAMETERS, "Conditions": conditions, **template})]


ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
NOTHING = {"Ref": "AWS::NoValue"}
EVERYTHING = {"Version": "2012-10-17", "Statement": [allow("*")]}
INLINE = [{"PolicyName": "p", "PolicyDocument": EVERYTHING}]
BOUNDS_NOTHING = {
    "no value": NOTHING,
    "a branch": {"Fn::If": ["C", {"Ref": "Arn"}, NOTHING]},
    "everything": ADMIN,
    "everything, by a branch": {"Fn::If": ["C", {"Ref": "Arn"}, ADMIN]},
}


@pytest.mark.parametrize("boundary", BOUNDS_NOTHING.values(), ids=BOUNDS_NOTHING)
def test_a_boundary_that_bounds_nothing_hides_nothing(boundary: Any) -> None:
    inline = principal(PermissionsBoundary=boundary, Policies=INLINE)
    attached = principal(PermissionsBoundary=boundary, ManagedPolicyArns=[ADMIN])
    assert len(of({"Resources": {"R": inline}})) == 1
    assert len(of({"Resources": {"R": attached}})) == 1


def test_a_boundary_in_every_branch_is_one() -> None:
    boundary = {"Fn::If": ["C", {"Ref": "Arn"}, "arn:aws:iam::111122223333:policy/b"]}
    assert of({"Resources": {"R": principal(PermissionsBoundary=boundary, Policies=INLINE)}}) == []


@pytest.mark.parametrize("where", ["principal", "policy"])
def test_a_boundary_that_is_also_attached_is_a_permission(where: str) -> None:
    policy = principal("AWS::IAM::ManagedPolicy", PolicyDocument=EVERYTHING)
    bounded = principal(PermissionsBoundary={"Ref": "P"})
    assert of({"Resources": {"P": policy, "Bounded": bounded}}) == []
    other = principal(ManagedPolicyArns=[{"Ref": "P"}] if where == "principal" else [])
    if where == "policy":
        policy["Properties"]["Roles"] = [{"Ref": "Other"}]
    assert len(of({"Resources": {"P": policy, "Bounded": bounded, "Other": other}})) == 1


@pytest.mark.parametrize(
    ("arns", "below"),
    [
        ([{"Fn::If": ["C", ADMIN, NOTHING]}], (0, "Fn::If", 1)),
        ({"Fn::If": ["C", NOTHING, [ADMIN]]}, ("Fn::If", 2, 0)),
        ([{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AdministratorAccess"]]}], (0,)),
        ([{"Fn::Transform": {"Name": "M"}}, ADMIN], (1,)),
    ],
)
def test_an_administrator_s_policy_is_found_however_it_is_attached(arns: Any, below: tuple[str | int, ...]) -> None:
    found = of({"Resources": {"R": principal(ManagedPolicyArns=arns)}})
    assert found == [("Resources", "R", "Properties", "ManagedPolicyArns", *below)]


def test_a_macro_beside_it_hides_no_statement() -> None:
    assert len(found({"Fn::Transform": {"Name": "M"}}, allow("*"))) == 1


@pytest.mark.parametrize("several", [True, False])
def test_policies_of_sam_are_policies(several: bool) -> None:
    policies = ["AmazonS3ReadOnlyAccess", {"S3ReadPolicy": {"BucketName": "b"}}, EVERYTHING] if several else EVERYTHING
    assert len(of({"Resources": {"F": principal("AWS::Serverless::Function", Policies=policies)}})) == 1
