"""Waiting: nothing of DNS before ACTIVE, and an end to it."""

from collections.abc import Callable
from typing import Any

import pytest

from byoaws.errors import NotFound, Throttled, Unreachable
from byoaws.flows.mail_manager.outcome import settled
from byoaws.flows.mail_manager.wait import Waited, wait


def waited(aws: Any, clock: Any, *, ingress_point: str | None = "inp-1", timeout: float = 600) -> Waited:
    return wait(aws, ingress_point, clock=clock, timeout=timeout, show=lambda point: None)


def test_the_record_is_told_once_it_is_active(aws: Any, clock: Any, point: Callable[..., Any]) -> None:
    aws.answers["ingress_point"] = [point("PROVISIONING"), point("PROVISIONING"), point("ACTIVE")]
    done = waited(aws, clock)
    assert done.outcome.exit_code == 0
    assert done.points[0].record == "10 inp-1.mail-manager-smtp.eu-west-1.amazonaws.com"
    assert clock.slept == [0.5, 0.75]


@pytest.mark.parametrize(
    "status",
    ["FAILED", "CLOSED", "DEPROVISIONING", "ASSOCIATED_VPC_ENDPOINT_DOES_NOT_EXIST", "SOMETHING_NEW"],
)
def test_what_will_not_be_active_ends_it_with_what_to_do(
    aws: Any, clock: Any, point: Callable[..., Any], status: str
) -> None:
    aws.answers["ingress_point"] = [point("PROVISIONING"), point(status)]
    done = waited(aws, clock)
    assert done.outcome.exit_code == 1
    assert done.points[0].record is None
    assert done.points[0].todo
    assert "mail-manager-smtp" not in str(done.outcome.as_json())


@pytest.mark.parametrize("status", ["PROVISIONING", "UPDATING", ""])
def test_the_time_is_over(aws: Any, clock: Any, point: Callable[..., Any], status: str) -> None:
    aws.answers["ingress_point"] = [point(status)]
    done = waited(aws, clock, timeout=60)
    assert done.outcome.exit_code == 3
    assert clock.time == 60
    assert max(clock.slept) <= 15
    assert "mail-manager-smtp" not in str(done.outcome.as_json())


def test_active_without_a_host_name_is_not_fine(aws: Any, clock: Any, point: Callable[..., Any]) -> None:
    aws.answers["ingress_point"] = [point("ACTIVE", None)]
    done = waited(aws, clock)
    assert (done.outcome.exit_code, done.points[0].record) == (1, None)


def test_all_of_them_share_the_time(aws: Any, clock: Any, point: Callable[..., Any], named: Callable[..., Any]) -> None:
    aws.answers["ingress_points"] = [named(("inp-1", "a"), ("inp-2", "b"))]
    aws.answers["ingress_point"] = [point("PROVISIONING")]
    done = waited(aws, clock, ingress_point=None, timeout=30)
    assert (done.outcome.exit_code, len(done.points), clock.time) == (3, 2, 30)


def test_one_that_failed_counts_more_than_one_that_is_late(
    aws: Any, clock: Any, point: Callable[..., Any], named: Callable[..., Any]
) -> None:
    aws.answers["ingress_points"] = [named(("inp-1", "a"), ("inp-2", "b"))]
    aws.answers["ingress_point"] = [lambda one: point("FAILED" if one == "inp-1" else "PROVISIONING")]
    assert waited(aws, clock, ingress_point=None, timeout=1).outcome.exit_code == 1


def test_none_at_all(aws: Any, clock: Any) -> None:
    aws.answers["ingress_points"] = [[]]
    done = waited(aws, clock, ingress_point=None)
    assert (done.outcome.exit_code, done.points) == (1, ())


@pytest.mark.parametrize("kind", [Throttled, Unreachable])
def test_some_silence_is_borne_and_not_for_ever(
    aws: Any, clock: Any, point: Callable[..., Any], kind: type[Exception]
) -> None:
    aws.answers["ingress_point"] = [point("PROVISIONING"), kind("x"), kind("x"), point("ACTIVE")]
    assert waited(aws, clock).outcome.exit_code == 0
    aws.answers["ingress_point"] = [point("PROVISIONING"), kind("x")]
    with pytest.raises(kind):
        waited(aws, clock)
    aws.answers["ingress_point"] = [kind("x")]
    with pytest.raises(kind):
        waited(aws, clock)


def test_one_that_is_not_there_is_an_answer(aws: Any, clock: Any) -> None:
    aws.answers["ingress_point"] = [NotFound("there is no such thing", code="ResourceNotFoundException")]
    assert settled(lambda: waited(aws, clock).outcome).exit_code == 1
