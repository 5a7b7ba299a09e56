"""What a preflight says of an account, check by check; and that it says nothing of what it could not tell."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import AccessDenied, AwsError, BadCredentials, NotFound, Throttled, Unreachable, UsageError
from byoaws.flows.preflight.run import CHECKS
from byoaws.model import Status
from byoaws.vendors.file import load_vendor

ACCOUNT = "444455556666"
OURS = "Mailmark: resources for Mailmark in your own AWS account"
STOP = {"Name": "all", "Enabled": True, "Recipients": [], "Actions": [{"StopAction": {"Scope": "RuleSet"}}]}
SCP = "User is not authorized to perform: X with an explicit deny in a service control policy"
Look = Callable[..., Any]


def rules(*found: Any) -> dict[str, Any]:
    return {"ses:describe_active_receipt_rule_set": {"Metadata": {"Name": "theirs"}, "Rules": list(found)}}


def stacks(*found: Any) -> dict[str, Any]:
    return {"cloudformation:describe_stacks": list(found)}


def stack(name: str, status: str = "CREATE_COMPLETE", **more: Any) -> dict[str, Any]:
    return {"StackName": name, "StackStatus": status, **more}


def ses(**answer: Any) -> dict[str, Any]:
    return {"sesv2:get_account": {"ProductionAccessEnabled": True, "SendingEnabled": True, **answer}}


def simulated(**detail: Any) -> dict[str, Any]:
    def answer(**asked: Any) -> list[dict[str, Any]]:
        return [{"EvalActionName": name, "EvalDecision": "implicitDeny", **detail} for name in asked["ActionNames"]]

    return {"iam:simulate_principal_policy": answer}


def test_an_empty_account_is_ready(look: Look) -> None:
    found = look()
    assert {check.status for check in found.found.checks} == {Status.PASS}
    assert found.found.exit_code == 0
    assert found.advice == {"InboundRecipients": ""}


CASES: dict[str, tuple[dict[str, Any], str, Status, str]] = {
    "own account": (
        {"sts:get_caller_identity": {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/x"}},
        "P101",
        Status.FAIL,
        "own account",
    ),
    "root": (
        {"sts:get_caller_identity": {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"}},
        "P101",
        Status.WARN,
        "root user",
    ),
    "region off": (
        {"sesv2:get_account": BadCredentials("no", code="UnrecognizedClientException")},
        "P102",
        Status.FAIL,
        "enable",
    ),
    "bad keys": (
        {"sesv2:get_account": BadCredentials("no", code="ExpiredToken")},
        "P102",
        Status.UNKNOWN,
        "could not tell",
    ),
    "rules store elsewhere": (
        rules({"Name": "theirs", "Enabled": True, "Actions": [{"S3Action": {"BucketName": "their-mail"}}]}),
        "P108",
        Status.WARN,
        "Mail goes on into 'their-mail' as well",
    ),
    "stack taken": (stacks(stack("mailmark-byo-aws")), "P103", Status.FAIL, "not Mailmark's"),
    "stack stuck": (stacks(stack("mailmark-byo-aws", "ROLLBACK_COMPLETE")), "P103", Status.FAIL, "ROLLBACK_COMPLETE"),
    "our stack": (
        stacks(stack("x", Description=OURS, Outputs=[{"OutputKey": "TemplateVersion", "OutputValue": "0.9.0"}])),
        "P103",
        Status.WARN,
        "0.9.0",
    ),
    "no room for roles": (
        {"iam:get_account_summary": {"SummaryMap": {"Roles": 999, "RolesQuota": 1000}}},
        "P105",
        Status.FAIL,
        "999 of 1000",
    ),
    "roles not said": ({"iam:get_account_summary": {}}, "P105", Status.UNKNOWN, "did not say"),
    "sets left": (
        {"sesv2:list_configuration_sets": ["mailmark-0123abcd", "own"]},
        "P106",
        Status.WARN,
        "mailmark-0123abcd",
    ),
    "rules": (rules({"Name": "a", "Enabled": True, "Recipients": ["x"]}), "P108", Status.WARN, "at the end"),
    "rule that stops": (rules(STOP), "P108", Status.WARN, "ends every message"),
    "too many rules": (rules(*[STOP] * 200), "P108", Status.FAIL, "200"),
    "too many sets": ({"ses:list_receipt_rule_sets": [{"Name": str(n)} for n in range(40)]}, "P108", Status.FAIL, "40"),
    "bucket left": (
        {"s3:list_buckets": [{"Name": f"mailmark-0123abcd-{ACCOUNT}-eu-west-1-an"}]},
        "P109",
        Status.WARN,
        "0123abcd",
    ),
    "sandbox": (ses(ProductionAccessEnabled=False), "P110", Status.WARN, "sandbox"),
    "shutdown": (ses(EnforcementStatus="SHUTDOWN"), "P110", Status.FAIL, "shut down"),
    "paused": (ses(SendingEnabled=False), "P110", Status.FAIL, "switched off"),
    "not said": (ses(ProductionAccessEnabled=None), "P110", Status.UNKNOWN, "did not say"),
    "no concurrency": (
        {"lambda:get_account_settings": {"AccountLimit": {"UnreservedConcurrentExecutions": 0}}},
        "P111",
        Status.FAIL,
        "reserved",
    ),
    "little concurrency": (
        {"lambda:get_account_settings": {"AccountLimit": {"UnreservedConcurrentExecutions": 10}}},
        "P111",
        Status.WARN,
        "10",
    ),
    "not allowed": (simulated(), "P112", Status.FAIL, "may not call"),
    "organization": (
        simulated(OrganizationsDecisionDetail={"AllowedByOrganizations": False}),
        "P112",
        Status.FAIL,
        "organization",
    ),
    "boundary": (
        simulated(PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": False}),
        "P112",
        Status.FAIL,
        "boundary",
    ),
    "no simulator": ({"iam:simulate_principal_policy": AccessDenied("no")}, "P112", Status.UNKNOWN, "simulator"),
    "silent simulator": ({"iam:simulate_principal_policy": []}, "P112", Status.UNKNOWN, "no usable answer"),
    "denied": (
        {"s3:list_buckets": AccessDenied("no", operation="s3:ListBuckets")},
        "P109",
        Status.UNKNOWN,
        "could not tell",
    ),
    "throttled": ({"s3:list_buckets": Throttled("slow")}, "P109", Status.UNKNOWN, "slow"),
    "odd answer": ({"s3:list_buckets": ["text"]}, "P109", Status.UNKNOWN, "no usable answer"),
    "SCP on what is needed": (
        {"sesv2:list_configuration_sets": AccessDenied("no", operation="ses:CreateConfigurationSet", aws_message=SCP)},
        "P106",
        Status.FAIL,
        "organization",
    ),
    "SCP on a look": (
        {"s3:list_buckets": AccessDenied("no", operation="s3:ListAllMyBuckets", aws_message=SCP)},
        "P109",
        Status.UNKNOWN,
        "organization",
    ),
}


@pytest.mark.parametrize(("given", "code", "status", "said"), CASES.values(), ids=CASES)
def test_what_is_in_the_way(look: Look, given: dict[str, Any], code: str, status: Status, said: str) -> None:
    found = look(given)
    assert found[code].status is status
    assert said in found[code].summary + found[code].fix
    assert found[code].fix
    others = {
        check.code: check.status for check in found.found.checks if check.code not in (code, "P102", "P110", "P112")
    }
    assert set(others.values()) == {Status.PASS}


def test_exit_codes(look: Look) -> None:
    assert look(ses(EnforcementStatus="SHUTDOWN")).found.exit_code == 1
    assert look({"s3:list_buckets": Throttled("slow")}).found.exit_code == 3
    assert look({**ses(EnforcementStatus="SHUTDOWN"), "s3:list_buckets": Throttled("slow")}).found.exit_code == 1
    assert look(rules(STOP)).found.exit_code == 0


def test_values_to_use(look: Look) -> None:
    assert look(rules(STOP)).advice == {"InboundRecipients": None}
    assert (
        look(stacks(stack("mailmark-byo-aws"), stack("mailmark-byo-aws-2"))).advice["StackName"] == "mailmark-byo-aws-3"
    )
    assert "StackName" not in look(stacks(stack("mailmark-byo-aws")), stack_name="other").advice


def domains(*names: str) -> dict[str, Any]:
    return {"sesv2:list_email_identities": [{"IdentityName": name, "IdentityType": "DOMAIN"} for name in names]}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ((), {"DomainName": None}),
        (("a.example",), {"ExistingIdentityName": "a.example", "DomainName": ""}),
        (("a.example", "b.example"), {"ExistingIdentityName": None, "DomainName": ""}),
        (("a.example\x1b[2J",), {"ExistingIdentityName": "a.example\\x1b[2J", "DomainName": ""}),
    ],
    ids=["none", "one", "two", "escape sequence"],
)
def test_the_first_domain_is_made_or_adopted(
    look: Look, mailmark: Any, there: tuple[str, ...], expected: dict[str, str | None]
) -> None:
    blocks = (*mailmark.stack.blocks, "identity")
    found = look(domains(*there), vendor=replace(mailmark, stack=replace(mailmark.stack, blocks=blocks)))
    advice = {name: value for name, value in found.advice.items() if name != "InboundRecipients"}
    assert advice == expected
    assert found["P107"].status is Status.PASS
    # A stack without the block has no such parameters.
    assert not {"DomainName", "ExistingIdentityName"} & look(domains(*there)).advice.keys()


def test_what_a_stack_of_ours_holds_is_not_left_over(look: Look) -> None:
    outputs = [
        {"OutputKey": "ConfigurationSetName", "OutputValue": "mailmark-0123abcd"},
        {"OutputKey": "BucketName", "OutputValue": f"mailmark-0123abcd-{ACCOUNT}-eu-west-1-an"},
    ]
    found = look(
        {
            **stacks(stack("x", Description=OURS, Outputs=outputs)),
            "sesv2:list_configuration_sets": ["mailmark-0123abcd"],
            "s3:list_buckets": [{"Name": f"mailmark-0123abcd-{ACCOUNT}-eu-west-1-an"}],
        }
    )
    assert found["P106"].status is found["P109"].status is Status.PASS


def test_a_role_of_a_fixed_name_collides(look: Look) -> None:
    sendfleet = load_vendor("sendfleet", {})
    assert look(vendor=sendfleet)["P104"].status is Status.PASS
    assert look({"iam:get_role": {"Role": {}}}, vendor=sendfleet)["P104"].status is Status.FAIL


def test_a_session_is_simulated_by_its_role(look: Look) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/team/Admin"
    caller = {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/me"}
    found = look({"sts:get_caller_identity": caller, "iam:get_role": {"Role": {"Arn": arn}}})
    asked = [given for name, given in found.table.asked if name == "iam:simulate_principal_policy"]
    assert {given["PolicySourceArn"] for given in asked} == {arn}
    # Things, not patterns: a policy that allows `stack/x*` does not allow `*`.
    for given in asked:
        assert all("*" not in resource or resource == "*" for resource in given["ResourceArns"])
        assert len(given["ActionNames"]) == len(set(given["ActionNames"]))


@pytest.mark.parametrize("region", ["mars-1", "", "us-east-1\n"])
def test_no_such_region_asks_nothing(look: Look, region: str) -> None:
    with pytest.raises(UsageError):
        look(region=region)


@pytest.mark.parametrize("name", ["1x", "a b", "x" * 129, "a_b", "\x1b[31m"])
def test_no_name_for_a_stack(look: Look, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        look(stack_name=name)
    assert str(caught.value).isprintable()


def test_who_asks_must_be_known(look: Look) -> None:
    with pytest.raises(AwsError):
        look({"sts:get_caller_identity": Unreachable("no answer")})


HOSTILE = "\x1b[2J\u202e" + "x" * 5000


@pytest.mark.parametrize(
    "given",
    [
        rules({**STOP, "Name": HOSTILE}),
        {"ses:describe_active_receipt_rule_set": {"Metadata": {"Name": HOSTILE}, "Rules": []}},
        stacks(stack(HOSTILE, Description=OURS, Outputs=[{"OutputKey": "TemplateVersion", "OutputValue": HOSTILE}])),
        {"sesv2:list_email_identities": [{"IdentityName": HOSTILE, "IdentityType": "DOMAIN"}]},
        {"s3:list_buckets": Throttled(HOSTILE)},
    ],
)
def test_names_of_others_cannot_move_the_terminal(look: Look, given: dict[str, Any]) -> None:
    for check in look(given).found.checks:
        assert check.summary.isprintable()
        assert len(check.summary) < 1500


def test_codes_are_used_once_and_every_check_is_asked_for_some_vendor() -> None:
    assert len({check.code for check in CHECKS}) == len({check.name for check in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize(("code", "message"), [("404", "<html>Not here</html>"), ("404", "Not Found"), ("", "")])
def test_attack_a_404_that_iam_did_not_say_makes_no_name_free(look: Look, code: str, message: str) -> None:
    vendor = replace(load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"}), role_name="Mail")
    bare = NotFound("x", operation="iam:GetRole", code=code, aws_message=message)
    assert look({"iam:get_role": bare}, vendor=vendor)["P104"].status is Status.UNKNOWN


def test_attack_ses_that_does_not_say_whether_it_sends_is_no_pass(look: Look) -> None:
    assert look({"sesv2:get_account": {"ProductionAccessEnabled": True}})["P110"].status is Status.UNKNOWN


SILENT: dict[str, Callable[..., list[dict[str, Any]]]] = {
    "no decision": lambda **asked: [{"EvalActionName": name} for name in asked["ActionNames"]],
    "a decision that nobody knows": lambda **asked: [
        {"EvalActionName": name, "EvalDecision": "perhaps"} for name in asked["ActionNames"]
    ],
}


@pytest.mark.parametrize("answer", SILENT.values(), ids=SILENT)
def test_attack_what_the_simulator_does_not_say_is_no_refusal(look: Look, answer: Callable[..., Any]) -> None:
    assert look({"iam:simulate_principal_policy": answer})["P112"].status is Status.UNKNOWN
