"""What the probes share where access is by a user's own keys: no role to open, the session is there from the start."""

from typing import TypeVar

from byoaws.arn import RoleArn
from byoaws.aws.interface import Caller, Session
from byoaws.aws.question import Question
from byoaws.errors import UsageError
from byoaws.verify.asking import Asking
from byoaws.verify.interface import Target, TrustTrial

T = TypeVar("T")


class KeyFacts:
    """`interface.Facts` for a vendor that is given keys; what concerns a role raises UsageError."""

    def __init__(self, target: Target, session: Session) -> None:
        self.target = target
        self._session = session
        self._asking = Asking(self.session)

    async def session(self) -> Session:
        """The session that the keys open."""
        return self._session

    async def ask(self, question: Question[T]) -> T:
        """Ask with the keys, each question once."""
        return await self._asking(question)

    @property
    def role(self) -> RoleArn:
        """There is none."""
        raise _no_role(self.target)

    async def vendor_caller(self) -> Caller:
        """There is none: the keys are the customer's own."""
        raise _no_role(self.target)

    async def trial(self) -> TrustTrial:
        """There is none."""
        raise _no_role(self.target)


def _no_role(target: Target) -> UsageError:
    return UsageError(
        f"vendor '{target.vendor.name}' works with a user's keys, so there is no role to ask about",
        hint="take the probes that concern a role out of the vendor file",
    )
