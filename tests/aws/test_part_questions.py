"""Questions about a stack's parts: botocore takes each as it is asked, it only reads, and a pack of ours allows it."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

import byoaws.aws
from byoaws.aws.question import Home, Question
from byoaws.iam.compose import load_pack
from byoaws.iam.simulation import Simulation
from byoaws.vendors.names import PACK_OF

MODULES = sorted(path.stem for path in Path(str(byoaws.aws.__file__)).parent.glob("*_questions.py"))
OWNER, ARN = "444455556666", "arn:aws:sns:eu-west-1:444455556666:topic"
GIVEN: dict[str, tuple[Any, ...]] = {
    "bucket_policy": ("bucket", OWNER),
    "encryption": ("bucket", OWNER),
    "lifecycles": ("bucket", OWNER),
    "notices": ("bucket", OWNER),
    "public_access_block": ("bucket", OWNER),
    "event_destinations": ("set",),
    "subscription_settings": (ARN,),
    "subscriptions": (ARN,),
    "identities": (),
    "identity_state": ("a.example",),
    "active_rules": (),
    "function": ("forwarder",),
    "ingress_point": ("inp-1",),
    "waiting": ("https://sqs.eu-west-1.amazonaws.com/444455556666/q",),
    "attached_policies": ("role",),
    "inline_policies": ("role",),
    "inline_policy": ("role", "policy"),
    "simulated": (
        "arn:aws:iam::444455556666:role/byoaws/mailmark/role",
        Simulation(actions=("ses:SendEmail",), resources=("*",), context=(("aws:RequestedRegion", "eu-west-1"),)),
    ),
    "stack": ("stack",),
    "stack_resources": ("stack",),
}


def made() -> dict[str, Question[Any]]:
    """Every question that a public function of these modules makes."""
    found = {}
    for module in (importlib.import_module(f"byoaws.aws.{name}") for name in MODULES):
        for name, value in vars(module).items():
            ours = getattr(value, "__module__", "") == module.__name__ and not isinstance(value, type)
            if callable(value) and ours and not name.startswith("_") and name != "items":
                maker: Callable[..., Question[Any]] = value
                found[name] = maker(*GIVEN[name])
    return found


ALL = made()
each = pytest.mark.parametrize("question", ALL.values(), ids=ALL)


def test_none_is_left_out() -> None:
    assert set(ALL) == set(GIVEN)


@each
def test_botocore_takes_it(question: Question[Any]) -> None:
    model = botocore.session.get_session().get_service_model(question.service).operation_model(question.operation)
    if model.input_shape is not None:
        report = ParamValidator().validate(dict(question.request), model.input_shape)
        assert not report.has_errors(), report.generate_report()
    assert not question.changes


@each
def test_a_pack_allows_it(question: Question[Any]) -> None:
    packs = map(load_pack, sorted(set(PACK_OF.values())))
    assert question.action in {action for pack in packs for action in pack.actions()}


@each
def test_where_it_is_asked(question: Question[Any]) -> None:
    """IAM is one per partition; all else is in the region of the stack."""
    assert (question.home is Home.STS) == (question.service == "iam")


@each
def test_s3_is_told_who_must_own_the_bucket(question: Question[Any]) -> None:
    assert (question.request.get("ExpectedBucketOwner") == OWNER) == (question.service == "s3")
