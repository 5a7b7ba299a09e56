"""A vendor file from answers: whatever is asked for comes out, with what it needs, and its stack can be built."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UnknownName, UsageError
from byoaws.flows.init import make as init
from byoaws.flows.init.answers import CHECKS, Wanted, flag, missing, mistake, mistakes
from byoaws.flows.lint import asked_actions, link_facts
from byoaws.flows.stack import generate
from byoaws.iam.compose import pack_names
from byoaws.lint.engine import lint
from byoaws.packs import VARIABLES, Grant, Pack, PackStatement
from byoaws.registry import BLOCKS, PROBES
from byoaws.templates.stack import Stack
from byoaws.templates.text import MAXIMUM_INLINE_BYTES
from byoaws.vendor_model import SecretMode, Vendor, VendorAccount
from byoaws.vendors.file import load_vendor
from byoaws.vendors.names import REQUIRED_PROBES
from byoaws.vendors.schema import keys

OFFERED = [pack.name for pack in init.offered_packs()]
ACME = Wanted(name="acme", title="Acme Mail", account_id="111122223333", packs=("self-read",))
INBOUND, SENDING = "https://acme.example/in", "https://acme.example/out"
METRICS = Pack(
    name="metrics-read",
    title="Read metrics",
    statements=(
        PackStatement(
            sid="ReadMetrics",
            grants=(Grant(action="cloudwatch:GetMetricData", reason="Draw."),),
            resources=("*",),
            condition=None,
        ),
    ),
)


def made(wanted: Wanted) -> tuple[Vendor, tuple[str, ...]]:
    """The vendor of answers, with the webhooks that they turn out to need, as it is read back."""
    done = init.completed(wanted, {})
    whole = done.wanted
    if "forwarder" in whole.blocks and whole.inbound_webhook is None:
        whole = replace(whole, inbound_webhook=INBOUND)
    if "notifications" in whole.blocks and whole.sending_webhook is None:
        whole = replace(whole, sending_webhook=SENDING)
    assert missing(whole) == []
    vendor = init.read_back(whole, {}, source="acme.yaml")
    assert vendor == replace(init.vendor_of(whole, {}), source="acme.yaml")
    return vendor, done.added


# Whatever is asked for -----------------------------------------------------------------------------------------------

ANSWERS = st.builds(
    Wanted,
    name=st.sampled_from(["acme", "a" * 31, "a-b-", "no"]),
    title=st.sampled_from(["Acme Mail", "No", "邵: #1", "'\"`{x}[y]"]),
    account_id=st.sampled_from(["111122223333", "000000000012", ""]),
    principal=st.sampled_from([None, "role/mailer", "user/ops/m?iler*"]),
    packs=st.lists(st.sampled_from(OFFERED), min_size=1, unique=True).map(tuple),
    blocks=st.lists(st.sampled_from([*init.OFFERED_BLOCKS, "access"]), unique=True).map(tuple),
    inbound_webhook=st.sampled_from([None, INBOUND]),
    sending_webhook=st.sampled_from([None, SENDING]),
    webhook_secret=st.sampled_from(SecretMode),
    external_id_prefix=st.sampled_from(["", "acme:", "a/b-"]),
    external_id_bytes=st.sampled_from([24, 32]),
    role_name=st.sampled_from([None, "Acme-Role"]),
    template_url=st.sampled_from([None, "https://acme.s3.eu-west-1.amazonaws.com/t.yaml?versionId=x"]),
)


@given(ANSWERS)
def test_every_combination_of_packs_and_blocks_makes_a_stack(wanted: Wanted) -> None:
    assert mistakes(wanted) == []
    vendor, added = made(wanted)
    asked = {*wanted.packs, *wanted.blocks}
    assert set(vendor.packs) | set(vendor.stack.blocks) >= asked
    told = {line.split("'")[1] for line in added}
    silent = {"access"} if not wanted.blocks else set()
    assert (set(vendor.packs) | set(vendor.stack.blocks)) - asked - told <= silent
    assert set(REQUIRED_PROBES) <= set(vendor.probes)
    assert vendor.title == wanted.title
    assert vendor.account == VendorAccount(
        account_id=wanted.account_id or None, role_arn=None, principal=wanted.principal
    )
    assert (vendor.external_id_prefix, vendor.external_id_bytes) == (
        wanted.external_id_prefix,
        wanted.external_id_bytes,
    )
    assert (vendor.role_name, vendor.template_url) == (wanted.role_name, wanted.template_url)


COMBINATIONS = {
    "nothing but the role": ACME,
    "send": replace(ACME, packs=init.USUAL_PACKS),
    "send and be told": replace(ACME, packs=init.USUAL_PACKS, blocks=("notifications",)),
    "receive": replace(ACME, blocks=("forwarder",)),
    "receive, secret in the link": replace(ACME, blocks=("forwarder",), webhook_secret=SecretMode.PARAMETER),
    "everything": replace(ACME, packs=tuple(OFFERED), blocks=tuple(init.OFFERED_BLOCKS)),
    "everything, by one role": replace(
        ACME, packs=tuple(OFFERED), account_id=None, role_arn="arn:aws:iam::111122223333:role/x", role_name="Fixed"
    ),
    "what SendFleet asks for": replace(ACME, packs=("sendfleet-byoc", "self-read")),
}


@pytest.mark.parametrize("wanted", COMBINATIONS.values(), ids=COMBINATIONS)
def test_its_template_is_lint_clean(wanted: Wanted, tmp_path: Path) -> None:
    vendor, _ = made(wanted)
    (tmp_path / "stack.yaml").write_text(generate(vendor, "yaml"))
    facts = link_facts(vendor)
    expected = {"I9104"} if vendor.webhook_secret is SecretMode.PARAMETER else set()
    # With every pack that there is, it is one that CloudFormation takes from S3 only.
    if (tmp_path / "stack.yaml").stat().st_size > MAXIMUM_INLINE_BYTES:
        expected |= {"W9123"}
    found = lint([tmp_path / "stack.yaml"], link=facts, asked=asked_actions(vendor))
    assert {one.code for one in found} == expected


def test_a_role_says_which_account_it_is_in() -> None:
    vendor, _ = made(replace(ACME, account_id=None, role_arn="arn:aws:iam::999988887777:role/ops/x"))
    assert vendor.account.account_id == "999988887777"


# What is added -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "added"),
    [
        ({}, []),
        ({"packs": ("ses-send",)}, ["block 'sending'"]),
        ({"packs": ("inbound-read",)}, ["block 'inbound'"]),
        ({"packs": ("webhook-secret-read",)}, ["block 'forwarder'", "block 'inbound'"]),
        ({"blocks": ("sending",)}, ["block 'access'"]),
        ({"blocks": ("access", "forwarder")}, ["block 'inbound'", "pack 'webhook-secret-read'"]),
        ({"blocks": ("access", "forwarder"), "webhook_secret": SecretMode.PARAMETER}, ["block 'inbound'"]),
        ({"sending_webhook": SENDING}, ["block 'notifications'"]),
        ({"inbound_webhook": INBOUND}, ["block 'forwarder'", "block 'inbound'", "pack 'webhook-secret-read'"]),
    ],
    ids=str,
)
def test_what_is_needed_besides_is_told(changes: dict[str, Any], added: list[str]) -> None:
    found = init.completed(replace(ACME, **changes), {}).added
    assert [line.partition(":")[0] for line in found] == added
    assert all(len(line.partition(": ")[2]) > 10 for line in found)


def test_completing_what_is_complete_adds_nothing() -> None:
    done = init.completed(replace(ACME, packs=tuple(OFFERED), inbound_webhook=INBOUND, sending_webhook=SENDING), {})
    again = init.completed(done.wanted, {})
    assert again == replace(done, added=())


@pytest.mark.parametrize(
    ("granted", "probe"),
    [("self-read", "trust-policy"), ("ses-account-read", "ses-account"), ("sendfleet-byoc", "ses-send-quota")],
)
def test_probes_are_those_that_the_packs_let_in(granted: str, probe: str) -> None:
    with_it, _ = made(replace(ACME, packs=(granted,)))
    without, _ = made(replace(ACME, packs=("webhook-secret-read",)))
    assert probe in with_it.probes
    assert probe not in without.probes
    assert set(with_it.probes) <= set(PROBES.builtins)


@pytest.mark.parametrize(
    ("packs", "blocks", "looking"),
    [
        (("drift-read",), (), {"permissions", "stack"}),
        (("drift-read",), ("notifications",), {"permissions", "stack", "events"}),
        (("drift-read",), ("inbound",), {"permissions", "stack", "inbound", "bucket"}),
        (("health-read",), ("notifications", "inbound"), {"identities"}),
        ((), ("notifications", "inbound"), set()),
    ],
    ids=["no block", "events", "inbound", "another pack", "no pack"],
)
def test_probes_that_look_are_those_that_may_and_find_something(
    packs: tuple[str, ...], blocks: tuple[str, ...], looking: set[str]
) -> None:
    vendor, added = made(replace(ACME, packs=("self-read", *packs), blocks=blocks))
    assert set(vendor.probes) - {*REQUIRED_PROBES, "trust-policy"} == looking
    assert not [line for line in added if "-read'" in line]


def test_dns_is_asked_for_where_domains_are_registered() -> None:
    assert made(replace(ACME, packs=("ses-identities",)))[0].dns
    assert made(ACME)[0].dns is None


def test_a_vendor_that_is_not_about_mail(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    wanted = replace(ACME, packs=("self-read", "./packs/metrics-read.yaml"))
    own = {"./packs/metrics-read.yaml": METRICS}
    done = init.completed(wanted, own).wanted
    assert done.blocks == ("access",)
    assert not [line for line in init.text(done, own).splitlines() if "webhook" in line or "dns:" in line]
    assert init.vendor_of(done, own).own_packs == (METRICS,)
    assert not [probe for probe in init.vendor_of(done, own).probes if probe.startswith("ses")]


# What is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", ["selfmx-domain"])
def test_a_pack_that_no_stack_can_hold(pack: str) -> None:
    with pytest.raises(UsageError, match="which no stack has"):
        init.completed(replace(ACME, packs=(pack,)), {})


def test_a_user_is_no_role() -> None:
    with pytest.raises(UsageError, match="makes no role"):
        init.completed(replace(ACME, blocks=("user",)), {})


@pytest.mark.parametrize("changes", [{"packs": ("ses-snd",)}, {"blocks": ("fowarder",)}], ids=str)
def test_names_that_are_none(changes: dict[str, Any]) -> None:
    with pytest.raises(UnknownName):
        init.completed(replace(ACME, **changes), {})
    (message,) = mistakes(replace(ACME, **changes))
    assert "did you mean" in message


BAD = {
    "name": ["Acme", "a", "a" * 32, "a b", "-a", "../x", "\x1b[31m"],
    "title": [" ", "x" * 101, "a\nb", "${x}"],
    "account_id": ["12", "1234567890123", "\u0661" * 12],
    "role_arn": ["arn:aws:iam::111122223333:user/x", "arn:aws:iam::111122223333:role/*/x", "x"],
    "principal": ["*", "role", "role/a b", "group/x", "arn:aws:iam::111122223333:role/x"],
    "inbound_webhook": ["http://a.example/", "https://u:hunter2@a.example/", "https://a.example/#x", "ftp://x"],
    "sending_webhook": ["https://", "https://a b/"],
    "external_id_prefix": ["a b", "*", "ü"],
    "role_name": ["a/b", "x" * 65],
    "template_url": ["https://cdn.example/t.yaml", "http://b.s3.amazonaws.com/k"],
}


@pytest.mark.parametrize(("answer", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_answers_that_will_not_do(answer: str, value: str) -> None:
    found = mistakes(replace(ACME, **{answer: value}))
    assert found[0].startswith(f"{flag(answer)}: ")
    assert all(line.isprintable() for line in found)
    assert "hunter2" not in str(found)


def test_every_answer_that_is_text_is_looked_at() -> None:
    assert set(BAD) == set(CHECKS)
    assert all(mistake(answer, None) is None and mistake(answer, "") is None for answer in CHECKS)


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = Wanted(name="A", title="\n", account_id="1", packs=("nope", "../x.yaml"), blocks=("nope",))
    assert [line.split(":")[0] for line in mistakes(wrong)] == [
        "--name",
        "--title",
        "--account-id",
        "--packs",
        "--packs",
        "--blocks",
    ]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"role_arn": "arn:aws:iam::111122223333:role/x", "principal": "role/x"}, "--principal"),
        ({"role_arn": "arn:aws:iam::999999999999:role/x"}, "--role-arn"),
        ({"external_id_bytes": 23}, "--external-id-bytes"),
        ({"external_id_bytes": 700}, "--external-id-bytes"),
        ({"packs": ("./packs/ses-send.yaml",)}, "--packs"),
    ],
    ids=str,
)
def test_answers_that_do_not_go_together(changes: dict[str, Any], word: str) -> None:
    (found,) = mistakes(replace(ACME, **changes))
    assert found.startswith(word)


def test_what_is_missing_is_told_at_once() -> None:
    assert missing(Wanted()) == ["--name", "--title", "--account-id (or --role-arn)", "--packs"]
    assert len(missing(replace(ACME, blocks=("forwarder", "notifications")))) == 2
    assert missing(ACME) == missing(replace(ACME, account_id="")) == []


# The tables ----------------------------------------------------------------------------------------------------------


def test_every_block_is_offered_but_those_that_are_not_for_choosing() -> None:
    assert {*init.OFFERED_BLOCKS, "access", "user", "registration"} == set(BLOCKS.builtins)


def test_every_pack_is_offered_but_those_of_one_vendor() -> None:
    assert set(OFFERED) <= set(pack_names())
    assert not [name for name in OFFERED if name.startswith(("sendfleet", "selfmx"))]
    assert set(init.USUAL_PACKS) <= set(OFFERED)


def test_the_variables_of_packs_are_those_that_the_blocks_make() -> None:
    """Each block publishes its names, and no others."""
    vendor = replace(load_vendor("mailmark", {}), webhook_secret=SecretMode.PARAMETER)
    blocks = (*vendor.stack.blocks, "registration")
    url = "https://acme.example/stacks"
    vendor = replace(vendor, registration_url=url, stack=replace(vendor.stack, blocks=blocks))
    stack, of_block = Stack(vendor), {}
    for block in BLOCKS.builtins:
        before = set(stack.names)
        if stack.has(block):
            BLOCKS.load(block)(stack)
        of_block |= dict.fromkeys(set(stack.names) - before, block)
    # The role's permissions name this one before it is made.
    assert of_block.pop("stack:registration-function") == "access"
    made = {name: block for name, block in VARIABLES.items() if block}
    assert made.pop("stack:registration-function") == "registration"
    assert of_block == made
    assert {name for name, block in VARIABLES.items() if block is None} <= set(stack.names)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account_id": ""}, ["set aws.account_id, or ACME_AWS_ACCOUNT_ID", "byoaws publish", "ACME_CFN_TEMPLATE_URL"]),
        ({}, ["byoaws publish --vendor x.yaml"]),
        ({"template_url": "https://acme.s3.amazonaws.com/t.yaml"}, ["byoaws doctor --vendor x.yaml"]),
    ],
    ids=str,
)
def test_what_is_still_to_do(changes: dict[str, Any], words: list[str]) -> None:
    vendor, _ = made(replace(ACME, **changes))
    found = init.todo(vendor, "x.yaml")
    assert all(any(word in line for line in found) for word in words)
    assert any("publish" in line for line in found) == (vendor.template_url is None)


def test_the_text_has_no_key_that_the_schema_lacks() -> None:
    done = init.completed(replace(ACME, packs=tuple(OFFERED), inbound_webhook=INBOUND, sending_webhook=SENDING), {})
    assert set(yaml.safe_load(init.text(done.wanted, {}))) <= set(keys())
