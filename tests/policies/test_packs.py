"""Every permission pack, old or new: it loads, it gives a reason for each action, and it is as narrow as AWS allows."""

import importlib.resources
import json
import re

import pytest

from byoaws.iam.compose import actions, load_pack, pack_names, permission_policy

# The Service Authorization Reference, as cfn-lint ships it.
ACTIONS = json.loads(importlib.resources.files("cfnlint").joinpath("data/AdditionalSpecs/Policies.json").read_text())
NAMES = {
    *("AWS::Partition", "AWS::Region", "AWS::AccountId", "vendor:name"),
    *("stack:bucket", "stack:configuration-set", "stack:role", "stack:webhook-secret"),
}


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
            if resource == "*":
                for grant in statement.grants:
                    service, _, action = grant.action.partition(":")
                    assert not ACTIONS[service]["Actions"][action.lower()].get("Resources"), grant.action
            else:
                assert resource.startswith(("arn:${AWS::Partition}:", "${stack:"))


def test_no_two_packs_share_a_sid() -> None:
    """IAM refuses a document with one twice, and any packs may be put together."""
    document = permission_policy(pack_names(), lambda text: text)
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)


def test_the_reasons_can_be_shown_to_the_customer() -> None:
    document = permission_policy(pack_names(), lambda text: text)
    named = {action for statement in document["Statement"] for action in statement["Action"]}
    assert named == set(actions(pack_names()))
