"""`connect`: what `link` does, with an ExternalId that nobody can hand in, and a store that keeps both."""

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
