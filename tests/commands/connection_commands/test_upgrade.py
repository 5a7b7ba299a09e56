"""What `byoaws connections upgrade` writes down, and what it leaves alone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from byoaws import factory
from byoaws.commands.connection_commands.upgrade import _record
from byoaws.model import Connection, ConnectionStatus, Verdict, VerificationReport
from byoaws.settings import Settings, read_settings

AT = datetime(2026, 11, 21, 4, tzinfo=UTC)
URL = "https://templates.s3.us-east-1.amazonaws.com/t.yaml"
ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/r"
HELD = Connection(
    id="con_00000000000000000001",
    alias="acme",
    vendor="mailmark",
    region="eu-west-1",
    external_id="0123456789abcdef",
    role_arn=ROLE,
    account_id="444455556666",
    status=ConnectionStatus.VERIFIED,
    verified_at=AT,
    checked_at=AT,
    created_at=AT,
    updated_at=AT,
)
INSECURE = VerificationReport(
    verdict=Verdict.INSECURE,
    role_arn=ROLE,
    account_id="444455556666",
    region="eu-west-1",
    vendor="mailmark",
    sandbox=False,
    checked_at=AT,
    probes=(),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"BYOAWS_DATA_DIR": str(tmp_path)}, cwd=tmp_path)


def held(settings: Settings) -> Connection:
    opened = factory.store(settings)
    try:
        return opened.get(HELD.id)
    finally:
        opened.close()


def test_the_new_template_is_recorded(settings: Settings) -> None:
    opened = factory.store(settings)
    opened.add(HELD)
    opened.close()
    _record(HELD.id, URL, settings)
    found = held(settings)
    assert (found.template_url, found.status) == (URL, ConnectionStatus.VERIFIED)


def test_attack_what_is_found_in_that_moment_is_not_written_over(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role is found to open for others between reading and writing: it must not be verified again by that."""
    opened = factory.store(settings)
    opened.add(HELD)
    read = type(opened).get

    def get(self: Any, connection_id: str) -> Connection:
        found = read(self, connection_id)
        monkeypatch.setattr(type(opened), "get", read)
        opened.record(replace(found, status=ConnectionStatus.INSECURE, last_error="open"), INSECURE)
        return found

    monkeypatch.setattr(type(opened), "get", get)
    _record(HELD.id, URL, settings)
    opened.close()
    found = held(settings)
    assert (found.template_url, found.status, found.last_error) == (URL, ConnectionStatus.INSECURE, "open")
