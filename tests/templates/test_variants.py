"""What holds for every template that a vendor file may ask for. Outside judges: stock cfn-lint, botocore's models.

Of their YAML stock cfn-lint judges in `test_linted.py`, in the same run as ours.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from byoaws import libyaml
from byoaws.flows.connect import connection_id
from byoaws.mail_manager.actions import ACTION
from byoaws.mail_manager.shapes import Fields
from byoaws.pipeline import Kind, camel
from byoaws.templates.stack import METADATA_KEY, build, content_sha256
from byoaws.templates.text import MAXIMUM_INLINE_BYTES, to_json, to_yaml
from byoaws.vendor_model import SecretMode, Vendor
from byoaws.vendors.file import load_vendor

PSEUDO = {
    f"AWS::{name}" for name in ("AccountId", "Region", "Partition", "StackId", "StackName", "NoValue", "URLSuffix")
}
OfType = Callable[[str], dict[str, dict[str, Any]]]
BUCKET, POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"


def walk(node: Any) -> Iterator[Any]:
    """Every value inside a template, the template itself first."""
    yield node
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for value in inner:
        yield from walk(value)


def references(node: Any) -> Iterator[str]:
    """Every name that a Ref, a GetAtt or a Sub means."""
    for value in walk(node):
        match value:
            case {"Ref": name}:
                yield name
            case {"Fn::GetAtt": [name, _]}:
                yield name
            case {"Fn::Sub": str(text)}:
                yield from (name.partition(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text))
            case {"Fn::Sub": [text, own]}:
                names = re.findall(r"\$\{([^!}]+)\}", text)
                yield from (name.partition(".")[0] for name in names if name not in own)


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy statement, with the resource that holds it."""
    for name, item in template["Resources"].items():
        for value in walk(item):
            if isinstance(value, dict) and "Effect" in value:
                yield name, value


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("mode", SecretMode)
def test_json_is_as_clean_as_yaml(
    make_vendor: Callable[..., Vendor], mode: SecretMode, stock_findings: Callable[[str], list[str]]
) -> None:
    from byoaws.registry import BLOCKS

    assert (
        stock_findings(
            to_json(build(make_vendor(*(set(BLOCKS.builtins) - {"user", "registration"}), webhook_secret=mode)))
        )
        == []
    )


def test_yaml_and_json_are_the_same_template(template: dict[str, Any]) -> None:
    text = to_yaml(template)
    assert json.loads(to_json(template)) == template
    assert libyaml.load(text) == template
    assert not re.search(r"[&*]id\d", text)  # CloudFormation knows no anchors


def test_as_json_it_may_still_be_sent_inline(variant: Vendor, template: dict[str, Any]) -> None:
    """With every pack there is, a long title and a long path. Stacks that report themselves are made from a link."""
    if variant.registration_url:
        return
    assert len(to_json(template).encode()) <= MAXIMUM_INLINE_BYTES


def test_as_yaml_mailmark_s_own_may_be_sent_inline() -> None:
    assert len(to_yaml(build(load_vendor("mailmark", {}))).encode()) <= MAXIMUM_INLINE_BYTES


def test_building_twice_gives_the_same(variant: Vendor, template: dict[str, Any]) -> None:
    assert to_yaml(build(variant)) == to_yaml(template)


def test_nothing_refers_to_what_is_not_there(template: dict[str, Any]) -> None:
    there = {*template["Resources"], *template.get("Parameters", {}), *PSEUDO}
    assert set(references(template)) <= there
    depends = {name for item in template["Resources"].values() for name in listed(item.get("DependsOn", []))}
    assert depends <= set(template["Resources"])
    assert {
        value["Condition"]
        for value in walk(template)
        if isinstance(value, dict) and isinstance(value.get("Condition"), str)
    } <= set(template.get("Conditions", {}))


def test_every_parameter_is_used_labelled_and_described(template: dict[str, Any]) -> None:
    parameters = template.get("Parameters", {})
    # A condition's is of use, too: that one decides what is made, and outputs name it.
    used = {*references(template["Resources"]), *references(template.get("Conditions", {}))}
    assert set(parameters) <= used
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    assert set(interface["ParameterLabels"]) == set(parameters)
    assert sorted(name for group in interface["ParameterGroups"] for name in group["Parameters"]) == sorted(parameters)
    for parameter in parameters.values():
        assert parameter["Description"]
        assert not parameter.get("NoEcho")  # a link's value of it would be dropped


def test_limits_of_cloudformation(template: dict[str, Any]) -> None:
    assert len(template["Description"].encode()) <= 1024
    assert len(template.get("Parameters", {})) <= 200
    assert len(template["Outputs"]) <= 200
    for parameter in template.get("Parameters", {}).values():
        assert len(parameter["Description"]) <= 4000


def test_texts_are_what_the_services_take(of_type: OfType) -> None:
    """cfn-lint's schemas have no limits for these; botocore's models and SNS's documentation have."""
    session = botocore.session.get_session()
    role = session.get_service_model("iam").shape_for("roleDescriptionType").metadata
    function = session.get_service_model("lambda").shape_for("Description").metadata
    for properties in of_type("AWS::IAM::Role").values():
        # Outer AWS pattern has \u escapes that Python reads as well.
        assert re.fullmatch(role["pattern"], properties.get("Description", ""))
        assert len(properties["Path"]) <= 512
    for properties in of_type("AWS::Lambda::Function").values():
        assert len(properties["Description"]) <= function["max"]
    for properties in of_type("AWS::SNS::Topic").values():
        assert len(properties["DisplayName"]) <= 100


def test_no_literal_partition(template: dict[str, Any]) -> None:
    assert not [
        value for value in walk(template) if isinstance(value, str) and "arn:aws:" in value and "\n" not in value
    ]


def test_no_policy_allows_every_action_or_everybody(template: dict[str, Any]) -> None:
    for name, statement in statements(template):
        actions = listed(statement["Action"])
        if statement["Effect"] == "Allow":
            assert not [action for action in actions if "*" in action], name
            assert statement.get("Principal") not in ("*", {"AWS": "*"}), name
        assert not {"NotAction", "NotPrincipal", "NotResource"} & statement.keys(), name


# SES has no narrower resource for these. Source: Service Authorization Reference, SES.
ONLY_STAR = {
    "ses:GetAccount",
    "ses:PutAccountDetails",
    "ses:CreateReceiptRule",
    "ses:CreateReceiptRuleSet",
    "ses:DeleteReceiptRule",
    "ses:DeleteReceiptRuleSet",
    "ses:DescribeActiveReceiptRuleSet",
    "ses:DescribeReceiptRuleSet",
    "ses:ListReceiptRuleSets",
    "ses:ListEmailIdentities",
    *("ses:ListAddressLists", "ses:ListArchives", "ses:ListIngressPoints", "ses:ListRuleSets"),
    "ses:SetActiveReceiptRuleSet",
    "ses:UpdateReceiptRule",
}


def test_only_what_takes_no_resource_is_allowed_on_all_resources(template: dict[str, Any]) -> None:
    for name, statement in statements(template):
        if "*" in listed(statement.get("Resource", [])):
            assert set(listed(statement["Action"])) <= ONLY_STAR, name


def test_services_act_only_for_this_account(template: dict[str, Any], of_type: OfType) -> None:
    """The confused deputy: a service that another customer of AWS sends. Lambda's own roles are its own affair."""
    account = {"Ref": "AWS::AccountId"}
    for name, statement in statements(template):
        service = (
            statement.get("Principal", {}).get("Service") if isinstance(statement.get("Principal"), dict) else None
        )
        if service in (None, "lambda.amazonaws.com"):
            continue
        condition = statement["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": account}, name
        (sources,) = (condition[key]["aws:SourceArn"] for key in ("ArnLike", "ArnEquals") if key in condition)
        assert "*" not in listed(sources), name
    for properties in of_type("AWS::Lambda::Permission").values():
        assert properties["SourceAccount"] == account
        assert properties["SourceArn"]


def test_the_bucket_keeps_the_mail_and_keeps_it_private(
    variant: Vendor, template: dict[str, Any], of_type: OfType
) -> None:
    assert bool(of_type(BUCKET)) is ("inbound" in variant.stack.blocks)
    for name, properties in of_type(BUCKET).items():
        item = template["Resources"][name]
        assert (item["DeletionPolicy"], item["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        blocked = properties["PublicAccessBlockConfiguration"]
        assert blocked == dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        )
        (policy,) = (one for one in of_type(POLICY).values() if one["Bucket"] == {"Ref": name})
        (tls,) = (one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny")
        assert (tls["Principal"], tls["Action"]) == ("*", "s3:*")
        assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert tls["Resource"] == [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}]


@pytest.mark.parametrize("region", ["ap-northeast-1", "eusc-de-east-1", "us-gov-west-1", "me-central-1"])
def test_the_buckets_name_fits_everywhere(of_type: OfType, region: str) -> None:
    for properties in of_type(BUCKET).values():
        _, regional, plain = properties["BucketName"]["Fn::If"]
        for choice in (regional, plain):
            text, unique = choice["Fn::Sub"]
            assert unique
            for name, value in {"Unique": "1a2b3c4d", "AWS::AccountId": "444455556666", "AWS::Region": region}.items():
                text = text.replace(f"${{{name}}}", value)
            # 62, since SES Mail Manager takes no 63.
            assert re.fullmatch(r"[a-z0-9](?!.*--)[a-z0-9-]{1,60}[a-z0-9]", text), text


def test_the_account_regional_namespace_is_asked_for_by_its_own_name(template: dict[str, Any], of_type: OfType) -> None:
    for properties in of_type(BUCKET).values():
        assert properties["BucketNamespace"] == {
            "Fn::If": ["HasAccountRegionalBuckets", "account-regional", {"Ref": "AWS::NoValue"}]
        }
        condition, regional, plain = properties["BucketName"]["Fn::If"]
        assert condition == "HasAccountRegionalBuckets"
        assert regional["Fn::Sub"][0] == plain["Fn::Sub"][0] + "-an"
        compared = template["Conditions"][condition]["Fn::Not"][0]["Fn::Or"]
        assert {one["Fn::Equals"][1] for one in compared} == {"me-central-1", "me-south-1"}


def test_the_rule_is_made_after_the_policy_and_the_notification_after_the_permission(
    template: dict[str, Any], of_type: OfType
) -> None:
    for name in of_type("AWS::CloudFormation::CustomResource"):
        after = template["Resources"][name]["DependsOn"]
        assert name == "Registration" or after in of_type(POLICY)
        assert template["Resources"][name]["Properties"]["ServiceTimeout"] <= 300
    for name, properties in of_type(BUCKET).items():
        if "NotificationConfiguration" in properties:
            assert template["Resources"][name]["DependsOn"] in of_type("AWS::Lambda::Permission")


def test_events_are_switched_on_and_come_after_the_topics_policy(template: dict[str, Any], of_type: OfType) -> None:
    kinds = []
    for name, properties in of_type("AWS::SES::ConfigurationSetEventDestination").items():
        destination = properties["EventDestination"]
        assert destination["Enabled"] is True
        assert {"SnsDestination"} == {key for key in destination if key.endswith("Destination")}
        assert template["Resources"][name]["DependsOn"] in of_type("AWS::SNS::TopicPolicy")
        kinds += destination["MatchingEventTypes"]
    both = {"AWS::SES::ConfigurationSet", "AWS::SNS::Topic"} <= {
        item["Type"] for item in template["Resources"].values()
    }
    assert sorted(kinds) == (["bounce", "complaint", "delivery"] if both else [])


def test_topics_are_signed_not_encrypted_and_lose_nothing(of_type: OfType) -> None:
    for properties in of_type("AWS::SNS::Topic").values():
        assert properties["SignatureVersion"] == "2"
        assert "KmsMasterKeyId" not in properties  # SES could not publish, and events would be lost in silence
    for properties in of_type("AWS::SNS::Subscription").values():
        assert properties["Protocol"] == "https"
        assert properties["RawMessageDelivery"] is False  # raw delivery drops the signature
        (queue, attribute) = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"]
        assert (queue in of_type("AWS::SQS::Queue"), attribute) == (True, "Arn")


def test_functions_log_for_a_while_and_fail_into_a_queue(
    variant: Vendor, template: dict[str, Any], of_type: OfType
) -> None:
    for properties in of_type("AWS::Logs::LogGroup").values():
        assert properties["RetentionInDays"] == 30
    for properties in of_type("AWS::Lambda::Function").values():
        assert properties["LoggingConfig"]["LogGroup"]["Ref"] in of_type("AWS::Logs::LogGroup")
        assert properties["Handler"] == "index.handler"  # ZipFile's file is index.py
        assert "ReservedConcurrentExecutions" not in properties  # new accounts have none to reserve
        ast.parse(properties["Code"]["ZipFile"])
    configs = list(of_type("AWS::Lambda::EventInvokeConfig").values())
    assert len(configs) == ("forwarder" in variant.stack.blocks)
    for properties in configs:
        (queue, _) = properties["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"]
        assert template["Resources"][queue]["Properties"]["MessageRetentionPeriod"] == 1_209_600
        assert template["Resources"][queue]["Properties"]["SqsManagedSseEnabled"] is True


def test_what_goes_with_the_stack_says_so(template: dict[str, Any]) -> None:
    for item in template["Resources"].values():
        if item["Type"] in ("AWS::Logs::LogGroup", "AWS::SecretsManager::Secret", "AWS::SQS::Queue"):
            assert (item["DeletionPolicy"], item["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_the_secret_is_neither_shown_nor_in_an_environment(
    variant: Vendor, template: dict[str, Any], of_type: OfType
) -> None:
    secret = variant.parameters.webhook_secret
    parameter = variant.webhook_secret is SecretMode.PARAMETER and "forwarder" in variant.stack.blocks
    assert (secret in template.get("Parameters", {})) is parameter
    # The parameter goes into the secret, and nowhere else.
    users = [name for name, item in template["Resources"].items() if secret in set(references(item))]
    assert users == (["WebhookSigningSecret"] if parameter else [])
    shown = set(references(template["Outputs"])) | set(references(template["Metadata"]))
    assert not shown & {secret, variant.parameters.external_id}
    assert "resolve:" not in to_json(template)
    for properties in of_type("AWS::Lambda::Function").values():
        assert set(references(properties.get("Environment", {}))) <= {
            variant.parameters.inbound_webhook_url,
            variant.parameters.registration_url,
            variant.parameters.connection_id,
            "WebhookSigningSecret",
            "InboundBucket",
            "AWS::StackId",
        }
    for properties in of_type("AWS::SecretsManager::Secret").values():
        assert ("GenerateSecretString" in properties) is not parameter
        if not parameter:
            made = properties["GenerateSecretString"]
            assert (made["PasswordLength"], made["ExcludePunctuation"]) == (64, True)


def test_the_role_opens_for_the_vendor_alone(variant: Vendor, of_type: OfType) -> None:
    roles = {name: one for name, one in of_type("AWS::IAM::Role").items() if name == "AccessRole"}
    assert len(roles) == ("access" in variant.stack.blocks)
    for role in roles.values():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Action"] == "sts:AssumeRole"
        assert statement["Condition"]["StringEquals"] == {"sts:ExternalId": {"Ref": variant.parameters.external_id}}
        assert variant.parameters.vendor_account_id in set(references(statement["Principal"]))
        assert role["MaxSessionDuration"] == max(3600, variant.session_duration)
        assert role.get("RoleName") == variant.role_name
        assert role["Path"] == variant.role_path


RULE_ACTION_ROLES = {
    f"{name}Role" for name, shape in ACTION.choices.items() if isinstance(shape, Fields) and "RoleArn" in shape.fields
}


def test_functions_roles_lie_apart_from_the_vendors(variant: Vendor, of_type: OfType) -> None:
    for name, role in of_type("AWS::IAM::Role").items():
        if name != "AccessRole":
            assert role["Path"] == f"{variant.role_path}functions/"
            (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
            service = "ses" if name.rstrip("0123456789") in RULE_ACTION_ROLES else "lambda"
            assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}


def test_version_and_content_hash(variant: Vendor, template: dict[str, Any]) -> None:
    facts = template["Metadata"][METADATA_KEY]
    assert facts == {"Vendor": variant.name, "TemplateVersion": "1.2.3", "ContentSha256": content_sha256(template)}
    assert template["Outputs"]["TemplateVersion"]["Value"] == "1.2.3"


def _of_pipeline(vendor: Vendor) -> set[str]:
    assert vendor.pipeline
    found = set()
    for kind, parts in vendor.pipeline.parts.items():
        for name, properties in parts.items():
            if "AddonInstanceArn" not in properties:
                found.add(kind.logical_id(name).replace(kind.type_name, f"{kind.type_name}Id", 1))
            if kind is Kind.INGRESS_POINT:
                found.add(f"IngressPointHost{camel(name)}")
                if properties["Type"] == "OPEN" and "PublicNetworkConfiguration" in properties["NetworkConfiguration"]:
                    found.add(f"InboundMxRecord{camel(name)}")
    return found


def test_a_stack_reports_itself_last_of_all_and_is_taken_down_first(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    if "Registration" not in resources:
        return
    before, found = {"Registration"}, set()
    while before:
        name = before.pop()
        found.add(name)
        depends = listed(resources[name].get("DependsOn", []))
        before |= ({*references(resources[name]), *depends} & set(resources)) - found
    assert found == set(resources)


def test_outputs_that_the_vendor_asks_for(variant: Vendor, template: dict[str, Any]) -> None:
    of_block = {
        "access": {"RoleArn"},
        "inbound": {"BucketName"} | (_of_pipeline(variant) if variant.pipeline else {"InboundRuleSet"}),
        "sending": {"ConfigurationSetName"},
        "identity": {"IdentityName"},
        "forwarder": {"WebhookSecretArn"},
        "notifications": set(),
        "registration": {"Registration"},
    }
    assert set(template["Outputs"]) == {"TemplateVersion"}.union(*(of_block[block] for block in variant.stack.blocks))
    assert all(output["Description"] for output in template["Outputs"].values())


def test_what_cannot_be_posted_is_kept_and_told(variant: Vendor, template: dict[str, Any], of_type: OfType) -> None:
    (config,) = of_type("AWS::Lambda::EventInvokeConfig").values() if "forwarder" in variant.stack.blocks else ({},)
    alarms = of_type("AWS::CloudWatch::Alarm")
    assert bool(alarms) is bool(config)
    if not config:
        return
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (2, 21_600)
    assert config["DestinationConfig"] == {
        "OnFailure": {"Destination": {"Fn::GetAtt": ["ForwarderDeadLetters", "Arn"]}}
    }
    queue = of_type("AWS::SQS::Queue")["ForwarderDeadLetters"]
    assert queue == {"MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": True}
    (alarm,) = alarms.values()
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Fn::GetAtt": ["ForwarderDeadLetters", "QueueName"]}}
    ]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    assert alarm["TreatMissingData"] == "notBreaching"


def test_the_forwarder_may_read_mail_and_its_secret_write_its_log_and_its_queue(of_type: OfType) -> None:
    for name, role in of_type("AWS::IAM::Role").items():
        if name != "ForwarderRole":
            continue
        (policy,) = role["Policies"]
        found = [listed(one["Action"]) for one in policy["PolicyDocument"]["Statement"]]
        assert found == [
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            ["s3:GetObject", "s3:GetObjectVersion"],
            ["secretsmanager:GetSecretValue"],
            ["sqs:SendMessage"],
        ]
        mail = policy["PolicyDocument"]["Statement"][1]["Resource"]
        assert all(str(one["Fn::Sub"][0]).endswith("/inbound/*") for one in mail["Fn::If"][1:])


def test_a_stack_made_by_hand_needs_no_connection(variant: Vendor, template: dict[str, Any]) -> None:
    parameter = template.get("Parameters", {}).get(variant.parameters.connection_id)
    assert (parameter is not None) is bool({"forwarder", "registration"} & set(variant.stack.blocks))
    if parameter:
        assert parameter["Default"] == ""
        assert re.fullmatch(parameter["AllowedPattern"], "")
        assert re.fullmatch(parameter["AllowedPattern"], connection_id())
        assert not re.fullmatch(parameter["AllowedPattern"], "a b")


def test_the_function_is_told_the_limit_of_the_vendor_file() -> None:
    for limit in (0, 262_144):
        template = build(replace(load_vendor("mailmark", {}), inline_limit=limit))
        variables = template["Resources"]["ForwarderFunction"]["Properties"]["Environment"]["Variables"]
        assert variables["INLINE_LIMIT"] == str(limit)
        assert variables["CONNECTION_ID"] == {"Ref": "ConnectionId"}
