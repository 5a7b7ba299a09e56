"""E9107: which action of which API is a mistake, for which vendor, and who counts as having a permission."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.iam.compose import actions
from byoaws.iam.ses_versions import Api, replacements, right_for_either
from byoaws.lint.catalogue import rules_folder
from byoaws.lint.policies.ses_versions import VersionMistake, version_mistakes
from byoaws.model import Finding

LintText = Callable[..., list[Finding]]

# The old policy of SelfMX's troubleshooting page, and what the page says to put in its place.
SELFMX_V1 = {
    "ses:VerifyDomainIdentity": "ses:CreateEmailIdentity",
    "ses:VerifyDomainDkim": "ses:CreateEmailIdentity",
    "ses:GetIdentityVerificationAttributes": "ses:GetEmailIdentity",
    "ses:GetIdentityDkimAttributes": "ses:GetEmailIdentity",
    "ses:DeleteIdentity": "ses:DeleteEmailIdentity",
    "ses:ListIdentities": "ses:ListEmailIdentities",
}
SELFMX_V2 = ["ses:CreateEmailIdentity", "ses:GetEmailIdentity", "ses:DeleteEmailIdentity", "ses:GetAccount"]
SENDING = ["ses:SendEmail", "ses:SendRawEmail"]
# The eleven of SendFleet's page.
SENDFLEET = [
    *SENDING,
    "ses:VerifyDomainIdentity",
    "ses:VerifyDomainDkim",
    "ses:GetIdentityVerificationAttributes",
    "ses:GetIdentityDkimAttributes",
    "ses:GetIdentityMailFromDomainAttributes",
    "ses:SetIdentityMailFromDomain",
    "ses:DeleteIdentity",
    "ses:GetAccountSendingEnabled",
    "ses:GetSendQuota",
]


def document(*granted: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [*granted], "Resource": "*", **more}]}


def inline(*documents: Any) -> dict[str, Any]:
    return {"Policies": [{"PolicyName": f"p{number}", "PolicyDocument": one} for number, one in enumerate(documents)]}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::IAM::{kind}", "Properties": properties}


def found_in(resources: dict[str, Any], asked: Any = (), **template: Any) -> list[VersionMistake]:
    return version_mistakes({"Resources": resources, **template}, asked)


def judged(*granted: Any, asked: Any = ()) -> dict[str, str]:
    """The actions that are mistakes, each with the severity."""
    mistakes = found_in({"Role": resource("Role", **inline(document(*granted)))}, asked)
    return {str(granted[int(one.path[-1])]): one.severity for one in mistakes}


# What the documented cases say.


def test_selfmx_s_outdated_policy_is_told_what_replaces_each_action() -> None:
    mistakes = found_in({"User": resource("User", **inline(document(*SENDING, *SELFMX_V1)))}, SELFMX_V2)
    assert [one.path[-1] for one in mistakes] == [2, 3, 4, 5, 6, 7]
    for one, (old, new) in zip(mistakes, SELFMX_V1.items(), strict=True):
        assert f"'{old}' is of SES API v1 only" in one.message
        assert one.fix == f"grant '{new}' in place of '{old}'"
        assert one.severity == ("error" if new in SELFMX_V2 else "warning")


def test_selfmx_s_own_policy_is_right() -> None:
    assert judged(*SENDING, *SELFMX_V2) == judged(*SENDING, *SELFMX_V2, asked=SELFMX_V2) == {}


def test_sendfleet_s_eleven_actions_are_right_for_sendfleet() -> None:
    assert judged(*SENDFLEET, asked=SENDFLEET) == {}
    assert judged(*SENDFLEET, asked=actions(["sendfleet-byoc"])) == {}
    assert set(judged(*SENDFLEET)) == set(SENDFLEET) - set(SENDING)


def test_v2_actions_for_sendfleet_are_errors_that_name_v1_s() -> None:
    (mistake,) = found_in({"Role": resource("Role", **inline(document("ses:GetAccount")))}, SENDFLEET)
    assert mistake.severity == "error"
    assert "the vendor calls v1, and needs 'ses:GetSendQuota' and 'ses:GetAccountSendingEnabled'" in mistake.message
    assert "--vendor" not in mistake.fix


@pytest.mark.parametrize("entry", replacements(), ids=lambda entry: entry.v1[0])
@pytest.mark.parametrize("api", list(Api), ids=lambda api: api.value)
def test_every_name_of_the_table_is_a_mistake_for_callers_of_the_other_api_only(entry: Any, api: Api) -> None:
    # Whoever asks for a name of the table calls its API.
    caller = SENDFLEET if api is Api.V1 else SELFMX_V2
    for name in entry.names(api.other):
        assert set(judged(name, asked=caller)) == {name}
        assert judged(name, *entry.names(api), asked=caller) == {}
    for name in entry.names(api):
        assert judged(name, asked=caller) == {}


@pytest.mark.parametrize("name", sorted([*right_for_either(), "ses:SendEmail", "ses:CreateConfigurationSet"]))
@pytest.mark.parametrize("asked", [(), SENDFLEET, SELFMX_V2], ids=["unknown", "v1", "v2"])
def test_what_is_right_for_either_is_no_mistake(name: str, asked: Any) -> None:
    assert judged(name, asked=asked) == {}


# Which API is called.


def test_without_a_vendor_v2_is_assumed_and_said_to_be() -> None:
    (mistake,) = found_in({"Role": resource("Role", **inline(document("ses:GetSendQuota")))})
    assert mistake.severity == "warning"
    assert "a caller of v2 needs 'ses:GetAccount'" in mistake.message
    assert "--vendor" in mistake.fix


def test_packs_that_tell_no_api_are_as_no_vendor() -> None:
    assert judged("ses:GetSendQuota", asked=SENDING) == {"ses:GetSendQuota": "warning"}


def test_a_vendor_of_both_is_told_only_what_its_packs_ask_for() -> None:
    both = ["ses:GetSendQuota", "ses:DeleteIdentity", "ses:DeleteEmailIdentity"]
    assert judged("ses:GetSendQuota", "ses:ListIdentities", asked=both) == {}
    assert judged("ses:DeleteIdentity", asked=both) == {"ses:DeleteIdentity": "error"}
    assert judged("ses:DeleteIdentity", "ses:DeleteEmailIdentity", asked=both) == {}
    assert judged("ses:GetAccount", asked=both) == {}


def test_one_of_two_counterparts_is_enough_unless_the_vendor_asks_for_both() -> None:
    granted = ("ses:DescribeConfigurationSet", "ses:GetConfigurationSet")
    assert judged(*granted) == {}
    assert judged(*granted, asked=[granted[1], "ses:GetConfigurationSetEventDestinations"]) == {granted[0]: "error"}


# Wildcards.


@pytest.mark.parametrize("wide", ["*", "ses:*", "ses:Get*", "SES:get*", "ses:?et*", "ses:GetAccount*"])
def test_a_wildcard_that_grants_the_counterpart_is_enough(wide: str) -> None:
    assert judged(wide, "ses:GetSendQuota") == {}


@pytest.mark.parametrize("narrow", ["ses:Verify*", "ses:GetSend*", "ses:GetIdentity*", "ses:DeleteIdentity?olicy"])
def test_a_wildcard_over_one_api_s_names_is_a_mistake(narrow: str) -> None:
    assert judged(narrow) == {narrow: "warning"}


@pytest.mark.parametrize("other", ["s3:*", "ses:Send*", "ses:*ReceiptRule*", "sns:Publish", "ses", ""])
def test_other_actions_are_no_mistake(other: str) -> None:
    assert judged(other) == {}


# Who has what.

OLD, NEW = document("ses:GetSendQuota"), document("ses:GetAccount")
REF = {"Ref": "Who"}
TOGETHER = {
    "two statements": {
        "Who": resource("Role", **inline({"Statement": [*OLD["Statement"], *NEW["Statement"]]})),
    },
    "two inline policies": {"Who": resource("Role", **inline(OLD, NEW))},
    "a policy beside": {
        "Who": resource("Role", **inline(OLD)),
        "More": resource("Policy", PolicyName="p", Roles=[REF], PolicyDocument=NEW),
    },
    "the other way round": {
        "Who": resource("Role", **inline(NEW)),
        "More": resource("Policy", PolicyName="p", Roles=[REF], PolicyDocument=OLD),
    },
    "a role policy": {
        "Who": resource("Role", **inline(OLD)),
        "More": resource("RolePolicy", PolicyName="p", RoleName=REF, PolicyDocument=NEW),
    },
    "a user policy": {
        "Who": resource("User", **inline(OLD)),
        "More": resource("UserPolicy", PolicyName="p", UserName=REF, PolicyDocument=NEW),
    },
    "a group policy": {
        "Who": resource("Group", **inline(OLD)),
        "More": resource("GroupPolicy", PolicyName="p", GroupName=REF, PolicyDocument=NEW),
    },
    "by the role's name": {
        "Who": resource("Role", RoleName="mail", **inline(OLD)),
        "More": resource("ManagedPolicy", Roles=["mail"], PolicyDocument=NEW),
    },
    "two policies of a role from elsewhere": {
        "One": resource("RolePolicy", PolicyName="p", RoleName="mail", PolicyDocument=OLD),
        "Two": resource("ManagedPolicy", Roles=["mail"], PolicyDocument=NEW),
    },
    "a managed policy by its ARN": {
        "Who": resource("Role", ManagedPolicyArns=[{"Ref": "More"}], **inline(OLD)),
        "More": resource("ManagedPolicy", PolicyDocument=NEW),
    },
    "a group of the user": {
        "Who": resource("User", Groups=[{"Ref": "Group"}], **inline(OLD)),
        "Group": resource("Group", **inline(NEW)),
    },
    "a group that users were added to": {
        "Who": resource("User", **inline(NEW)),
        "Group": resource("Group", **inline(OLD)),
        "Add": resource("UserToGroupAddition", GroupName={"Ref": "Group"}, Users=[REF]),
    },
    "AWS's own policy": {
        "Who": resource("Role", ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonSESFullAccess"], **inline(OLD)),
    },
    "a policy from elsewhere": {"Who": resource("Role", ManagedPolicyArns=[{"Ref": "Arn"}], **inline(OLD))},
    "a macro": {"Who": resource("Role", **inline(OLD, {"Fn::Transform": {"Name": "AWS::Include"}}))},
    "a macro in a statement": {"Who": resource("Role", **inline(OLD, {"Statement": [{"Fn::Transform": {}}]}))},
    "a policy for nobody knows whom": {
        "Who": resource("Role", **inline(OLD)),
        "More": resource("Policy", PolicyName="p", Roles={"Fn::Transform": {"Name": "Who"}}, PolicyDocument=NEW),
    },
    "an unknown text": {"Who": resource("Role", **inline(OLD, {"Ref": "Text"}))},
    "all but something else": {
        "Who": resource("Role", **inline(OLD, {"Statement": {"Effect": "Allow", "NotAction": "s3:*"}})),
    },
    "text": {"Who": resource("Role", **inline(OLD, json.dumps(NEW)))},
    "an action that may be any": {"Who": resource("Role", **inline(OLD, document({"Fn::Sub": "ses:${Verb}"})))},
    "actions that may be any": {
        "Who": resource("Role", **inline(OLD, {"Statement": {"Effect": "Allow", "Action": {"Ref": "Actions"}}})),
    },
    "denied": {"Who": resource("Role", **inline({"Statement": {**OLD["Statement"][0], "Effect": "Deny"}}))},
}
PARAMETERS = {
    "Arn": {"Type": "String"},
    "Text": {"Type": "String"},
    "Verb": {"Type": "String", "Default": "SendEmail"},
    "Actions": {"Type": "CommaDelimitedList", "Default": "s3:GetObject"},
}


@pytest.mark.parametrize("resources", TOGETHER.values(), ids=TOGETHER.keys())
def test_what_a_principal_has_from_anywhere_counts(resources: dict[str, Any]) -> None:
    assert found_in(resources, Parameters=PARAMETERS) == []


APART = {
    "two roles": {"Who": resource("Role", **inline(OLD)), "Other": resource("Role", **inline(NEW))},
    "a policy of another": {
        "Who": resource("Role", **inline(OLD)),
        "Other": resource("Role"),
        "More": resource("Policy", PolicyName="p", Roles=[{"Ref": "Other"}], PolicyDocument=NEW),
    },
    "a policy of nobody": {
        "Who": resource("Role", **inline(OLD)),
        "More": resource("ManagedPolicy", PolicyDocument=NEW),
    },
    "a user of the role's name": {
        "Who": resource("Role", RoleName="mail", **inline(OLD)),
        "More": resource("UserPolicy", PolicyName="p", UserName="mail", PolicyDocument=NEW),
    },
    "one of two holders": {
        "Who": resource("ManagedPolicy", Roles=[{"Ref": "One"}, {"Ref": "Two"}], PolicyDocument=OLD),
        "One": resource("Role", **inline(NEW)),
        "Two": resource("Role"),
    },
    "a denial of the other": {
        "Who": resource("Role", **inline(OLD, {"Statement": {"Effect": "Deny", "Action": "ses:GetAccount"}})),
    },
    "all but the other": {
        "Who": resource("Role", **inline(OLD, {"Statement": {"Effect": "Allow", "NotAction": "ses:*"}})),
    },
    "a policy for services": {
        "Who": resource(
            "Role",
            ManagedPolicyArns=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
            **inline(OLD),
        ),
    },
    "another service's unknown action": {"Who": resource("Role", **inline(OLD, document({"Fn::Sub": "s3:${Verb}"})))},
    "another user's group": {
        "Who": resource("User", **inline(OLD)),
        "Other": resource("User", Groups=[{"Ref": "Group"}]),
        "Group": resource("Group", **inline(NEW)),
    },
}


@pytest.mark.parametrize("resources", APART.values(), ids=APART.keys())
def test_what_somebody_else_has_does_not(resources: dict[str, Any]) -> None:
    (mistake,) = found_in(resources, Parameters=PARAMETERS)
    assert mistake.path[:2] == ("Resources", "Who")


# Where it is told.

NOTHING = {"Ref": "AWS::NoValue"}
CONDITIONS = {"C": {"Fn::Equals": [{"Ref": "Verb"}, "x"]}, "Never": {"Fn::Equals": ["a", "b"]}}
WHOLE = ("Resources", "P", "Properties", "PolicyDocument")
PLACES = {
    "a list": (document("s3:GetObject", "ses:GetSendQuota"), (*WHOLE, "Statement", 0, "Action", 1)),
    "one action": ({"Statement": {"Effect": "Allow", "Action": "ses:GetSendQuota"}}, (*WHOLE, "Statement", "Action")),
    "an item's branch": (
        document({"Fn::If": ["C", NOTHING, "ses:GetSendQuota"]}),
        (*WHOLE, "Statement", 0, "Action", 0, "Fn::If", 2),
    ),
    "after one that is left out": (document(NOTHING, "ses:GetSendQuota"), (*WHOLE, "Statement", 0, "Action", 1)),
    "a statement's branch": (
        {"Statement": [{"Fn::If": ["C", OLD["Statement"][0], NOTHING]}]},
        (*WHOLE, "Statement", 0, "Fn::If", 1, "Action", 0),
    ),
    "the document's branch": ({"Fn::If": ["C", OLD, NOTHING]}, (*WHOLE, "Fn::If", 1, "Statement", 0, "Action", 0)),
    "joined": (document({"Fn::Join": [":", ["ses", "GetSendQuota"]]}), (*WHOLE, "Statement", 0, "Action", 0)),
    "text": (json.dumps(OLD), WHOLE),
    "substituted text": ({"Fn::Sub": json.dumps(OLD)}, WHOLE),
}


@pytest.mark.parametrize(("policy", "place"), PLACES.values(), ids=PLACES.keys())
def test_the_place_is_the_action_s(policy: Any, place: tuple[str | int, ...]) -> None:
    (mistake,) = found_in(
        {"P": resource("ManagedPolicy", PolicyDocument=policy)}, Parameters=PARAMETERS, Conditions=CONDITIONS
    )
    assert mistake.path == place


def test_a_resource_that_is_never_made_is_not_judged() -> None:
    assert (
        found_in({"P": {**resource("ManagedPolicy", PolicyDocument=OLD), "Condition": "Never"}}, Conditions=CONDITIONS)
        == []
    )


def test_other_branches_may_grant_the_other_name() -> None:
    policy = document({"Fn::If": ["C", "ses:GetSendQuota", "ses:GetAccount"]})
    assert found_in({"P": resource("ManagedPolicy", PolicyDocument=policy)}, Conditions=CONDITIONS) == []


def test_a_name_that_two_principals_lack_is_told_once() -> None:
    policy = resource("ManagedPolicy", Roles=[{"Ref": "A"}, {"Ref": "B"}], PolicyDocument=OLD)
    assert len(found_in({"P": policy, "A": resource("Role"), "B": resource("Role")})) == 1


# What AWS's own pages show: none of it is a mistake. Source: "Identity and Access Management in Amazon SES", and the
# managed policies AmazonSESFullAccess and AmazonSESReadOnlyAccess.
SAMPLES = {
    "full access": document("ses:*"),
    "read only": document("ses:Get*", "ses:List*", "ses:BatchGetMetricData"),
    "sending only": document(*SENDING),
    "sending, all ways": document(*SENDING, "ses:SendTemplatedEmail", "ses:SendBulkTemplatedEmail"),
    "only v2": document("ses:*", Condition={"StringEquals": {"ses:ApiVersion": "2"}}),
    "certain recipients": document(
        *SENDING, Condition={"ForAllValues:StringLike": {"ses:Recipients": ["*@example.com"]}}
    ),
    "a From address": document(*SENDING, Condition={"StringEquals": {"ses:FromAddress": "marketing@example.com"}}),
    "limited hours": document(
        *SENDING,
        Condition={
            "DateGreaterThan": {"aws:CurrentTime": "2018-08-31T12:00Z"},
            "DateLessThan": {"aws:CurrentTime": "2018-11-30T12:00Z"},
        },
    ),
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_aws_s_sample_policies_are_left_alone(sample: Any, lint_text: LintText) -> None:
    template = {"Resources": {"P": resource("ManagedPolicy", PolicyDocument=sample)}}
    # That all of SES is a lot E9115 says, of AWS's own policies too.
    assert [one for one in lint_text(json.dumps(template), stock=True) if one.code != "E9115"] == []


# In the linter.


def test_the_vendor_s_packs_decide_and_are_forgotten_by_the_next_call(lint_text: LintText) -> None:
    template = json.dumps({"Resources": {"P": resource("ManagedPolicy", PolicyDocument=document(*SENDFLEET))}})
    assert {one.severity for one in lint_text(template)} == {"warning"}
    assert lint_text(template, asked=frozenset(SENDFLEET)) == []
    assert {one.severity for one in lint_text(template, asked=frozenset(SELFMX_V2))} == {"error", "warning"}
    assert len(lint_text(template)) == len(SENDFLEET) - len(SENDING)


@pytest.mark.parametrize(
    ("asked", "expected"), [("GetSendQuota", "ses:GetAccount"), ("GetAccount", "ses:GetSendQuota")]
)
def test_stock_cfn_lint_is_told_the_api_by_one_action(
    asked: str, expected: str, tmp_path: Path, forked: Callable[..., Any]
) -> None:
    policies = {name: resource("ManagedPolicy", PolicyDocument=one) for name, one in (("Old", OLD), ("New", NEW))}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": policies}))
    options = ["--append-rules", str(rules_folder()), "-x", f"E9107:asked={asked}", "--", str(tmp_path / "t.json")]
    result = forked("cfn-lint", *options, cwd=tmp_path, warnings="ignore")
    assert re.findall(r"^E9107 '(.*?)'", result.stdout, re.MULTILINE) == [expected]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "*", "ses:GetSendQuota", "Allow", "A", "{"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Ref", "Fn::If", "Fn::Sub", "Fn::Join", "Statement", "Effect", "Action", "NotAction"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(policy=ODD, whom=ODD, kind=st.sampled_from(["Role", "User", "Policy", "ManagedPolicy", "UserToGroupAddition"]))
def test_no_policy_makes_the_rule_crash(policy: Any, whom: Any, kind: str) -> None:
    properties = {
        "PolicyDocument": policy,
        "Roles": whom,
        "Groups": whom,
        "ManagedPolicyArns": whom,
        "Policies": policy,
    }
    for one in found_in({"A": resource(kind, **properties), "B": resource("Role", **inline(policy))}):
        assert one.fix
