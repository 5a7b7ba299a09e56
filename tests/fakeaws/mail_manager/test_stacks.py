"""Stacks with Mail Manager: its resources are made beside the stack, as CloudFormation would have made them."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from byoaws.errors import FakeAwsError
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.interface import Account
from byoaws.fakeaws.mail_manager.template import without_mail_manager
from byoaws.flows.stack import generate
from byoaws.quickcreate.url import Link
from byoaws.vendors.file import load_vendor

REGION = "eu-west-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ses.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
TEMPLATE: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Parameters": {
        "Domains": {"Type": "CommaDelimitedList", "Default": "a.example,b.example"},
        "Keep": {"Type": "String", "Default": "yes", "AllowedValues": ["yes", "no"]},
        "Port": {"Type": "Number", "Default": 25},
    },
    "Conditions": {"Kept": {"Fn::Equals": [{"Ref": "Keep"}, "yes"]}},
    "Resources": {
        "Point": {
            "Type": "AWS::SES::MailManagerIngressPoint",
            "Properties": {
                "Type": "OPEN",
                "RuleSetId": {"Fn::GetAtt": ["Rules", "RuleSetId"]},
                "TrafficPolicyId": {"Ref": "Policy"},
                "TlsPolicy": "REQUIRED",
            },
        },
        "Policy": {
            "Type": "AWS::SES::MailManagerTrafficPolicy",
            "Properties": {
                "DefaultAction": "DENY",
                "MaxMessageSizeBytes": "1000",
                "PolicyStatements": [
                    {
                        "Action": "ALLOW",
                        "Conditions": [
                            {
                                "StringExpression": {
                                    "Evaluate": {"Attribute": "RECIPIENT"},
                                    "Operator": "ENDS_WITH",
                                    "Values": {"Ref": "Domains"},
                                }
                            },
                            {
                                "BooleanExpression": {
                                    "Evaluate": {
                                        "IsInAddressList": {
                                            "Attribute": "RECIPIENT",
                                            "AddressLists": [{"Fn::GetAtt": ["List", "AddressListArn"]}],
                                        }
                                    },
                                    "Operator": "IS_FALSE",
                                }
                            },
                        ],
                    }
                ],
            },
        },
        "List": {"Type": "AWS::SES::MailManagerAddressList"},
        "Archive": {
            "Type": "AWS::SES::MailManagerArchive",
            "Condition": "Kept",
            "Properties": {"Retention": {"RetentionPeriod": "ONE_YEAR"}},
        },
        "Relay": {
            "Type": "AWS::SES::MailManagerRelay",
            "Properties": {
                "ServerName": {"Fn::Sub": ["${Host}.${AWS::Region}.example", {"Host": "mx"}]},
                "ServerPort": {"Ref": "Port"},
                "Authentication": {"NoAuthentication": {}},
            },
        },
        "Rules": {
            "Type": "AWS::SES::MailManagerRuleSet",
            "DependsOn": "Bucket",
            "Properties": {
                "Rules": [
                    {
                        "Name": {"Fn::If": ["Kept", "kept", {"Ref": "AWS::NoValue"}]},
                        "Actions": [
                            {
                                "WriteToS3": {
                                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                                    "S3Bucket": {"Ref": "Bucket"},
                                }
                            },
                            {
                                "Fn::If": [
                                    "Kept",
                                    {
                                        "Archive": {
                                            "TargetArchive": {
                                                "Fn::Select": [
                                                    1,
                                                    {"Fn::Split": ["/", {"Fn::GetAtt": ["Archive", "ArchiveArn"]}]},
                                                ]
                                            }
                                        }
                                    },
                                    {"Ref": "AWS::NoValue"},
                                ]
                            },
                        ],
                    }
                ]
            },
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Bucket": {"Type": "AWS::S3::Bucket"},
    },
    "Outputs": {
        "Mx": {"Value": {"Fn::Join": [" ", ["10", {"Fn::GetAtt": ["Point", "ARecord"]}]]}},
        "Both": {"Value": {"Fn::Sub": "${Rules} of ${Bucket}, ${!literally}, ${Relay.RelayId}"}},
        "ArchiveId": {"Condition": "Kept", "Value": {"Ref": "Archive"}},
        "Bucket": {"Value": {"Ref": "Bucket"}},
    },
}


@pytest.fixture
def deploy(fake_aws: Any, aws_customer: Account, link_to: Callable[..., Link]) -> Callable[..., Any]:
    def make(template: dict[str, Any], **parameters: str) -> Any:
        page = QuickCreatePage.open(fake_aws, link_to(template, **parameters), customer=aws_customer)
        return page.create(acknowledge=True)

    return make


@pytest.fixture
def mail(fake_aws: Any, aws_customer: Account) -> Any:
    return fake_aws.mail_manager.client(aws_customer, REGION)


def test_a_template_without_it_is_left_as_it_is() -> None:
    template = generate(load_vendor("sendfleet", {}), "yaml")
    assert without_mail_manager(template) == (template, None)


def test_what_is_taken_out_names_nothing_that_stays_and_the_reverse() -> None:
    left, taken = without_mail_manager(json.dumps(TEMPLATE))
    assert taken is not None
    made = list(taken.resources)
    for first, second in (("Archive", "Rules"), ("List", "Policy"), ("Rules", "Point"), ("Policy", "Point")):
        assert made.index(first) < made.index(second)
    document = yaml.safe_load(left)
    assert set(document["Resources"]) == {"Role", "Bucket"}
    assert not any(name in json.dumps(document["Outputs"]) for name in taken.resources)


def test_a_stack_is_made_with_what_its_parts_need_of_each_other(
    deploy: Callable[..., Any], mail: Any, fake_aws: Any
) -> None:
    outputs = deploy(TEMPLATE).outputs
    assert set(outputs) == {"Mx", "Both", "ArchiveId", "Bucket"}
    (point,) = mail.list_ingress_points()["IngressPoints"]
    found = mail.get_ingress_point(IngressPointId=point["IngressPointId"])
    assert found["Status"] == "ACTIVE"
    assert outputs["Mx"] == f"10 {found['ARecord']}"
    rules = mail.get_rule_set(RuleSetId=found["RuleSetId"])["Rules"]
    assert [rule["Name"] for rule in rules] == ["kept"]
    written, archived = rules[0]["Actions"]
    assert written["WriteToS3"]["S3Bucket"] == outputs["Bucket"]
    assert ":role/" in written["WriteToS3"]["RoleArn"]
    assert archived["Archive"]["TargetArchive"] == outputs["ArchiveId"]
    policy = mail.get_traffic_policy(TrafficPolicyId=found["TrafficPolicyId"])
    assert policy["MaxMessageSizeBytes"] == 1000
    first, second = policy["PolicyStatements"][0]["Conditions"]
    assert first["StringExpression"]["Values"] == ["a.example", "b.example"]
    (addresses,) = mail.list_address_lists()["AddressLists"]
    assert second["BooleanExpression"]["Evaluate"]["IsInAddressList"]["AddressLists"] == [addresses["AddressListArn"]]
    relay = mail.get_relay(RelayId=mail.list_relays()["Relays"][0]["RelayId"])
    assert (relay["ServerName"], relay["ServerPort"]) == (f"mx.{REGION}.example", 25)
    assert outputs["Both"] == f"{found['RuleSetId']} of {outputs['Bucket']}, ${{literally}}, {relay['RelayId']}"


def test_a_condition_that_is_false_leaves_its_resource_out(deploy: Callable[..., Any], mail: Any) -> None:
    outputs = deploy(TEMPLATE, Keep="no").outputs
    assert "ArchiveId" not in outputs
    assert mail.list_archives()["Archives"] == []
    (rules,) = mail.list_rule_sets()["RuleSets"]
    (rule,) = mail.get_rule_set(RuleSetId=rules["RuleSetId"])["Rules"]
    assert "Name" not in rule
    assert [list(action) for action in rule["Actions"]] == [["WriteToS3"]]


def test_what_mail_manager_refuses_is_told_in_its_words_and_the_stack_goes(
    deploy: Callable[..., Any], fake_aws: Any, aws_customer: Account
) -> None:
    broken = copy.deepcopy(TEMPLATE)
    broken["Resources"]["Policy"]["Properties"]["DefaultAction"] = "REFUSE"
    with pytest.raises(FakeAwsError, match=r"'Policy' .*MailManagerTrafficPolicy.*enum value set"):
        deploy(broken)
    stacks = fake_aws.client(aws_customer, "cloudformation", REGION).list_stacks()["StackSummaries"]
    assert [stack["StackStatus"].partition("_")[0] for stack in stacks] == ["DELETE"]


def test_what_cannot_be_made_beside_a_stack_is_said(link_to: Callable[..., Link], fake_aws: Any) -> None:
    turned = copy.deepcopy(TEMPLATE)
    turned["Resources"]["Bucket"]["DependsOn"] = "Rules"
    with pytest.raises(FakeAwsError, match="'Bucket' names 'Rules'"):
        without_mail_manager(json.dumps(turned))


VENDOR = """
name: acme
title: Acme Mail
aws: {account_id: "111122223333"}
packs: [inbound-read, self-read, mail-manager-read, mail-manager-rules]
stack: {name: acme-mail, version: 1.0.0, blocks: [inbound, access]}
inbound: mail-manager
probes: [role-arn, vendor-identity, external-id-required, external-id-checked, assume-role, caller-identity]
"""


def test_a_generated_stack_is_made(
    deploy: Callable[..., Any], mail: Any, tmp_path: Path, fake_aws: Any, aws_customer: Account
) -> None:
    (tmp_path / "byoaws.yaml").write_text(VENDOR)
    vendor = replace(load_vendor(str(tmp_path / "byoaws.yaml"), {}))
    given = {
        vendor.parameters.external_id: "0123456789abcdef0123456789abcdef",
        vendor.parameters.vendor_account_id: fake_aws.vendor.account_id,
    }
    outputs = deploy(yaml.safe_load(generate(vendor, "json")), **given).outputs
    assert outputs["InboundMxRecordPublic"].startswith("10 inp-")
    rules = mail.get_rule_set(RuleSetId=outputs["RuleSetIdStore"])["Rules"]
    assert rules[0]["Actions"][0]["WriteToS3"]["S3Bucket"] == outputs["BucketName"]
