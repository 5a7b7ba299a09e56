"""Mistakes with Mail Manager that people are known to make: each told once, at its line.

As literals, where stock cfn-lint has up to 14 findings for one mistake, and beside a `Ref`, where it has none.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byoaws.lint.mail.mail_shapes import ACTION, CONDITION_OF_RULE, FRAME, shape_mistakes
from byoaws.lint.worlds.likely import worlds
from byoaws.model import Finding

LintText = Callable[..., list[Finding]]

HEAD = """\
Parameters:
  Cidr: {Type: String}
  Text: {Type: String}
  Arn: {Type: String}
  Hidden: {Type: String, NoEcho: true}
Resources:
  List: {Type: AWS::SES::MailManagerAddressList}
  Archive: {Type: AWS::SES::MailManagerArchive}
"""
MARK = re.compile(r"# <- (\w+)")
# What is beside the point: unused parameters, and ARNs whose partition is written out.
BESIDE = {"W2001", "W9113"}


def _policy(condition: str, mark: str = "") -> str:
    return f"""\
  Policy:
    Type: AWS::SES::MailManagerTrafficPolicy
    Properties:
      DefaultAction: DENY
      PolicyStatements:
        - Action: ALLOW
          Conditions:
            - {condition}  {mark or "# <- E9141"}
"""


def _rule(condition: str) -> str:
    return f"""\
  Rules:
    Type: AWS::SES::MailManagerRuleSet
    Properties:
      Rules:
        - Conditions:
            - {condition}  # <- E9142
          Actions: [{{Drop: {{}}}}]
"""


def _action(action: str, code: str = "E9143") -> str:
    return f"""\
  Rules:
    Type: AWS::SES::MailManagerRuleSet
    Properties:
      Rules:
        - Actions:
            - {action}  # <- {code}
"""


def _ingress(properties: str, code: str) -> str:
    return f"""\
  Ingress:
    Type: AWS::SES::MailManagerIngressPoint
    Properties: {{{properties}}}  # <- {code}
"""


def _expression(kind: str, attribute: str, operand: str, operator: str = "EQUALS") -> str:
    return f"{{{kind}: {{Evaluate: {{Attribute: {attribute}}}, Operator: {operator}, {operand}}}}}"


def _ip(attribute: str, value: str) -> str:
    return _expression("IpExpression", attribute, f"Values: [{value}]", "CIDR_MATCHES")


IN_LIST = (
    "{BooleanExpression: {Evaluate: {IsInAddressList: {Attribute: SENDER, AddressLists: [%s]}}, Operator: IS_TRUE}}"
)
TWO = "{IpExpression: {Evaluate: {Attribute: %s}, Operator: CIDR_MATCHES, Values: [%s]}, %s: {}}"
ROLE = "arn:aws:iam::111122223333:role/mail"
ARCHIVE = "arn:aws:ses:us-east-1:111122223333:mailmanager-archive/a-1"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:mail"
INVOKE = "InvokeLambda: {FunctionArn: %s, InvocationType: Event, RoleArn: %s}"
HEADER = "{AddHeader: {HeaderName: X-A, HeaderValue: a}}"
LINKS = "TrafficPolicyId: !Ref Text, RuleSetId: !Ref Text"
REQUIRED = f"TlsPolicy: REQUIRED, {LINKS}"

# The number of the row in the table of mistakes; "intr." where the same object holds a reference.
ROWS = {
    "2 ingress without a policy": _ingress("Type: OPEN, TlsPolicy: REQUIRED, RuleSetId: !Ref Text", "E9144"),
    "3 RecipientCondition": _policy("{RecipientCondition: {Values: [a]}}"),
    "3 intr.": _policy("{RecipientCondition: {Values: [!Ref Text]}}"),
    "4 Values for TLS": _policy(_expression("TlsExpression", "TLS_PROTOCOL", "Values: [TLS1_2]", "IS")),
    "4 intr.": _policy(_expression("TlsExpression", "TLS_PROTOCOL", "Values: [!Ref Text]", "IS")),
    "6 SOURCE_IP in a policy": _policy(_ip("SOURCE_IP", "192.0.2.0/24")),
    "6 intr.": _policy(_ip("SOURCE_IP", "!Ref Cidr")),
    "6b SENDER_IP in a rule": _rule(_ip("SENDER_IP", "192.0.2.0/24")),
    "6b intr.": _rule(_ip("SENDER_IP", "!Ref Cidr")),
    "6c SENDER in a policy": _policy(_expression("StringExpression", "SENDER", "Values: [a]")),
    "6c intr.": _policy(_expression("StringExpression", "SENDER", "Values: [!Ref Text]")),
    "6d list of SENDER": _policy(IN_LIST % "a"),
    "6d intr.": _policy(IN_LIST % "!GetAtt List.AddressListArn"),
    "9 Evaluate for DMARC": _rule(_expression("DmarcExpression", "DMARC", "Values: [REJECT]")),
    "9 intr.": _rule(_expression("DmarcExpression", "DMARC", "Values: [!Ref Text]")),
    "9b DMARC that passes": _rule("{DmarcExpression: {Operator: EQUALS, Values: [PASS]}}"),
    "9b intr.": _rule("{DmarcExpression: {Operator: EQUALS, Values: [PASS, !Ref Text]}}"),
    "9b DMARC as a verdict": _rule(_expression("VerdictExpression", "DMARC", "Values: [PASS]")),
    "9b DMARC as a verdict, intr.": _rule(_expression("VerdictExpression", "DMARC", "Values: [!Ref Text]")),
    "10 ARN of an archive": _action(f"Archive: {{TargetArchive: '{ARCHIVE}'}}", "W9145"),
    "10 intr.": _action("Archive: {TargetArchive: !GetAtt Archive.ArchiveArn}", "W9145"),
    "11 ArchiveId": _action("Archive: {TargetArchive: !GetAtt Archive.ArchiveId}", "W9146"),
    "14 no TLS policy": _ingress(f"Type: OPEN, {LINKS}", "W9149"),
    "14b REQUIRE": _ingress(f"Type: OPEN, TlsPolicy: REQUIRE, {LINKS}", "E9144"),
    "13 FIPS": _ingress(f"Type: OPEN, TlsPolicy: FIPS, {LINKS}", "W9148"),
    "two keys in a policy's condition": _policy("{IpExpression: {}, TlsExpression: {}}", " ".join(["# <- E9141"] * 3)),
    "two keys in a condition, intr.": _rule(
        f"{_expression('NumberExpression', 'MESSAGE_SIZE', 'Value: !Ref Arn')[:-1]}, {_ip('SOURCE_IP', '!Ref Arn')[1:]}"
    ),
    "two keys in an action": _action(f"{{Drop: {{}}, Send: {{RoleArn: '{ROLE}'}}}}"),
    "two keys in an action, intr.": _action("{Drop: {}, Send: {RoleArn: !Ref Arn}}"),
    "WriteToS3 without a role": _action("WriteToS3: {S3Bucket: mail}"),
    "WriteToS3 without a role, intr.": _action("WriteToS3: {S3Bucket: !Ref Text}"),
    "InvokeLambda without a role": _action(f"InvokeLambda: {{FunctionArn: '{FUNCTION}', InvocationType: EVENT}}"),
    "InvokeLambda without a role, intr.": _action("InvokeLambda: {FunctionArn: !Ref Arn, InvocationType: EVENT}"),
    "InvocationType Event": _action(INVOKE % (f"'{FUNCTION}'", f"'{ROLE}'")),
    "InvocationType Event, intr.": _action(INVOKE % ("!Ref Arn", "!Ref Arn")),
    "a bucket of 63 characters": _action(f"WriteToS3: {{S3Bucket: {'b' * 63}, RoleArn: '{ROLE}'}}"),
    "a bucket of 63 characters, intr.": _action(f"WriteToS3: {{S3Bucket: {'b' * 63}, RoleArn: !Ref Arn}}"),
    "header without X-": _action("AddHeader: {HeaderName: Archived, HeaderValue: a}"),
    "header without X-, intr.": _action("AddHeader: {HeaderName: Archived, HeaderValue: !Ref Text}"),
    "Values for a number": _rule(_expression("NumberExpression", "MESSAGE_SIZE", "Values: [1]")),
    "Values for a number, intr.": _rule(_expression("NumberExpression", "MESSAGE_SIZE", "Values: [!Ref Text]")),
    "11 actions": f"""\
  Rules:
    Type: AWS::SES::MailManagerRuleSet
    Properties: {{Rules: [{{Actions: [{", ".join([HEADER] * 11)}]}}]}}  # <- E9143
""",
    "41 rules": f"""\
  Rules:
    Type: AWS::SES::MailManagerRuleSet
    Properties: {{Rules: [{", ".join([f"{{Actions: [{HEADER}]}}"] * 41)}]}}  # <- E9143
""",
    "5 no DefaultAction": """\
  Policy:
    Type: AWS::SES::MailManagerTrafficPolicy
    Properties: {PolicyStatements: []}  # <- E9141
""",
    "5 intr.": """\
  Policy:
    Type: AWS::SES::MailManagerTrafficPolicy
    Properties: {PolicyStatements: [], TrafficPolicyName: !Ref Text}  # <- E9141
""",
    "5b no such DefaultAction": """\
  Policy:
    Type: AWS::SES::MailManagerTrafficPolicy
    Properties: {PolicyStatements: [], DefaultAction: BLOCK}  # <- E9141
""",
    "relay without authentication": """\
  Relay:
    Type: AWS::SES::MailManagerRelay
    Properties: {ServerName: smtp.example.com, ServerPort: 25, Authentication: {}}  # <- E9144
""",
    "archive of one character, which is fixed, too": """\
  Short: {Type: AWS::SES::MailManagerArchive, Properties: {ArchiveName: a}}  # <- E9144 # <- W9147
""",
    "12 fixed name": """\
  Named: {Type: AWS::SES::MailManagerArchive, Properties: {ArchiveName: !Sub "mail-${AWS::AccountId}"}}  # <- W9147
""",
    "2b ids written out": """\
  Policy:
    Type: AWS::SES::MailManagerTrafficPolicy
    Properties: {DefaultAction: DENY, PolicyStatements: []}  # <- W9153
"""
    + _ingress("Type: OPEN, TlsPolicy: REQUIRED, TrafficPolicyId: tp-1, RuleSetId: !Ref Text", "W9155"),
    "OPTIONAL on AUTH": _ingress(
        f"Type: AUTH, TlsPolicy: OPTIONAL, IngressPointConfiguration: {{SecretArn: !Ref Arn}}, {LINKS}", "W9150"
    ),
    "AUTH without configuration": _ingress(f"Type: AUTH, {REQUIRED}", "E9151"),
    "MTLS without configuration": _ingress(f"Type: MTLS, {REQUIRED}", "E9151"),
    "OPEN with a password": _ingress(
        f"Type: OPEN, IngressPointConfiguration: {{SmtpPassword: correct-horse}}, {REQUIRED}", "E9151"
    ),
    "OPEN with a password, intr.": _ingress(
        f"Type: OPEN, IngressPointConfiguration: {{SmtpPassword: !Ref Hidden}}, {REQUIRED}", "E9151"
    ),
    "StatusToUpdate": _ingress(f"Type: OPEN, StatusToUpdate: CLOSED, {REQUIRED}", "E9152"),
    "everything let in": """\
  Policy:
    Type: AWS::SES::MailManagerTrafficPolicy
    Properties: {DefaultAction: ALLOW, PolicyStatements: []}  # <- W9153
""",
}  # fmt: skip


def _marks(text: str) -> list[tuple[int, str]]:
    return [(number, code) for number, line in enumerate(text.splitlines(), 1) for code in MARK.findall(line)]


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_a_known_mistake_is_one_finding_at_its_line(row: str, lint_text: LintText) -> None:
    found = [one for one in lint_text(HEAD + row, stock=True) if one.code not in BESIDE]
    assert [(one.line, one.code) for one in found] == _marks(HEAD + row)


def test_so_it_is_on_the_command_line(tmp_path: Path, forked: Callable[..., Any]) -> None:
    marks = {}
    for number, row in enumerate(ROWS.values()):
        name = f"row-{number:02}.yaml"
        (tmp_path / name).write_text(HEAD + row)
        marks[name] = _marks(HEAD + row)
    done = forked("byoaws", "lint", ".", "--no-cache", "--format", "json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    told: dict[str, list[tuple[int, str]]] = {name: [] for name in marks}
    for one in json.loads(done.stdout)["findings"]:
        if one["code"] not in BESIDE:
            told[Path(one["path"]).name].append((one["line"], one["code"]))
    assert told == marks


# Worlds ---------------------------------------------------------------------------------------------------------------


def _rules(rules: object, **sections: object) -> dict[str, object]:
    resource = {"Type": "AWS::SES::MailManagerRuleSet", "Properties": {"Rules": rules}}
    return {**sections, "Resources": {"Rules": resource}}


def _drop(*conditions: object) -> dict[str, object]:
    return {"Actions": [{"Drop": {}}], "Conditions": list(conditions)}


def _mistakes(template: dict[str, object], *kinds: str) -> list[tuple[tuple[str | int, ...], str]]:
    found = shape_mistakes(template, "AWS::SES::MailManagerRuleSet", *(kinds or (FRAME, CONDITION_OF_RULE, ACTION)))
    return [(one.path[4:], one.message) for one in found]


def test_a_value_that_a_parameter_allows_is_told_once_with_the_value() -> None:
    allowed = {"Type": "String", "AllowedValues": ["EQUALS", "IS", "LIKE"]}
    condition = {"DmarcExpression": {"Operator": {"Ref": "Operator"}, "Values": ["NONE"]}}
    found = _mistakes(_rules([_drop(condition)], Parameters={"Operator": allowed}))
    ((path, message),) = found
    assert path == (0, "Conditions", 0, "DmarcExpression", "Operator")
    assert message == "'Operator' cannot be 'IS', where parameter 'Operator' is 'IS'"


def test_an_empty_default_waits_for_a_value() -> None:
    rule = {"Name": {"Ref": "Name"}, **_drop()}
    assert _mistakes(_rules([rule], Parameters={"Name": {"Type": "String", "Default": ""}})) == []


def test_the_default_of_an_ssm_parameter_is_not_its_value() -> None:
    ssm = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/mail/name"}
    assert _mistakes(_rules([{"Name": {"Ref": "Name"}, **_drop()}], Parameters={"Name": ssm})) == []
    plain = {"Type": "String", "Default": "/mail/name"}
    assert len(_mistakes(_rules([{"Name": {"Ref": "Name"}, **_drop()}], Parameters={"Name": plain}))) == 1


def test_a_no_echo_default_is_not_told() -> None:
    hidden = {"Type": "String", "Default": "hunter2 hunter2", "NoEcho": True}
    for name in ({"Ref": "Name"}, {"Fn::Sub": "a ${Name}"}, {"Fn::Join": ["", [{"Ref": "Name"}]]}):
        assert _mistakes(_rules([{"Name": name, **_drop()}], Parameters={"Name": hidden})) == []


@pytest.mark.parametrize("macro", [{"Fn::Transform": {"Name": "Include"}}, {"Fn::ForEach::A": []}], ids=str)
def test_what_a_macro_can_add_is_not_missed(macro: dict[str, object]) -> None:
    assert _mistakes(_rules([{"Name": "a", **macro}])) == []
    assert _mistakes(_rules([{"Actions": [{"WriteToS3": {"S3Bucket": "mail", **macro}}]}])) == []


def test_two_keys_that_exclude_each_other_are_one() -> None:
    def under(condition: str, value: object, other: object) -> dict[str, object]:
        return {"Fn::If": [condition, value, other]}

    gone = {"Ref": "AWS::NoValue"}
    action = {"Drop": under("Drops", {}, gone), "Archive": under("Drops", gone, {"TargetArchive": "a-1"})}
    conditions = {"Drops": {"Fn::Equals": [{"Ref": "Mode"}, "drop"]}}
    sections = {"Conditions": conditions, "Parameters": {"Mode": {"Type": "String"}}}
    assert _mistakes(_rules([{"Actions": [action]}], **sections)) == []
    both = {**action, "Archive": {"TargetArchive": "a-1"}}
    ((path, message),) = _mistakes(_rules([{"Actions": [both]}], **sections))
    assert path == (0, "Actions", 0, "Archive")
    assert message == "the action holds 'Drop' and 'Archive', where parameter 'Mode' is 'drop'"


def test_what_one_branch_of_an_object_lacks_and_what_another_does_are_two_mistakes() -> None:
    gone = {"Ref": "AWS::NoValue"}
    lacking = {"Operator": {"Fn::If": ["A", "EQUALS", gone]}, "Values": {"Fn::If": ["A", gone, ["NONE"]]}}
    found = _mistakes(
        _rules([_drop({"DmarcExpression": lacking})], Conditions={"A": {"Fn::Equals": [{"Ref": "P"}, "a"]}})
    )
    assert {message.partition(",")[0] for _, message in found} == {
        "'DmarcExpression' has no 'Operator'",
        "'DmarcExpression' has no 'Values'",
    }


def test_a_resource_that_is_not_made_is_not_judged() -> None:
    template = _rules([{}])
    template["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
    template["Resources"]["Rules"]["Condition"] = "Never"  # type: ignore[index]
    assert _mistakes(template) == []


def test_many_parameters_in_many_rules_do_not_multiply() -> None:
    names = [f"P{number}" for number in range(40)]
    parameters = {name: {"Type": "String", "Default": "NONE", "AllowedValues": ["NONE", "REJECT"]} for name in names}
    parameters["P39"]["AllowedValues"] = ["NONE", "REFUSE"]  # type: ignore[assignment]
    rules = [_drop({"DmarcExpression": {"Operator": "EQUALS", "Values": [{"Ref": name}]}}) for name in names]
    ((path, _),) = _mistakes(_rules(rules, Parameters=parameters))
    assert path[:3] == (39, "Conditions", 0)


def test_worlds_come_with_the_fewest_deviations_first_and_end() -> None:
    parameters = {f"P{n}": {"Type": "String", "AllowedValues": ["a", "b"]} for n in range(20)}
    seen = [
        [world.parameter(name) for name in parameters]
        for world, _ in worlds({"Parameters": parameters}, lambda world: [world.parameter(name) for name in parameters])
    ]
    assert len(seen) == 64
    deviations = [values.count("b") for values in seen]
    assert deviations == sorted(deviations)
    assert set(deviations[:21]) == {0, 1}


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | st.sampled_from(["", "a", "EQUALS", "AWS::NoValue", "P", "C"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::If", "Fn::Sub", "Fn::GetAtt", "Fn::Join", "Fn::Transform", "Drop", "Actions", "Conditions"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=TREES, ingress=TREES, policy=TREES, archive=TREES, role=TREES)
def test_no_rule_of_ours_crashes_on_odd_expressions(
    rules: object, ingress: object, policy: object, archive: object, role: object, lint_text: LintText
) -> None:
    prefix = "AWS::SES::MailManager"
    write = {"S3Bucket": rules, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}
    point = {"Type": ingress, "TlsPolicy": policy, "TrafficPolicyId": archive}
    bodies = {
        "Set": (f"{prefix}RuleSet", {"Rules": rules}),
        "Other": (f"{prefix}RuleSet", {"Rules": [{"Actions": [{"WriteToS3": write}, {"Archive": archive}]}]}),
        "Ingress": (f"{prefix}IngressPoint", {**point, "IngressPointConfiguration": {"SmtpPassword": ingress}}),
        "Bare": (f"{prefix}IngressPoint", ingress),
        "Policy": (f"{prefix}TrafficPolicy", {"DefaultAction": "ALLOW", "PolicyStatements": policy}),
        "Archive": (f"{prefix}Archive", {"ArchiveName": archive}),
        "Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": role, "Policies": role}),
    }
    template = {
        "Resources": {name: {"Type": type_, "Properties": properties} for name, (type_, properties) in bodies.items()},
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": ["a", "b"]}},
    }
    found = lint_text(json.dumps(template), stock=True)
    assert not [one for one in found if one.code == "E0002" and re.search(r"rule [EWI]91[45]", one.message)]
