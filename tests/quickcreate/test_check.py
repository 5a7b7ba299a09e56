"""A link and its template: every way in which AWS would silently drop or later refuse a value is refused before."""

from collections.abc import Mapping
from typing import Any

import pytest

from byoaws.errors import LinkError
from byoaws.quickcreate.check import capabilities, check_parameters
from byoaws.registry import BLOCKS
from byoaws.templates.stack import build
from byoaws.vendors.file import load_vendor

TEMPLATE = {
    "Parameters": {
        "ExternalId": {"Type": "String", "AllowedPattern": r"[\w+=,.@:/-]+", "MinLength": 16, "MaxLength": 1224},
        "VendorAwsAccountId": {"Type": "String", "AllowedPattern": r"\d{12}"},
        "Secret": {"Type": "String", "NoEcho": True, "MinLength": 32},
        "SecretAsText": {"Type": "String", "NoEcho": "true", "Default": ""},
        "Mode": {"Type": "String", "Default": "own", "AllowedValues": ["own", "joined"]},
        "Days": {"Type": "Number", "Default": 1, "AllowedValues": [1, 7]},
        "Recipients": {"Type": "CommaDelimitedList", "Default": "", "AllowedPattern": "[a-z.@]*"},
        "Zones": {"Type": "CommaDelimitedList", "Default": "a", "AllowedValues": ["a", "b"]},
        "Short": {"Type": "String", "Default": "", "MaxLength": 3},
    }
}
SOUND = {"ExternalId": "0123456789abcdef", "VendorAwsAccountId": "111122223333"}

REFUSED = {
    "unknown": ({"Colour": "red"}, "parameter 'Colour' is not in the template, so AWS would silently drop it"),
    "miscased": ({"Externalid": "x" * 16}, "the template has 'ExternalId' (letter case counts)"),
    "NoEcho": ({"Secret": "x" * 32}, "parameter 'Secret' is NoEcho, so AWS would silently drop its value"),
    "NoEcho as text": ({"SecretAsText": "x"}, "parameter 'SecretAsText' is NoEcho"),
    "ExternalId outside AWS's pattern": ({"ExternalId": "0123456789abcde*"}, "'ExternalId' does not match"),
    "ExternalId with a letter Java's \\w has not": ({"ExternalId": "0123456789abcdeä"}, "'ExternalId' does not match"),
    "ExternalId with a final line break": ({"ExternalId": "0123456789abcdef\n"}, "'ExternalId' does not match"),
    "digits Java's \\d has not": ({"VendorAwsAccountId": "\u0661" * 12}, "'VendorAwsAccountId' does not match"),
    "too short": ({"ExternalId": "short"}, "'ExternalId' is shorter than 16 characters"),
    "too long for AWS": ({"ExternalId": "x" * 4097}, "'ExternalId' is longer than AWS or the template allows"),
    "too long for the template": ({"ExternalId": "x" * 1225}, "'ExternalId' is longer"),
    "too many bytes": ({"ExternalId": "ä" * 2049}, "'ExternalId' is longer"),
    "not an allowed value": ({"Mode": "hijack"}, "'Mode' is none of own, joined"),
    "not an allowed number": ({"Days": "2"}, "'Days' is none of 1, 7"),
    "one bad item": ({"Recipients": "a@b.example,C"}, "'Recipients' does not match"),
    "one item that is not allowed": ({"Zones": "a,c"}, "'Zones' is none of a, b"),
    "half a character": ({"ExternalId": "0123456789abcde\ud83d"}, "'ExternalId' does not match"),
}
ALLOWED = {
    "nothing but what must be": {},
    "allowed value": {"Mode": "joined"},
    "allowed number": {"Days": "7"},
    "list": {"Recipients": "a@b.example,c.example"},
    "list with blanks, which AWS trims": {"Recipients": "a@b.example, c.example"},
    "empty list": {"Recipients": ""},
    "allowed items": {"Zones": "b, a"},
    "as long as may be, in characters": {"Short": "äöü"},
    "longest ExternalId": {"ExternalId": "x" * 1224},
}


@pytest.mark.parametrize(("given", "why"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(given: dict[str, str], why: str) -> None:
    with pytest.raises(LinkError) as refused:
        check_parameters({**SOUND, **given}, TEMPLATE)
    assert why in refused.value.message
    for value in given.values():
        assert len(value) < 6 or value not in refused.value.message  # one may be a secret


@pytest.mark.parametrize("given", ALLOWED.values(), ids=ALLOWED)
def test_what_fits_passes(given: dict[str, str]) -> None:
    check_parameters({**SOUND, **given}, TEMPLATE)


@pytest.mark.parametrize("missing", SOUND)
def test_a_missing_parameter_is_refused(missing: str) -> None:
    given = {name: value for name, value in SOUND.items() if name != missing}
    with pytest.raises(LinkError, match=f"parameter '{missing}' has no default and is not given"):
        check_parameters(given, TEMPLATE)


def test_a_noecho_parameter_is_left_for_the_customer_to_type() -> None:
    check_parameters(SOUND, TEMPLATE)  # `Secret` has no default either


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(LinkError) as refused:
        check_parameters({"Colour": "red", "Secret": "x"}, TEMPLATE)
    for name in ("Colour", "Secret", "ExternalId", "VendorAwsAccountId"):
        assert f"'{name}'" in refused.value.message


@pytest.mark.parametrize("template", [{}, {"Parameters": {}}, {"Parameters": None}], ids=["none", "empty", "null"])
def test_a_template_without_parameters(template: dict[str, Any]) -> None:
    check_parameters({}, template)
    with pytest.raises(LinkError, match="'P' is not in the template"):
        check_parameters({"P": "x"}, template)


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": properties}


@pytest.mark.parametrize(
    ("resources", "more", "needed"),
    [
        ({"Topic": {"Type": "AWS::SNS::Topic"}}, {}, []),
        ({"Role": role(Path="/byoaws/")}, {}, ["CAPABILITY_IAM"]),
        ({"Role": role(Path="/byoaws/", RoleName="acme")}, {}, ["CAPABILITY_NAMED_IAM"]),
        ({"Role": {"Type": "AWS::IAM::Role"}}, {}, ["CAPABILITY_IAM"]),
        ({"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "x"}}}, {}, ["CAPABILITY_IAM"]),
        (
            {"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "x"}}},
            {},
            ["CAPABILITY_NAMED_IAM"],
        ),
        (
            {"Role": role(), "User": {"Type": "AWS::IAM::User", "Properties": {"UserName": "x"}}},
            {},
            ["CAPABILITY_NAMED_IAM"],
        ),
        (
            {"Role": role()},
            {"Transform": "AWS::LanguageExtensions"},
            ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        ),
    ],
    ids=["no IAM", "path", "name", "no properties", "inline policy", "managed policy", "one of two", "transform"],
)
def test_capabilities(resources: Mapping[str, Any], more: Mapping[str, Any], needed: list[str]) -> None:
    assert capabilities({"Resources": resources, **more}) == needed


def test_the_generated_template_takes_what_byoaws_puts_into_its_link() -> None:
    vendor = load_vendor("mailmark", {})
    template = build(vendor)
    assert {*vendor.stack.blocks, "user", "registration", "identity"} == set(BLOCKS.builtins)
    check_parameters(
        {
            "ExternalId": "ab" * 24,
            "MailmarkAwsAccountId": "111122223333",
            "WebhookSecret": "whsec_" + "A" * 44,
            "InboundWebhookUrl": "https://hooks.example:8443/in?x=1",
            "SendingWebhookUrl": "https://hooks.example",
            "InboundRecipients": "example.com, sales@example.org",
        },
        template,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("InboundWebhookUrl", "http://hooks.example/in"),
        ("SendingWebhookUrl", "https://hooks.example/#x"),
        ("SendingWebhookUrl", "https://user@hooks.example/"),
        ("WebhookSecret", "hush"),
        ("WebhookSecret", "whsec_tooshort"),
        ("MailmarkAwsAccountId", "1111-2222-3333"),
        ("InboundRecipients", "two words"),
        ("ExternalId", "fifteen-letters"),
    ],
)
def test_the_generated_template_refuses(name: str, value: str) -> None:
    with pytest.raises(LinkError, match=f"parameter '{name}'"):
        check_parameters({name: value}, build(load_vendor("mailmark", {})))
