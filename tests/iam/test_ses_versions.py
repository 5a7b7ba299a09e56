"""The table of SES API v1 and v2 names, held against botocore's models and against the list of IAM actions."""

import importlib.resources
import json

import pytest
from botocore.session import get_session

from byoaws.iam.ses_versions import (
    PREFIX,
    Api,
    Replacement,
    called,
    granted_by,
    instead_of,
    replacements,
    right_for_either,
)

# The Service Authorization Reference, as cfn-lint ships it; its names are in lower case.
IAM = json.loads(importlib.resources.files("cfnlint").joinpath("data/AdditionalSpecs/Policies.json").read_text())
ENTRIES = [pytest.param(one, id=one.v1[0]) for one in replacements()]


def operations(service: str) -> set[str]:
    return {f"{PREFIX}{name}" for name in get_session().get_service_model(service).operation_names}


V1, V2 = operations("ses"), operations("sesv2")
ALL = {name for one in replacements() for name in (*one.v1, *one.v2)}


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_names_operations_of_one_api_on_each_side(entry: Replacement) -> None:
    assert set(entry.v1) <= V1 - V2
    assert set(entry.v2) <= V2 - V1
    assert entry.v1
    assert entry.v2
    assert entry.reason.endswith(".")
    assert entry.source == f"https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_{entry.v2[0][4:]}.html"


def test_every_v1_name_is_accounted_for() -> None:
    """v1 grows no more, so a name that is missing here was forgotten."""
    assert {name for one in replacements() for name in one.v1} | (right_for_either() & (V1 - V2)) == V1 - V2


def test_a_name_stands_once() -> None:
    names = [name for one in replacements() for name in (*one.v1, *one.v2)]
    assert len(names) == len(set(names))
    assert not right_for_either() & ALL


def test_what_is_right_for_either_exists() -> None:
    assert right_for_either() <= V1 | V2


def test_every_name_is_an_action_that_iam_knows() -> None:
    known = IAM["ses"]["Actions"]
    assert [name for name in ALL | right_for_either() if name.removeprefix(PREFIX).lower() not in known] == []


@pytest.mark.parametrize(
    ("action", "api", "expected"),
    [
        ("ses:VerifyDomainDkim", Api.V1, ("ses:CreateEmailIdentity",)),
        ("SES:deleteidentity", Api.V1, ("ses:DeleteEmailIdentity",)),
        ("ses:GetAccount", Api.V2, ("ses:GetSendQuota", "ses:GetAccountSendingEnabled")),
        ("ses:GetAccount", Api.V1, ()),
        ("ses:GetSendQuota", Api.V2, ()),
        ("ses:SendEmail", Api.V1, ()),
        ("ses:SendRawEmail", Api.V1, ()),
        ("ses:CreateReceiptRule", Api.V1, ()),
        ("s3:GetObject", Api.V1, ()),
    ],
    ids=lambda value: str(getattr(value, "value", value)),
)
def test_instead_of(action: str, api: Api, expected: tuple[str, ...]) -> None:
    assert instead_of(action, api) == expected


@pytest.mark.parametrize("api", list(Api))
def test_the_way_back_leads_back(api: Api) -> None:
    for entry in replacements():
        for name in entry.names(api):
            assert all(name in instead_of(other, api.other) for other in instead_of(name, api))


@pytest.mark.parametrize(
    ("pattern", "of_v1", "of_v2"),
    [
        ("ses:*", True, True),
        ("*", True, True),
        ("ses:Get*", True, True),
        ("ses:Verify*", True, False),
        ("ses:?etSendQuota", True, False),
        ("ses:*EmailIdentities", False, True),
        ("ses:SendEmail", False, False),
        ("s3:*", False, False),
    ],
)
def test_what_a_pattern_grants(pattern: str, of_v1: bool, of_v2: bool) -> None:
    assert (bool(granted_by(pattern, Api.V1)), bool(granted_by(pattern, Api.V2))) == (of_v1, of_v2)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["ses:SendEmail", "ses:GetAccount"], {Api.V2}),
        (["ses:SendEmail", "SES:GETSENDQUOTA"], {Api.V1}),
        (["ses:GetSendQuota", "ses:GetAccount"], {Api.V1, Api.V2}),
        (["ses:SendEmail", "ses:SendRawEmail", "s3:GetObject", "ses:SetActiveReceiptRuleSet"], set()),
        ([], set()),
    ],
    ids=["v2", "v1", "both", "neither", "nothing"],
)
def test_which_api_is_called(actions: list[str], expected: set[Api]) -> None:
    assert called(actions) == expected
