"""The summary of a run over a fleet, for people and for programs."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from byoaws.fleet.delivery import Delivered
from byoaws.fleet.summary import Changed, Summary
from byoaws.formats.interface import Look
from byoaws.formats.recheck import as_json, remarks, text
from byoaws.model import Connection, ConnectionStatus, Verdict
from byoaws.store.interface import Counts

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOOK = Look(width=80, color=False)
CONNECTION = Connection(
    id="con_00000000000000000001",
    alias="Example [bold]Ltd[/]",
    vendor="mailmark",
    region="eu-central-1",
    external_id="ext-1",
    webhook_secret="whsec_geheim",
    status=ConnectionStatus.FAILED,
    last_error="User: x is not authorized",
    created_at=AT,
    updated_at=AT,
)


def summary(changes: int = 1, refusals: int = 0) -> Summary:
    found = Summary(began_at=AT, seconds=50, throttles=3, overtaken=2)
    found.verdicts.update({Verdict.VERIFIED: 9812, Verdict.FAILED: 170, Verdict.UNKNOWN: 18})
    found.changed = [Changed(connection=CONNECTION, before=ConnectionStatus.VERIFIED)] * changes
    found.changed_count = changes
    for _ in range(refusals):
        found.refuse(CONNECTION, "the role is in our own account")
    found.counts = Counts(selected=10_000, leased=0, disconnected=3, without_role=0, other_vendors=1200)
    found.delivered = Delivered(delivered=1, failed=2, given_up=1, errors={"webhook": "'ops' answered 500"})
    return found


def test_one_table_for_people() -> None:
    lines = text(summary(), LOOK).splitlines()
    assert [line.split()[:2] for line in lines[:5]] == [
        ["verified", "9,812"],
        ["insecure", "0"],
        ["failed", "170"],
        ["unknown", "18"],
        ["changed", "1"],
    ]
    assert max(map(len, lines)) <= 80
    at = lines.index("con_00000000000000000001  Example [bold]Ltd[/]  verified → failed")
    assert lines[at + 1] == "  User: x is not authorized"


@pytest.mark.parametrize(("width", "lines"), [(60, 4), (80, 3), (120, 2)])
def test_what_aws_said_has_the_whole_width(width: int, lines: int) -> None:
    arn = "arn:aws:iam::444455556666:role/byoaws/mailmark/mailmark-byo-aws-aq7yfe-AccessRole-2AFA4FA8363F8"
    found = summary(changes=0)
    found.refuse(CONNECTION, f"User: somebody is not authorized to perform: sts:AssumeRole on resource: {arn}")
    shown = text(found, Look(width=width, color=False)).splitlines()
    begin = next(number for number, line in enumerate(shown) if line.startswith(CONNECTION.id))
    said = shown[begin + 1 : shown.index("", begin)]
    assert len(said) == lines
    assert all(line.startswith("  ") and len(line) <= width for line in said)
    assert arn in "".join(line.strip() for line in said)


def test_what_else_there_is_to_say() -> None:
    assert remarks(summary()) == [
        "10,000 checked in 50.0 s, 200 a second",
        "calls that AWS throttled: 3",
        "dropped, since the connection was changed or checked meanwhile: 2",
        "left out: 3 disconnected, 1,200 of other vendors (--vendor)",
        "messages delivered: 1",
        "messages that could not be delivered, and are tried again: 2 ('ops' answered 500)",
        "messages that are given up: 1 ('ops' answered 500)",
    ]


@pytest.mark.parametrize(
    ("interrupted", "checked", "said", "code"),
    [
        (False, 0, "another process checked the rest of this run: 1,200", 3),
        (False, 5, "another process checked the rest of this run: 1,200", 0),
        (True, 5, "another process has or checked the rest of this run: 1,200", 0),
    ],
    ids=["all of it", "a part", "interrupted"],
)
def test_what_another_process_has_is_said(interrupted: bool, checked: int, said: str, code: int) -> None:
    found = Summary(began_at=AT, elsewhere=1200, interrupted=interrupted)
    found.verdicts[Verdict.VERIFIED] = checked
    assert remarks(found)[1:] == [said]
    assert (found.exit_code, as_json(found)["elsewhere"]) == (code, 1200)


def test_nothing_is_said_of_what_was_not() -> None:
    assert remarks(Summary(began_at=AT)) == ["0 checked in 0.0 s"]


@pytest.mark.parametrize(
    ("selected", "checked", "seconds", "said"),
    [
        (0, 0, 2.5, "nothing to check"),
        (5, 0, 2.5, "0 checked in 2.5 s"),
        (5, 5, 1.2, "5 checked in 1.2 s, 4.2 a second"),
        (5, 5, 0.5, "5 checked in 0.5 s"),
    ],
    ids=["nothing", "interrupted", "few", "at once"],
)
def test_how_much_how_fast(selected: int, checked: int, seconds: float, said: str) -> None:
    found = Summary(began_at=AT, seconds=seconds)
    found.verdicts.update({Verdict.VERIFIED: checked})
    found.counts = Counts(selected=selected, leased=0, disconnected=0, without_role=0, other_vendors=0)
    assert remarks(found) == [said]


@pytest.mark.parametrize(("seconds", "shown"), [(119.94, "119.9 s"), (125, "2 min 5 s"), (7320, "2 h 2 min")])
def test_long_times_are_shown_as_people_say_them(seconds: float, shown: str) -> None:
    assert remarks(replace(summary(), seconds=seconds))[0].startswith(f"10,000 checked in {shown},")


def test_of_many_only_the_first_are_shown() -> None:
    shown = text(summary(changes=150, refusals=300), LOOK)
    assert shown.count("verified → failed") == 20
    assert "and 410 more" in shown
    assert "not judged" in shown.splitlines()[5]
    assert "300" in shown.splitlines()[5]


def test_json_has_every_key_and_no_secret() -> None:
    document = json.loads(json.dumps(as_json(summary(refusals=300))))
    assert list(document) == [
        *("began_at", "resumed", "interrupted", "checked", "verdicts", "changed", "changes", "not_asked", "refusals"),
        *("overtaken", "elsewhere", "left_out", "messages", "throttles", "seconds"),
    ]
    assert document["verdicts"] == {"verified": 9812, "insecure": 0, "failed": 170, "unknown": 18}
    assert (document["not_asked"], len(document["refusals"])) == (300, 200)
    assert document["left_out"] == {"disconnected": 3, "without_role": 0, "other_vendors": 1200}
    assert "whsec_geheim" not in json.dumps(document) + text(summary(), LOOK)


@pytest.mark.parametrize(
    ("verdicts", "refused", "code"),
    [
        ({}, False, 0),
        ({Verdict.VERIFIED: 5}, False, 0),
        ({Verdict.VERIFIED: 5, Verdict.FAILED: 1, Verdict.UNKNOWN: 1}, True, 1),
        ({Verdict.INSECURE: 1}, False, 1),
        ({Verdict.VERIFIED: 5, Verdict.UNKNOWN: 1}, False, 3),
        ({Verdict.VERIFIED: 5}, True, 3),
    ],
)
def test_exit_codes(verdicts: dict[Verdict, int], refused: bool, code: int) -> None:
    found = Summary(began_at=AT)
    found.verdicts.update(verdicts)
    if refused:
        found.refuse(CONNECTION, "no")
    assert found.exit_code == code
