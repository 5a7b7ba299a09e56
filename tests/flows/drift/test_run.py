"""Which template a stack is held against, and that whoever reads what differs is told why it was that one."""

from datetime import UTC, datetime
from typing import Any

from byoaws.errors import AwsError, Throttled
from byoaws.flows.drift.run import drift
from byoaws.model import Connection, ConnectionStatus
from byoaws.quickcreate.published import name_of, url_of
from byoaws.vendors.file import load_vendor

AT = datetime(2026, 11, 21, tzinfo=UTC)
VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})


class Busy:
    """An account, and a place of templates, that ask for fewer calls."""

    def ask(self, service: str, operation: str, **_: Any) -> Any:
        raise Throttled("aws asked for fewer calls", operation=f"{service}:{operation}")

    def every(self, service: str, operation: str, key: str, **_: Any) -> Any:
        raise Throttled("aws asked for fewer calls", operation=f"{service}:{operation}")

    def read(self, url: str) -> bytes:
        raise AwsError("the bucket of templates did not answer", operation="s3:GetObject")


def connection(template_url: str | None) -> Connection:
    return Connection(
        id="con_00000000000000000001",
        alias="acme",
        vendor=VENDOR.name,
        region="eu-west-1",
        external_id="0123456789abcdef",
        status=ConnectionStatus.VERIFIED,
        template_url=template_url,
        created_at=AT,
        updated_at=AT,
    )


def test_attack_why_no_other_template_was_there_is_not_kept_quiet() -> None:
    """Two places did not answer: rows that differ may differ only because a third one was taken."""
    url = url_of("templates-of-ours", "us-east-1", name_of(VENDOR.name, "1.0.0", b"x").key, "v1")
    busy: Any = Busy()
    found = drift(connection(url), VENDOR, lambda: busy, lambda: busy)
    assert any("the stack's own template could not be read" in note for note in found.notes)
    assert any("did not answer" in note for note in found.notes)
    assert any("held against the template that we generate now" in note for note in found.notes)
    assert found.exit_code == 3
