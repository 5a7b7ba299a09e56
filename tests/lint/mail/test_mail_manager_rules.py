"""The rules about Mail Manager that look further than one object: roles, regions, references."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byoaws.lint.mail.archives import archive_ids, arns_as_targets, fixed_names
from byoaws.lint.mail.ingress_links import wrong_links
from byoaws.lint.mail.ingress_points import fips
from byoaws.lint.mail.mail_rules import after_drop, long_bucket_names
from byoaws.lint.mail.rule_roles import weak_roles
from byoaws.lint.mail.traffic_policies import useless_policies
from byoaws.lint.worlds.references import referred
from byoaws.model import Finding
from byoaws.regions import is_in_us_or_canada, sending_regions

SERVICE = {"Service": "ses.amazonaws.com"}
BUCKET, OBJECTS = {"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "${Bucket.Arn}/*"}
SES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
WRITE, SEND = ["s3:PutObject", "s3:ListBucket"], ["ses:SendEmail", "ses:SendRawEmail"]


def _allow(action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **parts}


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _trust(principal: Any = SERVICE, action: Any = "sts:AssumeRole") -> dict[str, Any]:
    return _policy({"Effect": "Allow", "Principal": principal, "Action": action})


def _role(*statements: dict[str, Any], trust: Any = None, **properties: Any) -> dict[str, Any]:
    inline = {"Policies": [{"PolicyName": "p", "PolicyDocument": _policy(*statements)}]} if statements else {}
    trusted = {"AssumeRolePolicyDocument": trust or _trust()}
    return {"Type": "AWS::IAM::Role", "Properties": {**trusted, **inline, **properties}}


def _acting(role: dict[str, Any], *actions: dict[str, Any], **resources: Any) -> dict[str, Any]:
    rules = {"Type": "AWS::SES::MailManagerRuleSet", "Properties": {"Rules": [{"Actions": list(actions)}]}}
    return {"Resources": {"Role": role, "Rules": rules, "Bucket": {"Type": "AWS::S3::Bucket"}, **resources}}


ARN = {"Fn::GetAtt": ["Role", "Arn"]}
TO_S3 = {"WriteToS3": {"S3Bucket": {"Ref": "Bucket"}, "RoleArn": ARN}}
TO_SEND = {"Send": {"RoleArn": ARN}}
ATTACHED = {"PolicyName": "p", "PolicyDocument": _policy(_allow(WRITE, [BUCKET, OBJECTS]))}

ENOUGH = {
    "both places": _acting(_role(_allow(WRITE, [BUCKET, OBJECTS])), TO_S3),
    "anything": _acting(_role(_allow("*")), TO_S3, TO_SEND),
    "a pattern for both": _acting(_role(_allow("s3:*", {"Fn::Sub": "arn:aws:s3:::${Bucket}*"})), TO_S3),
    "all but something else": _acting(_role({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), TO_S3),
    "a resource from outside": _acting(_role(_allow(WRITE, {"Ref": "Arns"})), TO_S3),
    "an action from outside": _acting(_role(_allow({"Ref": "Actions"})), TO_S3, TO_SEND),
    "a policy from outside": _acting(_role(ManagedPolicyArns=[{"Ref": "PolicyArn"}]), TO_S3),
    "a policy by reference": _acting(
        _role(), TO_S3, Own={"Type": "AWS::IAM::Policy", "Properties": {**ATTACHED, "Roles": [{"Ref": "Role"}]}}
    ),
    "a policy by name": _acting(
        _role(RoleName="mail"), TO_S3, Own={"Type": "AWS::IAM::Policy", "Properties": {**ATTACHED, "Roles": ["mail"]}}
    ),
    "a policy of its own type": _acting(
        _role(), TO_S3, Own={"Type": "AWS::IAM::RolePolicy", "Properties": {**ATTACHED, "RoleName": {"Ref": "Role"}}}
    ),
    "a macro": {**_acting(_role(), TO_S3), "Transform": "Ours"},
    "a role from outside": _acting(_role(), {"Send": {"RoleArn": {"Ref": "Elsewhere"}}}),
    "a role by name": _acting(_role(), {"Send": {"RoleArn": "arn:aws:iam::111122223333:role/mail"}}),
    "an action that needs none": _acting(_role(), {"Drop": {}}, {"Archive": {"TargetArchive": "a-1"}}),
    "a service of the partition": _acting(
        _role(_allow(SEND), trust=_trust({"Service": {"Fn::Sub": "ses.${AWS::URLSuffix}"}})), TO_SEND
    ),
    "a service from outside": _acting(_role(_allow(SEND), trust=_trust({"Service": {"Ref": "Services"}})), TO_SEND),
    "anybody may assume it": _acting(_role(_allow(SEND), trust=_trust("*", "sts:*")), TO_SEND),
    "a trust policy from outside": _acting(_role(_allow(SEND), trust={"Ref": "Trust"}), TO_SEND),
    "a trust policy as text": _acting(
        _role(
            _allow(SEND),
            trust='{"Statement": {"Effect": "Allow", "Principal": {"Service": "ses.amazonaws.com"}, '
            '"Action": "sts:AssumeRole"}}',
        ),
        TO_SEND,
    ),
}


@pytest.mark.parametrize("template", ENOUGH.values(), ids=ENOUGH.keys())
def test_a_role_that_may_be_enough_is_left_alone(template: dict[str, Any]) -> None:
    assert weak_roles(template) == []


LACKING = {
    "nothing": (_acting(_role(), TO_SEND), ["'Send' needs 'ses:SendEmail' and 'ses:SendRawEmail'"]),
    "one of two": (_acting(_role(_allow("ses:SendEmail")), TO_SEND), ["'Send' needs 'ses:SendRawEmail'"]),
    "on the objects only": (_acting(_role(_allow(WRITE, OBJECTS)), TO_S3), ["'WriteToS3' needs 's3:ListBucket' on"]),
    "on the bucket only": (_acting(_role(_allow(WRITE, BUCKET)), TO_S3), ["'WriteToS3' needs 's3:PutObject' on the"]),
    "on a bucket by its name": (
        _acting(_role(_allow(WRITE, {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}"})), TO_S3),
        ["'WriteToS3' needs 's3:PutObject' on the"],
    ),
    "twice": (_acting(_role(), TO_SEND, TO_SEND), ["'Send' needs"]),
    "two things": (_acting(_role(), TO_SEND, TO_S3), ["'Send' needs", "'WriteToS3' needs"]),
    "denied is not allowed": (
        _acting(_role({"Effect": "Deny", "Action": SEND, "Resource": "*"}), TO_SEND),
        ["'Send' needs"],
    ),
    "another's policy": (
        _acting(
            _role(),
            TO_S3,
            Other=_role(),
            Own={"Type": "AWS::IAM::Policy", "Properties": {**ATTACHED, "Roles": [{"Ref": "Other"}]}},
        ),
        ["'WriteToS3' needs"],
    ),
    "another service's role": (
        _acting(_role(_allow(SEND), trust=_trust({"Service": ["lambda.amazonaws.com"]})), TO_SEND),
        ["role 'Role' acts for Mail Manager's rules, and does not let ses.amazonaws.com assume it"],
    ),
    "another's action": (
        _acting(_role(_allow(SEND), trust=_trust(action="sts:TagSession")), TO_SEND),
        ["role 'Role' acts for"],
    ),
    "its mailbox": (
        _acting(_role(), {"DeliverToMailbox": {"MailboxArn": "m", "RoleArn": ARN}}),
        ["'DeliverToMailbox' needs 'workmail:DeliverToMailbox'"],
    ),
    "its key": (
        _acting(
            _role(_allow(WRITE, [BUCKET, OBJECTS])),
            {"WriteToS3": {"S3Bucket": {"Ref": "Bucket"}, "RoleArn": ARN, "S3SseKmsKeyId": {"Ref": "Key"}}},
        ),
        ["'WriteToS3' needs 'kms:GenerateDataKey'"],
    ),
}


@pytest.mark.parametrize(("template", "parts"), LACKING.values(), ids=LACKING.keys())
def test_what_a_role_lacks_is_told_once(template: dict[str, Any], parts: list[str]) -> None:
    found = weak_roles(template)
    assert len(found) == len(parts)
    for one, part in zip(found, parts, strict=True):
        assert one.message.startswith(part)
        assert one.fix


def test_who_may_assume_a_role_is_told_at_the_role() -> None:
    (found,) = weak_roles(
        _acting(_role(_allow(SEND), trust=_trust({"AWS": "arn:aws:iam::111122223333:root"})), TO_SEND)
    )
    assert found.path == ("Resources", "Role", "Properties", "AssumeRolePolicyDocument")
    assert "aws:SourceAccount" in found.fix


# FIPS -----------------------------------------------------------------------------------------------------------------


def _ingress(tls: Any, **sections: Any) -> dict[str, Any]:
    properties = {"Type": "OPEN", "TlsPolicy": tls}
    return {
        **sections,
        "Resources": {"Ingress": {"Type": "AWS::SES::MailManagerIngressPoint", "Properties": properties}},
    }


@pytest.mark.parametrize(
    ("regions", "severity"),
    [
        (["us-east-1"], None),
        (["ca-central-1", "us-gov-west-1"], None),
        (["eu-west-1"], "error"),
        (["us-east-1", "ap-south-1"], "error"),
    ],
)
def test_fips_is_an_error_where_it_is_known_not_to_be_there(regions: list[str], severity: str | None) -> None:
    (found,) = fips(_ingress("FIPS"), regions)
    assert found.severity == severity
    assert ("ap-south-1" in found.message) is (regions[-1] == "ap-south-1")
    by_region = {"Fn::If": ["Home", "FIPS", "REQUIRED"]}
    (found,) = fips(
        _ingress(by_region, Conditions={"Home": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}), regions
    )
    assert found.severity is None


def test_the_regions_of_cfn_lint_s_settings_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint_text: Callable[..., list[Finding]]
) -> None:
    text = """
    Parameters: {Policy: {Type: String}, Rules: {Type: String}}
    Resources:
      Ingress:
        Type: AWS::SES::MailManagerIngressPoint
        Properties: {Type: OPEN, TlsPolicy: FIPS, TrafficPolicyId: !Ref Policy, RuleSetId: !Ref Rules}
    """
    monkeypatch.chdir(tmp_path)
    assert [(one.code, one.severity) for one in lint_text(text)] == [("W9148", "warning")]
    (tmp_path / ".cfnlintrc").write_text("regions: [eu-west-1]\n")
    assert [(one.code, one.severity) for one in lint_text(text)] == [("W9148", "error")]


def test_the_us_and_canada_are_known_by_their_names() -> None:
    there = {region for region in sending_regions() if is_in_us_or_canada(region)}
    assert there == {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east-1", "us-gov-west-1"),
        *("ca-central-1", "ca-west-1"),
    }


# References -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"Ref": "A"}, ("A", "")),
        ({"Fn::GetAtt": "A.B.C"}, ("A", "B.C")),
        ({"Fn::GetAtt": ["A", "B"]}, ("A", "B")),
        ({"Fn::GetAtt": ["A", {"Ref": "B"}]}, ("", "")),
        ({"Fn::Sub": "${A}"}, ("A", "")),
        ({"Fn::Sub": " ${A}"}, ("", "")),
        ({"Fn::Sub": "${A.B}"}, ("A", "B")),
        ({"Fn::Sub": ["${A}", {"A": 1}]}, ("", "")),
        ({"Fn::Join": ["", ["A"]]}, ("", "")),
        ({"Ref": ["A"]}, ("A", "")),
        ({"Ref": {"A": 1}}, ("", "")),
        ("A", ("", "")),
        (None, ("", "")),
    ],
    ids=str,
)
def test_a_reference_is_read_in_each_of_its_forms(written: Any, expected: tuple[str, str]) -> None:
    assert referred(written) == expected


MISSHAPEN: list[Any] = [None, 4, "text", [], [None], {}, {"Rules": 4}, {"Rules": [4, {"Actions": 4}, {"Actions": [4]}]}]


@pytest.mark.parametrize("properties", MISSHAPEN, ids=str)
def test_what_is_misshapen_is_left_to_others(properties: Any) -> None:
    kinds = ("RuleSet", "Archive", "IngressPoint", "TrafficPolicy")
    resources = {kind: {"Type": f"AWS::SES::MailManager{kind}", "Properties": properties} for kind in kinds}
    template = {"Resources": {**resources, "Role": {"Type": "AWS::IAM::Role", "Properties": properties}, "Odd": 4}}
    for look in (
        *(archive_ids, arns_as_targets, fixed_names, wrong_links, after_drop, long_bucket_names),
        *(weak_roles, useless_policies),
    ):
        assert look(template) == []
    assert fips(template, ["eu-west-1"]) == []


# Templates that are right ---------------------------------------------------------------------------------------------


def _everything() -> str:
    """What troposphere has classes for, in one pipeline."""
    from troposphere import Equals, GetAtt, If, Not, NoValue, Output, Parameter, Ref, Select, Split, Sub, Template, ses
    from troposphere.iam import Policy, Role

    template = Template()
    for name in ("Cidr", "Domain", "FunctionArn", "TopicArn", "BucketName", "PasswordArn", "Mailbox", "Analyzer"):
        template.add_parameter(Parameter(name, Type="String"))
    template.add_parameter(Parameter("UsesMailbox", Type="String", Default="no", AllowedValues=["yes", "no"]))
    template.add_condition("HasMailbox", Not(Equals(Ref("UsesMailbox"), "no")))
    listed = template.add_resource(ses.MailManagerAddressList("Friends"))
    archive = template.add_resource(
        ses.MailManagerArchive("Archive", Retention=ses.ArchiveRetention(RetentionPeriod="ONE_YEAR"))
    )
    relay = template.add_resource(
        ses.MailManagerRelay(
            "Relay",
            ServerName=Sub("smtp.${Domain}"),
            ServerPort=587,
            Authentication=ses.RelayAuthentication(SecretArn=Ref("PasswordArn")),
        )
    )
    bucket = Sub("arn:${AWS::Partition}:s3:::${BucketName}")
    objects = Sub("arn:${AWS::Partition}:s3:::${BucketName}/*")
    role = template.add_resource(
        Role(
            "Actor",
            AssumeRolePolicyDocument=_policy(
                {
                    "Effect": "Allow",
                    "Principal": SERVICE,
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")}},
                }
            ),
            Policies=[
                Policy(
                    PolicyName="act",
                    PolicyDocument=_policy(
                        _allow("s3:PutObject", objects),
                        _allow("s3:ListBucket", bucket),
                        _allow("sns:Publish", Ref("TopicArn")),
                        _allow("lambda:InvokeFunction", Ref("FunctionArn")),
                        _allow("workmail:DeliverToMailbox", Ref("Mailbox")),
                        _allow(SEND, Sub(f"{SES}:identity/${{Domain}}")),
                    ),
                )
            ],
        )
    )
    arn = GetAtt(role, "Arn")
    policy = template.add_resource(
        ses.MailManagerTrafficPolicy(
            "Policy",
            DefaultAction="DENY",
            MaxMessageSizeBytes=10485760,
            PolicyStatements=[
                ses.PolicyStatement(
                    Action="ALLOW",
                    Conditions=[
                        ses.PolicyCondition(
                            IpExpression=ses.IngressIpv4Expression(
                                Evaluate=ses.IngressIpToEvaluate(Attribute="SENDER_IP"),
                                Operator="CIDR_MATCHES",
                                Values=[Ref("Cidr")],
                            )
                        ),
                        ses.PolicyCondition(
                            TlsExpression=ses.IngressTlsProtocolExpression(
                                Evaluate=ses.IngressTlsProtocolToEvaluate(Attribute="TLS_PROTOCOL"),
                                Operator="MINIMUM_TLS_VERSION",
                                Value="TLS1_2",
                            )
                        ),
                        ses.PolicyCondition(
                            BooleanExpression=ses.IngressBooleanExpression(
                                Evaluate=ses.IngressBooleanToEvaluate(
                                    IsInAddressList=ses.IngressIsInAddressList(
                                        Attribute="RECIPIENT", AddressLists=[GetAtt(listed, "AddressListArn")]
                                    )
                                ),
                                Operator="IS_TRUE",
                            )
                        ),
                    ],
                )
            ],
        )
    )
    conditions = [
        ses.RuleCondition(
            VerdictExpression=ses.RuleVerdictExpression(
                Evaluate=ses.RuleVerdictToEvaluate(
                    Analysis=ses.Analysis(Analyzer=Ref("Analyzer"), ResultField="addon.isSpam")
                ),
                Operator="EQUALS",
                Values=["FAIL"],
            )
        ),
        ses.RuleCondition(DmarcExpression=ses.RuleDmarcExpression(Operator="EQUALS", Values=["REJECT"])),
        ses.RuleCondition(
            StringExpression=ses.RuleStringExpression(
                Evaluate=ses.RuleStringToEvaluate(MimeHeaderAttribute="X-Spam"),
                Operator="CONTAINS",
                Values=[Ref("Domain")],
            )
        ),
        ses.RuleCondition(
            NumberExpression=ses.RuleNumberExpression(
                Evaluate=ses.RuleNumberToEvaluate(Attribute="MESSAGE_SIZE"), Operator="GREATER_THAN", Value=1048576
            )
        ),
    ]
    actions = [
        ses.RuleAction(AddHeader=ses.AddHeaderAction(HeaderName="X-Archived", HeaderValue=Ref("Domain"))),
        ses.RuleAction(Archive=ses.ArchiveAction(TargetArchive=Select(1, Split("/", GetAtt(archive, "ArchiveArn"))))),
        ses.RuleAction(WriteToS3=ses.MailManagerS3Action(S3Bucket=Ref("BucketName"), RoleArn=arn)),
        ses.RuleAction(PublishToSns=ses.SnsAction(TopicArn=Ref("TopicArn"), RoleArn=arn, PayloadType="HEADERS")),
        ses.RuleAction(
            InvokeLambda=ses.InvokeLambdaAction(FunctionArn=Ref("FunctionArn"), InvocationType="EVENT", RoleArn=arn)
        ),
        If(
            "HasMailbox",
            ses.RuleAction(DeliverToMailbox=ses.DeliverToMailboxAction(MailboxArn=Ref("Mailbox"), RoleArn=arn)),
            NoValue,
        ),
        ses.RuleAction(Relay=ses.RelayAction(Relay=Ref(relay), MailFrom="PRESERVE")),
        ses.RuleAction(Send=ses.SendAction(RoleArn=arn)),
        ses.RuleAction(Drop={}),
    ]
    rules = template.add_resource(
        ses.MailManagerRuleSet(
            "Rules",
            Rules=[
                ses.MailManagerRule(Name="spam", Conditions=conditions, Actions=[ses.RuleAction(Drop={})]),
                ses.MailManagerRule(Name="rest", Unless=conditions[:1], Actions=actions),
            ],
        )
    )
    ingress = template.add_resource(
        ses.MailManagerIngressPoint(
            "Ingress",
            Type="AUTH",
            TlsPolicy="REQUIRED",
            TrafficPolicyId=Ref(policy),
            RuleSetId=GetAtt(rules, "RuleSetId"),
            IngressPointConfiguration=ses.IngressPointConfiguration(SecretArn=Ref("PasswordArn")),
        )
    )
    template.add_output(Output("MailServer", Value=GetAtt(ingress, "ARecord")))
    return str(template.to_yaml())


def test_a_whole_pipeline_of_troposphere_s_is_left_alone(lint_text: Callable[..., list[Finding]]) -> None:
    assert lint_text(_everything(), stock=True) == []
