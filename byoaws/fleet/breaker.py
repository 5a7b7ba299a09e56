"""Faults of our own stop a run at once, before they could be taken for the customers'.

What is seen is the errors themselves, where they come from AWS: a report tells of one account, and no account is at
fault when the vendor's credentials end. Whatever is found after that moment counts for nothing.
"""

import asyncio

from byoaws.aws.interface import Caller, Session, VendorPort
from byoaws.errors import AccessDenied, AwsError, BadCredentials, Unreachable
from byoaws.verify.refusals import our_policy

UNREACHABLE = 20
"""Calls in a row without any answer of AWS to any of them: then it is our network, or all of STS."""


class Breaker:
    """Trips once; whoever wants to stop waits for `tripped`."""

    def __init__(self, *, unreachable: int = UNREACHABLE) -> None:
        self.tripped = asyncio.Event()
        self.reason: AwsError | None = None
        self._limit = unreachable
        self._unreachable = 0

    def answered(self) -> None:
        """AWS answered something."""
        self._unreachable = 0

    def failed(self, error: AwsError) -> None:
        """Judge an error that AWS gave to our own credentials."""
        if isinstance(error, Unreachable):
            self._unreachable += 1
            if self._unreachable >= self._limit:
                self._trip(error)
            return
        self.answered()
        ours = isinstance(error, BadCredentials) or (isinstance(error, AccessDenied) and our_policy(error))
        if ours:
            self._trip(error)

    def _trip(self, error: AwsError) -> None:
        if self.reason is None:
            self.reason = error
            self.tripped.set()


class GuardedVendor(VendorPort):
    """The vendor's port, under the eyes of a breaker."""

    def __init__(self, port: VendorPort, breaker: Breaker) -> None:
        self._port = port
        self._breaker = breaker

    async def caller(self) -> Caller:
        """As the port says. An answer proves nothing: the port may have had it for hours."""
        try:
            return await self._port.caller()
        except AwsError as error:
            self._breaker.failed(error)
            raise

    async def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> Session:
        """As the port says."""
        try:
            opened = await self._port.assume_role(
                role_arn=role_arn,
                external_id=external_id,
                session_name=session_name,
                duration=duration,
                region=region,
            )
        except AwsError as error:
            self._breaker.failed(error)
            raise
        self._breaker.answered()
        return opened
