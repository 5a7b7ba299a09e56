"""What an update does to each resource."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from byoaws.lifecycle.changes import Change, Effect, ReplacingOf
from byoaws.lifecycle.difference import difference
from byoaws.lifecycle.expressions import Known
from byoaws.lifecycle.upgrade import new_values, refused
from byoaws.lint.replacing import replacing_of
from byoaws.templates.stack import build
from byoaws.vendors.file import load_vendor

Edit = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return build(load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"}))


@pytest.fixture(scope="module")
def schemas() -> ReplacingOf:
    return replacing_of()


@pytest.fixture
def change(template: dict[str, Any], schemas: ReplacingOf) -> Callable[[Edit], dict[str, Change]]:
    def made(edit: Edit, before: Edit = lambda _: None) -> dict[str, Change]:
        old, new = copy.deepcopy(template), copy.deepcopy(template)
        before(old["Resources"])
        edit(new["Resources"])
        known = Known(conditions=template["Conditions"], values={"AWS::Region": "us-east-1"})
        return {one.name: one for one in difference(old, new, schemas, (known, known))}

    return made


def at(*path: str, to: Any) -> Edit:
    def edit(resources: dict[str, Any]) -> None:
        place = resources[path[0]]["Properties"]
        for step in path[1:-1]:
            place = place[step]
        place[path[-1]] = to

    return edit


def test_the_same_template_changes_nothing(change: Callable[[Edit], dict[str, Change]]) -> None:
    assert change(lambda resources: None) == {}


@pytest.mark.parametrize(
    ("edit", "name", "effect"),
    [
        (at("ForwarderFunction", "Timeout", to=59), "ForwarderFunction", Effect.IN_PLACE),
        (at("ConfigurationSet", "Name", to="other"), "ConfigurationSet", Effect.REPLACES),
        (at("BounceEvents", "EventDestination", "Enabled", to=False), "BounceEvents", Effect.IN_PLACE),
        (at("AccessRole", "Path", to="/other/"), "AccessRole", Effect.REPLACES),
        (at("InboundBucket", "BucketName", to="other"), "InboundBucket", Effect.REPLACES),
        (at("ReceiptRule", "Recipients", to=["a"]), "ReceiptRule", Effect.IN_PLACE),
        (at("ReceiptRule", "ServiceToken", to="other"), "ReceiptRule", Effect.MAY_REPLACE),
        (lambda r: r.pop("ForwarderAlarm"), "ForwarderAlarm", Effect.DELETES),
        (lambda r: r.pop("InboundBucket"), "InboundBucket", Effect.LEAVES),
        (lambda r: r.update(New={"Type": "AWS::SNS::Topic"}), "New", Effect.ADDS),
        (lambda r: r["BounceTopic"].update(Type="AWS::SQS::Queue"), "BounceTopic", Effect.DELETES),
        (lambda r: r["BounceTopic"].update(Condition="Nowhere"), "BounceTopic", Effect.DELETES),
    ],
)
def test_effects(change: Callable[[Edit], dict[str, Change]], edit: Edit, name: str, effect: Effect) -> None:
    assert change(edit)[name].effect is effect


def test_a_type_that_no_schema_knows_may_be_replaced(change: Any) -> None:
    new = {"Type": "AWS::Nobody::Knows", "Properties": {"A": 1}}
    found = change(
        lambda r: r.update(Odd={**new, "Properties": {"A": 2}}), before=lambda r: r.update(Odd=copy.deepcopy(new))
    )
    assert found["Odd"].effect is Effect.MAY_REPLACE


def test_numbers_and_their_texts_are_the_same(change: Callable[[Edit], dict[str, Change]]) -> None:
    assert change(at("ForwarderFunction", "Timeout", to="60")) == {}
    assert change(at("BounceSubscription", "RawMessageDelivery", to="false")) == {}


def test_what_names_a_resource_that_is_replaced_is_told(change: Callable[[Edit], dict[str, Change]]) -> None:
    found = change(at("ConfigurationSet", "Name", to="other"))
    assert found["BounceEvents"].effect is Effect.MAY_REPLACE
    assert "ConfigurationSet" in found["BounceEvents"].because


def test_who_may_assume_a_role_is_told_apart(change: Callable[[Edit], dict[str, Change]]) -> None:
    found = change(at("AccessRole", "AssumeRolePolicyDocument", to={"Statement": []}))["AccessRole"]
    assert (found.trust, found.permissions, found.effect) == (True, False, Effect.IN_PLACE)
    assert change(at("AccessPolicy", "PolicyDocument", to={}))["AccessPolicy"].permissions


def test_a_condition_that_holds_changes_nothing(template: dict[str, Any], schemas: ReplacingOf) -> None:
    """As where an upgrade brings a parameter by which something can be left out."""
    new = copy.deepcopy(template)
    new["Conditions"]["Makes"] = {"Fn::Equals": [{"Ref": "Existing"}, ""]}
    new["Resources"]["ConfigurationSet"]["Condition"] = "Makes"
    events = new["Resources"]["BounceEvents"]["Properties"]
    events["ConfigurationSetName"] = {"Fn::If": ["Makes", events["ConfigurationSetName"], {"Ref": "Existing"}]}
    old = Known(conditions=template["Conditions"], values={"AWS::Region": "us-east-1"})
    after = Known(conditions=new["Conditions"], values={"AWS::Region": "us-east-1", "Existing": ""})
    assert difference(template, new, schemas, (old, after)) == ()
    unknown = Known(conditions=new["Conditions"], values={"AWS::Region": "us-east-1"})
    assert {one.name for one in difference(template, new, schemas, (old, unknown))} >= {"ConfigurationSet"}


def test_what_would_be_lost_has_to_be_asked_for(change: Callable[[Edit], dict[str, Change]]) -> None:
    found = change(at("ConfigurationSet", "Name", to="other"))
    names = refused(found.values(), [])
    assert set(names) == {"ConfigurationSet", "BounceEvents", "ComplaintEvents", "DeliveryEvents"}
    assert refused(found.values(), names) == ()


def test_new_parameters_get_what_is_known_their_default_or_a_placeholder() -> None:
    new = {"Old": {}, "Known": {}, "Default": {"Default": 5}, "Open": {"Type": "String"}}
    found = new_values({"Old": {}}, new, {"Known": "x"})
    assert [(one.name, one.value, one.known) for one in found] == [
        ("Known", "x", True),
        ("Default", "5", True),
        ("Open", "<Open>", False),
    ]
