"""Faults of our own stop a run, before they could be taken for the customers'.

What is seen is the errors themselves, where they come from AWS: a report tells of one account, and no account is at
fault when the vendor's credentials end. Whatever is found after that moment counts for nothing. What one customer can
bring about, such as a role that our own policy does not reach, stops nothing unless it happens again and again.
"""

import asyncio

from byoaws.aws.interface import Caller, Session, VendorPort
from byoaws.errors import AccessDenied, AwsError, BadCredentials, Unreachable
from byoaws.verify.refusals import our_policy

IN_A_ROW = 20
"""Calls in a row without any answer of AWS to any of them, or that a policy of ours stopped: then it is our network,
all of STS, or our policy."""
REFUSED = 20
"""Roles in a row that opened before and now refuse us, and none that opens: customers do not act in concert."""
FEW = 2
"""Roles that may be withdrawn while no other is asked: a fleet of one or two must be able to fail. From the third on,
nobody can tell whose fault it is before a role opens."""


class Breaker:
    """Trips once; whoever wants to stop waits for `tripped`."""

    def __init__(self, *, in_a_row: int = IN_A_ROW, refused: int = REFUSED) -> None:
        self.tripped = asyncio.Event()
        self.reason: AwsError | None = None
        self.openings = 0
        """How often a role opened."""
        self._limit, self._refused_limit = in_a_row, refused
        self._in_a_row = 0
        self._refused: set[str] = set()
        self._none_opened: set[str] = set()
        """Of them those whose whole check passed without a role that opened."""

    def answered(self) -> None:
        """AWS answered something."""
        self._in_a_row = 0

    def opened(self) -> None:
        """A role opened, so it is not us whom roles refuse."""
        self.openings += 1
        self._refused.clear()
        self._none_opened.clear()

    @property
    def doubts(self) -> int:
        """How many roles that opened before have refused us since one opened."""
        return len(self._refused)

    def doubtful(self, role_arn: str) -> bool:
        """Whether this one is among them: then its refusal may be a fault of ours."""
        return role_arn in self._refused

    def refused(self, role_arn: str, said: str, *, since: int) -> None:
        """A role that opened before refuses us; `said` is what AWS says. One that does so again is no further one.

        Many checks are under way at once, and roles open at their beginning: where one opened since `openings` was
        `since`, when this check began, the refusal is in doubt still, but none of a row without any that opens.
        """
        self._refused.add(role_arn)
        if self.openings == since:
            self._none_opened.add(role_arn)
        if (count := len(self._none_opened)) >= self._refused_limit:
            self._trip(
                AccessDenied(
                    f"{count} roles in a row that opened before refuse us, and none opens: it is not the customers",
                    operation="sts:AssumeRole",
                    aws_message=said,
                    hint="see whether our own policy still allows sts:AssumeRole, and whether the principal that roles "
                    "trust was deleted and made anew",
                )
            )

    def failed(self, error: AwsError) -> None:
        """Judge an error that AWS gave to our own credentials."""
        if isinstance(error, BadCredentials):
            self._trip(error)
        elif isinstance(error, Unreachable) or (isinstance(error, AccessDenied) and our_policy(error)):
            self._in_a_row += 1
            if self._in_a_row >= self._limit:
                self._trip(error)
        else:
            self.answered()

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
        self._breaker.opened()
        return opened
