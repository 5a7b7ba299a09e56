"""Waiting for ingress points. Only of one that is ACTIVE the DNS record is told: mail to any other is lost."""

from collections.abc import Callable
from dataclasses import dataclass

from byoaws.flows.mail_manager.outcome import CANNOT_TELL, FINE, NOT_FINE, Outcome
from byoaws.flows.mail_manager.polling import poll
from byoaws.mail_manager.port import IngressPoint, MailManager
from byoaws.model import Json
from byoaws.verify.clock import Clock

ACTIVE = "ACTIVE"
PREFERENCE = 10
"""Of the MX record."""
_UNDER_WAY = frozenset({"PROVISIONING", "UPDATING", ""})
_TODO = {
    "CLOSED": "open it again (UpdateIngressPoint, StatusToUpdate ACTIVE; in the SES console: Mail Manager, Ingress "
    "endpoints), then wait again",
    "DEPROVISIONING": "it is being deleted: make another one, and take its record out of DNS if it is there",
    "FAILED": "AWS could not make it: look at it in the SES console (Mail Manager, Ingress endpoints), delete it, and "
    "deploy the stack anew",
    "ASSOCIATED_VPC_ENDPOINT_DOES_NOT_EXIST": "its VPC endpoint is gone: make it anew with one that exists",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """How one ingress point stands at the end."""

    point: IngressPoint
    rests: bool
    """False: the time was over while AWS was at work on it."""

    @property
    def record(self) -> str | None:
        """The value of the MX record to set; None unless it is ACTIVE."""
        return f"{PREFERENCE} {self.point.a_record}" if self.point.status == ACTIVE and self.point.a_record else None

    def as_json(self) -> dict[str, Json]:
        """Return it as plain data."""
        return {
            "id": self.point.id,
            "name": self.point.name,
            "status": self.point.status or None,
            "mx": self.record,
            "todo": self.todo,
        }

    @property
    def todo(self) -> str:
        """What to do about it; empty for one that is ACTIVE."""
        if self.point.status == ACTIVE:
            return "" if self.point.a_record else "AWS does not say its host name: see the SES console"
        if not self.rests:
            return "AWS is still at work on it; a new one takes some minutes: wait again"
        return _TODO.get(self.point.status, "see the SES console, Mail Manager, Ingress endpoints")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """How all of them stand."""

    points: tuple[Point, ...]
    outcome: Outcome


def wait(
    aws: MailManager,
    ingress_point_id: str | None,
    *,
    clock: Clock,
    timeout: float,
    show: Callable[[IngressPoint], None],
) -> Waited:
    """Wait until the ingress point, or every one of the account and region, rests.

    Args:
        aws: Mail Manager of one account and region.
        ingress_point_id: None for all.
        clock: Time and sleep.
        timeout: Seconds, for all of them together.
        show: Told of each answer.

    Raises:
        AwsError: see `poll`; NotFound where there is no such ingress point.
    """
    ids = [ingress_point_id] if ingress_point_id else [found.id for found in aws.ingress_points()]
    deadline = clock.now() + timeout
    points = []
    for one in ids:
        left = max(deadline - clock.now(), 0.0)
        polled = poll(lambda one=one: aws.ingress_point(one), _rests, clock=clock, timeout=left, show=show)  # type: ignore[misc]
        points.append(Point(point=polled.state, rests=polled.rests))
    return Waited(points=tuple(points), outcome=_outcome(points))


def _rests(point: IngressPoint) -> bool:
    return point.status not in _UNDER_WAY


def _outcome(points: list[Point]) -> Outcome:
    data: dict[str, Json] = {"ingress_points": [point.as_json() for point in points]}
    if not points:
        return Outcome(
            exit_code=NOT_FINE,
            message="there is no ingress point in this account and region",
            todo="deploy a stack with inbound: mail-manager, or look in another region",
            data=data,
        )
    broken = [point for point in points if point.rests and point.record is None]
    waiting = [point for point in points if not point.rests]
    if broken:
        return Outcome(exit_code=NOT_FINE, message=f"{_count(len(broken))} not in use", data=data)
    if waiting:
        return Outcome(
            exit_code=CANNOT_TELL,
            message=f"the time is over, and {_count(len(waiting))} not ACTIVE yet",
            todo="no DNS record before that: wait again, or longer with --timeout",
            data=data,
        )
    return Outcome(
        exit_code=FINE,
        message=f"{_count(len(points))} ACTIVE",
        todo="set the MX record where the domain's DNS is kept, with a low TTL first; mail then comes in here",
        data=data,
    )


def _count(number: int) -> str:
    return "1 ingress point is" if number == 1 else f"{number} ingress points are"
