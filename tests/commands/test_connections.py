"""`connections`: list, show and disconnect what is stored."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.factory import now
from byoaws.model import Connection, ConnectionStatus, ProbeResult, StackClaim, Status, Verdict, VerificationReport
from byoaws.quickcreate.published import name_of, url_of
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
    assert list(only) == [*SHAPE, "template_version", "newest_version", "outdated", "rotating", "reported"]
    assert only["connection_id"] == connection.id
    assert (only["template_version"], only["outdated"]) == (None, None)
    assert (only["rotating"], only["reported"]) == ([], None)
    head, line = output_of("connections", "list", env={"COLUMNS": "40"}).splitlines()
    assert head.split() == ["ID", "Alias", "Vendor", "Region", "Account", "Status", "Checked"]
    assert line.split() == [connection.id, "Production", "mailmark", "eu-west-1", "-", "pending", "never"]


def test_list_of_some(
    connection: Connection, store: SqlStore, run: Callable[..., Result], json_of: Callable[..., dict]
) -> None:
    other = replace(connection, id="con_00000000000000000002", external_id="e" * 32, status=ConnectionStatus.FAILED)
    store.add(other)
    failed = ("connections", "list", "--status", "failed")
    assert [only["connection_id"] for only in json_of(*failed)["connections"]] == [other.id]
    assert len(json_of(*failed, "--status", "pending")["connections"]) == 2
    text = run(*failed).stdout
    assert (other.id in text, connection.id in text) == (True, False)
    done = run("connections", "list", "--status", "insecure", "--status", "disconnected")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no connection is insecure or disconnected\n")


def test_show_before_any_verification(
    connection: Connection, json_of: Callable[..., dict], output_of: Callable[..., str]
) -> None:
    shown = json_of("connections", "show", connection.id)
    assert list(shown) == [*SHAPE, "rotating", "reported", "external_ids", "last_report"]
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


@pytest.fixture
def claimed(connection: Connection, store: SqlStore) -> StackClaim:
    """What a stack of the connection has said."""
    said = StackClaim(
        connection_id=connection.id,
        stack_id="arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1a2b",
        role_arn="arn:aws:iam::444455556666:role/r",
        bucket_name="mail",
        secret_arn=None,
        claimed_at=now(),
    )
    assert store.claim(said, token_hash=None)
    return said


def test_a_stack_that_reported_itself_is_marked(
    claimed: StackClaim, store: SqlStore, run: Callable[..., Result], json_of: Callable[..., dict]
) -> None:
    done = run("connections", "list", env={"COLUMNS": "80"})
    assert "pending  REPORTED " in done.stdout
    assert "waits to be verified: byoaws connections settle" in done.stderr
    (only,) = json_of("connections", "list")["connections"]
    assert only["reported"] == {
        "stack_id": claimed.stack_id,
        "role_arn": claimed.role_arn,
        "bucket_name": "mail",
        "claimed_at": claimed.claimed_at.isoformat(timespec="seconds"),
        "settled": False,
    }
    shown = run("connections", "show", claimed.connection_id, env={"COLUMNS": "80"}).stdout
    for part in (claimed.stack_id[:60], claimed.role_arn, "waits to be verified\n", "do: byoaws connections settle"):
        assert part in shown
    # Verified since: nothing has to be done.
    connection = store.get(claimed.connection_id)
    store.update(
        replace(
            connection,
            role_arn=claimed.role_arn,
            bucket_name="mail",
            verified_at=now(),
            status=ConnectionStatus.VERIFIED,
        )
    )
    done = run("connections", "list")
    assert "REPORTED" not in done.stdout
    assert "settle" not in done.stderr
    assert json_of("connections", "show", connection.id)["reported"]["settled"] is True
    assert "verified since" in run("connections", "show", connection.id).stdout


@pytest.mark.parametrize(
    ("changes", "rotating"),
    [
        ({"pending_external_id": "0123456789abcdef" * 3}, ["external_id"]),
        ({"next_webhook_secret": "whsec_bmV3"}, ["webhook_secret"]),
        (
            {"pending_external_id": "0123456789abcdef" * 3, "next_webhook_secret": "whsec_bmV3"},
            ["external_id", "webhook_secret"],
        ),
    ],
    ids=["external-id", "secret", "both"],
)
def test_what_is_in_rotation_is_marked(
    changes: dict[str, str],
    rotating: list[str],
    connection: Connection,
    store: SqlStore,
    run: Callable[..., Result],
    json_of: Callable[..., dict],
) -> None:
    store.exchange(replace(connection, **changes))
    done = run("connections", "list")
    assert done.stdout.count(" ROTATING ") == 1
    assert "is being exchanged" in done.stderr
    assert "bmV3" not in done.output
    assert json_of("connections", "list")["connections"][0]["rotating"] == rotating
    assert json_of("connections", "show", connection.id)["rotating"] == rotating


@pytest.mark.parametrize(
    ("said", "verified", "version", "outdated"),
    [
        ("1.0.0", True, "1.0.0", False),
        ("0.9.0", True, "0.9.0", True),
        ("99999.0.0", True, "99999.0.0", False),
        ("latest", True, "latest", None),
        (None, True, "0.8.0", True),
        # A claim that nobody has verified since is not believed.
        ("1.0.0", False, "0.8.0", True),
    ],
    ids=["updated", "older", "ahead", "no version", "not said", "not settled"],
)
def test_a_stack_s_own_word_on_its_template_counts_once_it_is_settled(
    said: str | None,
    verified: bool,
    version: str,
    outdated: bool | None,
    connection: Connection,
    claimed: StackClaim,
    store: SqlStore,
    json_of: Callable[..., dict],
    output_of: Callable[..., str],
) -> None:
    url = url_of("templates", "us-east-1", name_of("mailmark", "0.8.0", b"{}").key, "v1")
    store.claim(replace(claimed, template_version=said), token_hash=None)
    changes = {"role_arn": claimed.role_arn, "bucket_name": "mail", "verified_at": now()} if verified else {}
    store.update(replace(connection, template_url=url, **changes))
    (only,) = json_of("connections", "list")["connections"]
    assert (only["template_version"], only["outdated"]) == (version, outdated)
    assert ("OUTDATED" in output_of("connections", "list")) is bool(outdated)


def test_of_what_has_ended_nothing_has_to_be_done(
    claimed: StackClaim, run: Callable[..., Result], json_of: Callable[..., dict]
) -> None:
    run("disconnect", claimed.connection_id, "--yes")
    done = run("connections", "list")
    assert ("REPORTED" in done.stdout, done.stderr) == (False, "")
    assert json_of("connections", "list")["connections"][0]["reported"]["settled"] is False
    assert ": disconnected since\n" in run("connections", "show", claimed.connection_id).stdout


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
        made = "" if connection.account_id else ", if it was made,"
        stays = f"stays in the customer's account, in {connection.region}, until they delete it there"
        assert f"'{connection.stack_name}'{made} {stays}" in done.stderr
        assert store.get(connection.id).webhook_secret is None


@pytest.mark.parametrize("bucket", ["mail", None])
def test_what_a_deleted_stack_leaves(
    bucket: str | None, claimed: StackClaim, connection: Connection, store: SqlStore, run: Callable[..., Result]
) -> None:
    """Not what it costs: it is going, as far as it says."""
    store.claim(replace(claimed, bucket_name=bucket, is_deleted=True), token_hash=None)
    run("disconnect", connection.id, "--yes")
    said = " ".join(run("disconnect", connection.id).stderr.split())
    assert f"reported at {claimed.claimed_at:%Y-%m-%d %H:%M} UTC that it was being deleted" in said
    assert f"the bucket '{bucket}' outlives it" in said if bucket else "its bucket, if it had one, outlives it" in said
    assert "a month" not in said
    assert "stays in the customer's account" not in said


def test_disconnect_again_changes_nothing(connection: Connection, store: SqlStore, run: Callable[..., Result]) -> None:
    run("connections", "disconnect", connection.id, "--yes")
    ended = store.get(connection.id)
    again = run("disconnect", connection.id)
    assert (again.exit_code, again.stdout) == (0, f"{connection.id} is disconnected already: nothing to do\n")
    assert store.get(connection.id) == ended
