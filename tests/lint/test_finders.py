"""What the finders of SES, Lambda and secrets do with templates that nobody should write: they never raise."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from byoaws.lint.code.functions import broken_sources, reserved_concurrency, wrong_handlers
from byoaws.lint.code.invocations import early_mail_functions, early_notifications
from byoaws.lint.mail.buckets import unwritable_buckets
from byoaws.lint.mail.event_destinations import misspelt_types, refused_destinations
from byoaws.lint.mail.identities import unconditional_identities
from byoaws.lint.mail.receipt_rules import client_side_encryption, refused_rules
from byoaws.lint.mail.receiving_regions import pinned_elsewhere
from byoaws.lint.mail.topics import closed_topics, untrusted_posts
from byoaws.lint.secrets.defaults import secret_defaults
from byoaws.lint.secrets.open_metadata import open_metadata
from byoaws.lint.secrets.plain_places import open_properties, open_variables

FINDERS: dict[str, Callable[[Mapping[str, Any]], list[Any]]] = {
    finder.__name__: finder  # type: ignore[attr-defined]
    for finder in (
        broken_sources,
        client_side_encryption,
        closed_topics,
        early_mail_functions,
        early_notifications,
        misspelt_types,
        open_metadata,
        open_properties,
        open_variables,
        pinned_elsewhere,
        refused_destinations,
        refused_rules,
        reserved_concurrency,
        secret_defaults,
        unconditional_identities,
        untrusted_posts,
        unwritable_buckets,
        wrong_handlers,
    )
}
KINDS = (
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::EmailIdentity",
    "AWS::SES::ReceiptRule",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SSM::Parameter",
)
WORDS = (
    *(
        "Actions",
        "Bucket",
        "BucketName",
        "Code",
        "Condition",
        "EventDestination",
        "Function",
        "FunctionName",
        "Handler",
    ),
    *(
        "LambdaConfigurations",
        "NotificationConfiguration",
        "PolicyDocument",
        "Principal",
        "Resource",
        "Rule",
        "Runtime",
    ),
    *("S3Action", "SnsDestination", "Statement", "TopicARN", "TopicArn", "Type", "Value", "Variables", "ZipFile"),
    *("Ref", "Fn::If", "Fn::Sub", "Fn::GetAtt", "Fn::Join", "Fn::Transform", "One", "Two", "Password", "AWS::NoValue"),
    *(
        "index.handler",
        "python3.13",
        "def f(:",
        "${One}",
        "${Password",
        "inbound-smtp.${x}.amazonaws.com",
        "alias/aws/sns",
    ),
)
LEAVES = st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers(-1, 12) | st.text(max_size=5)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=12,
)
RESOURCE = ANYTHING | st.fixed_dictionaries(
    {"Type": st.sampled_from(KINDS), "Properties": ANYTHING},
    optional={"DependsOn": ANYTHING, "Metadata": ANYTHING, "Condition": ANYTHING},
)
TEMPLATES = st.fixed_dictionaries(
    {"Resources": st.dictionaries(st.sampled_from(("One", "Two", "Three")), RESOURCE) | ANYTHING},
    optional={
        "Parameters": st.dictionaries(st.sampled_from(("Password", "One")), ANYTHING) | ANYTHING,
        "Conditions": ANYTHING,
        "Metadata": ANYTHING,
        "Outputs": ANYTHING,
        "Transform": ANYTHING,
    },
)


# To make up a template takes ten times as long as all finders do with it: each of them is given them all.
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(template=TEMPLATES)
def test_a_malformed_template_is_no_crash(template: Any) -> None:
    for name, finder in FINDERS.items():
        note(name)
        for found in finder(template):
            mistake = found[0] if isinstance(found, tuple) else found
            assert mistake.message
            assert mistake.path
            assert mistake.path[0] in template


@pytest.mark.parametrize("finder", FINDERS.values(), ids=FINDERS)
def test_nothing_is_found_in_an_empty_template(finder: Callable[[Mapping[str, Any]], list[Any]]) -> None:
    assert finder({}) == []
    assert finder({"Resources": {}}) == []
