"""Probe V203 assume-role: AWS's one AccessDenied, its possible causes, and what is no refusal by the role."""

import pytest

from byoaws.errors import BadCredentials, InvalidRequest, RegionDisabled, Throttled, Unreachable
from byoaws.model import Status

OURS = "This is the operator's to mend, not the customer's."
DENIED = "User: x is not authorized to perform: sts:AssumeRole on resource: y"


def test_pass(scene):
    found = scene.ask("assume-role")
    assert (found.status, found.summary) == (Status.PASS, "opens with this connection's ExternalId")
    assert found.evidence == {"tries": 1}


def test_pass_after_a_while(scene, refused):
    scene.wait, scene.right = 60, [refused(), refused(), None]
    found = scene.ask("assume-role")
    assert (found.status, found.summary) == (Status.PASS, "opens with this connection's ExternalId after 3 s")
    assert found.evidence == {"tries": 3}


def test_refused(scene, refused):
    scene.right = [refused(DENIED)]
    found = scene.ask("assume-role")
    assert (found.status, found.opens_for_others) == (Status.FAIL, False)
    assert found.summary == f"AWS refused AssumeRole on {scene.role_arn}"
    assert found.evidence == {
        "operation": "sts:AssumeRole",
        "aws_code": "AccessDenied",
        "aws_message": DENIED,
        "failure": "F103",
        "tries": 1,
        "waited_seconds": 0.0,
    }
    assert found.fix.startswith("compare the stack's parameters")


def test_causes_hold_what_is_to_be_compared(scene, refused):
    """Those of the vendor's own troubleshooting table, with the exact values, most likely first."""
    scene.right = [refused(DENIED)]
    causes = scene.ask("assume-role").causes
    wanted = [
        ("names another account", "111122223333", "MailmarkAwsAccountId"),
        ("another ExternalId", scene.external_id, "stack parameter ExternalId"),
        ("not the stack's role", scene.role_arn, "RoleArn output"),
        ("our own policy", "arn:aws:iam::111122223333:user/ops", "(operator)"),
        ("RCP", "customer", "organization"),
        ("minutes old", "tried for 0 s", "IAM"),
    ]
    assert len(causes) == len(wanted)
    for cause, parts in zip(causes, wanted, strict=True):
        assert [part for part in parts if part not in cause] == []


def test_role_that_was_waited_for_is_not_called_new(scene, refused):
    scene.wait, scene.right = 60, [refused(DENIED)]
    found = scene.ask("assume-role")
    assert not [cause for cause in found.causes if "minutes old" in cause]
    assert (found.evidence["tries"], found.evidence["waited_seconds"]) == (11, 60.0)


@pytest.mark.parametrize("where", ["the role trust policy", "a resource-based policy", "a resource control policy"])
def test_explicit_deny_on_the_roles_side(scene, refused, where):
    scene.right = [refused(f"{DENIED} with an explicit deny in {where}")]
    found = scene.ask("assume-role")
    assert found.status is Status.FAIL
    assert found.causes[0].startswith("a Deny statement on the role's side")
    assert found.fix.startswith("the customer finds the Deny statement")


@pytest.mark.parametrize(
    "where",
    [
        "with an explicit deny in an identity-based policy",
        "with an explicit deny in a service control policy",
        "because no permissions boundary allows the sts:AssumeRole action",
        "because no identity-based policy allows the sts:AssumeRole action",
    ],
)
def test_our_own_policy_is_never_the_customers_fault(scene, refused, where):
    scene.right = scene.without = scene.wrong = [refused(f"{DENIED} {where}")]
    found = scene.ask("assume-role")
    assert (found.status, found.causes) == (Status.UNKNOWN, ())
    assert found.summary.startswith("a policy of our own (")
    assert found.fix == f"{OURS} Let arn:aws:iam::111122223333:user/ops call sts:AssumeRole on {scene.role_arn}."
    assert scene.run().verdict.value == "unknown"


INCONCLUSIVE = {
    "duration": (
        InvalidRequest(
            "x", aws_message="The requested DurationSeconds exceeds the MaxSessionDuration set for this role"
        ),
        "AWS does not allow sessions of 900 seconds here",
        "session.duration to 900",
    ),
    "chained": (
        InvalidRequest("x", aws_message="The requested DurationSeconds exceeds the 1 hour session limit"),
        "AWS does not allow sessions of 900 seconds here",
        "3600",
    ),
    "expired": (
        BadCredentials("expired", code="ExpiredToken", hint="aws sso login"),
        "our own credentials stopped working: expired",
        "aws sso login",
    ),
    "malformed": (InvalidRequest("too short"), "could not tell: too short", "Try again."),
    "throttled": (Throttled("slow down", hint="wait a minute"), "could not tell: slow down", "wait a minute"),
    "unreachable": (Unreachable("no answer"), "could not tell: no answer", "Try again."),
    "region": (RegionDisabled("sts is off", hint="enable it"), "could not tell: sts is off", "enable it"),
}


@pytest.mark.parametrize(("error", "summary", "fix"), INCONCLUSIVE.values(), ids=INCONCLUSIVE)
def test_inconclusive(scene, error, summary, fix):
    scene.right = [error]
    found = scene.ask("assume-role")
    assert (found.status, found.summary, found.causes) == (Status.UNKNOWN, summary, ())
    assert found.fix.startswith(OURS)
    assert fix in found.fix
    assert scene.run().verdict.value == "unknown"


def test_empty_external_id(scene):
    """botocore refuses it before sending; if anything let it through, the role would be opened by nothing."""
    scene.external_id = ""
    scene.right = [InvalidRequest("ExternalId: 2 to 1224 characters")]
    assert scene.run().verdict.value == "unknown"
    assert "" not in {given for kind, given in scene.asked if kind == "wrong"}
