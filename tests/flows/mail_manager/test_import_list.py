"""Imports: what stops one before AWS is asked, how one ends, and what Ctrl-C does."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from byoaws.errors import AwsError, InvalidRequest, Unreachable, UsageError
from byoaws.flows.mail_manager.import_list import Import, Watch, checked_only, format_of, import_list, rows_outcome
from byoaws.flows.mail_manager.outcome import settled
from byoaws.mail_manager.address_list_file import read

SOUND = read(b"address\na@example.com\nb@example.com\n", "csv", source="x")
MIXED = read(b"address\na@example.com\nbad\n", "csv", source="x")
BAD = read(b"address\nbad\n", "csv", source="x")


@pytest.fixture
def what() -> Import:
    return Import(file=SOUND, data_format="csv", list_="blocked", timeout=60)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def watch(clock: Any, said: list[str]) -> Watch:
    return Watch(
        clock=clock,
        now=lambda: datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        show=lambda state, done: said.append(f"{state} {done}"),
        interrupted=said.append,
    )


@pytest.fixture
def ready(aws: Any, named: Callable[..., Any], ticket: Any) -> Any:
    aws.answers |= {"address_lists": [named(("al-1", "blocked"), ("al-2", "other"))], "create_import": [ticket]}
    return aws


def test_an_import_that_goes_well(
    ready: Any, what: Import, watch: Watch, said: list[str], job: Callable[..., Any]
) -> None:
    ready.answers["import_job"] = [job("CREATED"), job("PROCESSING", 1), job("COMPLETED", 2)]
    outcome = import_list(ready, what, watch)
    assert (outcome.exit_code, outcome.message) == (0, "2 addresses imported")
    assert [call[0] for call in ready.calls][:4] == ["address_lists", "create_import", "upload", "start_import"]
    assert ready.asked("create_import") == [("al-1", "byoaws-20261121T093000", "csv")]
    assert ready.asked("upload")[0][1] == b"address\na@example.com\nb@example.com\n"
    assert said == ["CREATED 0", "PROCESSING 1", "COMPLETED 2"]
    assert "secret.invalid" not in str(outcome)


@pytest.mark.parametrize(
    ("end", "exit_code", "words"),
    [
        (("COMPLETED", 1, 1), 1, "AWS refused 1"),
        (("FAILED", 0, 0, "Bad header"), 1, "FAILED after 0 addresses: Bad header"),
        (("STOPPED", 1), 1, "STOPPED after 1"),
        (("PROCESSING", 1), 3, "still PROCESSING"),
    ],
)
def test_an_import_that_does_not(
    ready: Any, what: Import, watch: Watch, job: Callable[..., Any], end: tuple[Any, ...], exit_code: int, words: str
) -> None:
    ready.answers["import_job"] = [job(*end)]
    outcome = import_list(ready, what, watch)
    assert outcome.exit_code == exit_code
    assert words in outcome.message


def test_ctrl_c_stops_the_job(ready: Any, what: Import, watch: Watch, said: list[str], job: Callable[..., Any]) -> None:
    ready.answers["import_job"] = [job("PROCESSING"), KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        import_list(ready, what, watch)
    assert ready.asked("stop_import") == [("job-1",)]
    assert "was stopped" in said[-1]


def test_a_job_that_cannot_be_stopped_is_told(
    ready: Any, what: Import, watch: Watch, said: list[str], job: Callable[..., Any]
) -> None:
    ready.answers |= {"import_job": [KeyboardInterrupt()], "stop_import": [AwsError("it has ended")]}
    with pytest.raises(KeyboardInterrupt):
        import_list(ready, what, watch)
    assert "could not be stopped" in said[-1]


def test_a_lost_answer_names_the_job(ready: Any, what: Import, watch: Watch) -> None:
    ready.answers["start_import"] = [Unreachable("no answer", hint="check the network")]
    with pytest.raises(Unreachable) as error:
        import_list(ready, what, watch)
    assert "job-1" in error.value.hint
    assert "check the network" in error.value.hint


def test_a_place_that_is_not_aws_s_ends_it_before_anything_began(ready: Any, what: Import, watch: Watch) -> None:
    ready.answers["upload"] = [InvalidRequest("nothing was sent")]
    assert settled(lambda: import_list(ready, what, watch)).exit_code == 1
    assert not ready.asked("start_import")


@pytest.mark.parametrize(("wanted", "found"), [("blocked", "al-1"), ("al-2", "al-2")])
def test_the_list_by_name_or_id(
    ready: Any, what: Import, watch: Watch, job: Callable[..., Any], wanted: str, found: str
) -> None:
    from dataclasses import replace

    ready.answers["import_job"] = [job("COMPLETED", 2)]
    import_list(ready, replace(what, list_=wanted), watch)
    assert ready.asked("create_import")[0][0] == found


@pytest.mark.parametrize(
    ("lists", "words"),
    [((), "there is no address list in"), ((("al-1", "x"),), "no address list 'blocked'")],
    ids=["none", "another"],
)
def test_a_list_that_is_not_there(
    ready: Any, named: Callable[..., Any], what: Import, watch: Watch, lists: Any, words: str
) -> None:
    ready.answers["address_lists"] = [named(*lists)]
    with pytest.raises(UsageError, match=words):
        import_list(ready, what, watch)
    assert not ready.asked("create_import")


@pytest.mark.parametrize(
    ("file", "skip", "stops"),
    [(SOUND, False, False), (MIXED, False, True), (MIXED, True, False), (BAD, False, True), (BAD, True, True)],
)
def test_bad_rows_stop_everything_unless_told(file: Any, skip: bool, stops: bool) -> None:
    outcome = rows_outcome(file, skip_bad_rows=skip)
    assert (outcome is not None) is stops
    assert outcome is None or outcome.exit_code == 1


def test_a_dry_run() -> None:
    assert checked_only(SOUND).exit_code == 0


def test_the_format_is_said_by_the_name() -> None:
    assert [format_of("a/B.CSV", None), format_of("x.json", None), format_of("x", "json")] == ["csv", "json", "json"]
    with pytest.raises(UsageError):
        format_of("x.txt", None)
