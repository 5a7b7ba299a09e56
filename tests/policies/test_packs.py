"""Every permission pack, old or new: it loads, it gives a reason for each action, and it is as narrow as AWS allows."""

import importlib.resources
import json
import re

import pytest
from botocore.session import get_session

from byoaws.iam.compose import actions, load_pack, pack_names, permission_policy
from byoaws.iam.ses_versions import right_for_either

# The Service Authorization Reference, as cfn-lint ships it.
ACTIONS = json.loads(importlib.resources.files("cfnlint").joinpath("data/AdditionalSpecs/Policies.json").read_text())
NAMES = {
    *(
        "AWS::Partition",
        "AWS::Region",
        "AWS::AccountId",
        "AWS::StackId",
        "vendor:name",
        "vendor:role-path",
        "vendor:domain",
    ),
    *("stack:bucket", "stack:configuration-set", "stack:role", "stack:webhook-secret"),
    *("stack:bounce-topic", "stack:complaint-topic", "stack:delivery-topic"),
    *("stack:forwarder", "stack:forwarder-dead-letters", "stack:forwarder-alarm", "stack:event-dead-letters"),
    *("stack:setup-function", "stack:registration-function"),
}


WORD_FOR_WORD = {"sendfleet-byoc", "selfmx-send-only", "selfmx-full"}
"""What these vendors' pages tell customers to paste, `Resource: *` included; byoaws vendor check warns of it."""


def test_there_are_packs() -> None:
    assert "ses-send" in pack_names()


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_sound(name: str) -> None:
    pack = load_pack(name)
    assert pack.title
    assert pack.statements
    sids = [statement.sid for statement in pack.statements]
    assert len(set(sids)) == len(sids)
    for statement in pack.statements:
        assert re.fullmatch(r"[A-Za-z0-9]+", statement.sid)
        assert statement.grants
        for grant in statement.grants:
            assert "*" not in grant.action
            assert len(grant.reason.split()) >= 3
            assert grant.reason.endswith(".")


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_narrow(name: str) -> None:
    for statement in load_pack(name).statements:
        assert statement.resources
        for resource in statement.resources:
            assert set(re.findall(r"\$\{([^}]+)\}", resource)) <= NAMES
            assert "arn:aws:" not in resource
            if resource == "*" and name not in WORD_FOR_WORD:
                for grant in statement.grants:
                    service, _, action = grant.action.partition(":")
                    assert not ACTIONS[service]["Actions"][action.lower()].get("Resources"), grant.action
            elif resource != "*":
                assert resource.startswith(("arn:${AWS::Partition}:", "${stack:", "${AWS::StackId}"))


def test_no_two_packs_share_a_sid() -> None:
    """IAM refuses a document with one twice, and any packs may be put together."""
    document = permission_policy(pack_names(), lambda text: text)
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)


def test_the_reasons_can_be_shown_to_the_customer() -> None:
    document = permission_policy(pack_names(), lambda text: text)
    named = {action for statement in document["Statement"] for action in statement["Action"]}
    assert named == set(actions(pack_names()))


# SES checks raw MIME messages of either API under this name, of which v2 has no operation; receipt rules are v1's.
OF_BOTH = {"ses:SendRawEmail", *right_for_either()}


def _operations(service: str) -> set[str]:
    return {f"ses:{name}" for name in get_session().get_service_model(service).operation_names}


def mixed(found: set[str]) -> tuple[set[str], set[str]]:
    """The SES actions of v1 alone, and of v2 alone, where there are some of each."""
    v1, v2 = _operations("ses"), _operations("sesv2")
    of_v1, of_v2 = found & (v1 - v2 - OF_BOTH), found & (v2 - v1)
    return (of_v1, of_v2) if of_v1 and of_v2 else (set(), set())


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_for_one_version_of_the_ses_api(name: str) -> None:
    assert mixed(set(actions([name]))) == (set(), set())


def test_a_mixture_would_be_noticed() -> None:
    assert mixed({"ses:GetSendQuota", "ses:GetAccount"}) == ({"ses:GetSendQuota"}, {"ses:GetAccount"})
    assert mixed({"ses:SendRawEmail", "ses:SendEmail", "ses:GetAccount"}) == (set(), set())
