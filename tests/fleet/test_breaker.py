"""Which errors are ours."""

import asyncio
from contextlib import suppress

import pytest

from byoaws.aws.interface import Caller
from byoaws.errors import AccessDenied, AwsError, BadCredentials, RegionDisabled, Throttled, Unreachable
from byoaws.fleet.breaker import UNREACHABLE, Breaker, GuardedVendor

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


@pytest.mark.parametrize(
    "error",
    [BadCredentials("expired"), AccessDenied("no", aws_message=OURS)],
    ids=["our credentials", "our policy"],
)
def test_a_fault_of_our_own_trips_at_once(error):
    assert opened(error).reason is error


@pytest.mark.parametrize(
    "error",
    [AccessDenied("no", aws_message=THEIRS), Throttled("slow"), RegionDisabled("off"), Unreachable("no answer")],
    ids=lambda error: type(error).__name__,
)
def test_what_may_be_the_customers_does_not(error):
    assert opened(error, *[error] * (UNREACHABLE - 2), None, error, times=UNREACHABLE + 1).reason is None


def test_nobody_reachable_is_our_network():
    error = Unreachable("no route")
    assert opened(*[error] * UNREACHABLE, times=UNREACHABLE).reason is error


def test_credentials_that_cannot_even_say_who_they_are_trip():
    async def run():
        breaker, error = Breaker(), BadCredentials("expired")
        with pytest.raises(BadCredentials):
            await GuardedVendor(Port(error), breaker).caller()
        return breaker.reason is error

    assert asyncio.run(run())


def test_an_answer_that_was_remembered_proves_no_network():
    async def run():
        breaker = Breaker(unreachable=3)
        port = GuardedVendor(Port(), breaker)
        for _ in range(3):
            await port.caller()
            breaker.failed(Unreachable("no route"))
        return breaker.tripped.is_set()

    assert asyncio.run(run())
