"""Mail Manager as a script: each answer is taken from a list, the last one again and again; time passes by sleeping."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from byoaws.mail_manager.port import ArchivedMessage, ArchiveJob, ImportJob, ImportTicket, IngressPoint, Named, RuleSet
from byoaws.verify.clock import Clock


class Scripted:
    """`MailManager`; an exception in a list is raised."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, list[Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*args: Any, **named: Any) -> Any:
            self.calls.append((name, *args, *named.values()))
            left = self.answers.get(name, [None])
            answer = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(answer, BaseException):
                raise answer
            return answer(*args) if callable(answer) else answer

        return call

    def asked(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]


@pytest.fixture
def aws() -> Scripted:
    return Scripted()


class FakeClock(Clock):
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []
        super().__init__(lambda: self.time, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def point() -> Callable[..., IngressPoint]:
    def made(status: str, a_record: str | None = "inp-1.mail-manager-smtp.eu-west-1.amazonaws.com") -> IngressPoint:
        return IngressPoint(id="inp-1", name="main", status=status, a_record=a_record)

    return made


@pytest.fixture
def job() -> Callable[..., ImportJob]:
    def made(status: str, imported: int = 0, failed: int = 0, error: str = "") -> ImportJob:
        return ImportJob(id="job-1", status=status, imported=imported, failed=failed, error=error)

    return made


@pytest.fixture
def archive_job() -> Callable[..., ArchiveJob]:
    def made(state: str, error: str = "", most: int | None = None) -> ArchiveJob:
        return ArchiveJob(id="j-1", archive_id="a-1", state=state, error=error, destination="s3://b/x", most=most)

    return made


@pytest.fixture
def message() -> ArchivedMessage:
    return ArchivedMessage(
        id="m",
        received=datetime(2026, 11, 21, tzinfo=UTC),
        sender="a@example.com",
        recipients="b@example.com",
        copies="",
        subject="Hello",
        message_id="<1@x>",
        has_attachments=None,
        envelope_sender="a@example.com",
        envelope_recipients=("b@example.com",),
    )


@pytest.fixture
def named() -> Callable[..., list[Named]]:
    return lambda *pairs: [Named(id=one, name=name) for one, name in pairs]


@pytest.fixture
def ticket() -> ImportTicket:
    return ImportTicket(job_id="job-1", upload_url="https://secret.invalid/")


@pytest.fixture
def rule_set() -> Callable[..., RuleSet]:
    def made(*names: str, second: int = 0, unknown: tuple[str, ...] = ()) -> RuleSet:
        return RuleSet(
            id="rs-1",
            name="inbound",
            modified=datetime(2026, 11, 21, 9, 30, second, tzinfo=UTC),
            rules=[{"Name": name, "Actions": [{"Drop": {}}]} for name in names],
            unknown=unknown,
        )

    return made
