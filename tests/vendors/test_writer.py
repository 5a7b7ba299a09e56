"""A vendor written is the vendor read: for those that ship, and for whatever the reader lets through."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import VendorFileError
from byoaws.mail_manager.section import DEFAULT
from byoaws.vendor_model import ParameterNames, PrivacyRow, SecretMode, Vendor, VendorAccount
from byoaws.vendors.file import beside, builtin_vendors, load_vendor
from byoaws.vendors.reader import known_names, read_vendor
from byoaws.vendors.schema import keys
from byoaws.vendors.writer import vendor_file

KNOWN = known_names()
DATA = Path(__file__).parents[1] / "data" / "vendors"
MAILMARK = load_vendor("mailmark", {})


def read(text: str, vendor: Vendor, env: dict[str, str] | None = None) -> Vendor:
    return read_vendor(text, source=vendor.source, env=env or {}, known=KNOWN)


@pytest.mark.parametrize("name", builtin_vendors())
def test_those_that_ship(name: str) -> None:
    vendor = load_vendor(name, {})
    assert read(vendor_file(vendor), vendor) == vendor


TEXTS = st.one_of(
    st.sampled_from(
        ["yes", "NO", "null", "~", "0x1F", "1e3", "- a", "a: b", "a #b", "'", '"', "\\", "{x}", "[x]", "&a"]
    ),
    st.sampled_from(
        ["!x", "*x", "%x", "@x", "`x", "|", ">", "?", ":", "a:", "#", "$x", "=", "<<", "2026-11-21", "Ünï 邵"]
    ),
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40),
)


def allowed(text: str) -> bool:
    """What the reader takes for a line."""
    return bool(text.strip()) and text.isprintable()


@given(TEXTS, TEXTS, st.text("abc+=,.@:/_-", max_size=20), st.integers(24, 60))
def test_any_text_that_is_let_through(title: str, data: str, prefix: str, count: int) -> None:
    row = PrivacyRow(data=data, stored=title)
    changed = replace(MAILMARK, title=title, external_id_prefix=prefix, external_id_bytes=count, privacy=(row,))
    written = vendor_file(changed)
    if allowed(title) and allowed(data) and "${" not in title:
        assert read(written, changed) == changed
    else:
        with pytest.raises(VendorFileError):
            read(written, changed)


@pytest.mark.parametrize(
    "changes",
    [
        {"account": VendorAccount(account_id="012345678901", role_arn=None, principal="role/mail-*")},
        {"account": VendorAccount(account_id=None, role_arn=None, principal="user/a?b")},
        {"role_name": "yes", "role_path": "/"},
        {"session_name": "012", "session_duration": 3600},
        {"parameters": ParameterNames(external_id="no", webhook_secret="1")},
        {"webhook_secret": SecretMode.GENERATED, "inbound_webhook_url": None},
        {"inbound_webhook_url": "https://[2001:db8::1]:8443/x?a=b&c=%7B"},
        {"template_url": "https://b.s3.amazonaws.com/k?versionId=1"},
        {"dns": None},
    ],
    ids=lambda changes: "+".join(changes),
)
def test_values_that_look_like_something_else(changes: dict[str, object]) -> None:
    vendor = replace(MAILMARK, **changes)
    assert read(vendor_file(vendor), vendor) == vendor


@pytest.mark.parametrize("name", ["mail-manager.yaml", "mail-manager-default.yaml"])
def test_how_mail_comes_in(name: str) -> None:
    path = str(DATA / name)
    vendor = load_vendor(path, {})
    written = vendor_file(vendor)
    assert read_vendor(written, source=path, env={}, known=KNOWN, read_file=beside(path)) == vendor
    assert ("mail_manager:" in written) == (name == "mail-manager.yaml")


@given(TEXTS)
def test_any_text_of_the_section_comes_back(text: str) -> None:
    vendor = load_vendor(str(DATA / "mail-manager-default.yaml"), {})
    rule = {"name": "a", "conditions": [{"subject": {"contains": [text]}}], "actions": ["write_to_s3"]}
    assert vendor.pipeline
    section = {**DEFAULT, "rule_sets": {"store": [rule]}}
    written = vendor_file(replace(vendor, pipeline=replace(vendor.pipeline, written=section)))
    if not allowed(text):
        return
    found = read(written, vendor).pipeline
    assert found
    assert found.written == section


def test_what_is_not_set_is_left_to_the_environment() -> None:
    vendor = replace(MAILMARK, name="acme-x")
    env = {"ACME_X_AWS_ACCOUNT_ID": "111122223333", "ACME_X_CFN_TEMPLATE_URL": "https://b.s3.amazonaws.com/k"}
    found = read(vendor_file(vendor), vendor, env)
    assert (found.account.account_id, found.template_url) == ("111122223333", "https://b.s3.amazonaws.com/k")


def test_what_is_set_is_not() -> None:
    vendor = replace(MAILMARK, privacy=(PrivacyRow(data="${HOME}", stored="$${HOME:-x}"),))
    assert read(vendor_file(vendor), vendor, {"HOME": "hunter2"}) == vendor


def test_packs_of_its_own_stand_by_their_path() -> None:
    text = vendor_file(replace(MAILMARK, packs=("self-read", "x-read")), pack_files={"x-read": "./packs/x-read.yaml"})
    assert "  - self-read\n  - ./packs/x-read.yaml\n" in text


def test_every_group_has_a_line_on_what_it_is_for() -> None:
    lines = vendor_file(load_vendor("sendfleet", {})).splitlines()
    groups = {key for key in keys() if "." not in key}
    for number, line in enumerate(lines):
        if line.partition(":")[0] in groups:
            assert lines[number - 1].startswith("# "), line
