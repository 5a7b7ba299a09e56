"""Build a link: it says what the template takes, and nothing that AWS would silently drop."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import AccessDenied, AwsError, ByoawsError, LinkError, NotFound, Unreachable, UsageError
from byoaws.flows.links import link as flow
from byoaws.quickcreate.published import name_of, url_of
from byoaws.quickcreate.url import parse
from byoaws.regions import receives, sending_regions
from byoaws.templates.text import to_yaml
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

GIVEN = "0123456789abcdef" * 3


def offer(vendor: Vendor, **given: Any) -> flow.Offer:
    return flow.offer(vendor, flow.mint(vendor), **{"region": "eu-west-1", **given})


@pytest.mark.parametrize("region", [region for region in sending_regions() if receives(region)])
def test_every_region_with_receiving_has_a_link_in_its_own_partition(region: str, vendor: Vendor) -> None:
    sovereign = region.startswith("eusc-")
    url = f"https://templates.s3.{region}.amazonaws.{'eu' if sovereign else 'com'}/k"
    made = offer(vendor, region=region, template_url=url)
    assert parse(made.url).region == region
    assert made.as_json()["region"] == region


def test_only_parameters_that_the_template_has(vendor: Vendor) -> None:
    blocks = replace(vendor.stack, blocks=("sending", "access"))
    packs = ("ses-send", "ses-identities", "ses-account-read", "self-read")
    small = replace(vendor, stack=blocks, packs=packs)
    assert flow.mint(small).webhook_secret is None
    assert set(offer(small).link.parameters) == {"ExternalId", "MailmarkAwsAccountId"}
    # Without an inbound part, SES need not receive there.
    assert offer(small, region="eu-central-2").link.region == "eu-central-2"


def test_a_given_external_id_is_used_as_it_is(vendor: Vendor) -> None:
    minted = flow.mint(vendor, given_external_id=GIVEN)
    assert minted.external_id == GIVEN
    assert flow.offer(vendor, minted, region="eu-west-1").link.parameters["ExternalId"] == GIVEN


def test_prefix_and_length_of_the_vendor_file(vendor: Vendor) -> None:
    minted = flow.mint(replace(vendor, external_id_prefix="acme-", external_id_bytes=32))
    prefix, _, random = minted.external_id.partition("-")
    assert (prefix, len(bytes.fromhex(random))) == ("acme", 32)


def test_no_echo_is_refused_since_aws_would_drop_it(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    template = flow.build_stack(vendor)
    template["Parameters"]["Password"] = {"Type": "String", "NoEcho": True, "Default": ""}
    monkeypatch.setattr(flow, "build_stack", lambda vendor: template)
    with pytest.raises(LinkError, match="'Password' is NoEcho") as refused:
        offer(vendor, parameters={"Password": "hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"Nonsense": "1"}, "not in the template"),
        ({"sendingwebhookurl": "https://x.example"}, "'SendingWebhookUrl' (letter case counts)"),
        ({"ExternalId": GIVEN}, "cannot be set by --param"),
        ({"WebhookSecret": "hunter2"}, "cannot be set by --param"),
        ({"Nonsense": "1", "Rubbish": "2"}, "'Rubbish'"),
    ],
    ids=["unknown", "miscased", "external-id", "secret", "all-at-once"],
)
def test_parameters_that_are_refused(parameters: dict[str, str], words: str, vendor: Vendor) -> None:
    with pytest.raises(UsageError) as refused:
        offer(vendor, parameters=parameters)
    assert words in refused.value.message
    assert refused.value.hint
    assert not [value for value in parameters.values() if len(value) > 1 and value in refused.value.message]


@pytest.mark.parametrize(
    ("missing", "words", "variable"),
    [
        ("account", "is not set", "ACME_MAIL_AWS_ACCOUNT_ID"),
        ("template_url", "published nowhere", "ACME_MAIL_CFN_TEMPLATE_URL"),
    ],
)
def test_what_the_operator_has_not_set(missing: str, words: str, variable: str, vendor: Vendor) -> None:
    without = {"account": replace(vendor.account, account_id=None), "template_url": None}[missing]
    with pytest.raises(ByoawsError) as refused:
        offer(replace(vendor, name="acme-mail", **{missing: without}))
    assert words in refused.value.message
    assert variable in refused.value.hint


def test_no_secret_in_the_repr(vendor: Vendor) -> None:
    minted = flow.mint(vendor)
    made = flow.offer(vendor, minted, region="eu-west-1")
    assert minted.webhook_secret
    assert minted.webhook_secret not in repr(minted) + repr(made)


# Published templates -------------------------------------------------------------------------------------------------


class Source:
    """What is at a URL; remembers what was read."""

    def __init__(self, answer: bytes | AwsError) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def open(self) -> "Source":
        return self

    def read(self, url: str) -> bytes:
        self.asked.append(url)
        if isinstance(self.answer, AwsError):
            raise self.answer
        return self.answer


def published(vendor: Vendor, body: bytes, *, version: str = "1.0.0") -> str:
    return url_of("acme-templates", "eu-west-1", name_of(vendor.name, version, body).key, "v1")


@pytest.fixture
def older(vendor: Vendor) -> dict[str, Any]:
    """A template that was published before, of other bytes than ours of today."""
    return {**flow.build_stack(vendor), "Description": "as it was"}


def as_body(template: dict[str, Any]) -> bytes:
    return to_yaml(template).encode()


def test_the_template_that_we_generate_is_not_read(vendor: Vendor) -> None:
    url = published(vendor, as_body(flow.build_stack(vendor)))
    source = Source(Unreachable("asked"))
    assert offer(vendor, template_url=url, source=source.open).link.template_url == url
    assert offer(vendor, template_url=url).link.template_url == url
    assert source.asked == []


def test_a_url_of_another_form_is_not_read_either(vendor: Vendor) -> None:
    source = Source(Unreachable("asked"))
    offer(vendor, source=source.open)
    assert source.asked == []


def test_an_older_template_is_read_and_what_it_takes_is_what_counts(vendor: Vendor, older: dict[str, Any]) -> None:
    older["Resources"]["Named"] = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "fixed"}}
    source = Source(as_body(older))
    url = published(vendor, as_body(older))
    made = offer(vendor, template_url=url, source=source.open)
    assert source.asked == [url]
    assert made.capabilities == ("CAPABILITY_NAMED_IAM",)
    assert made.link.template_url == url


def _without(template: dict[str, Any]) -> None:
    del template["Parameters"]["InboundWebhookUrl"]


def _hidden(template: dict[str, Any]) -> None:
    template["Parameters"]["InboundWebhookUrl"]["NoEcho"] = True


def _further(template: dict[str, Any]) -> None:
    template["Parameters"]["Colour"] = {"Type": "String"}


def _narrower(template: dict[str, Any]) -> None:
    template["Parameters"]["ExternalId"]["AllowedPattern"] = "old-[0-9]+"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without, "'InboundWebhookUrl' is not in the template"),
        (_hidden, "'InboundWebhookUrl' is NoEcho"),
        (_further, "'Colour' has no default and is not given"),
        (_narrower, "'ExternalId' does not match"),
    ],
    ids=["unknown", "no-echo", "missing", "pattern"],
)
def test_an_older_template_that_does_not_fit_is_refused_naming_both(
    change: Any, words: str, vendor: Vendor, older: dict[str, Any]
) -> None:
    change(older)
    body = as_body(older)
    url = published(vendor, body, version="0.9.0")
    with pytest.raises(LinkError) as refused:
        offer(vendor, template_url=url, source=Source(body).open)
    assert words in refused.value.message
    assert name_of(vendor.name, "0.9.0", body).short in refused.value.message
    assert "0.9.0-" in refused.value.message
    assert "we would generate 1.0.0-" in refused.value.message
    assert "byoaws publish" in refused.value.hint


@pytest.mark.parametrize(
    "error",
    [AccessDenied("no"), NotFound("gone"), Unreachable("no answer"), None],
    ids=lambda error: type(error).__name__,
)
def test_an_older_template_that_cannot_be_read_is_refused(error: AwsError | None, vendor: Vendor) -> None:
    url = published(vendor, b"other", version="0.9.0")
    with pytest.raises(LinkError, match=r"cannot be read") as refused:
        offer(vendor, template_url=url, source=Source(error).open if error else None)
    assert "0.9.0-" in refused.value.message
    assert "1.0.0-" in refused.value.message


def test_attack_a_template_swapped_under_its_key_is_refused(vendor: Vendor, older: dict[str, Any]) -> None:
    url = published(vendor, as_body(older))
    older["Parameters"]["ExternalId"]["Default"] = "guessable"
    with pytest.raises(LinkError, match="swapped"):
        offer(vendor, template_url=url, source=Source(as_body(older)).open)


def test_attack_another_vendor_s_template(vendor: Vendor) -> None:
    body = as_body(flow.build_stack(vendor))
    url = published(replace(vendor, name="evil"), body)
    with pytest.raises(LinkError, match="of vendor 'evil', and this is a link of 'mailmark'"):
        offer(vendor, template_url=url, source=Source(body).open)


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"- a",
            b"\xff\xfe",
            b"{not json",
            b"A: !Ref B",
            b"Resources: []",
            b"Resources: {A: b}",
            b"Parameters: {}",
        ),
        *(b"Resources: {A: {}}", b"Resources: {}\nParameters: text", b"[" * 1000),
    ],
)
def test_what_is_no_template_of_ours_is_refused(body: bytes, vendor: Vendor) -> None:
    with pytest.raises(LinkError, match="no template that byoaws wrote"):
        offer(vendor, template_url=published(vendor, body), source=Source(body).open)


def test_what_only_the_customer_knows_is_asked_for_and_not_refused() -> None:
    vendor = load_vendor(str(Path(__file__).parents[2] / "data/vendors/mail-manager.yaml"), {})
    made = offer(vendor, template_url="https://templates.s3.eu-west-1.amazonaws.com/k")
    assert made.customers[:2] == ("DeviceSecretArn", "TrustStoreKeyArn")
    assert "param_DeviceSecretArn" not in made.url
    # A place-holder that AWS's own pattern refuses, so that nobody deploys it by mistake.
    assert "<DeviceSecretArn>" in made.cli
    assert "<DeviceSecretArn>" in made.terraform
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:devices-a1b2c3"
    given = offer(
        vendor, template_url="https://templates.s3.eu-west-1.amazonaws.com/k", parameters={"DeviceSecretArn": arn}
    )
    assert "DeviceSecretArn" not in given.customers
    assert arn in given.cli
