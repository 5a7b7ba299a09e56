"""Connections as JSON, as a table and as a card: ids whole, secrets in none of them."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from byoaws.formats.connections import card, table
from byoaws.formats.interface import Look
from byoaws.formats.json import connection_as_json
from byoaws.model import (
    Ability,
    Capability,
    Connection,
    ConnectionStatus,
    ProbeResult,
    Status,
    Verdict,
    VerificationReport,
)

AT = datetime(2026, 11, 21, 4, 5, 6, 789, tzinfo=UTC)
SECRET = "whsec_bm90IGEgc2VjcmV0IGF0IGFsbCwganVzdCBhIHRlc3Q="
PENDING = Connection(
    id="con_abcdefghij0123456789",
    alias="Production",
    vendor="mailmark",
    region="eu-west-1",
    external_id="0123456789abcdef" * 3,
    webhook_secret=SECRET,
    created_at=AT,
    updated_at=AT,
)
VERIFIED = replace(
    PENDING,
    customer="4711",
    stack_name="mailmark-byo-aws-456789",
    template_url="https://b.s3.eu-west-1.amazonaws.com/k",
    role_arn="arn:aws:iam::444455556666:role/r",
    account_id="444455556666",
    bucket_name="mail",
    status=ConnectionStatus.VERIFIED,
    sandbox=True,
    checked_at=AT,
    verified_at=AT,
)
REPORT = VerificationReport(
    verdict=Verdict.FAILED,
    role_arn="arn:aws:iam::444455556666:role/r",
    account_id=None,
    region="eu-west-1",
    vendor="mailmark",
    sandbox=None,
    checked_at=AT,
    probes=(
        ProbeResult(
            code="V203",
            name="assume-role",
            status=Status.FAIL,
            summary="AWS refused",
            causes=("wrong account",),
            fix="compare",
            evidence={"aws_message": "not authorized"},
        ),
    ),
)
NARROW = Look(width=80, color=False)


def test_json_of_a_pending_connection() -> None:
    assert connection_as_json(PENDING) == {
        "connection_id": "con_abcdefghij0123456789",
        "alias": "Production",
        "vendor": "mailmark",
        "customer": None,
        "region": "eu-west-1",
        "status": "pending",
        "sandbox": None,
        "external_id": "0123456789abcdef" * 3,
        "role_arn": None,
        "account_id": None,
        "bucket_name": None,
        "stack_name": None,
        "template_url": None,
        "last_error": None,
        "created_at": "2026-11-21T04:05:06+00:00",
        "checked_at": None,
        "verified_at": None,
        "pending_external_id": None,
        "webhook_secret": "known",
        "webhook_secret_overlap_ends": None,
        "webhook_secret_arn": None,
    }


def test_json_leaves_out_the_secret_and_nothing_that_people_need() -> None:
    kept = {"connection_id" if field.name == "id" else field.name for field in fields(Connection)}
    of_secrets = {"next_webhook_secret", "secret_spread_at", "secret_overlap", "secret_arn"}
    told = {"webhook_secret_overlap_ends", "webhook_secret_arn"}
    assert set(connection_as_json(VERIFIED)) == kept - of_secrets - {"updated_at", "keys_version"} | told


EXCHANGING = replace(PENDING, next_webhook_secret=SECRET.replace("bm", "Bm"))


@pytest.mark.parametrize(
    ("connection", "state", "ends"),
    [
        (replace(PENDING, webhook_secret=None), "unknown", None),
        (PENDING, "known", None),
        (EXCHANGING, "exchanging", None),
        (replace(EXCHANGING, secret_spread_at=AT, secret_overlap=3600), "overlap", "2026-11-21T05:05:06+00:00"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_json_says_how_it_stands_with_the_secret(connection: Connection, state: str, ends: str | None) -> None:
    found = connection_as_json(connection)
    assert (found["webhook_secret"], found["webhook_secret_overlap_ends"]) == (state, ends)


@pytest.mark.parametrize("connection", [PENDING, VERIFIED, EXCHANGING], ids=["pending", "verified", "exchanging"])
def test_no_secret_anywhere(connection: Connection) -> None:
    shown = (
        f"{connection_as_json(connection)}{table([connection], NARROW)}{card(connection, REPORT, NARROW)}{connection!r}"
    )
    assert not any(secret and secret in shown for secret in (connection.webhook_secret, connection.next_webhook_secret))


def test_table() -> None:
    assert table([PENDING, replace(VERIFIED, alias="Test")], Look(width=120, color=False)) == (
        "ID                        Alias       Vendor    Region     Account       Status              Checked\n"
        "con_abcdefghij0123456789  Production  mailmark  eu-west-1  -             pending             never\n"
        "con_abcdefghij0123456789  Test        mailmark  eu-west-1  444455556666  verified  SANDBOX   "
        "2026-11-21 04:05\n"
    )


def test_marks_stand_behind_the_status() -> None:
    marks = {VERIFIED.id: ["OUTDATED", "ROTATING", "REPORTED"]}
    (line,) = table([VERIFIED], NARROW, marks).splitlines()[1:]
    assert "verified  SANDBOX   OUTDATED   ROTATING   REPORTED " in line
    assert "OUTDATED" not in table([VERIFIED], NARROW, {"con_another": ["OUTDATED"]})


@pytest.mark.parametrize("status", ConnectionStatus)
def test_table_on_a_narrow_terminal_cuts_nothing_off(status: ConnectionStatus) -> None:
    long = replace(VERIFIED, alias="Größe " * 16, region="ap-southeast-1", status=status)
    first, *rest = table([long], Look(width=40, color=False)).splitlines()[1:]
    assert first.startswith(f"{long.id}  Größe")
    for whole in ("mailmark", "ap-southeast-1", "444455556666", status.value, "2026-11-21 04:05"):
        assert whole in first
    assert sum(line.count("Größe") for line in [first, *rest]) == 16


def test_table_takes_markup_for_text() -> None:
    assert "[red]x[/red]" in table([replace(PENDING, alias="[red]x[/red]")], NARROW)


def test_card_shows_what_is_known_and_nothing_else() -> None:
    lines = card(PENDING, None, NARROW).splitlines()
    assert [line.split()[0] for line in lines] == [
        "connection_id",
        "alias",
        "vendor",
        "region",
        "status",
        "external_id",
        "created_at",
        "webhook_secret",
    ]


def test_card_with_the_last_verification() -> None:
    text = card(VERIFIED, REPORT, NARROW)
    for part in (
        "status          verified  SANDBOX",
        "Last verification, 2026-11-21 04:05:06 UTC: failed",
        "✗ FAIL  V203  assume-role  AWS refused",
        "1. wrong account",
        "compare",
        "not authorized",
    ):
        assert part in text


def test_colour_only_where_asked_for() -> None:
    for shown in (table, lambda some, look: card(some[0], REPORT, look)):
        assert "\x1b" not in shown([VERIFIED], NARROW)
        assert "\x1b[" in shown([VERIFIED], replace(NARROW, color=True))


def test_the_card_shows_what_the_account_can_be_used_for() -> None:
    report = replace(
        REPORT, capabilities=(Capability(name="send", ability=Ability.NO, code="V203", probe="assume-role"),)
    )
    assert "\ncannot  send (V203 assume-role)\n" in card(VERIFIED, report, NARROW)


@pytest.mark.parametrize("connection", [PENDING, VERIFIED], ids=["pending", "verified"])
def test_on_a_narrow_terminal_a_connection_has_two_lines(connection: Connection) -> None:
    text = table([connection], Look(width=80, color=False), {connection.id: ("OUTDATED", "ROTATING")}, folds=True)
    first, second = text.splitlines()
    assert first.startswith(f"{connection.id}  Production  {connection.status.value}")
    assert first.split()[-2:] == ["OUTDATED", "ROTATING"]
    account, at = (
        (connection.account_id or "no account yet"),
        ("2026-11-21 04:05" if connection.checked_at else "never"),
    )
    assert second == f"  mailmark  eu-west-1  {account}  checked {at}"


def test_where_a_line_fits_or_nobody_reads_it_on_a_terminal_it_is_one() -> None:
    narrow, wide = Look(width=80, color=False), Look(width=150, color=False)
    assert table([VERIFIED], wide, folds=True) == table([VERIFIED], narrow)
    assert len(table([VERIFIED], narrow).splitlines()) == 2  # with the head
