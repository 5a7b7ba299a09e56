"""The stack of a vendor that receives by Mail Manager. Outside judge: botocore's model of Mail Manager's API."""

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from byoaws.errors import UsageError
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import service_principal
from byoaws.mail_manager.actions import ACTION
from byoaws.mail_manager.rules import CONDITION as OF_RULES
from byoaws.mail_manager.shapes import Fields, OneOf, Shape, Text
from byoaws.mail_manager.traffic import CONDITION as OF_POLICIES
from byoaws.quickcreate.check import capabilities
from byoaws.regions import sending_regions
from byoaws.templates.stack import build
from byoaws.templates.text import to_yaml
from byoaws.vendors.file import load_vendor
from byoaws.vendors.reader import known_names, read_vendor

DATA = Path(__file__).parents[1] / "data" / "vendors"
DEFAULT = (DATA / "mail-manager-default.yaml").read_text()
EVERY = load_vendor(str(DATA / "mail-manager.yaml"), {})
MODEL = botocore.session.get_session().get_service_model("mailmanager")
TYPE = "AWS::SES::MailManager"
ROLE = "AWS::IAM::Role"
KNOWN = known_names()

Template = dict[str, Any]


def stack(section: str = "", text: str = DEFAULT) -> Template:
    """The stack of the plain vendor, with a section of its own."""
    read = read_vendor(text + section, source="acme.yaml", env={}, known=KNOWN, read_file=lambda path: _PEM)
    return build(read)


_PEM = (DATA / "certificates" / "ca.pem").read_text()
TEMPLATE, FULL = stack(), build(EVERY)


def resources(template: Template, kind: str) -> dict[str, Any]:
    return {name: one.get("Properties", {}) for name, one in template["Resources"].items() if one["Type"] == kind}


def walk(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


# What a stack would fill in ------------------------------------------------------------------------------------------

_ARN = "arn:aws:ses:eu-west-1:444455556666:"
_ATTRIBUTES = {
    "Arn": "arn:aws:iam::444455556666:role/byoaws/acme/functions/x",
    "ArchiveArn": f"{_ARN}mailmanager-archive/a-abcdefghijklmnopqrstuvwx",
    "AddressListArn": f"{_ARN}mailmanager-address-list/al-abc",
    "AddonInstanceArn": f"{_ARN}addon-instance/ai-abc",
    "TrafficPolicyId": "tp-abc",
    "RuleSetId": "rs-abc",
    "RelayId": "r-abc",
    "AddonSubscriptionId": "as-abc",
}
_VALUES = {
    "InboundBucket": "acme-00000000-444455556666-eu-west-1-an",
    "InboundRecipients": ["example.com", "bob@example.org"],
    "DeviceSecretArn": "arn:aws:secretsmanager:eu-west-1:444455556666:secret:devices-abc",
    "PartnerSecretArn": "arn:aws:secretsmanager:eu-west-1:444455556666:secret:partner-abc",
    "TrustStoreKeyArn": "arn:aws:kms:eu-west-1:444455556666:key/k",
    "ArchiveKeyArn": "arn:aws:kms:eu-west-1:444455556666:key/k",
    "SecondBucketKeyArn": "arn:aws:kms:eu-west-1:444455556666:key/k",
    "VpcEndpointId": "vpce-0123456789abcdef0",
    "TrustedNetworks": ["203.0.113.0/24"],
    "InvoiceTopicArn": "arn:aws:sns:eu-west-1:444455556666:invoices",
    "InvoiceFunctionArn": "arn:aws:lambda:eu-west-1:444455556666:function:invoices",
    "WorkMailArn": "arn:aws:workmail:eu-west-1:444455556666:organization/m-1",
    "QApplicationId": "0" * 36,
    "QIndexId": "1" * 36,
    "SecondBucket": "copies",
    "PartnerServer": "smtp.partner.example",
    "AddonArn": f"{_ARN}addon-instance/ai-own",
}


def filled(value: Any, template: Template) -> Any:
    """What CloudFormation would hand to the API."""
    fill = functools.partial(filled, template=template)
    match value:
        case {"Ref": name}:
            parameter = template.get("Parameters", {}).get(name, {})
            given = _VALUES.get(name, parameter.get("Default"))
            listed = parameter.get("Type") == "CommaDelimitedList" and isinstance(given, str)
            number = float(given) if parameter.get("Type") == "Number" else given
            return given.split(",") if listed else number
        case {"Fn::GetAtt": [_, name]}:
            return _ATTRIBUTES[name]
        case {"Fn::Select": [index, items]}:
            return fill(items)[index]
        case {"Fn::Split": [by, text]}:
            return fill(text).split(by)
        case {"Fn::Join": [by, items]}:
            return by.join(fill(items))
        case dict():
            return {key: fill(item) for key, item in value.items()}
        case list():
            return [fill(item) for item in value]
    return value


def api_calls(template: Template) -> Iterator[tuple[str, Any, Any]]:
    for name, one in template["Resources"].items():
        if one["Type"].startswith(TYPE):
            operation = MODEL.operation_model(f"Create{one['Type'].removeprefix(TYPE)}")
            yield name, operation, filled(one.get("Properties", {}), template)


CALLS = [*api_calls(TEMPLATE), *api_calls(FULL)]


@pytest.mark.parametrize(("operation", "given"), [call[1:] for call in CALLS], ids=[call[0] for call in CALLS])
def test_what_cloudformation_sends_is_what_the_api_takes(operation: Any, given: dict[str, Any]) -> None:
    # CloudFormation makes names and tokens up; its numbers are doubles, and the API's of two fields whole.
    names = {key: "a-name" for key in operation.input_shape.required_members if key.endswith("Name")}
    whole = {key: int(given[key]) for key in ("MaxMessageSizeBytes", "ServerPort") if key in given}
    report = ParamValidator().validate({**names, "ClientToken": "x", **given, **whole}, operation.input_shape)
    assert report.generate_report() == ""
    for value, shape in leaves(given, operation.input_shape):
        assert not shape.enum or value in shape.enum, (value, shape.name)


def leaves(value: Any, shape: Any) -> Iterator[tuple[Any, Any]]:
    """Every text, with its shape: botocore itself checks neither patterns nor values."""
    if shape.type_name == "structure":
        if shape.is_tagged_union:
            assert len(value) == 1
        for key, item in value.items():
            yield from leaves(item, shape.members[key])
    elif shape.type_name == "list":
        assert len(value) <= shape.metadata.get("max", len(value))
        for item in value:
            yield from leaves(item, shape.member)
    elif shape.type_name == "string":
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", len(value))
        assert least <= len(value) <= most, (value, shape.name)
        yield value, shape


def test_the_validator_would_have_found_something() -> None:
    """Negative control: a value that is none, and two keys in one condition."""
    operation = MODEL.operation_model("CreateTrafficPolicy")
    given = {"TrafficPolicyName": "x", "DefaultAction": "DENY", "PolicyStatements": [{"Action": 1, "Conditions": []}]}
    assert ParamValidator().validate(given, operation.input_shape).has_errors()
    with pytest.raises(AssertionError):
        list(
            leaves(
                {"DefaultAction": "DENY", "PolicyStatements": [{"Conditions": [{"A": 1, "B": 2}]}]},
                operation.input_shape,
            )
        )


# Nothing of the service is left out ----------------------------------------------------------------------------------


def choices(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every choice and every value that a shape leaves, by the keys on the way."""
    if isinstance(shape, OneOf):
        for name, inner in shape.choices.items():
            yield (*path, name)
            yield from choices(inner, (*path, name))
    elif isinstance(shape, Fields):
        for name, inner in shape.fields.items():
            yield from choices(inner, (*path, name))
    elif isinstance(shape, Text) and shape.values and path[-1] == "Attribute":
        yield from ((*path, value) for value in shape.values)


def said(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from said(item, (*path, key))
    elif isinstance(value, str):
        yield (*path, value)


@pytest.mark.parametrize(
    ("shape", "kind", "keys"),
    [
        (OF_POLICIES, "TrafficPolicy", ("PolicyStatements", "Conditions")),
        (OF_RULES, "RuleSet", ("Rules", "Conditions")),
        (ACTION, "RuleSet", ("Rules", "Actions")),
    ],
    ids=["policies", "rules", "actions"],
)
def test_the_full_example_uses_everything_that_there_is(shape: OneOf, kind: str, keys: tuple[str, str]) -> None:
    outer, inner = keys
    used = {
        path
        for properties in resources(FULL, TYPE + kind).values()
        for one in properties[outer]
        for item in [*one.get(inner, []), *(one.get("Unless", []) if inner == "Conditions" else [])]
        for path in said(item)
    }
    there = set(choices(shape))
    assert len(there) > 10
    assert there - used == set()


# Each kind of ingress point, and what the full example has no room for ------------------------------------------------

POINTS = {
    "open": "type: open, tls_policy: required",
    "dual stack": "type: open, tls_policy: optional, ip_type: dual-stack",
    "fips": "type: open, tls_policy: fips",
    "auth": "type: auth, tls_policy: required, secret_arn: {parameter: Given}",
    "mtls by a file": "type: mtls, tls_policy: required, trust_store: {ca_content: {file: ./ca.pem}}",
    "mtls by a parameter": "type: mtls, tls_policy: required, trust_store: {ca_content: {parameter: Given}}",
    "private": "type: auth, tls_policy: required, secret_arn: {parameter: Given}, vpc_endpoint_id: {parameter: Vpc}",
}
ACTIONS = {
    "bounce": "{sender: {parameter: Given}, status_code: 5.1.1, smtp_reply_code: 550, diagnostic_message: none}",
    "invoke_lambda": "{function_arn: {parameter: Given}, invocation_type: event}",
    "write_to_s3": "{s3_prefix: {parameter: Given}}",
    "replace_recipient": "{replace_with: {parameter: Given}}",
}


def with_point(point: str, action: str = "drop") -> str:
    declared = [name for name in ("Given", "Vpc") if f"parameter: {name}" in point + action]
    lines = [
        "mail_manager:",
        f"  ingress_points: {{one: {{{point}, traffic_policy: guard, rule_set: main}}}}",
        "  traffic_policies: {guard: {default_action: deny, statements: [{allow: [{recipient: inbound-recipients}]}]}}",
        f"  rule_sets: {{main: [{{name: only, actions: [{action}]}}]}}",
        f"  parameters: {{{', '.join(f'{name}: {{description: Yours}}' for name in declared)}}}",
    ]
    return "\n".join(lines) + "\n"


SMALL = {name: with_point(point) for name, point in POINTS.items()} | {
    name: with_point(POINTS["open"], f"{{{name}: {given}}}") for name, given in ACTIONS.items()
}


@pytest.mark.parametrize("section", SMALL.values(), ids=SMALL)
def test_each_is_clean(section: str, linted: Callable[..., Any]) -> None:
    told = linted(to_yaml(stack(section)))
    assert told.stock == ()
    # An ingress point with FIPS is told of by the vendor file's own warning, too.
    assert [finding for finding in told.findings if "FIPS" not in finding.message] == []


def test_the_domain_of_a_bounces_sender_is_found_by_the_stack() -> None:
    role = resources(stack(SMALL["bounce"]), ROLE)["BounceRole"]
    (statement,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    domain = {"Fn::Select": [1, {"Fn::Split": ["@", {"Ref": "Given"}]}]}
    assert statement["Resource"] == [
        {"Fn::Sub": f"{SES}:identity/${{Given}}"},
        {"Fn::Sub": [f"{SES}:identity/${{Domain}}", {"Domain": domain}]},
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("auth", {"SecretArn": {"Ref": "Given"}}),
        ("mtls by a file", {"TlsAuthConfiguration": {"TrustStore": {"CAContent": _PEM}}}),
        ("mtls by a parameter", {"TlsAuthConfiguration": {"TrustStore": {"CAContent": {"Ref": "Given"}}}}),
        ("open", None),
    ],
)
def test_how_a_client_proves_who_it_is(name: str, expected: dict[str, Any] | None) -> None:
    (point,) = resources(stack(SMALL[name]), f"{TYPE}IngressPoint").values()
    assert point.get("IngressPointConfiguration") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("open", {"PublicNetworkConfiguration": {"IpType": "IPV4"}}),
        ("dual stack", {"PublicNetworkConfiguration": {"IpType": "DUAL_STACK"}}),
        ("private", {"PrivateNetworkConfiguration": {"VpcEndpointId": {"Ref": "Vpc"}}}),
    ],
)
def test_where_a_client_reaches_it(name: str, expected: dict[str, Any]) -> None:
    (point,) = resources(stack(SMALL[name]), f"{TYPE}IngressPoint").values()
    assert point["NetworkConfiguration"] == expected


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("auth", {"Type": "String", "AllowedPattern": "arn:"}),
        ("bounce", {"Type": "String", "MaxLength": 254}),
        ("write_to_s3", {"Type": "String", "MinLength": 1, "MaxLength": 62}),
        ("replace_recipient", {"Type": "CommaDelimitedList"}),
    ],
)
def test_a_parameter_takes_what_aws_takes(name: str, parameter: dict[str, Any]) -> None:
    found = stack(SMALL[name])["Parameters"]["Given"]
    assert found["Description"] == "Yours"
    assert "Default" not in found
    for key, value in parameter.items():
        assert found[key] == value or (key == "AllowedPattern" and found[key].startswith(value))


# What the stack is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", [TEMPLATE, FULL], ids=["default", "full"])
def test_parts_name_each_other_by_reference_and_have_no_names_of_their_own(template: Template) -> None:
    for name, one in template["Resources"].items():
        if one["Type"].startswith(TYPE):
            kind = one["Type"].removeprefix(TYPE)
            assert f"{kind}Name" not in one.get("Properties", {}) or kind == "AddonSubscription", name
    for point in resources(template, f"{TYPE}IngressPoint").values():
        assert {*point["TrafficPolicyId"], *point["RuleSetId"]} == {"Fn::GetAtt"}
        assert point["TlsPolicy"] in ("REQUIRED", "OPTIONAL")
        assert "StatusToUpdate" not in point
    assert not resources(template, "AWS::CloudFormation::CustomResource")
    assert "Receipt" not in json.dumps(template)
    assert capabilities(template) == ["CAPABILITY_IAM"]


def test_archives_are_named_by_the_end_of_their_arn() -> None:
    targets = [action["Archive"]["TargetArchive"] for action in actions(FULL) if "Archive" in action]
    assert targets[0] == {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::GetAtt": ["ArchiveLongTerm", "ArchiveArn"]}]}]}
    assert FULL["Outputs"]["ArchiveIdLongTerm"]["Value"] == targets[0]


def test_archives_outlive_the_stack_as_the_bucket_does() -> None:
    kept = {name for name, one in FULL["Resources"].items() if one.get("DeletionPolicy") == "RetainExceptOnCreate"}
    assert kept == {"InboundBucket", "ArchiveLongTerm", "ArchiveEncrypted"}
    assert {FULL["Resources"][name]["UpdateReplacePolicy"] for name in kept} == {"Retain"}


def actions(template: Template) -> list[dict[str, Any]]:
    rule_sets = resources(template, f"{TYPE}RuleSet").values()
    return [action for one in rule_sets for rule in one["Rules"] for action in rule["Actions"]]


def test_who_nobody_receives_for_is_refused_until_the_customer_says_so() -> None:
    parameter = TEMPLATE["Parameters"]["InboundRecipients"]
    assert parameter["Default"].endswith(".invalid")
    (policy,) = resources(TEMPLATE, f"{TYPE}TrafficPolicy").values()
    assert policy["DefaultAction"] == "DENY"
    conditions = [statement["Conditions"] for statement in filled(policy, TEMPLATE)["PolicyStatements"]]
    asked = [(one["StringExpression"]["Operator"], one["StringExpression"]["Values"]) for (one,) in conditions]
    assert asked == [
        ("EQUALS", ["example.com", "bob@example.org"]),
        ("ENDS_WITH", ["@example.com", "@bob@example.org"]),
    ]


@pytest.mark.parametrize(
    ("recipient", "taken"),
    [
        ("info@example.com", True),
        ("bob@example.org", True),
        ("eve@not-example.com", False),
        ("eve@sub.example.com", False),
        ("notbob@example.org", False),
        ("example.com@evil.example", False),
    ],
)
def test_only_the_customers_own_recipients_are_let_in(recipient: str, taken: bool) -> None:
    """As AWS reads statements: one whose conditions all hold decides, else the default."""
    (policy,) = resources(TEMPLATE, f"{TYPE}TrafficPolicy").values()
    tests = {"EQUALS": str.__eq__, "ENDS_WITH": str.endswith}
    found = any(
        all(
            any(
                tests[one["StringExpression"]["Operator"]](recipient, value)
                for value in one["StringExpression"]["Values"]
            )
            for one in statement["Conditions"]
        )
        for statement in filled(policy, TEMPLATE)["PolicyStatements"]
    )
    assert found is taken


def test_the_other_conditions_hold_for_each_way_to_be_a_recipient() -> None:
    policy = resources(FULL, f"{TYPE}TrafficPolicy")["TrafficPolicyGuard"]
    allowed = [one["Conditions"] for one in policy["PolicyStatements"] if one["Action"] == "ALLOW"]
    assert [[*conditions[0], *conditions[1]] for conditions in allowed] == [["StringExpression", "TlsExpression"]] * 2


@pytest.mark.parametrize(
    ("point", "has_mx"),
    [("Public", True), ("Devices", False), ("Offices", False), ("Inside", False)],
)
def test_only_who_takes_mail_from_anybody_has_an_mx_record(point: str, has_mx: bool) -> None:
    outputs = FULL["Outputs"]
    host = {"Fn::GetAtt": [f"IngressPoint{point}", "ARecord"]}
    assert outputs[f"IngressPointHost{point}"]["Value"] == host
    assert (f"InboundMxRecord{point}" in outputs) is has_mx
    if has_mx:
        assert outputs[f"InboundMxRecord{point}"]["Value"] == {"Fn::Join": [" ", ["10", host]]}
        assert "once this stack is complete" in outputs[f"InboundMxRecord{point}"]["Description"]


@pytest.mark.parametrize("region", sending_regions())
def test_the_buckets_longest_name_is_one_that_mail_manager_takes(region: str) -> None:
    from byoaws.templates.names import prefix
    from byoaws.templates.stack import Stack

    longest = replace(EVERY, name="a" + "b" * 30)
    name = f"{prefix(Stack(longest))}-{'0' * 8}-{'1' * 12}-{region}"
    namespaced = region not in ("me-central-1", "me-south-1")
    assert len(name + "-an" * namespaced) <= 62  # S3 itself takes 63


def test_mail_reaches_the_forwarder_as_by_receipt_rules() -> None:
    by_rules = build(load_vendor("mailmark", {}))
    for template in (by_rules, TEMPLATE):
        (bucket,) = resources(template, "AWS::S3::Bucket").values()
        (told,) = bucket["NotificationConfiguration"]["LambdaConfigurations"]
        assert told["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "inbound/"}]
    (written,) = [action["WriteToS3"] for action in actions(TEMPLATE)]
    assert (written["S3Bucket"], written["S3Prefix"]) == ({"Ref": "InboundBucket"}, "inbound/")
    (policy,) = resources(TEMPLATE, "AWS::S3::BucketPolicy").values()
    assert [one["Effect"] for one in policy["PolicyDocument"]["Statement"]] == ["Deny"]


# Roles ---------------------------------------------------------------------------------------------------------------

SES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
PERMISSIONS = {
    "WriteToS3Role": [
        ("s3:PutObject", {"Fn::Sub": "${InboundBucket.Arn}/inbound/*"}),
        ("s3:ListBucket", {"Fn::GetAtt": ["InboundBucket", "Arn"]}),
    ],
    "WriteToS3Role2": [
        ("s3:PutObject", {"Fn::Sub": "arn:${AWS::Partition}:s3:::${SecondBucket}/mail/*"}),
        ("s3:ListBucket", {"Fn::Sub": "arn:${AWS::Partition}:s3:::${SecondBucket}"}),
        ("kms:GenerateDataKey", {"Fn::Sub": "${SecondBucketKeyArn}"}),
    ],
    "SendRole": [
        (
            ["ses:SendEmail", "ses:SendRawEmail"],
            [{"Fn::Sub": f"{SES}:identity/*"}, {"Fn::Sub": f"{SES}:configuration-set/*"}],
        )
    ],
    "BounceRole": [
        (
            "ses:SendBounce",
            [{"Fn::Sub": f"{SES}:identity/mailer-daemon@acme.example"}, {"Fn::Sub": f"{SES}:identity/acme.example"}],
        )
    ],
    "PublishToSnsRole": [("sns:Publish", {"Fn::Sub": "${InvoiceTopicArn}"})],
    "InvokeLambdaRole": [("lambda:InvokeFunction", {"Fn::Sub": "${InvoiceFunctionArn}"})],
    "DeliverToMailboxRole": [("workmail:DeliverToMailbox", {"Fn::Sub": "${WorkMailArn}"})],
    "DeliverToQBusinessRole": [
        (
            "qbusiness:BatchPutDocument",
            {
                "Fn::Sub": "arn:${AWS::Partition}:qbusiness:${AWS::Region}:${AWS::AccountId}"
                ":application/${QApplicationId}/index/${QIndexId}"
            },
        )
    ],
}


def test_each_role_may_do_what_its_action_needs_and_no_more() -> None:
    found = {
        name: [(one["Action"], one["Resource"]) for one in role["Policies"][0]["PolicyDocument"]["Statement"]]
        for name, role in resources(FULL, ROLE).items()
        if name != "AccessRole"
    }
    assert found == PERMISSIONS


def test_every_action_with_a_role_has_one() -> None:
    shapes = {name: shape for name, shape in ACTION.choices.items() if isinstance(shape, Fields)}
    for action in actions(FULL):
        ((name, given),) = action.items()
        assert ("RoleArn" in given) == ("RoleArn" in shapes[name].fields)
        if "RoleArn" in given:
            assert given["RoleArn"]["Fn::GetAtt"][0].startswith(f"{name}Role")


def test_actions_that_need_the_same_share_a_role() -> None:
    written = [action["WriteToS3"]["RoleArn"]["Fn::GetAtt"][0] for action in actions(FULL) if "WriteToS3" in action]
    assert written == ["WriteToS3Role", "WriteToS3Role", "WriteToS3Role2"]


@pytest.mark.parametrize(
    ("account", "source", "outcome"),
    [
        ("444455556666", "mailmanager-rule-set/rs-1", Outcome.ALLOW),
        ("999999999999", "mailmanager-rule-set/rs-1", Outcome.IMPLICIT_DENY),
        ("444455556666", "receipt-rule-set/x:receipt-rule/y", Outcome.IMPLICIT_DENY),
    ],
    ids=["a rule set of the account", "another account", "not a rule set"],
)
def test_roles_open_for_rule_sets_of_the_same_account_alone(account: str, source: str, outcome: Outcome) -> None:
    for name, role in resources(FULL, ROLE).items():
        if name == "AccessRole":
            continue
        text = json.dumps(role["AssumeRolePolicyDocument"])
        for sub in ('{"Fn::Sub": "arn', '{"Ref": "AWS::AccountId"}'):
            assert sub in text
        document = json.loads(json.dumps(filled_trust(role["AssumeRolePolicyDocument"])))
        context = {
            "aws:SourceAccount": account,
            "aws:SourceArn": f"arn:aws:ses:eu-west-1:{account}:{source}",
        }
        request = Request(
            principal=service_principal("ses.amazonaws.com"),
            action="sts:AssumeRole",
            resource="arn:aws:iam::444455556666:role/x",
            context=context,
        )
        assert evaluate(parse(document), request).outcome is outcome, name


def filled_trust(value: Any) -> Any:
    match value:
        case {"Ref": "AWS::AccountId"}:
            return "444455556666"
        case {"Fn::Sub": str(text)}:
            for name, found in (("Partition", "aws"), ("Region", "eu-west-1"), ("AccountId", "444455556666")):
                text = text.replace(f"${{AWS::{name}}}", found)
            return text
        case dict():
            return {key: filled_trust(item) for key, item in value.items()}
        case list():
            return [filled_trust(item) for item in value]
    return value


def test_a_parameter_of_the_vendors_cannot_take_the_place_of_whom_mail_is_for() -> None:
    section = """
mail_manager:
  ingress_points:
    public: {type: open, tls_policy: required, traffic_policy: guard, rule_set: main}
  traffic_policies:
    guard: {default_action: deny, statements: [{allow: [{recipient: inbound-recipients}]}]}
  rule_sets:
    main: [{name: keep, actions: [{add_header: {header_name: X-A, header_value: {parameter: InboundRecipients}}}]}]
  parameters: {InboundRecipients: {description: Anybody, default: com}}
"""
    with pytest.raises(UsageError, match="InboundRecipients"):
        stack(section)
