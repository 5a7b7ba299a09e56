"""Searches and exports: waited for, taken up again, and stopped only if told."""

from collections.abc import Callable
from typing import Any

import pytest

from byoaws.errors import AwsError
from byoaws.flows.mail_manager.archive import Patience, export, exports, search, searches, started


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def patience(clock: Any, said: list[str]) -> Callable[..., Patience]:
    def made(*, stop: bool = False, timeout: float = 60) -> Patience:
        return Patience(
            clock=clock, timeout=timeout, show=lambda state: None, stop_on_interrupt=stop, interrupted=said.append
        )

    return made


def test_a_search(aws: Any, patience: Any, archive_job: Any, message: Any) -> None:
    aws.answers |= {
        "search": [archive_job("QUEUED"), archive_job("RUNNING"), archive_job("COMPLETED", most=100)],
        "search_results": [[message]],
    }
    found = search(aws, "j-1", patience())
    assert (found.outcome.exit_code, found.outcome.message) == (0, "1 message found")
    assert found.outcome.data["may_be_more"] is False
    assert found.outcome.data["messages"][0]["from"] == "a@example.com"


def test_as_many_as_were_asked_for_may_not_be_all(aws: Any, patience: Any, archive_job: Any, message: Any) -> None:
    aws.answers |= {"search": [archive_job("COMPLETED", most=2)], "search_results": [[message, message]]}
    found = search(aws, "j-1", patience())
    assert found.outcome.data["may_be_more"] is True
    assert "--limit" in found.outcome.todo


@pytest.mark.parametrize("run", [search, export])
@pytest.mark.parametrize(
    ("state", "exit_code"), [("FAILED", 1), ("CANCELLED", 1), ("QUEUED", 3), ("PROCESSING", 3)], ids=str
)
def test_one_that_does_not_end_well(
    aws: Any, patience: Any, archive_job: Any, run: Any, state: str, exit_code: int
) -> None:
    aws.answers |= {name: [archive_job(state, "Access denied")] for name in ("search", "export")}
    done = run(aws, "j-1", patience())
    outcome = getattr(done, "outcome", done)
    assert outcome.exit_code == exit_code
    assert ("Access denied" in outcome.message) is (exit_code == 1)
    assert ("--resume j-1" in outcome.todo) is (exit_code == 3)
    assert not aws.asked("search_results")


def test_an_export(aws: Any, patience: Any, archive_job: Any) -> None:
    aws.answers["export"] = [archive_job("PREPROCESSING"), archive_job("PROCESSING"), archive_job("COMPLETED")]
    outcome = export(aws, "j-1", patience())
    assert (outcome.exit_code, outcome.message) == (0, "exported to s3://b/x")


@pytest.mark.parametrize("run", [search, export])
@pytest.mark.parametrize("stop", [False, True])
def test_ctrl_c_stops_the_job_only_if_told(aws: Any, patience: Any, said: list[str], run: Any, stop: bool) -> None:
    aws.answers |= {name: [KeyboardInterrupt()] for name in ("search", "export")}
    with pytest.raises(KeyboardInterrupt):
        run(aws, "j-1", patience(stop=stop))
    assert bool(aws.asked(f"stop_{run.__name__}")) is stop
    assert ("was stopped" if stop else "--resume j-1") in said[0]


def test_a_job_that_cannot_be_stopped_is_told(aws: Any, patience: Any, said: list[str]) -> None:
    aws.answers |= {"export": [KeyboardInterrupt()], "stop_export": [AwsError("no")]}
    with pytest.raises(KeyboardInterrupt):
        export(aws, "j-1", patience(stop=True))
    assert "could not be stopped" in said[0]


@pytest.mark.parametrize("jobs", [searches, exports])
def test_one_that_is_not_waited_for_says_how_it_is_taken_up(aws: Any, jobs: Any) -> None:
    outcome = started(jobs(aws), "j-1")
    assert outcome.exit_code == 0
    assert f"archive {jobs(aws).kind} --resume j-1" in outcome.todo
