"""E9111: who gets in by a statement that names anyone, tried with strangers' calls."""

from typing import Any

import pytest

from byoaws.lint.policies.public import PublicStatement, public_statements

OWN = {"Ref": "AWS::AccountId"}
PARAMETERS = {
    "Anyone": {"Type": "String", "Default": "*"},
    "Account": {"Type": "String"},
    "Mode": {"Type": "String", "AllowedValues": ["open", "closed"]},
}
CONDITIONS = {"IsOpen": {"Fn::Equals": [{"Ref": "Mode"}, "open"]}}
VENDOR = "arn:aws:iam::111122223333:root"


def allow(principal: Any = "*", action: Any = "sns:Publish", condition: Any = None, **more: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}
    return found if condition is None else {**found, "Condition": condition}


def found(*statements: Any, kind: str = "AWS::SNS::TopicPolicy", key: str = "PolicyDocument") -> list[PublicStatement]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    policy = {"Type": kind, "Properties": {key: document, "Topics": [{"Ref": "Topic"}]}}
    return public_statements({"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": {"P": policy}})


def keeps(operator: str, key: str, value: Any, **more: Any) -> dict[str, Any]:
    return allow(condition={operator: {key: value}}, **more)


OPEN = {
    "no condition": allow(),
    "as a map": allow({"AWS": "*"}),
    "among others": allow({"AWS": [VENDOR, "*"]}),
    "a parameter's default": allow({"AWS": {"Ref": "Anyone"}}),
    "a branch": allow({"Fn::If": ["IsOpen", "*", {"AWS": VENDOR}]}),
    "a branch drops the condition": allow(
        condition={"Fn::If": ["IsOpen", {"Ref": "AWS::NoValue"}, {"StringEquals": {"aws:SourceAccount": OWN}}]}
    ),
    "IfExists": keeps("StringEqualsIfExists", "aws:SourceAccount", OWN),
    "ForAllValues": keeps("ForAllValues:StringEquals", "aws:SourceAccount", OWN),
    "Null": keeps("Null", "aws:SourceAccount", "true"),
    "not one account": keeps("StringNotEquals", "aws:SourceAccount", "111122223333"),
    "any account": keeps("StringLike", "aws:SourceAccount", "*"),
    "any account, by a parameter": keeps("StringLike", "aws:SourceAccount", {"Ref": "Anyone"}),
    "one account, or any": keeps("StringLike", "aws:SourceAccount", [OWN, "*"]),
    "accounts like one": keeps("StringLike", "aws:SourceAccount", "1111*"),
    "any bucket": keeps("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
    "anybody's topic": keeps("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:mail"),
    "anything of SES": keeps("StringLike", "aws:SourceArn", "arn:aws:ses:*"),
    "anything": keeps("StringLike", "aws:SourceArn", "*"),
    "a role of that name anywhere": keeps("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/vendor"),
    "any organization": keeps("StringLike", "aws:PrincipalOrgID", "o-*"),
    "any endpoint": keeps("StringLike", "aws:SourceVpce", "vpce-*"),
    "any address": keeps("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "0.0.0.0/0"]),
    "any address of version 6": keeps("IpAddress", "aws:SourceIp", "::/0"),
    "TLS": keeps("Bool", "aws:SecureTransport", "true"),
    "what a browser sends": keeps("StringEquals", "aws:Referer", "https://example.com/"),
    "a tag of the caller's": keeps("StringEquals", "aws:PrincipalTag/team", "mail"),
    "anybody may subscribe": keeps("StringLike", "sns:Endpoint", "https://*", action="sns:Subscribe"),
    "all but one": {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": VENDOR},
        "Action": "sns:Publish",
        "Resource": "*",
    },
}


@pytest.mark.parametrize("statement", OPEN.values(), ids=OPEN.keys())
def test_a_statement_that_keeps_nobody_out_is_found_once(statement: dict[str, Any]) -> None:
    (one,) = found(statement)
    assert one.path[:6] == ("Resources", "P", "Properties", "PolicyDocument", "Statement", 0)
    assert one.severity == "error"
    assert "'P' lets anyone use sns:" in one.message


CLOSED = {
    "a vendor": allow({"AWS": VENDOR}),
    "a parameter": allow({"AWS": {"Ref": "Account"}}),
    "a service": allow({"Service": "ses.amazonaws.com"}),
    "a canonical user": allow({"CanonicalUser": "79a5"}),
    "a deny": {**allow(), "Effect": "Deny"},
    "this account": keeps("StringEquals", "aws:SourceAccount", OWN),
    "this account, in another case": keeps("StringEquals", "AWS:SOURCEACCOUNT", OWN),
    "SNS's default policy": keeps("StringEquals", "AWS:SourceOwner", OWN),
    "a bucket": keeps("ArnLike", "aws:SourceArn", "arn:aws:s3:::mail-of-acme"),
    "a bucket, as S3 writes it": keeps("ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:mail-of-acme"),
    "a resource of the stack": keeps("ArnEquals", "aws:SourceArn", {"Fn::GetAtt": ["Bucket", "Arn"]}),
    "rules of this account": keeps(
        "ArnLike", "aws:SourceArn", {"Fn::Sub": "arn:${AWS::Partition}:ses:*:${AWS::AccountId}:*"}
    ),
    "an imported value": keeps("StringEquals", "aws:SourceArn", {"Fn::ImportValue": "bucket"}),
    "an organization": keeps("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    "accounts": keeps("StringEquals", "aws:PrincipalAccount", [OWN, "111122223333"]),
    "roles of an account": keeps("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"),
    "an endpoint": keeps("StringEquals", "aws:SourceVpce", "vpce-0a1b2c3d"),
    "a network": keeps("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    "a network that the customer names": keeps("IpAddress", "aws:SourceIp", {"Ref": "Account"}),
    "AWS's own services": keeps("Bool", "aws:PrincipalIsAWSService", "true"),
    "addresses of a company": keeps("StringLike", "sns:Endpoint", "*@example.com", action="sns:Subscribe"),
    "a misspelt key, of which E9114 speaks": keeps("StringEquals", "aws:SourceAcount", OWN),
    "an unknown operator, of which cfn-lint speaks": keeps("StringIs", "aws:SourceAccount", OWN),
}


@pytest.mark.parametrize("statement", CLOSED.values(), ids=CLOSED.keys())
def test_a_statement_that_keeps_strangers_out_is_left_alone(statement: dict[str, Any]) -> None:
    assert found(statement) == []


DENIES = {
    "all but a vendor": {"Effect": "Deny", "NotPrincipal": {"AWS": VENDOR}, "Action": "*", "Resource": "*"},
    "other accounts": {
        **allow(action="sns:*", condition={"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}),
        "Effect": "Deny",
    },
}


@pytest.mark.parametrize("deny", DENIES.values(), ids=DENIES.keys())
def test_a_deny_beside_it_counts(deny: dict[str, Any]) -> None:
    assert found(allow(), deny) == []


def test_a_deny_that_only_asks_for_tls_does_not() -> None:
    tls = {**allow(action="*", condition={"Bool": {"aws:SecureTransport": "false"}}), "Effect": "Deny"}
    assert len(found(allow(), tls)) == 1


@pytest.mark.parametrize(
    ("action", "severity"),
    [
        ("s3:GetObject", "warning"),
        (["s3:GetObject", "s3:ListBucket"], "warning"),
        ("s3:Get*", "warning"),
        (["s3:GetObject", "s3:PutObject"], "error"),
        ("s3:*", "error"),
        ("*", "error"),
    ],
)
def test_reading_a_bucket_is_a_warning(action: Any, severity: str) -> None:
    (one,) = found(allow(action=action), kind="AWS::S3::BucketPolicy")
    assert one.severity == severity


@pytest.mark.parametrize(
    ("kind", "key", "action"),
    [
        ("AWS::SQS::QueuePolicy", "PolicyDocument", "sqs:SendMessage"),
        ("AWS::KMS::Key", "KeyPolicy", "kms:*"),
        ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", "secretsmanager:GetSecretValue"),
        ("AWS::ECR::Repository", "RepositoryPolicyText", "ecr:BatchGetImage"),
    ],
)
def test_every_kind_of_policy_is_read(kind: str, key: str, action: str) -> None:
    (one,) = found(allow(action=action), kind=kind, key=key)
    assert (one.severity, one.path[3]) == ("error", key)


def test_a_website_may_be_read_and_not_written() -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"WebsiteConfiguration": {"IndexDocument": "index.html"}}}

    def of_site(action: str) -> list[PublicStatement]:
        document = {"Statement": allow(action=action)}
        policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": document}}
        return public_statements({"Resources": {"B": bucket, "P": policy}})

    assert of_site("s3:GetObject") == []
    assert len(of_site("s3:PutObject")) == 1


@pytest.mark.parametrize(
    ("properties", "is_open"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": "*", "SourceArn": {"Ref": "Topic"}}, False),
        ({"Principal": "*", "SourceAccount": OWN}, False),
        ({"Principal": "*", "PrincipalOrgID": "o-a1b2c3d4e5"}, False),
        ({"Principal": "*", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}, False),
        ({"Principal": "111122223333"}, False),
        ({"Principal": {"Ref": "Account"}}, False),
        ({}, False),
    ],
)
def test_permissions_of_functions(properties: dict[str, Any], is_open: bool) -> None:
    whole = {"FunctionName": "f", "Action": "lambda:InvokeFunction", **properties}
    template = {"Parameters": PARAMETERS, "Resources": {"P": {"Type": "AWS::Lambda::Permission", "Properties": whole}}}
    assert [one.path for one in public_statements(template)] == (
        [("Resources", "P", "Properties", "Principal")] if is_open else []
    )


@pytest.mark.parametrize("statements", [[allow(), {"Fn::Transform": {"Name": "M"}}], [{"Fn::ForEach::X": []}, allow()]])
def test_a_macro_beside_it_hides_no_statement(statements: list[dict[str, Any]]) -> None:
    assert len(found(*statements)) == 1


def test_many_conditions_hide_no_statement() -> None:
    names = [f"C{number}" for number in range(10)]
    doors = [allow({"Fn::If": [name, {"AWS": VENDOR}, {"AWS": VENDOR[:-5]}]}) for name in names[1:]]
    document = {"Statement": [{"Fn::If": ["C0", allow(), {"Ref": "AWS::NoValue"}]}, *doors]}
    parameters = {name: {"Type": "String", "AllowedValues": ["no", "yes"]} for name in names}
    conditions = {name: {"Fn::Equals": [{"Ref": name}, "yes"]} for name in names}
    policy = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"PolicyDocument": document}}
    template = {"Parameters": parameters, "Conditions": conditions, "Resources": {"P": policy}}
    (mistake,) = public_statements(template)
    assert "lets anyone use sns:Publish, where parameter 'C0' is 'yes'" in mistake.message
