"""What production access needs: each thing there, missing, half there, and not to be told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from byoaws.aws.interface import EmailIdentity
from byoaws.errors import AccessDenied, AwsError, NetworkError, NotFound, Unreachable
from byoaws.flows.production_access.prerequisites import examine, failed
from byoaws.model import ProbeResult, Status
from byoaws.net.interface import Visit

DOMAIN, WEBSITE = "mail.example.com", "https://www.example.com"
IDENTITY = EmailIdentity(
    verified=True, verification_status="SUCCESS", dkim_enabled=True, dkim_status="SUCCESS", mail_from_domain=None
)
RECORDS = {DOMAIN: ["v=spf1 include:amazonses.com ~all"], f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none"]}


@dataclass
class World:
    """An account, name servers and a website; each answer may be an error."""

    identity: EmailIdentity | AwsError = IDENTITY
    records: dict[str, Sequence[str] | NetworkError] = field(default_factory=lambda: dict(RECORDS))
    page: Visit | NetworkError = field(default_factory=lambda: Visit(url=WEBSITE, status=200))

    def email_identity(self, domain: str) -> EmailIdentity:
        assert domain == DOMAIN
        return self._or_raise(self.identity)

    def txt(self, name: str) -> Sequence[str]:
        return self._or_raise(self.records.get(name, []))

    def visit(self, url: str) -> Visit:
        assert url == WEBSITE
        return self._or_raise(self.page)

    @staticmethod
    def _or_raise(value: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    def look(self) -> dict[str, ProbeResult]:
        found = examine(self, self, self, domain=DOMAIN, website=WEBSITE)  # type: ignore[arg-type]
        assert [item.code for item in found] == ["P101", "P102", "P201", "P202", "P301"]
        for item in found:
            assert item.summary
            assert item.fix or item.status in (Status.PASS, Status.SKIP)
        return {item.name: item for item in found}


def test_all_is_there() -> None:
    found = World().look()
    assert {item.status for item in found.values()} == {Status.PASS}
    assert not failed(tuple(found.values()))


@pytest.mark.parametrize(
    ("changed", "first", "second"),
    [
        ({"verified": False, "verification_status": "PENDING"}, Status.FAIL, Status.PASS),
        ({"verified": False, "verification_status": None}, Status.FAIL, Status.PASS),
        ({"verified": None}, Status.UNKNOWN, Status.PASS),
        ({"verified": False, "verification_status": "TEMPORARY_FAILURE"}, Status.UNKNOWN, Status.PASS),
        ({"dkim_enabled": False}, Status.PASS, Status.FAIL),
        ({"dkim_status": "PENDING"}, Status.PASS, Status.FAIL),
        ({"dkim_status": "NOT_STARTED"}, Status.PASS, Status.FAIL),
        ({"dkim_status": "FAILED"}, Status.PASS, Status.FAIL),
        ({"dkim_status": "TEMPORARY_FAILURE"}, Status.PASS, Status.UNKNOWN),
        ({"dkim_status": None}, Status.PASS, Status.UNKNOWN),
        ({"dkim_enabled": None}, Status.PASS, Status.UNKNOWN),
    ],
    ids=str,
)
def test_the_identity(changed: dict[str, Any], first: Status, second: Status) -> None:
    found = World(identity=replace(IDENTITY, **changed)).look()
    assert (found["identity-verified"].status, found["dkim"].status) == (first, second)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound("none", code="NotFoundException"), Status.FAIL, "has no identity"),
        (AccessDenied("no", code="AccessDeniedException"), Status.UNKNOWN, "ses:GetEmailIdentity"),
        (Unreachable("no answer"), Status.UNKNOWN, "no answer"),
    ],
    ids=["none", "denied", "unreachable"],
)
def test_an_identity_that_cannot_be_had(error: AwsError, status: Status, words: str) -> None:
    found = World(identity=error).look()
    assert found["identity-verified"].status is status
    assert words in found["identity-verified"].summary
    assert found["dkim"].status is Status.SKIP


def test_a_denied_identity_says_which_pack_helps() -> None:
    assert "'ses-production-access'" in World(identity=AccessDenied("no")).look()["identity-verified"].fix


@pytest.mark.parametrize(
    ("records", "mail_from", "status"),
    [
        ({}, None, Status.FAIL),
        ({DOMAIN: ["v=spf1 include:other.example ~all"]}, None, Status.WARN),
        ({DOMAIN: ["v=spf1 include:amazonses.com ~all", "v=spf1 ~all"]}, None, Status.FAIL),
        ({f"bounce.{DOMAIN}": ["v=spf1 include:amazonses.com ~all"]}, f"bounce.{DOMAIN}", Status.PASS),
        ({DOMAIN: ["v=spf1 include:amazonses.com ~all"]}, f"bounce.{DOMAIN}", Status.PASS),
        ({}, f"bounce.{DOMAIN}", Status.FAIL),
        ({DOMAIN: NetworkError("time-out", hint="check the network")}, None, Status.UNKNOWN),
    ],
)
def test_spf(records: dict[str, Any], mail_from: str | None, status: Status) -> None:
    world = World(identity=replace(IDENTITY, mail_from_domain=mail_from), records=records)
    assert world.look()["spf"].status is status


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ({}, Status.FAIL),
        ({"_dmarc.example.com": ["v=DMARC1; p=reject"]}, Status.PASS),
        ({f"_dmarc.{DOMAIN}": ["v=DMARC1"], "_dmarc.example.com": ["v=DMARC1; p=reject"]}, Status.FAIL),
        ({f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none", "v=DMARC1; p=none"]}, Status.FAIL),
        ({f"_dmarc.{DOMAIN}": NetworkError("time-out")}, Status.UNKNOWN),
        ({"_dmarc.com": ["v=DMARC1; p=none"]}, Status.FAIL),
    ],
    ids=["none", "parent", "half", "two", "not-told", "public-suffix"],
)
def test_dmarc(records: dict[str, Any], status: Status) -> None:
    assert World(records=records).look()["dmarc"].status is status


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (Visit(url=WEBSITE, status=204), Status.PASS),
        (Visit(url=f"{WEBSITE}/de", status=200), Status.PASS),
        (Visit(url=WEBSITE, status=403), Status.WARN),
        (Visit(url=WEBSITE, status=429), Status.WARN),
        (Visit(url=WEBSITE, status=302), Status.WARN),
        (Visit(url=WEBSITE, status=404), Status.FAIL),
        (Visit(url=WEBSITE, status=410), Status.FAIL),
        (Visit(url=WEBSITE, status=503), Status.UNKNOWN),
        (Visit(url=WEBSITE, status=None, refused="is at an address that is not public"), Status.FAIL),
        (NetworkError("time-out"), Status.UNKNOWN),
    ],
    ids=str,
)
def test_the_website(page: Visit | NetworkError, status: Status) -> None:
    assert World(page=page).look()["website"].status is status


@pytest.mark.parametrize("status", Status)
def test_only_a_failure_is_one(status: Status, make: Callable[..., ProbeResult]) -> None:
    assert failed((make(Status.PASS), make(status))) == (status is Status.FAIL)


@pytest.fixture
def make() -> Callable[..., ProbeResult]:
    return lambda status: ProbeResult(code="P000", name="x", status=status, summary="x")
