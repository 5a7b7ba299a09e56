"""Probes V201 external-id-required and V202 external-id-checked: when a refusal is one, and when it proves anything."""

import pytest

from byoaws.errors import AwsError, BadCredentials, InvalidRequest, NotFound, RegionDisabled, Throttled, Unreachable
from byoaws.model import Status

PROBES = {"external-id-required": "without", "external-id-checked": "wrong"}
GIVEN = {"external-id-required": "without an ExternalId", "external-id-checked": "with a random ExternalId"}
OURS = "This is the operator's to mend, not the customer's."
both = pytest.mark.parametrize(("name", "kind"), PROBES.items(), ids=PROBES)


@both
def test_pass(scene, name, kind):
    found = scene.ask(name)
    assert (found.status, found.summary) == (Status.PASS, f"refused {GIVEN[name]}")
    assert (found.evidence["operation"], found.evidence["aws_code"]) == ("sts:AssumeRole", "AccessDenied")
    assert (found.causes, found.fix, found.opens_for_others) == ((), "", False)


@both
def test_opens(scene, name, kind):
    setattr(scene, kind, [None])
    found = scene.ask(name)
    assert (found.status, found.opens_for_others) == (Status.FAIL, True)
    assert found.summary == f"the role opens {GIVEN[name]}: anyone who can make us assume a role can use it"
    assert f"byoaws policy trust --vendor mailmark --external-id {scene.external_id}" in found.fix
    assert len(found.causes) == 4
    assert found.evidence == {"role_arn": scene.role_arn}


@both
def test_refusal_proves_nothing_while_everybody_is_refused(scene, refused, name, kind):
    scene.right = [refused()]
    found = scene.ask(name)
    assert (found.status, found.fix) == (Status.UNKNOWN, "mend 'assume-role' first")
    assert found.summary == (
        f"refused {GIVEN[name]}, but the right ExternalId did not open the role either, so this proves nothing"
    )


@both
@pytest.mark.parametrize("right", [Throttled("slow"), Unreachable("none")], ids=["throttled", "unreachable"])
def test_refusal_proves_nothing_while_the_right_one_was_not_tried(scene, name, kind, right):
    scene.right = [right]
    assert scene.ask(name).status is Status.UNKNOWN


# "Somebody" answered, but it was no refusal.
NO_REFUSALS = {
    "throttled": Throttled("slow down", code="Throttling", aws_message="Rate exceeded", hint="wait a minute"),
    "unreachable": Unreachable("no usable answer", hint="check the network"),
    "region disabled": RegionDisabled("off", code="RegionDisabledException", aws_message="STS is not activated"),
    "expired credentials": BadCredentials("expired", code="ExpiredToken", aws_message="expired", hint="renew"),
    "validation error": InvalidRequest("invalid", code="ValidationError", aws_message="1 validation error detected"),
    "duration": InvalidRequest(
        "invalid", code="ValidationError", aws_message="The requested DurationSeconds exceeds the MaxSessionDuration"
    ),
    "malformed policy": InvalidRequest("invalid", code="MalformedPolicyDocument", aws_message="syntax"),
    "not found": NotFound("no such thing", code="NoSuchEntity", aws_message="no"),
    "anything else": AwsError("odd", code="OddException", aws_message="odd"),
}


@both
@pytest.mark.parametrize("error", NO_REFUSALS.values(), ids=NO_REFUSALS)
def test_any_other_error_is_inconclusive(scene, name, kind, error):
    setattr(scene, kind, [error])
    found = scene.ask(name)
    assert (found.status, found.opens_for_others) == (Status.UNKNOWN, False)
    assert found.summary == f"could not tell whether the role opens {GIVEN[name]}: {error}"
    assert found.fix == f"{OURS} {error.hint or 'Try again.'}"
    expected = {"aws_code": error.code, "aws_message": error.aws_message}
    aws_said = {key: value for key, value in found.evidence.items() if key != "failure"}
    assert aws_said == {key: value for key, value in expected.items() if value}
    assert scene.run().verdict.value == "unknown"


@both
def test_policy_of_our_own_hides_the_role(scene, refused, name, kind):
    """An operator whose own policy denies calls without an ExternalId learns nothing about the customer's role."""
    said = "User: x is not authorized to perform: sts:AssumeRole with an explicit deny in an identity-based policy"
    setattr(scene, kind, [refused(said)])
    found = scene.ask(name)
    assert (found.status, found.evidence["aws_message"]) == (Status.UNKNOWN, said)
    assert "policy of our own (identity-based policy)" in found.summary
    assert found.fix.startswith(OURS)
    assert scene.run().verdict.value == "unknown"


@both
def test_open_door_counts_whatever_else_happened(scene, refused, name, kind):
    for right in (None, refused(), Throttled("slow")):
        other = "wrong" if kind == "without" else "without"
        scene.right = [right]
        setattr(scene, kind, [None])
        setattr(scene, other, [Unreachable("none")])
        assert scene.ask(name).opens_for_others
        assert scene.run().verdict.value == "insecure"
