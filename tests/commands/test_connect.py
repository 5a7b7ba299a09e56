"""`connect`: what `link` does, with an ExternalId that nobody can hand in, and a store that keeps both."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.quickcreate.url import parse

pytestmark = pytest.mark.usefixtures("vendor_env")


def test_json_shape_is_that_of_link_and_the_ids(json_of: Callable[..., dict]) -> None:
    begun = json_of("connect", "--alias", "Production", "--region", "eu-west-1", "--customer", "4711")
    assert list(begun) == [*json_of("link"), "connection_id", "external_id"]
    assert begun["parameters"]["ExternalId"] == begun["external_id"]
    assert parse(begun["url"]).parameters == begun["parameters"]
    stored = json_of("connections", "show", begun["connection_id"])
    assert {name: stored[name] for name in ("alias", "customer", "region", "status", "external_id")} == {
        "alias": "Production",
        "customer": "4711",
        "region": "eu-west-1",
        "status": "pending",
        "external_id": begun["external_id"],
    }
    assert (stored["stack_name"], stored["template_url"]) == (begun["stack_name"], begun["template_url"])


def test_the_secret_is_told_once_and_kept_encrypted(
    cwd: Path, json_of: Callable[..., dict], run: Callable[..., Result]
) -> None:
    begun = json_of("connect", "--alias", "A")
    secret = begun["parameters"]["WebhookSecret"]
    data = cwd.parent / "data"
    for path in data.iterdir():
        assert secret.encode() not in path.read_bytes()
    with sqlite3.connect(data / "byoaws.sqlite3") as database:
        ((token,),) = database.execute("SELECT webhook_secret FROM connections")
    database.close()
    assert token.startswith("gAAAA")  # Fernet's version and the first bytes of a time stamp
    assert (data / "key").stat().st_mode & 0o777 == 0o600
    for args in (["list"], ["show", begun["connection_id"]], ["disconnect", begun["connection_id"], "--yes"]):
        later = run("connections", *args)
        assert later.exit_code == 0
        assert secret not in later.stdout + later.stderr


def test_text_says_what_comes_next(run: Callable[..., Result]) -> None:
    done = run("connect", "--alias", "A")
    assert done.exit_code == 0
    assert "Quick-Create link" in done.stdout
    assert "byoaws verify ROLE_ARN --connection con_" in done.stderr
    url = next(line for line in done.stdout.splitlines() if line.startswith("https://"))
    assert parse(url).parameters["WebhookSecret"] not in done.stderr


def test_two_connections_of_one_alias_are_two(json_of: Callable[..., dict]) -> None:
    first, second = (json_of("connect", "--alias", "Same") for _ in range(2))
    for name in ("connection_id", "external_id", "stack_name"):
        assert first[name] != second[name]
    listed = json_of("connections", "list")["connections"]
    assert [item["connection_id"] for item in listed] == [first["connection_id"], second["connection_id"]]


def test_a_link_that_cannot_be_built_makes_no_store(
    run: Callable[..., Result], everything: Callable[[], Mapping[str, str]]
) -> None:
    before = everything()
    assert run("connect", "--alias", "A", "--region", "moon-1").exit_code == 2
    assert everything() == before


def test_store_option_wins(cwd: Path, json_of: Callable[..., dict]) -> None:
    begun = json_of("connect", "--alias", "A", "--store", f"sqlite:///{cwd}/mine.sqlite3")
    assert json_of("connections", "list")["connections"] == []
    mine = json_of("connections", "list", "--store", f"sqlite:///{cwd}/mine.sqlite3")["connections"]
    assert [item["connection_id"] for item in mine] == [begun["connection_id"]]


REGISTERING = """\
name: acme
title: Acme Mail
aws: {account_id: "111122223333"}
template_url: https://templates.s3.us-east-1.amazonaws.com/acme.yaml
webhooks: {inbound: "https://a.example/inbound", registration: "https://a.example/stacks"}
webhook_secret: generated
packs: [ses-account-read, self-read, webhook-secret-read]
stack: {name: acme-mail, version: 1.0.0, blocks: [inbound, forwarder, access]}
probes: [role-arn, vendor-identity, external-id-required, external-id-checked, assume-role, caller-identity]
"""


def test_the_one_time_token_is_where_the_stack_is_made_from_and_in_no_list(
    cwd: Path, run: Callable[..., Result]
) -> None:
    (cwd / "byoaws.yaml").write_text(REGISTERING)
    begun = run("connect", "--alias", "One")
    token = re.findall(r"RegistrationToken=(once_[\w-]+)", begun.stdout)[0]
    listed = begun.stdout.partition("What it fills in")[2].partition("The customer ticks")[0]
    assert "RegistrationToken   (the one-time token)" in listed
    assert token not in listed + begun.stderr
    identifier = re.findall(r"con_[a-z0-9]{20}", begun.stderr)[0]
    assert f"byoaws connections settle {identifier}, once it has reported itself" in begun.stderr
    # A new link has another, and says the same.
    again = run("connections", "new-link", identifier)
    assert token not in again.output
    assert f"byoaws connections settle {identifier}" in again.stderr
    # A link of no connection has none.
    assert "once_" not in run("link").output
