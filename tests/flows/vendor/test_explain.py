"""What a vendor file means: each permission with its reason, each block with what it makes, each risk by its code."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from byoaws.errors import PolicyError, UsageError
from byoaws.flows.vendor.explain import explain, warnings, who
from byoaws.flows.vendor.known import known
from byoaws.flows.vendor.reach import in_words, reach
from byoaws.flows.vendor.risks import CODES, risks
from byoaws.formats.interface import Look
from byoaws.formats.vendor import card
from byoaws.iam.compose import load_pack, packs_of
from byoaws.lint.kinds import kinds_of_resource
from byoaws.mail_manager.section import read_pipeline
from byoaws.packs import Grant, Pack, PackStatement
from byoaws.templates.stack import build, resources_by_block
from byoaws.vendor_model import (
    DnsFacts,
    Inbound,
    ParameterNames,
    PrivacyRow,
    SecretMode,
    StackFacts,
    Vendor,
    VendorAccount,
)
from byoaws.vendors.document import parse
from byoaws.vendors.file import builtin_vendors, load_vendor

KINDS = kinds_of_resource()
OUR_ROLE = "arn:aws:iam::111122223333:role/mailer"
MAILMARK = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
SAFE = replace(
    MAILMARK,
    account=VendorAccount(account_id="111122223333", role_arn=None, principal="role/mailer"),
    webhook_secret=SecretMode.GENERATED,
    packs=(*MAILMARK.packs, "webhook-secret-read"),
)


def with_pack(*actions: str, resources: Sequence[str] = ("*",)) -> Vendor:
    """The safe vendor with one more pack, of its own."""
    statement = PackStatement(
        sid="More", grants=tuple(Grant(action=one, reason="Why.") for one in actions), resources=tuple(resources),
        condition=None,
    )  # fmt: skip
    return replace(
        SAFE, packs=(*SAFE.packs, "more"), own_packs=(Pack(name="more", title="t", statements=(statement,)),)
    )


def codes(vendor: Vendor) -> list[str]:
    return [risk.code for risk in risks(vendor, KINDS)]


# Risks ---------------------------------------------------------------------------------------------------------------


def test_a_vendor_without_risks() -> None:
    assert codes(SAFE) == []


BUCKET = "arn:${AWS::Partition}:s3:::${stack:bucket}/*"
RISKY: dict[str, tuple[str, Vendor]] = {
    "whole account": ("W101", replace(SAFE, account=replace(SAFE.account, principal=None))),
    "account not set": (
        "W101",
        replace(SAFE, account=VendorAccount(account_id=None, role_arn=None, principal=None)),
    ),
    "any role": ("W102", replace(SAFE, account=replace(SAFE.account, principal="role/*"))),
    "any user in any path": ("W102", replace(SAFE, account=replace(SAFE.account, principal="user/*/?*"))),
    "secret in the link": ("W103", replace(SAFE, webhook_secret=SecretMode.PARAMETER)),
    "fixed name": ("W104", replace(SAFE, role_name="Acme-Role")),
    "all resources": ("W105", with_pack("s3:ListBucket")),
    "misspelt action": ("W106", with_pack("s3:GetObjekt", resources=[BUCKET])),
    "misspelt service": ("W106", with_pack("s33:GetObject", resources=[BUCKET])),
    "iam, on itself": ("W107", with_pack("iam:PutRolePolicy", resources=["arn:x:iam:::role${stack:role}"])),
    "iam, reading others": ("W107", with_pack("iam:GetRole", resources=["arn:x:iam:::role/*"])),
    "passing roles": ("W107", with_pack("iam:PassRole", resources=["arn:x:iam:::role/x"])),
    "other roles": ("W108", with_pack("sts:AssumeRole", resources=["arn:x:iam:::role/x"])),
    "running code": ("W108", with_pack("lambda:UpdateFunctionCode", resources=["arn:x:lambda:::function:x"])),
    "long session": ("W109", replace(SAFE, session_duration=3601)),
    "no self-read": ("W110", replace(SAFE, packs=tuple(name for name in SAFE.packs if name != "self-read"))),
    "no trust-policy": ("W110", replace(SAFE, probes=tuple(name for name in SAFE.probes if name != "trust-policy"))),
    "no inbound webhook": ("W111", replace(SAFE, inbound_webhook_url=None)),
    "no sending webhook": ("W111", replace(SAFE, sending_webhook_url=None)),
    "a probe of no block": (
        "W120",
        replace(SAFE, probes=(*SAFE.probes, "bucket"), stack=replace(SAFE.stack, blocks=("access",))),
    ),
    "a probe without its pack": ("W120", replace(SAFE, probes=(*SAFE.probes, "identities"))),
    "keys": ("W112", replace(load_vendor("selfmx", {}), packs=("self-read",))),
}


@pytest.mark.parametrize(("code", "vendor"), RISKY.values(), ids=RISKY)
def test_a_risk_is_told_and_nothing_else(code: str, vendor: Vendor) -> None:
    (found,) = risks(vendor, KINDS)
    assert found.code == code
    assert found.summary
    assert found.fix


SECTION = """
  ingress_points:
    public: {{type: open, tls_policy: {tls}, traffic_policy: guard, rule_set: main}}
  traffic_policies:
    guard: {{default_action: {default}, statements: [{{allow: [{{{allow}}}]}}]}}
  rule_sets:
    main: [{{name: keep, actions: [{action}]}}]
{more}
"""


def with_pipeline(**given: str) -> Vendor:
    """The safe vendor, receiving by Mail Manager."""
    section = SECTION.format(
        **{
            "tls": "required",
            "default": "deny",
            "action": "write_to_s3",
            "more": "",
            "allow": "recipient: inbound-recipients",
            **given,
        }
    )
    document = parse(f"mail_manager: {section}")
    pipeline = read_pipeline(document, lambda path: path)
    assert not document.problems
    return replace(SAFE, inbound=Inbound.MAIL_MANAGER, pipeline=pipeline)


COSTLY: dict[str, tuple[str | None, Vendor, str]] = {
    "nothing else": (None, with_pipeline(), ""),
    "all is let in": ("W114", with_pipeline(default="allow"), "'guard' does not deny"),
    "an add-on": ("W115", with_pipeline(more="  addons: {dbl: {addon_name: X}}"), "subscribes to dbl"),
    "fips": ("W116", with_pipeline(tls="fips"), "tls_policy: fips of public"),
    "an archive for nothing": (
        "W117",
        with_pipeline(more="  archives: {long: {retention: one-year}}"),
        "names archive 'long'",
    ),
    "nothing to forward": ("W118", with_pipeline(action="drop"), "under inbound/"),
    "kept elsewhere": ("W118", with_pipeline(action="{write_to_s3: {s3_prefix: copies/}}"), "under inbound/"),
    "passed on for anybody": (
        "W119",
        with_pipeline(action="send, write_to_s3", allow="tls_protocol: {minimum_tls_version: 1.2}"),
        "takes mail for any recipient",
    ),
    "kept below": (None, with_pipeline(action="{write_to_s3: {s3_prefix: inbound/acme/}}"), ""),
}


@pytest.mark.parametrize(("code", "vendor", "words"), COSTLY.values(), ids=COSTLY)
def test_what_mail_manager_costs_is_told_and_what_else_there_is(code: str | None, vendor: Vendor, words: str) -> None:
    # An add-on that no condition asks is unused as well.
    cost, *others = [risk for risk in risks(vendor, KINDS) if risk.code != "W117" or code == "W117"]
    assert (cost.code, "USD 50 a month" in cost.summary) == ("W113", True)
    assert [risk.code for risk in others] == ([code] if code else [])
    assert all(words in risk.summary and risk.fix for risk in others)


LOOKING = ("permissions", "identities", "stack", "bucket", "events", "inbound")


def blind(vendor: Vendor) -> list[str]:
    told = [risk.summary for risk in risks(vendor, KINDS) if risk.code == "W120"]
    return [name for summary in told for name in summary.split("'")[1::2]]


def test_probes_that_look_need_their_packs() -> None:
    vendor = replace(SAFE, probes=(*SAFE.probes, *LOOKING))
    assert sorted(blind(vendor)) == sorted(LOOKING)
    assert blind(replace(vendor, packs=(*SAFE.packs, "drift-read"))) == ["identities"]
    assert blind(replace(vendor, packs=(*SAFE.packs, "drift-read", "health-read"))) == []


def test_a_pack_of_ones_own_that_allows_the_same_will_do() -> None:
    own = replace(load_pack("health-read"), name="mine")
    vendor = replace(SAFE, probes=(*SAFE.probes, "identities"), packs=(*SAFE.packs, "mine"), own_packs=(own,))
    assert blind(vendor) == []


def test_by_mail_manager_other_actions_are_asked_for() -> None:
    vendor = with_pipeline()
    assert blind(replace(vendor, probes=(*vendor.probes, "inbound"), packs=(*vendor.packs, "drift-read"))) == []


def test_every_code_is_tried() -> None:
    tried = {code for code, _ in RISKY.values()} | {code for code, _, _ in COSTLY.values()} | {"W113"}
    assert tried - {None} == set(CODES)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("secretsmanager:GetSecretValue", ["W105", "W108"]),
        ("kms:Decrypt", ["W105", "W108"]),
        ("s3:GetObject", ["W105", "W108"]),
        ("iam:CreateUser", ["W105", "W107"]),
        ("sts:AssumeRole", ["W105", "W108"]),
        ("ses:GetSendQuota", []),
    ],
)
def test_on_everything(action: str, expected: list[str]) -> None:
    assert codes(with_pack(action)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"account": VendorAccount(account_id="111122223333", role_arn=OUR_ROLE, principal=None)},
        {"account": replace(SAFE.account, principal="role/mail/*")},
        {"session_duration": 3600},
        {"stack": replace(SAFE.stack, blocks=("sending", "inbound", "access")), "sending_webhook_url": None},
        {"stack": replace(SAFE.stack, blocks=("access",)), "webhook_secret": SecretMode.PARAMETER},
    ],
    ids=lambda changes: "+".join(changes),
)
def test_what_is_no_risk(changes: dict[str, Any]) -> None:
    assert codes(replace(SAFE, **changes)) == []


def test_risks_that_ship_are_known() -> None:
    """A change here is one that customers should be told of."""
    found = {name: codes(load_vendor(name, {})) for name in builtin_vendors()}
    assert found["mailmark"] == ["W101", "W103"]
    assert found["sendfleet"] == ["W101", "W104", "W105", "W110"]
    assert found["selfmx"] == ["W105", "W105", "W112"]


def test_some_can_be_left_out() -> None:
    vendor = replace(SAFE, role_name="x", session_duration=43200)
    assert [one["code"] for one in warnings(vendor, KINDS, ["W104"])] == ["W109"]
    with pytest.raises(UsageError, match="'W999' is not the code"):
        warnings(vendor, KINDS, ["W999"])


def test_a_stack_that_cannot_be_built_is_no_mere_warning() -> None:
    with pytest.raises(PolicyError):
        warnings(replace(SAFE, stack=StackFacts(name="x", version="1.0.0", blocks=("access",))), KINDS)


# What it means -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", builtin_vendors())
def test_everything_about_those_that_ship(name: str) -> None:
    vendor = load_vendor(name, {})
    found = explain(vendor, KINDS)
    assert [one.action for one in found.permissions] == [
        action for pack in packs_of(vendor) for action in pack.actions()
    ]
    assert all(one.reason and one.on and not one.own for one in found.permissions)
    assert [one.name for one in found.probes] == list(vendor.probes)
    assert list(found.blocks) == [block for block in found.blocks if block in vendor.stack.blocks]
    made = [kind for kinds in found.blocks.values() for kind, count in kinds.items() for _ in range(count)]
    assert sorted(made) == sorted(item["Type"] for item in build(vendor)["Resources"].values())
    assert json.loads(json.dumps(found.as_json()))["name"] == name
    assert "${" not in str([one.on for one in found.permissions])


def test_blocks_add_up_to_the_stack() -> None:
    assert list(resources_by_block(MAILMARK)) == ["sending", "notifications", "inbound", "forwarder", "access"]
    assert resources_by_block(MAILMARK)["access"] == ("AWS::IAM::Role", "AWS::IAM::Policy")


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (
            VendorAccount(account_id="111122223333", role_arn=None, principal=None),
            "everybody who may call sts:AssumeRole",
        ),
        (VendorAccount(account_id=None, role_arn=None, principal=None), "not set yet"),
        (VendorAccount(account_id="111122223333", role_arn=None, principal="role/x"), "only what matches role/x"),
        (VendorAccount(account_id="111122223333", role_arn=OUR_ROLE, principal=None), f"only the role {OUR_ROLE}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_gets_in(account: VendorAccount, words: str) -> None:
    assert words in who(replace(SAFE, account=account))


ROLE_VENDOR = replace(
    SAFE,
    account=VendorAccount(account_id="111122223333", role_arn=OUR_ROLE, principal=None),
    stack=replace(SAFE.stack, blocks=("sending", "notifications", "inbound", "forwarder", "registration", "access")),
    registration_url="https://a.example/stacks",
)
CHANGES: dict[str, Any] = {
    "name": "another",
    "title": "Another",
    "source": "/another.yaml",
    "account.account_id": "999988887777",
    "account.role_arn": OUR_ROLE + "2",
    "account.principal": "role/another",
    "template_url": "https://b.s3.us-east-1.amazonaws.com/k",
    "inbound_webhook_url": "https://b.example/inbound",
    "sending_webhook_url": "https://b.example/sending",
    "registration_url": "https://b.example/stacks",
    "webhook_secret": SecretMode.PARAMETER,
    "external_id_prefix": "b-",
    "external_id_bytes": 32,
    "session_name": "another",
    "session_duration": 1800,
    "role_name": "Another",
    "role_path": "/another/",
    "packs": (*SAFE.packs, "inbound-replay"),
    "own_packs": with_pack("ses:GetAccount").own_packs,
    "stack.name": "another",
    "stack.version": "9.9.9",
    "stack.blocks": ("sending", "inbound", "forwarder", "access"),
    "probes": SAFE.probes[:-1],
    "dns.mail_from_subdomain": "another",
    "dns.spf": "v=spf1 -all",
    "dns.dmarc": "v=DMARC1; p=reject",
    "inline_limit": 0,
    "privacy": (PrivacyRow(data="Addresses", stored="no"),),
    **{f"parameters.{field.name}": "Another" for field in fields(ParameterNames)},
}
ELSEWHERE = {
    "access": "test_keys_of_a_user",
    "user_name": "test_keys_of_a_user",
    "inbound": "test_what_mail_manager_does",
    "pipeline": "test_what_mail_manager_does",
}
LEFT_OUT = {"by_name": "how --vendor found it, and not what it says"}


def test_every_field_of_a_vendor_is_shown_or_left_out_on_purpose() -> None:
    changed = {name.partition(".")[0] for name in CHANGES}
    assert changed | set(ELSEWHERE) | set(LEFT_OUT) == {field.name for field in fields(Vendor)}
    assert set(ELSEWHERE.values()) <= set(globals())
    groups: dict[str, Any] = {"account": VendorAccount, "stack": StackFacts, "dns": DnsFacts}
    for group, kind in groups.items():
        assert {f"{group}.{field.name}" for field in fields(kind)} <= set(CHANGES), group


@pytest.mark.parametrize("name", CHANGES)
def test_a_field_that_differs_is_told(name: str) -> None:
    group, _, key = name.partition(".")
    value = replace(getattr(ROLE_VENDOR, group), **{key: CHANGES[name]}) if key else CHANGES[name]
    base = ROLE_VENDOR
    if key == "webhook_secret":  # a parameter only there
        base = replace(base, webhook_secret=SecretMode.PARAMETER)
    other = replace(base, **{group: value})
    if name == "own_packs":
        other = replace(other, packs=(*other.packs, "more"))
    # A warning about it would not be enough.
    told, before = ({**explain(one, KINDS).as_json(), "warnings": ()} for one in (other, base))
    assert told != before


@pytest.mark.parametrize(
    ("limit", "words"), [(0, "not a byte of any message"), (262_144, "whole up to 262,144 bytes")], ids=["none", "some"]
)
def test_what_is_posted_of_a_message(limit: int, words: str) -> None:
    found = explain(replace(SAFE, inline_limit=limit), KINDS)
    assert found.inline_limit == limit
    assert words in card(found.as_json(), Look(width=110, color=False))
    alone = explain(replace(SAFE, packs=("self-read",), stack=replace(SAFE.stack, blocks=("access",))), KINDS)
    assert (alone.inline_limit, alone.inbound) == (None, None)
    assert "mail posted" not in card(alone.as_json(), Look(width=110, color=False))


def test_what_mail_manager_does() -> None:
    vendor = with_pipeline()
    found = explain(vendor, KINDS)
    assert found.inbound == "mail-manager"
    assert found.pipeline is not None
    parts = {kind.value: tuple(named) for kind, named in vendor.pipeline.parts.items() if named}
    assert found.pipeline == {**parts, "parameters": tuple(one.name for one in vendor.pipeline.parameters)}
    shown = card(found.as_json(), Look(width=110, color=False))
    assert "Mail Manager" in shown
    assert ", ".join(parts["ingress_points"]) in shown
    assert explain(SAFE, KINDS).pipeline is None
    assert explain(SAFE, KINDS).inbound == "receipt-rules"


def test_keys_of_a_user() -> None:
    found = explain(load_vendor("selfmx", {}), KINDS)
    assert (found.access, found.external_id, found.session) == ("user", None, None)
    assert "access key" in found.who
    named = replace(load_vendor("selfmx", {}), user_name="another")
    assert explain(named, KINDS).fixed_name == "another"


@pytest.mark.parametrize(("mode", "cost"), [(SecretMode.GENERATED, "once"), (SecretMode.PARAMETER, "plain text")])
def test_what_the_secret_costs(mode: SecretMode, cost: str) -> None:
    found = explain(replace(SAFE, webhook_secret=mode), KINDS)
    assert found.webhook_secret == mode.value
    assert cost in found.secret_cost
    alone = replace(SAFE, packs=("self-read",), stack=replace(SAFE.stack, blocks=("access",)))
    assert explain(alone, KINDS).webhook_secret is None


def test_how_external_ids_look() -> None:
    vendor = replace(SAFE, external_id_prefix="acme:", external_id_bytes=32)
    assert explain(vendor, KINDS).external_id == {"prefix": "acme:", "bits": 256, "length": 69}


@pytest.mark.parametrize(("name", "capability"), [(None, "CAPABILITY_IAM"), ("Fixed", "CAPABILITY_NAMED_IAM")])
def test_what_the_customer_ticks(name: str | None, capability: str) -> None:
    assert explain(replace(SAFE, role_name=name), KINDS).capabilities == (capability,)


# In plain words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("*", "everything of that kind in the account"),
        ("${stack:webhook-secret}", "this stack's webhook secret"),
        (BUCKET, "s3 <this stack's bucket>/*"),
        ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role${stack:role}", "iam role/<this role>"),
        (
            "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*",
            "cloudwatch alarm:*, in the stack's region",
        ),
    ],
)
def test_resources_in_words(resource: str, words: str) -> None:
    assert in_words(resource) == words


@pytest.mark.parametrize(
    ("packs", "words"),
    [
        (["ses-send"], "send mail as any"),
        (["ses-account-read"], "read by ses: GetAccount"),
        (["ses-production-access"], "in the customer's name"),
        (["webhook-secret-read"], "sign webhooks as if"),
        (["inbound-read"], "read the mail that the customer received"),
        (["inbound-replay"], "have mail that the customer received posted to the webhook again"),
        (["inbound-replay"], "forget which mail could not be posted"),
        (["ses-identities"], "a tag that it may set itself"),
    ],
    ids=str,
)
def test_what_could_be_done_with_it(packs: list[str], words: str) -> None:
    assert words in str(reach([load_pack(name) for name in packs]))


def test_what_no_table_knows_is_told_by_its_name() -> None:
    more = with_pack("ec2:DescribeInstances", "ec2:TerminateInstances", "ec2:DescribeVpcs").own_packs
    assert reach(more) == ("read by ec2: DescribeInstances, DescribeVpcs", "change by ec2: TerminateInstances")


def test_vendors_that_are_known() -> None:
    found, unreadable = known({})
    assert [one["name"] for one in found] == builtin_vendors()
    assert unreadable == []
    assert all(one["title"] and one["source"].endswith(f"{one['name']}.yaml") for one in found)


def test_one_that_cannot_be_read_hides_no_other() -> None:
    found, (message,) = known({"MAILMARK_AWS_ACCOUNT_ID": "12"})
    assert [one["name"] for one in found] == [name for name in builtin_vendors() if name != "mailmark"]
    assert "vendor 'mailmark' cannot be read" in message
