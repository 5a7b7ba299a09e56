"""A report leads to the runbook that says more: once, and only where something is not fine."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from byoaws.formats.interface import Look
from byoaws.formats.json import render as as_json
from byoaws.formats.text import render as as_text
from byoaws.model import Ability, Capability, ProbeResult, Status, Verdict, VerificationReport
from byoaws.runbooks.sections import SECTIONS

REPORT = VerificationReport(
    verdict=Verdict.FAILED,
    role_arn="arn:aws:iam::444455556666:role/r",
    account_id=None,
    region="eu-west-1",
    vendor="acme",
    sandbox=None,
    checked_at=datetime(2026, 11, 21, tzinfo=UTC),
    probes=(
        ProbeResult(code="V203", name="assume-role", status=Status.FAIL, summary="refused", fix="compare"),
        ProbeResult(code="V301", name="ses-account", status=Status.WARN, summary="sandbox", fix="ask AWS"),
    ),
)


@pytest.mark.parametrize("width", [80, 120])
def test_the_text_names_the_runbook_once(width: int) -> None:
    lines = as_text(REPORT, Look(width=width, color=False)).splitlines()
    assert [line for line in lines if "runbook" in line] == [
        "  more      byoaws runbook verification-failed --connection ID"
    ]


def test_without_a_role_there_is_no_connection() -> None:
    text = as_text(replace(REPORT, role_arn=None), Look(width=80, color=False))
    assert "  more      byoaws runbook verification-failed --vendor acme\n" in text


def test_a_report_that_is_fine_names_none() -> None:
    fine = ProbeResult(code="V203", name="assume-role", status=Status.PASS, summary="opens")
    assert "runbook" not in as_text(replace(REPORT, probes=(fine,)), Look(width=80, color=False))


@pytest.mark.parametrize("code", SECTIONS)
@pytest.mark.parametrize("status", list(Status))
def test_json_names_the_section_of_all_that_is_not_fine(code: str, status: Status) -> None:
    result = ProbeResult(code=code, name="n", status=status, summary="s")
    found = json.loads(as_json(replace(REPORT, probes=(result,)), Look(width=80, color=False)))["probes"][0]
    assert found["evidence"].get("runbook") == (
        None if status is Status.PASS else f"verification-failed#{SECTIONS[code]}"
    )


CAPABILITIES = (
    Capability(name="send", ability=Ability.NO, code="V301", probe="ses-account"),
    Capability(name="identities", ability=Ability.YES, code="V203", probe="assume-role"),
    Capability(name="events", ability=Ability.UNKNOWN),
    Capability(name="inbound", ability=Ability.UNKNOWN, code="V203", probe="assume-role"),
    Capability(name="archive", ability=Ability.UNKNOWN),
    Capability(name="others", ability=Ability.NOT_OFFERED),
)


@pytest.mark.parametrize("width", [80, 120])
def test_capabilities_stand_together_by_what_is_said_of_them(width: int) -> None:
    text = as_text(replace(REPORT, capabilities=CAPABILITIES), Look(width=width, color=False))
    assert (
        "\n\n"
        "can             identities (V203 assume-role)\n"
        "cannot          send (V301 ses-account)\n"
        "could not tell  inbound (V203 assume-role)\n"
        "not used        others\n"
        "not asked       events, archive\n"
        "\n FAILED "
    ) in text


def test_a_report_of_before_says_nothing_of_capabilities() -> None:
    text = as_text(REPORT, Look(width=80, color=False))
    assert not [word for word in ("could not tell  ", "not asked  ") if word in text]
