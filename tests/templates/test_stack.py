"""How a stack is put together, and what is refused: blocks that do not fit, names that clash."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import PolicyError, UsageError
from byoaws.lint.secrets.disclosure import is_one_time, is_secret_parameter
from byoaws.registry import BLOCKS
from byoaws.templates.stack import METADATA_KEY, build, content_sha256
from byoaws.vendor_model import ParameterNames, SecretMode, Vendor

EVERY = tuple(name for name in BLOCKS.builtins if name != "registration")
Make = Callable[..., Vendor]


def test_a_stack_without_blocks(make_vendor: Make) -> None:
    with pytest.raises(UsageError, match="its stack has no blocks"):
        build(make_vendor())


def test_a_forwarder_without_a_bucket(make_vendor: Make) -> None:
    with pytest.raises(UsageError, match="block 'forwarder' needs block 'inbound'"):
        build(make_vendor("forwarder", "access"))


@pytest.mark.parametrize("pack", ["ses-send", "ses-identities", "inbound-read", "webhook-secret-read"])
def test_a_pack_whose_block_is_missing(make_vendor: Make, pack: str) -> None:
    with pytest.raises(PolicyError, match="which no block of this stack makes") as refused:
        build(replace(make_vendor("access"), packs=(pack,)))
    assert "stack.blocks" in refused.value.hint


def test_a_generated_secret_that_the_vendor_may_not_read(make_vendor: Make) -> None:
    vendor = make_vendor(*EVERY, webhook_secret=SecretMode.GENERATED)
    with pytest.raises(UsageError, match="must read the secret once"):
        build(replace(vendor, packs=tuple(pack for pack in vendor.packs if pack != "webhook-secret-read")))


def test_the_order_of_blocks_in_the_file_does_not_matter(make_vendor: Make) -> None:
    vendor = make_vendor(*EVERY)
    turned = replace(vendor, stack=replace(vendor.stack, blocks=tuple(reversed(vendor.stack.blocks))))
    assert build(turned) == build(vendor)


@pytest.mark.parametrize(
    ("key", "name", "whose"),
    [
        ("external_id", "InboundRecipients", "another parameter"),
        ("webhook_secret", "InboundRecipients", "another parameter"),
        ("external_id", "AccessRole", "a resource"),
        ("vendor_account_id", "WebhookSigningSecret", "a resource"),
    ],
)
def test_a_parameter_cannot_take_the_name_of_something_else(make_vendor: Make, key: str, name: str, whose: str) -> None:
    """An ExternalId under the name of the recipients would be the recipients: a guessable ExternalId."""
    vendor = make_vendor(*EVERY, parameters=ParameterNames(**{key: name}))
    with pytest.raises(UsageError, match=f"parameter name '{name}' is that of {whose}"):
        build(vendor)


def changed(template: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy of the template with one value set."""
    copy = dict(template)
    copy[path[0]] = changed(copy.get(path[0], {}), path[1:], value) if len(path) > 1 else value
    return copy


@pytest.mark.parametrize(
    "path",
    [
        ("Description",),
        ("Parameters", "ExternalId", "MinLength"),
        ("Resources", "AccessRole", "Properties", "Path"),
        ("Resources", "ForwarderFunction", "Properties", "Code", "ZipFile"),
        ("Outputs", "RoleArn", "Value"),
        ("Metadata", "AWS::CloudFormation::Interface", "ParameterLabels"),
        ("Conditions", "New"),
    ],
    ids=lambda path: path[-1],
)
def test_the_hash_changes_with_the_content(make_vendor: Make, path: tuple[str, ...]) -> None:
    template = build(make_vendor(*EVERY))
    assert content_sha256(changed(template, path, "changed")) != content_sha256(template)


def test_the_hash_changes_with_nothing_else(make_vendor: Make) -> None:
    template = build(make_vendor(*EVERY))
    assert content_sha256(dict(reversed(template.items()))) == content_sha256(template)
    assert content_sha256(changed(template, ("Metadata", METADATA_KEY), {"ContentSha256": "x"})) == content_sha256(
        template
    )
    assert template["Metadata"][METADATA_KEY]["ContentSha256"] == content_sha256(template)


def test_a_new_version_is_a_new_content_since_the_stack_shows_it(make_vendor: Make) -> None:
    vendor = make_vendor(*EVERY)
    newer = replace(vendor, stack=replace(vendor.stack, version="1.2.4"))
    assert content_sha256(build(newer)) != content_sha256(build(vendor))


@pytest.mark.parametrize(
    "difference",
    [
        {"title": "Other"},
        {"role_path": "/other/"},
        {"webhook_secret": SecretMode.GENERATED},
        {"session_duration": 7200},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_another_vendor_is_another_content(make_vendor: Make, difference: dict[str, Any]) -> None:
    found = {content_sha256(build(make_vendor(*EVERY, **some))) for some in ({}, difference)}
    assert len(found) == 2


def test_too_many_permissions(make_vendor: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byoaws.iam.compose.check_size.__kwdefaults__", {"limit": 500, "what": "the permission policy"})
    with pytest.raises(PolicyError, match="AWS allows 500"):
        build(make_vendor(*EVERY))


@pytest.mark.parametrize(
    ("blocks", "url", "words"),
    [
        (("access", "registration"), None, "has no URL to report to"),
        (("inbound", "registration"), "https://acme.example/stacks", "what a stack reports is its role"),
    ],
    ids=["no URL", "no role"],
)
def test_a_stack_that_has_nothing_or_nowhere_to_report_is_refused(
    make_vendor: Make, blocks: tuple[str, ...], url: str | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        build(make_vendor(*blocks, registration_url=url))


def test_the_token_of_a_link_is_no_secret_that_a_linter_tells_of(make_vendor: Make) -> None:
    template = build(make_vendor("access", "registration", registration_url="https://acme.example/stacks"))
    token = template["Parameters"]["RegistrationToken"]
    assert (token["Default"], token.get("NoEcho")) == ("", None)
    assert is_one_time(token)
    assert not is_secret_parameter("RegistrationToken", token)
    assert is_secret_parameter("RegistrationToken", {"Type": "String"})
