"""Which errors are ours."""

import asyncio
from contextlib import suppress

import pytest

from byoaws.aws.interface import Caller
from byoaws.errors import AccessDenied, AwsError, BadCredentials, RegionDisabled, Throttled, Unreachable
from byoaws.fleet.breaker import IN_A_ROW, REFUSED, Breaker, GuardedVendor

OURS = (
    "User: arn:aws:iam::111122223333:user/us is not authorized to perform: sts:AssumeRole on resource: r with an "
    "explicit deny in a service control policy"
)
THEIRS = "User: arn:aws:sts::111122223333:assumed-role/us/x is not authorized to perform: sts:AssumeRole on resource: r"


class Port:
    """Raises what it is given, one after the other, and then opens."""

    def __init__(self, *errors):
        self.errors = list(errors)

    async def caller(self):
        if self.errors and self.errors[0] is not None:
            raise self.errors.pop(0)
        return Caller(account_id="1", arn="a")

    async def assume_role(self, **request):
        if self.errors and (error := self.errors.pop(0)):
            raise error
        return "session"


def opened(*errors, times=1):
    """Open a role so often; return the breaker."""

    async def run():
        breaker = Breaker()
        port = GuardedVendor(Port(*errors), breaker)
        for _ in range(times):
            with suppress(AwsError):
                await port.assume_role(role_arn="r", external_id="x", session_name="s", duration=900, region="r")
        assert breaker.tripped.is_set() is (breaker.reason is not None)
        return breaker

    return asyncio.run(run())


def test_credentials_that_have_ended_trip_at_once():
    error = BadCredentials("expired")
    assert opened(error).reason is error


@pytest.mark.parametrize(
    "error",
    [
        AccessDenied("no", aws_message=THEIRS),
        # A customer gives us a role that our policy does not reach: that alone must not stop the checks of all others.
        AccessDenied("no", aws_message=OURS),
        Throttled("slow"),
        RegionDisabled("off"),
        Unreachable("no answer"),
    ],
    ids=["theirs", "our policy", "Throttled", "RegionDisabled", "Unreachable"],
)
def test_what_may_be_the_customers_does_not(error):
    assert opened(error, *[error] * (IN_A_ROW - 2), None, error, times=IN_A_ROW + 1).reason is None


@pytest.mark.parametrize(
    "error", [Unreachable("no route"), AccessDenied("no", aws_message=OURS)], ids=["our network", "our policy"]
)
def test_what_happens_in_a_row_is_ours(error):
    assert opened(*[error] * IN_A_ROW, times=IN_A_ROW).reason is error


def test_credentials_that_cannot_even_say_who_they_are_trip():
    async def run():
        breaker, error = Breaker(), BadCredentials("expired")
        with pytest.raises(BadCredentials):
            await GuardedVendor(Port(error), breaker).caller()
        return breaker.reason is error

    assert asyncio.run(run())


def test_an_answer_that_was_remembered_proves_no_network():
    async def run():
        breaker = Breaker(in_a_row=3)
        port = GuardedVendor(Port(), breaker)
        for _ in range(3):
            await port.caller()
            breaker.failed(Unreachable("no route"))
        return breaker.tripped.is_set()

    assert asyncio.run(run())


def test_attack_many_withdrawn_roles_stop_nobody_where_others_open():
    """What one customer with many connections does: all are asked at once, and open before the refusals are told."""
    breaker = Breaker()
    for number in range(10 * REFUSED):
        since = breaker.openings
        if not number % REFUSED:
            breaker.opened()
        breaker.refused(f"role-{number}", THEIRS, since=since if not number % REFUSED else since - 1)
    assert breaker.reason is None
    assert breaker.doubtful(f"role-{10 * REFUSED - 1}")


def test_verified_roles_that_all_refuse_us_are_our_fault():
    async def run():
        breaker = Breaker()
        port = GuardedVendor(Port(), breaker)
        for number in range(REFUSED - 1):
            breaker.refused(f"role-{number}", THEIRS, since=breaker.openings)
        await port.assume_role(role_arn="r", external_id="x", session_name="s", duration=900, region="r")
        for number in range(REFUSED - 1):
            breaker.refused(f"role-{number}", THEIRS, since=breaker.openings)
        assert breaker.reason is None
        breaker.refused("role-0", THEIRS, since=breaker.openings)  # the same once more proves nothing
        assert breaker.reason is None
        breaker.refused("another", THEIRS, since=breaker.openings)
        return breaker.reason

    reason = asyncio.run(run())
    assert isinstance(reason, AccessDenied)
    assert reason.aws_message == THEIRS
    assert "not the customers" in reason.message
