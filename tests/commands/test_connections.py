"""`connections`: list, show and disconnect what is stored."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.factory import now
from byoaws.model import Connection, ConnectionStatus, ProbeResult, Status, Verdict, VerificationReport
from byoaws.store.sql import SqlStore, open_store

SHAPE = [
    *("connection_id", "alias", "vendor", "customer", "region", "status", "sandbox", "external_id", "role_arn"),
    *("account_id", "bucket_name", "stack_name", "template_url", "last_error", "created_at", "checked_at"),
    *("verified_at", "pending_external_id", "webhook_secret", "webhook_secret_overlap_ends", "webhook_secret_arn"),
]


@pytest.fixture
def store(connection: Connection, cwd: Path) -> SqlStore:
    data = cwd.parent / "data"
    opened = open_store(f"sqlite:///{data}/byoaws.sqlite3", key=None, key_file=data / "key")
    yield opened
    opened.close()


def test_list_of_nothing(run: Callable[..., Result]) -> None:
    done = run("connections", "list")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "no connections yet: byoaws connect" in done.stderr
    assert json.loads(run("connections", "list", "--format", "json").stdout) == {"connections": []}


def test_list(connection: Connection, json_of: Callable[..., dict], output_of: Callable[..., str]) -> None:
    (only,) = json_of("connections", "list")["connections"]
    assert list(only) == [*SHAPE, "template_version", "newest_version", "outdated"]
    assert only["connection_id"] == connection.id
    assert (only["template_version"], only["outdated"]) == (None, None)
    head, line = output_of("connections", "list", env={"COLUMNS": "40"}).splitlines()
    assert head.split() == ["ID", "Alias", "Vendor", "Region", "Account", "Status", "Checked"]
    assert line.split() == [connection.id, "Production", "mailmark", "eu-west-1", "-", "pending", "never"]


def test_show_before_any_verification(
    connection: Connection, json_of: Callable[..., dict], output_of: Callable[..., str]
) -> None:
    shown = json_of("connections", "show", connection.id)
    assert list(shown) == [*SHAPE, "external_ids", "last_report"]
    assert shown["last_report"] is None
    assert shown["status"] == "pending"
    text = output_of("connections", "show", connection.id)
    assert f"external_id     {connection.external_id}" in text
    assert "Last verification" not in text


def test_show_with_the_last_report(
    connection: Connection, store: SqlStore, json_of: Callable[..., dict], output_of: Callable[..., str]
) -> None:
    probe = ProbeResult(code="V203", name="assume-role", status=Status.FAIL, summary="AWS refused", fix="compare")
    report = VerificationReport(
        verdict=Verdict.FAILED,
        role_arn="arn:aws:iam::444455556666:role/r",
        account_id=None,
        region=connection.region,
        vendor=connection.vendor,
        sandbox=None,
        checked_at=now(),
        probes=(probe,),
    )
    store.record(connection, report)
    shown = json_of("connections", "show", connection.id)["last_report"]
    assert shown["verdict"] == "failed"
    assert [item["code"] for item in shown["probes"]] == ["V203"]
    text = output_of("connections", "show", connection.id)
    assert "failed" in text
    assert "V203 assume-role" in text


@pytest.mark.parametrize(
    ("args", "answer", "code", "status"),
    [
        (["--yes"], None, 0, ConnectionStatus.DISCONNECTED),
        ([], "y\n", 0, ConnectionStatus.DISCONNECTED),
        ([], "n\n", 1, ConnectionStatus.PENDING),
        ([], "\n", 1, ConnectionStatus.PENDING),
        ([], "", 2, ConnectionStatus.PENDING),
    ],
    ids=["yes", "answered-yes", "answered-no", "return", "no-answer"],
)
def test_disconnect_asks_first(
    args: list[str],
    answer: str | None,
    code: int,
    status: ConnectionStatus,
    connection: Connection,
    store: SqlStore,
    run: Callable[..., Result],
) -> None:
    done = run("connections", "disconnect", connection.id, *args, input=answer)
    assert done.exit_code == code
    assert done.stdout == (f"{connection.id} disconnected\n" if code == 0 else "")
    assert store.get(connection.id).status is status
    if code == 0:
        assert f"'{connection.stack_name}', if it was made, is still in the customer's account" in done.stderr
        assert store.get(connection.id).webhook_secret is None


def test_disconnect_again_changes_nothing(connection: Connection, store: SqlStore, run: Callable[..., Result]) -> None:
    run("connections", "disconnect", connection.id, "--yes")
    ended = store.get(connection.id)
    again = run("disconnect", connection.id)
    assert (again.exit_code, again.stdout) == (0, f"{connection.id} is disconnected already: nothing to do\n")
    assert store.get(connection.id) == ended
